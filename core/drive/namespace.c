/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces of the drive: create, attach, format, delete. */
#include <string.h>

#include "base/uuid.h"
#include "drive/drive_internal.h"

bool drive_namespace_exists(const struct drive *d, uint32_t nsid)
{
	return nsid && nsid <= DRIVE_NAMESPACES &&
	       d->namespace[nsid - 1].blocks;
}

uint32_t drive_namespace_block_size(const struct drive_namespace *n)
{
	return n->format ? 4096 : DRIVE_BLOCK_SIZE;
}

uint64_t drive_capacity_allocated(const struct drive *d)
{
	uint64_t blocks = 0;

	for (int i = 0; i < DRIVE_NAMESPACES; i++)
		blocks += d->namespace[i].blocks;
	return blocks * DRIVE_BLOCK_SIZE;
}

uint64_t drive_capacity(const struct drive *d)
{
	uint64_t allocated = drive_capacity_allocated(d);

	return d->capacity > allocated ? d->capacity : allocated;
}

/* Derive the UUID from the NSID and the count of created namespaces. The count
 * makes the UUID differ from that of an earlier namespace with the same
 * NSID. */
static void derive_uuid(struct drive *d, uint32_t nsid)
{
	struct drive_namespace *n = &d->namespace[nsid - 1];
	uint8_t data[8];
	size_t len = d->created ? 8 : 4;

	for (unsigned int i = 0; i < 4; i++) {
		data[i] = (uint8_t)(nsid >> (24 - 8 * i));
		data[4 + i] = (uint8_t)(d->created >> (24 - 8 * i));
	}
	uuid_derive(d->identity.instance, sizeof(d->identity.instance), data,
		    len, n->uuid);
}

void drive_namespaces_start(struct drive *d)
{
	static const uint8_t none[UUID_SIZE];

	d->capacity = drive_capacity(d);
	d->formats = 0;
	for (uint32_t nsid = 1; nsid <= DRIVE_NAMESPACES; nsid++) {
		struct drive_namespace *n = &d->namespace[nsid - 1];

		if (n->blocks && !memcmp(n->uuid, none, sizeof(none)))
			derive_uuid(d, nsid);
		n->formatting.active = false;
	}
}

/* --- create and delete --- */

static uint32_t find_free_nsid(const struct drive *d)
{
	uint32_t nsid = 1;

	while (nsid <= DRIVE_NAMESPACES && d->namespace[nsid - 1].blocks)
		nsid++;
	return nsid;
}

static void add_create_event(struct drive *d, uint32_t nsid, uint64_t blocks)
{
	struct drive_event e = { .type = DRIVE_EVENT_NAMESPACE_CHANGE,
				 .nsid = nsid };

	e.namespace_change.blocks = blocks;
	e.namespace_change.format = d->namespace[nsid - 1].format;
	e.namespace_change.shared = d->namespace[nsid - 1].shared;
	drive_event_log_add(d, &e);
}

int64_t drive_namespace_create(struct drive *d, uint64_t blocks, uint8_t format,
			       bool shared)
{
	const struct drive_namespace sized = { .format = format };
	uint32_t factor = drive_namespace_block_size(&sized) / DRIVE_BLOCK_SIZE;
	uint64_t allocated = drive_capacity_allocated(d);
	uint64_t room = (d->capacity - allocated) / DRIVE_BLOCK_SIZE;
	uint32_t nsid = find_free_nsid(d);
	struct drive_namespace *n;

	if (format >= DRIVE_LBA_FORMATS || !blocks)
		return ERR_INVALID;
	if (nsid > DRIVE_NAMESPACES)
		return ERR_FULL;
	if (d->capacity < allocated || blocks > room / factor)
		return ERR_LENGTH;
	n = &d->namespace[nsid - 1];
	memset(n, 0, sizeof(*n));
	n->blocks = blocks * factor;
	n->format = format;
	n->shared = shared;
	d->created++;
	derive_uuid(d, nsid);
	add_create_event(d, nsid, blocks);
	return nsid;
}

static void delete_one(struct drive *d, uint32_t nsid)
{
	struct drive_event e = { .type = DRIVE_EVENT_NAMESPACE_CHANGE,
				 .nsid = nsid };

	for (uint16_t i = 0; i < d->controllers; i++)
		(void)drive_namespace_detach(d, i, nsid);
	drive_self_tests_end_namespace(
		d, nsid, DRIVE_SELF_TEST_ABORTED_BY_NAMESPACE_REMOVAL);
	memset(&d->namespace[nsid - 1], 0, sizeof(d->namespace[0]));
	e.namespace_change.deleted = true;
	drive_event_log_add(d, &e);
}

int drive_namespace_delete(struct drive *d, uint32_t nsid)
{
	uint32_t first = nsid, last = nsid;

	if (nsid == DRIVE_NSID_ALL) {
		first = 1;
		last = DRIVE_NAMESPACES;
	} else if (!drive_namespace_exists(d, nsid)) {
		return ERR_NOT_FOUND;
	}
	for (uint32_t i = first; i <= last; i++)
		if (d->namespace[i - 1].formatting.active)
			return ERR_BUSY;
	for (uint32_t i = first; i <= last; i++)
		if (drive_namespace_exists(d, i))
			delete_one(d, i);
	return ERR_OK;
}

/* --- attach and detach --- */

bool drive_controller_has_namespace(const struct drive_controller *c,
				    uint32_t nsid)
{
	nsid--;
	return nsid < DRIVE_NAMESPACES &&
	       c->attached[nsid / 8] & 1U << nsid % 8;
}

bool drive_namespace_is_attached(const struct drive *d, uint32_t nsid)
{
	for (uint8_t i = 0; i < d->controllers; i++)
		if (drive_controller_has_namespace(&d->controller[i], nsid))
			return true;
	return false;
}

