/* SPDX-License-Identifier: Apache-2.0 */
#include "loader/slot.h"

#include <string.h>

#include "base/err.h"

void slot_begin(struct slot *s, const struct slot_ops *ops, uint32_t base,
		uint32_t size)
{
	memset(s, 0, offsetof(struct slot, first));
	s->ops = ops;
	s->base = base;
	s->size = size;
}

static void start(struct slot *s, uint32_t at, const uint8_t *data,
		  uint32_t len)
{
	s->at = at;
	s->data = data;
	s->len = len;
	s->done = 0;
	s->step = SLOT_START;
}

int slot_write(struct slot *s, uint32_t n, const uint8_t *data, uint32_t len)
{
	uint32_t at = s->next;

	if (s->step != SLOT_IDLE || s->last || n != at / SLOT_SECTOR || !len ||
	    len > SLOT_SECTOR || s->size < SLOT_SECTOR ||
	    at > s->size - SLOT_SECTOR)
		return ERR_INVALID;
	if (!at) {
		memcpy(s->first, data, len);
		s->kept = len;
		s->keeps = true;
		len = 0; /* erased for now: there is no image here */
	}
	start(s, at, data, len);
	s->next = at + SLOT_SECTOR;
	s->last = (at ? len : s->kept) < SLOT_SECTOR;
	return ERR_OK;
}

bool slot_waits(const struct slot *s)
{
	return s->step != SLOT_IDLE && s->step != SLOT_VERIFY;
}

int slot_finish(struct slot *s)
{
	if (s->step != SLOT_IDLE || !s->keeps)
		return ERR_INVALID;
	s->keeps = false;
	s->last = true;
	start(s, 0, s->first, s->kept);
	return ERR_OK;
}

void slot_stop(struct slot *s)
{
	s->step = SLOT_IDLE;
	s->keeps = false;
	s->last = true;
}

static int program_page(struct slot *s)
{
	uint32_t n = s->len - s->done;
	int err;

	if (n > SLOT_PAGE)
		n = SLOT_PAGE;
	err = s->ops->program(s->base + s->at + s->done, s->data + s->done, n);
	s->done += n;
	return err;
}

static int verify_page(struct slot *s)
{
	uint8_t page[SLOT_PAGE];
	uint32_t n = s->len - s->done;
	int err;

	if (n > SLOT_PAGE)
		n = SLOT_PAGE;
	err = s->ops->read(s->base + s->at + s->done, page, n);
	if (!err && memcmp(page, s->data + s->done, n) != 0)
		err = ERR_INTEGRITY;
	s->done += n;
	return err;
}

static int next_step(struct slot *s)
{
	switch (s->step) {
	case SLOT_START:
		s->step = SLOT_ERASE;
		return s->ops->erase(s->base + s->at, SLOT_SECTOR);
	case SLOT_ERASE:
		s->step = SLOT_PROGRAM;
		return ERR_OK;
	case SLOT_PROGRAM:
		if (s->done < s->len)
			return program_page(s);
		s->done = 0;
		s->step = SLOT_VERIFY;
		return ERR_OK;
	case SLOT_VERIFY:
		if (s->done < s->len)
			return verify_page(s);
		s->step = SLOT_IDLE;
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

int slot_poll(struct slot *s)
{
	int err;

	if (s->step == SLOT_IDLE)
		return ERR_OK;
	err = s->ops->poll();
	if (err == ERR_BUSY)
		return err;
	/* How that ended which was stopped is nobody's any more. */
	if (!err || s->step == SLOT_START)
		err = next_step(s);
	if (err) {
		s->step = SLOT_IDLE;
		s->keeps = false;
		return err;
	}
	return s->step == SLOT_IDLE ? ERR_OK : ERR_BUSY;
}
