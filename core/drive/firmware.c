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

static void start_download(struct drive_firmware_download *to)
{
	memset(to, 0, sizeof(*to));
	sha256_init(&to->sha);
}

/* The number of the first range that ends behind `offset`. */
static uint8_t find_range(const struct drive_firmware_download *to,
			  uint64_t offset)
{
	uint8_t n = 0;

	while (n < to->ranges && to->range[n].end <= offset)
		n++;
	return n;
}

/* Add a range that overlaps no other: extend its neighbours, or insert it. */
static int add_range(struct drive_firmware_download *to, uint64_t start,
		     uint64_t end)
{
	uint8_t n = find_range(to, start);
	struct drive_firmware_range *at = to->range + n;
	bool follows = n && to->range[n - 1].end == start;
	bool precedes = n < to->ranges && at->start == end;

	if (follows && precedes) {
		at[-1].end = at->end;
		to->ranges--;
		memmove(at, at + 1, (size_t)(to->ranges - n) * sizeof(*at));
	} else if (follows) {
		at[-1].end = end;
	} else if (precedes) {
		at->start = start;
	} else if (to->ranges == DRIVE_FIRMWARE_RANGES) {
		return ERR_FULL;
	} else {
		memmove(at + 1, at, (size_t)(to->ranges - n) * sizeof(*at));
		*at = (struct drive_firmware_range){ start, end };
		to->ranges++;
	}
	return ERR_OK;
}

int drive_firmware_download(struct drive *d, uint64_t offset, const void *data,
			    uint32_t len)
{
	struct drive_firmware_download *to = &d->firmware.download;
	int err;
	uint8_t n;

	/* A host that starts its update again sends the first piece again. */
	if (!to->ranges || to->committed || (!offset && !to->range[0].start))
		start_download(to);
	n = find_range(to, offset);
	if (n < to->ranges && to->range[n].start < offset + len)
		return ERR_INVALID;
	err = add_range(to, offset, offset + len);
	if (err)
		return err;
	if (offset < sizeof(to->head)) {
		size_t room = sizeof(to->head) - (size_t)offset;

		memcpy(to->head + offset, data, len < room ? len : room);
	}
	sha256_update(&to->sha, data, len);
	return ERR_OK;
}

/* Base 3.11: an image starts at offset 0 and has no gap. */
static bool is_complete(const struct drive_firmware_download *f)
{
	return f->ranges == 1 && !f->range[0].start &&
	       f->range[0].end <= UINT32_MAX;
}

uint64_t drive_firmware_downloaded(const struct drive *d)
{
	const struct drive_firmware_download *f = &d->firmware.download;

	return !f->committed && is_complete(f) ? f->range[0].end : 0;
}

void drive_firmware_discard(struct drive *d)
{
	d->firmware.download.ranges = 0;
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

void drive_firmware_log_activation(struct drive *d,
				   const struct drive_activation *a)
{
	const struct drive_controller *c = &d->controller[0];
	struct drive_activation_log *log = &d->firmware.activations;
	struct drive_activation *e =
		&log->entry[log->count % DRIVE_ACTIVATIONS];

	if (log->count == UINT16_MAX)
		return;
	*e = *a;
	e->number = ++log->count;
	e->timestamp_ms = drive_timestamp_get(d, c);
	e->timestamp_set = c->timestamp.set;
	e->power_cycles = c->counters.power_cycles;
	d->state_version++;
}

static void activate_at_reset(struct drive *d, uint8_t slot)
{
	struct drive_activation a = { .slot = slot,
				      .action = d->firmware.action };

	memcpy(a.before, d->firmware.running, sizeof(a.before));
	activate(d, slot);
	memcpy(a.after, d->firmware.running, sizeof(a.after));
	drive_firmware_log_activation(d, &a);
}

bool drive_firmware_reset(struct drive *d)
{
	uint8_t next = d->firmware.next;

	d->firmware.next = 0;
	d->firmware.download.ranges = 0;
	/* Base 5.12: a reset loads the firmware from the active slot, so the
	 * reset activates an image that a host stored in the active slot. */
	if (!next && d->firmware.replaced)
		next = d->firmware.active;
	if (!next || !drive_firmware_slot(d, next))
		return false;
	activate_at_reset(d, next);
	return true;
}

/* Choose a slot for slot number 0. An activation of an existing image takes
 * the first slot with an image that is not active, or the active slot. */
static uint8_t choose_image(const struct drive *d)
{
	for (uint8_t n = 1; n <= DRIVE_FIRMWARE_SLOTS; n++)
		if (n != d->firmware.active && drive_firmware_slot(d, n))
			return n;
	return d->firmware.active;
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
	if (!is_complete(&f->download))
		return ERR_LENGTH;
	memset(image, 0, sizeof(*image));
	image->size = (uint32_t)f->download.range[0].end;
	sha256_final(&f->download.sha, image->digest);
	set_revision(image, f->download.head);
	f->download.ranges = 0;
	f->replaced |= slot == f->active;
	d->state_version++;
	return ERR_OK;
}

uint8_t drive_firmware_target(const struct drive *d)
{
	return DRIVE_FIRMWARE_SLOTS > 1 ? choose_slot(d) : 0;
}

/* Whether the action stores the download before it activates a slot. */
static bool stores(const struct drive *d, enum drive_firmware_action action)
{
	if (action == DRIVE_FIRMWARE_ACTIVATE_NOW)
		return d->firmware.download.ranges;
	return action != DRIVE_FIRMWARE_ACTIVATE_AT_RESET;
}

static int commit(struct drive *d, enum drive_firmware_action action,
		  uint8_t slot)
{
	int err = ERR_OK;

	if (!slot)
		slot = stores(d, action) ? choose_slot(d) : choose_image(d);
	if (stores(d, action))
		err = store_download(d, slot);
	if (err)
		return err;
	if (action != DRIVE_FIRMWARE_STORE && !drive_firmware_slot(d, slot))
		return ERR_LENGTH;
	if (action == DRIVE_FIRMWARE_ACTIVATE_NOW)
		activate(d, slot);
	else if (action != DRIVE_FIRMWARE_STORE)
		d->firmware.next = slot;
	d->firmware.action = (uint8_t)action;
	d->state_version++;
	return ERR_OK;
}

int drive_firmware_commit(struct drive *d, enum drive_firmware_action action,
			  uint8_t slot)
{
	int err = ERR_INVALID;

	if (action <= DRIVE_FIRMWARE_ACTIVATE_NOW)
		err = slot > DRIVE_FIRMWARE_SLOTS ? ERR_NOT_FOUND
						  : commit(d, action, slot);
	/* Base 5.2.9: the next piece discards what is left of the download. */
	d->firmware.download.committed = true;
	return err;
}
