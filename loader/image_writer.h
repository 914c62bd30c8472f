/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes an image to flash, sector by sector, without blocking. The first
 * sector is written last, so that an incomplete image is never valid. The
 * writer accesses the flash only through the caller's functions.
 */
#ifndef TETHER_LOADER_IMAGE_WRITER_H
#define TETHER_LOADER_IMAGE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WRITER_SECTOR = 4096, WRITER_PAGE = 256 };

/** Flash functions with the contracts of nor.h. poll() returns ERR_BUSY while
 * an operation runs. */
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
	uint32_t base, size; /* flash area of the image */
	uint32_t next;	     /* offset of the next sector */
	enum image_writer_step step;
	const uint8_t *data; /* sector that is being written */
	uint32_t at, len, done;
	bool last;	    /* the image is complete */
	bool has_first;	    /* first[] has the first sector */
	uint32_t first_len; /* bytes in first[] */
	uint8_t first[WRITER_SECTOR];
};

/** Start an image in the flash area of `size` bytes at address `base`. */
void image_writer_begin(struct image_writer *s,
			const struct image_writer_flash *ops, uint32_t base,
			uint32_t size);

/**
 * Start to write sector n. The caller writes the sectors in order. data must
 * stay valid while image_writer_poll() returns ERR_BUSY. Only the last sector
 * may be shorter than WRITER_SECTOR. ERR_INVALID: wrong number, or the area is
 * full.
 */
int image_writer_write(struct image_writer *s, uint32_t n, const uint8_t *data,
		       uint32_t len);

/** Start to write the first sector, after all other sectors. ERR_INVALID: no
 * sector was written. */
int image_writer_finish(struct image_writer *s);

/**
 * Abort the image. The data belongs to the caller again. Call
 * image_writer_begin() before the next write. A running flash operation
 * continues; the next write waits for its end.
 */
void image_writer_stop(struct image_writer *s);

/** Execute the next step. ERR_BUSY: call it again. Any other value is the
 * result of the write. ERR_INTEGRITY: the flash contains different data. */
int image_writer_poll(struct image_writer *s);

/** Whether the writer waits for a flash operation, which takes milliseconds. */
bool image_writer_is_waiting(const struct image_writer *s);

#endif
