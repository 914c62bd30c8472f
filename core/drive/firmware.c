/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware slots of the drive, base 5.12 and 5.13. An image is identified by
 * its size and SHA-256. The revision of an image is its first eight bytes if
 * they are printable, otherwise the first eight digits of the SHA-256. Slot 1
 * is read only and contains the initial firmware.
 */
#include <stdio.h>
#include <string.h>

#include "drive/drive_internal.h"

const struct drive_firmware_image *drive_firmware_slot(const struct drive *d,
						       uint8_t slot)
{
	if (!slot || slot > DRIVE_FIRMWARE_SLOTS ||
	    !d->firmware.slot[slot - 1].revision[0])
		return NULL;
	return &d->firmware.slot[slot - 1];
}

bool drive_firmware_start(struct drive *d)
{
	struct drive_firmware *f = &d->firmware;
	bool activated;

	if (!f->slot[0].revision[0])
		memcpy(f->slot[0].revision, f->running,
		       sizeof(f->slot[0].revision));
	if (!f->active)
		f->active = 1;
	activated = drive_firmware_reset(d);
	memcpy(f->running, f->slot[f->active - 1].revision, sizeof(f->running));
	return activated;
}

/* --- download --- */

int drive_firmware_download(struct drive *d, uint32_t offset, const void *data,
			    uint32_t len)
{
	struct drive_firmware_download *to = &d->firmware.download;
	uint32_t head;

	if (!offset) {
		memset(to, 0, sizeof(*to));
		sha256_init(&to->sha);
		to->active = true;
	}
	if (!to->active || offset != to->size)
		return ERR_INVALID;
	if (len > UINT32_MAX - to->size)
		return ERR_FULL;
	head = to->size < sizeof(to->head)
		       ? (uint32_t)sizeof(to->head) - to->size
		       : 0;
	if (head)
		memcpy(to->head + to->size, data, head < len ? head : len);
	sha256_update(&to->sha, data, len);
	to->size += len;
	return ERR_OK;
}

static void set_revision(struct drive_firmware_image *image,
			 const uint8_t *head)
{
	bool printable = head[0] > ' ';

	for (int i = 0; i < DRIVE_REVISION_SIZE; i++)
		printable &= head[i] >= ' ' && head[i] <= '~';
	if (printable)
		memcpy(image->revision, head, DRIVE_REVISION_SIZE);
	else
		for (int i = 0; i < DRIVE_REVISION_SIZE / 2; i++)
			snprintf(image->revision + (ptrdiff_t)2 * i, 3, "%02x",
				 image->digest[i]);
	image->revision[DRIVE_REVISION_SIZE] = '\0';
}

/* --- commit --- */

static void activate(struct drive *d, uint8_t slot)
{
	struct drive_firmware *f = &d->firmware;

	f->active = slot;
	f->next = 0;
	f->replaced = false;
	memcpy(f->running, f->slot[slot - 1].revision, sizeof(f->running));
	d->state_version++;
	for (uint8_t i = 0; i < d->controllers; i++)
		drive_changes_set(d, i, DRIVE_CHANGE_FIRMWARE);
}

bool drive_firmware_reset(struct drive *d)
{
	uint8_t next = d->firmware.next;

	d->firmware.next = 0;
	d->firmware.download.active = false;
	/* Base 5.12: a reset loads the firmware from the active slot, so the
	 * reset activates an image that a host stored in the active slot. */
	if (!next && d->firmware.replaced)
		next = d->firmware.active;
	if (!next || !drive_firmware_slot(d, next))
		return false;
	activate(d, next);
	return true;
}

/* The first writable slot that is not active. */
static uint8_t choose_slot(const struct drive *d)
{
	for (uint8_t n = 2; n <= DRIVE_FIRMWARE_SLOTS; n++)
		if (n != d->firmware.active)
			return n;
	return DRIVE_FIRMWARE_SLOTS;
}

static int store_download(struct drive *d, uint8_t slot)
{
	struct drive_firmware *f = &d->firmware;
	struct drive_firmware_image *image = &f->slot[slot - 1];

	if (slot == 1)
		return ERR_UNSUPPORTED;
	if (!f->download.active || !f->download.size)
		return ERR_LENGTH;
	image->size = f->download.size;
	sha256_final(&f->download.sha, image->digest);
	set_revision(image, f->download.head);
	f->download.active = false;
	f->replaced |= slot == f->active;
	d->state_version++;
	return ERR_OK;
}

int drive_firmware_commit(struct drive *d, enum drive_firmware_action action,
			  uint8_t slot)
{
	int err = ERR_OK;

	if (action > DRIVE_FIRMWARE_ACTIVATE_NOW)
		return ERR_INVALID;
	if (slot > DRIVE_FIRMWARE_SLOTS)
		return ERR_NOT_FOUND;
	if (!slot && action != DRIVE_FIRMWARE_ACTIVATE_AT_RESET)
		slot = choose_slot(d);
	if (action <= DRIVE_FIRMWARE_STORE_AND_ACTIVATE_AT_RESET ||
	    (action == DRIVE_FIRMWARE_ACTIVATE_NOW &&
	     d->firmware.download.active))
		err = store_download(d, slot);
	if (err)
		return err;
	if (action != DRIVE_FIRMWARE_STORE && !drive_firmware_slot(d, slot))
		return ERR_NOT_FOUND;
	if (action == DRIVE_FIRMWARE_ACTIVATE_NOW)
		activate(d, slot);
	else if (action != DRIVE_FIRMWARE_STORE)
		d->firmware.next = slot;
	d->state_version++;
	return ERR_OK;
}
