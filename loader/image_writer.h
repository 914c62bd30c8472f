/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing one image, in steps that do not wait: sectors in order, the first
 * one kept back and written last. Pure over ops.
 */
#ifndef TETHER_LOADER_IMAGE_WRITER_H
#define TETHER_LOADER_IMAGE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WRITER_SECTOR = 4096, WRITER_PAGE = 256 };

/** As nor.h's. poll() is ERR_BUSY while it works. */
struct image_writer_flash {
	int (*erase)(uint32_t address, uint32_t size);
	int (*program)(uint32_t address, const void *data, size_t len);
	int (*poll)(void);
	int (*read)(uint32_t address, void *buf, size_t len);
};

enum image_writer_step {
	WRITER_IDLE,
	WRITER_START,
	WRITER_ERASE,
	WRITER_PROGRAM,
	WRITER_VERIFY
};

struct image_writer {
	const struct image_writer_flash *ops;
	uint32_t base, size; /* of the image's place */
	uint32_t next;	     /* offset of the sector expected next */
	enum image_writer_step step;
	const uint8_t *data; /* of the sector being written */
	uint32_t at, len, done;
	bool last;     /* a short sector ends the image */
	bool keeps;    /* first[] is to be written at the end */
	uint32_t kept; /* bytes in first[] */
	uint8_t first[WRITER_SECTOR];
};

void image_writer_begin(struct image_writer *s,
			const struct image_writer_flash *ops, uint32_t base,
			uint32_t size);

/**
 * Write sector number n, which is the one after that before; data stays the
 * caller's until image_writer_poll() is no longer ERR_BUSY. Only the last may
 * be shorter than WRITER_SECTOR. ERR_INVALID: another number, or no room.
 */
int image_writer_write(struct image_writer *s, uint32_t n, const uint8_t *data,
		       uint32_t len);

/** All is there: write the first sector. ERR_INVALID: there is none. */
int image_writer_finish(struct image_writer *s);

/**
 * The image is given up, and the data of the sector the caller's again: only
 * image_writer_begin() leads on. What the flash was told it still does; the
 * next write begins when it is through.
 */
void image_writer_stop(struct image_writer *s);

/** A step. ERR_BUSY: call again. Else the result of the last call above;
 * ERR_INTEGRITY: reads back as something else. */
int image_writer_poll(struct image_writer *s);

/** What image_writer_poll() was ERR_BUSY for is the flash's own work:
 * milliseconds. */
bool image_writer_is_waiting(const struct image_writer *s);

#endif
