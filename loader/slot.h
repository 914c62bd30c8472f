/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing one image, in steps that do not wait: sectors in order, the first
 * one kept back and written last. Pure over ops.
 */
#ifndef TETHER_LOADER_SLOT_H
#define TETHER_LOADER_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SLOT_SECTOR = 4096, SLOT_PAGE = 256 };

/** As nor.h's. poll() is ERR_BUSY while it works. */
struct slot_ops {
	int (*erase)(uint32_t address, uint32_t size);
	int (*program)(uint32_t address, const void *data, size_t len);
	int (*poll)(void);
	int (*read)(uint32_t address, void *buf, size_t len);
};

enum slot_step { SLOT_IDLE, SLOT_START, SLOT_ERASE, SLOT_PROGRAM, SLOT_VERIFY };

struct slot {
	const struct slot_ops *ops;
	uint32_t base, size; /* of the image's place */
	uint32_t next;	     /* offset of the sector expected next */
	enum slot_step step;
	const uint8_t *data; /* of the sector being written */
	uint32_t at, len, done;
	bool last;     /* a short sector ends the image */
	bool keeps;    /* first[] is to be written at the end */
	uint32_t kept; /* bytes in first[] */
	uint8_t first[SLOT_SECTOR];
};

void slot_begin(struct slot *s, const struct slot_ops *ops, uint32_t base,
		uint32_t size);

/**
 * Write sector number n, which is the one after that before; data stays the
 * caller's until slot_poll() is no longer ERR_BUSY. Only the last may be
 * shorter than SLOT_SECTOR. ERR_INVALID: another number, or no room.
 */
int slot_write(struct slot *s, uint32_t n, const uint8_t *data, uint32_t len);

/** All is there: write the first sector. ERR_INVALID: there is none. */
int slot_finish(struct slot *s);

/**
 * The image is given up, and the data of the sector the caller's again: only
 * slot_begin() leads on. What the flash was told it still does; the next write
 * begins when it is through.
 */
void slot_stop(struct slot *s);

/** A step. ERR_BUSY: call again. Else the result of the last call above;
 * ERR_INTEGRITY: reads back as something else. */
int slot_poll(struct slot *s);

/** What slot_poll() was ERR_BUSY for is the flash's own work: milliseconds. */
bool slot_waits(const struct slot *s);

#endif