static void set_namespace_change(struct drive *d, uint16_t controller,
				 uint32_t nsid)
{
	struct drive_controller *c = &d->controller[controller];

	c->changed_namespaces[(nsid - 1) / 8] |=
		(uint8_t)(1U << (nsid - 1) % 8);
	drive_changes_set(d, controller, DRIVE_CHANGE_NAMESPACE);
	d->state_version++;
}

int drive_namespace_attach(struct drive *d, uint16_t controller, uint32_t nsid)
{
	struct drive_controller *c;

	if (controller >= d->controllers || !drive_namespace_exists(d, nsid))
		return ERR_NOT_FOUND;
	c = &d->controller[controller];
	if (drive_controller_has_namespace(c, nsid))
		return ERR_BUSY;
	if (!d->namespace[nsid - 1].shared &&
	    drive_namespace_is_attached(d, nsid))
		return ERR_UNSUPPORTED;
	c->attached[(nsid - 1) / 8] |= (uint8_t)(1U << (nsid - 1) % 8);
	set_namespace_change(d, controller, nsid);
	return ERR_OK;
}

int drive_namespace_detach(struct drive *d, uint16_t controller, uint32_t nsid)
{
	struct drive_controller *c;

	if (controller >= d->controllers || !drive_namespace_exists(d, nsid))
		return ERR_NOT_FOUND;
	c = &d->controller[controller];
	if (!drive_controller_has_namespace(c, nsid))
		return ERR_NOT_FOUND;
	c->attached[(nsid - 1) / 8] &= (uint8_t) ~(1U << (nsid - 1) % 8);
	set_namespace_change(d, controller, nsid);
	return ERR_OK;
}

/* --- format --- */

/* Whether formatting `nsid` (possibly DRIVE_NSID_ALL) includes namespace i. */
static bool format_includes(const struct drive *d, uint16_t controller,
			    uint32_t nsid, uint32_t i)
{
	if (nsid == DRIVE_NSID_ALL)
		return drive_controller_has_namespace(
			&d->controller[controller], i);
	return i == nsid && drive_namespace_exists(d, i);
}

bool drive_namespaces_formatting(const struct drive *d, uint16_t controller,
				 uint32_t nsid)
{
	for (uint32_t i = 1; i <= DRIVE_NAMESPACES && d->formats; i++)
		if (d->namespace[i - 1].formatting.active &&
		    format_includes(d, controller, nsid, i))
			return true;
	return false;
}

static uint32_t compute_format_duration(const struct drive *d,
					const struct drive_namespace *n)
{
	uint64_t ms = n->blocks * DRIVE_BLOCK_SIZE /
		      (d->media_bytes_per_ms ? d->media_bytes_per_ms : 1);

	return ms > DRIVE_OPERATION_MAX_MS ? DRIVE_OPERATION_MAX_MS
					   : (uint32_t)ms;
}

static void end_format(struct drive *d, uint32_t nsid)
{
	struct drive_operation *o = &d->namespace[nsid - 1].formatting;
	const struct drive_event e = { .type = DRIVE_EVENT_FORMAT_END,
				       .nsid = nsid };

	if (o->active)
		d->formats--;
	o->active = false;
	drive_event_log_add(d, &e);
}

static uint32_t start_format(struct drive *d, uint32_t nsid, uint8_t format)
{
	struct drive_namespace *n = &d->namespace[nsid - 1];
	uint32_t ms = compute_format_duration(d, n);
	struct drive_event e = { .type = DRIVE_EVENT_FORMAT_START,
				 .nsid = nsid };

	drive_self_tests_end_namespace(d, nsid,
				       DRIVE_SELF_TEST_ABORTED_BY_FORMAT);
	e.format_start.format = format;
	drive_event_log_add(d, &e);
	n->format = format;
	n->formatting = drive_operation_start(d, ms);
	d->formats++;
	for (uint16_t i = 0; i < d->controllers; i++)
		if (drive_controller_has_namespace(&d->controller[i], nsid))
			set_namespace_change(d, i, nsid);
	if (!ms)
		end_format(d, nsid);
	return ms;
}

static int check_format(const struct drive *d, uint16_t controller,
			uint32_t nsid, uint8_t format)
{
	bool found = false;

	if (format >= DRIVE_LBA_FORMATS)
		return ERR_INVALID;
	for (uint32_t i = 1; i <= DRIVE_NAMESPACES; i++) {
		if (!format_includes(d, controller, nsid, i))
			continue;
		found = true;
		if (d->namespace[i - 1].formatting.active)
			return ERR_BUSY;
		/* Whole blocks of 4096 bytes must fill the namespace. */
		if (format && d->namespace[i - 1].blocks % 8)
			return ERR_INVALID;
	}
	return found || nsid == DRIVE_NSID_ALL ? ERR_OK : ERR_NOT_FOUND;
}

int drive_namespace_format(struct drive *d, uint16_t controller, uint32_t nsid,
			   uint8_t format, uint32_t *wait_ms)
{
	int err = check_format(d, controller, nsid, format);

	*wait_ms = 0;
	for (uint32_t i = 1; i <= DRIVE_NAMESPACES && !err; i++) {
		uint32_t ms;

		if (!format_includes(d, controller, nsid, i))
			continue;
		ms = start_format(d, i, format);
		if (ms > *wait_ms)
			*wait_ms = ms;
	}
	return err;
}

void drive_namespaces_poll(struct drive *d)
{
	for (uint32_t i = 1; i <= DRIVE_NAMESPACES && d->formats; i++)
		if (drive_operation_is_due(d, &d->namespace[i - 1].formatting))
			end_format(d, i);
}
