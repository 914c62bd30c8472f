/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware of the model. An image is known by its size and SHA-256; its first
 * eight bytes are its revision where they are printable, else the first eight
 * digits of the SHA-256 are. Slot 1 is what the drive came with.
 */
#include <stdio.h>
#include <string.h>

#include "drive/drive.h"

static bool is_empty(const struct firmware *f)
{
	return !f->revision[0];
}

const struct firmware *firmware_slot(const struct subsystem *s, uint8_t n)
{
	if (!n || n > SUBSYSTEM_FIRMWARE_SLOTS || is_empty(&s->slot[n - 1]))
		return NULL;
	return &s->slot[n - 1];
}

bool firmware_start(struct subsystem *s)
{
	struct firmware *first = &s->slot[0];

	bool activated;

	if (is_empty(first))
		memcpy(first->revision, s->firmware, sizeof(first->revision));
	if (!s->slot_active)
		s->slot_active = 1;
	activated = firmware_reset(s);
	memcpy(s->firmware, s->slot[s->slot_active - 1].revision,
	       sizeof(s->firmware));
	return activated;
}

int firmware_download(struct subsystem *s, uint32_t offset, const void *data,
		      uint32_t len)
{
	struct firmware_download *d = &s->download;
	uint32_t head;

	if (!offset) {
		memset(d, 0, sizeof(*d));
		sha256_init(&d->sha);
		d->active = true;
	}
	if (!d->active || offset != d->size)
		return ERR_INVALID;
	if (len > UINT32_MAX - d->size)
		return ERR_FULL;
	head = d->size < sizeof(d->head) ? (uint32_t)sizeof(d->head) - d->size
					 : 0;
	if (head)
		memcpy(d->head + d->size, data, head < len ? head : len);
	sha256_update(&d->sha, data, len);
	d->size += len;
	return ERR_OK;
}

static void name_image(struct firmware *f, const uint8_t *head)
{
	bool printable = head[0] > ' ';

	for (int i = 0; i < 8; i++)
		printable &= head[i] >= ' ' && head[i] <= '~';
	if (printable)
		memcpy(f->revision, head, 8);
	else
		for (int i = 0; i < 4; i++)
			snprintf(f->revision + (ptrdiff_t)2 * i, 3, "%02x",
				 f->digest[i]);
	f->revision[8] = '\0';
}

static void activate(struct subsystem *s, uint8_t n)
{
	const struct firmware *f = &s->slot[n - 1];

	s->slot_active = n;
	s->slot_next = 0;
	s->slot_replaced = false;
	memcpy(s->firmware, f->revision, sizeof(s->firmware));
	s->version++;
	for (uint8_t i = 0; i < s->controllers; i++)
		subsystem_changed(s, i, CHANGE_FIRMWARE);
}

bool firmware_reset(struct subsystem *s)
{
	uint8_t next = s->slot_next;

	s->slot_next = 0;
	s->download.active = false;
	/* Base 5.12: what was put into the active slot runs from here on, as
	 * firmware is loaded from there. */
	if (!next && s->slot_replaced)
		next = s->slot_active;
	if (!next || !firmware_slot(s, next))
		return false;
	activate(s, next);
	return true;
}

/* The first that can be written and is not the one that runs. */
static uint8_t choose_slot(const struct subsystem *s)
{
	for (uint8_t n = 2; n <= SUBSYSTEM_FIRMWARE_SLOTS; n++)
		if (n != s->slot_active)
			return n;
	return SUBSYSTEM_FIRMWARE_SLOTS;
}

static int store(struct subsystem *s, uint8_t n)
{
	struct firmware *f = &s->slot[n - 1];

	if (n == 1)
		return ERR_UNSUPPORTED;
	if (!s->download.active || !s->download.size)
		return ERR_LENGTH;
	f->size = s->download.size;
	sha256_final(&s->download.sha, f->digest);
	name_image(f, s->download.head);
	s->download.active = false;
	s->slot_replaced |= n == s->slot_active;
	s->version++;
	return ERR_OK;
}

int firmware_commit(struct subsystem *s, enum firmware_action action,
		    uint8_t slot)
{
	int err = ERR_OK;

	if (action > FIRMWARE_ACTIVATE_NOW)
		return ERR_INVALID;
	if (slot > SUBSYSTEM_FIRMWARE_SLOTS)
		return ERR_NOT_FOUND;
	if (!slot && action != FIRMWARE_ACTIVATE_AT_RESET)
		slot = choose_slot(s);
	if (action <= FIRMWARE_STORE_ACTIVATE_AT_RESET ||
	    (action == FIRMWARE_ACTIVATE_NOW && s->download.active))
		err = store(s, slot);
	if (err)
		return err;
	if (action != FIRMWARE_STORE && !firmware_slot(s, slot))
		return ERR_NOT_FOUND;
	if (action == FIRMWARE_ACTIVATE_NOW)
		activate(s, slot);
	else if (action != FIRMWARE_STORE)
		s->slot_next = slot;
	s->version++;
	return ERR_OK;
}
