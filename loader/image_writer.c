/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/image_writer.h"

#include <string.h>

#include "base/err.h"

void image_writer_begin(struct image_writer *s,
			const struct image_writer_flash *ops, uint32_t base,
			uint32_t size)
{
	memset(s, 0, offsetof(struct image_writer, first));
	s->ops = ops;
	s->base = base;
	s->size = size;
}

static void start_write(struct image_writer *s, uint32_t at,
			const uint8_t *data, uint32_t len)
{
	s->at = at;
	s->data = data;
	s->len = len;
	s->done = 0;
	s->step = WRITER_START;
}

int image_writer_write(struct image_writer *s, uint32_t n, const uint8_t *data,
		       uint32_t len)
{
	uint32_t at = s->next;

	if (s->step != WRITER_IDLE || s->last || n != at / WRITER_SECTOR ||
	    !len || len > WRITER_SECTOR || s->size < WRITER_SECTOR ||
	    at > s->size - WRITER_SECTOR)
		return ERR_INVALID;
	if (!at) {
		memcpy(s->first, data, len);
		s->first_len = len;
		s->has_first = true;
		/* only erase the first sector; image_writer_finish() writes it
		 */
		len = 0;
	}
	start_write(s, at, data, len);
	s->next = at + WRITER_SECTOR;
	s->last = (at ? len : s->first_len) < WRITER_SECTOR;
	return ERR_OK;
}

bool image_writer_is_waiting(const struct image_writer *s)
{
	return s->step != WRITER_IDLE && s->step != WRITER_VERIFY;
}

int image_writer_finish(struct image_writer *s)
{
	if (s->step != WRITER_IDLE || !s->has_first)
		return ERR_INVALID;
	s->has_first = false;
	s->last = true;
	start_write(s, 0, s->first, s->first_len);
	return ERR_OK;
}

void image_writer_stop(struct image_writer *s)
{
	s->step = WRITER_IDLE;
	s->has_first = false;
	s->last = true;
}

static int program_page(struct image_writer *s)
{
	uint32_t n = s->len - s->done;
	int err;

	if (n > WRITER_PAGE)
		n = WRITER_PAGE;
	err = s->ops->program(s->base + s->at + s->done, s->data + s->done, n);
	s->done += n;
	return err;
}

static int verify_page(struct image_writer *s)
{
	uint8_t page[WRITER_PAGE];
	uint32_t n = s->len - s->done;
	int err;

	if (n > WRITER_PAGE)
		n = WRITER_PAGE;
	err = s->ops->read(s->base + s->at + s->done, page, n);
	if (!err && memcmp(page, s->data + s->done, n) != 0)
		err = ERR_INTEGRITY;
	s->done += n;
	return err;
}

static int next_step(struct image_writer *s)
{
	switch (s->step) {
	case WRITER_START:
		s->step = WRITER_ERASE;
		return s->ops->erase(s->base + s->at, WRITER_SECTOR);
	case WRITER_ERASE:
		s->step = WRITER_PROGRAM;
		return ERR_OK;
	case WRITER_PROGRAM:
		if (s->done < s->len)
			return program_page(s);
		s->done = 0;
		s->step = WRITER_VERIFY;
		return ERR_OK;
	case WRITER_VERIFY:
		if (s->done < s->len)
			return verify_page(s);
		s->step = WRITER_IDLE;
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

int image_writer_poll(struct image_writer *s)
{
	int err;

	if (s->step == WRITER_IDLE)
		return ERR_OK;
	err = s->ops->poll();
	if (err == ERR_BUSY)
		return err;
	/* Before the first step, ignore the result of a stopped image's
	 * operation. */
	if (!err || s->step == WRITER_START)
		err = next_step(s);
	if (err) {
		s->step = WRITER_IDLE;
		s->has_first = false;
		return err;
	}
	return s->step == WRITER_IDLE ? ERR_OK : ERR_BUSY;
}
