/* SPDX-License-Identifier: Apache-2.0 */
/* Log pages of OCP's Datacenter NVMe SSD specification 2.0: extended health,
 * firmware activations, latencies and unsupported requirements. The values
 * follow from the drive's model; docs/model.md says how. */
#include <stdio.h>
#include <string.h>

#include "nvme_mi/admin.h"

enum {
	ERASE_CYCLES = 3000, /* of a block until 100 percent of life is used */
	GIGA = 1000000000,
	BLOCKS_FULL = 100, /* normalized count of a new drive */
};

/* GUIDs, least significant byte first. */
static const uint8_t smart_guid[OCP_GUID_SIZE] = {
	0xc5, 0xaf, 0x10, 0x28, 0xea, 0xbf, 0xf2, 0xa4,
	0x9c, 0x4f, 0x6f, 0x7c, 0xc9, 0x14, 0xd5, 0xaf,
};
static const uint8_t activation_guid[OCP_GUID_SIZE] = {
	0x6d, 0x79, 0x9a, 0x76, 0xb4, 0xda, 0xf6, 0xa3,
	0xe2, 0x4d, 0xb2, 0x8a, 0xac, 0xf3, 0x1c, 0xd1,
};
static const uint8_t latency_guid[OCP_GUID_SIZE] = {
	0x92, 0x7a, 0xc0, 0x8c, 0xd0, 0x84, 0x6c, 0x9c,
	0x70, 0x43, 0xe6, 0xd4, 0x58, 0x5e, 0xd4, 0x85,
};
static const uint8_t requirements_guid[OCP_GUID_SIZE] = {
	0x2f, 0x72, 0x9c, 0x0e, 0x99, 0x23, 0x2c, 0xbb,
	0x63, 0x48, 0x32, 0xd0, 0xb7, 0x98, 0xbb, 0xc7,
};

/* --- C0h, 4.8.5 --- */

static uint64_t utilization(const struct drive *d)
{
	uint64_t blocks = 0;

	for (int i = 0; i < DRIVE_NAMESPACES; i++) {
		const struct drive_namespace *n = &d->namespace[i];

		blocks += n->blocks /
			  (drive_namespace_block_size(n) / DRIVE_BLOCK_SIZE);
	}
	return blocks;
}

/* A full write of the drive erases each block once. */
static uint64_t endurance_estimate(const struct drive *d)
{
	return (drive_capacity(d) / GIGA + 1) * ERASE_CYCLES;
}

static void write_wear(uint8_t *page, const struct drive_controller *c)
{
	uint32_t erases = (uint32_t)c->life_used * (ERASE_CYCLES / 100);
	uint8_t bad = c->spare < BLOCKS_FULL ? BLOCKS_FULL - c->spare : 0;

	admin_write(page, OCP_SMART_AT_BAD_USER_BLOCKS, bad, 6);
	admin_write(page, OCP_SMART_AT_BAD_USER_BLOCKS_NORMALIZED, c->spare, 2);
	admin_write(page, OCP_SMART_AT_BAD_SYSTEM_BLOCKS_NORMALIZED,
		    BLOCKS_FULL, 2);
	page[OCP_SMART_AT_SYSTEM_DATA_USED] = c->life_used;
	admin_write(page, OCP_SMART_AT_ERASE_COUNT_MAX, erases, 4);
	admin_write(page, OCP_SMART_AT_ERASE_COUNT_MIN, erases, 4);
	page[OCP_SMART_AT_FREE_BLOCKS] = c->spare;
}

static enum nvme_status smart_extended(struct nvme_mi_request *q,
				       const struct admin_command *a,
				       uint8_t *page)
{
	const struct drive *d = q->mi->drive;
	const struct drive_controller *c = admin_controller(q, a);
	const struct drive_counters *n = &c->counters;
	uint8_t warnings = drive_controller_warnings(c);

	admin_write(page, OCP_SMART_AT_MEDIA_UNITS_WRITTEN, n->bytes_written,
		    8);
	admin_write(page, OCP_SMART_AT_MEDIA_UNITS_READ, n->bytes_read, 8);
	write_wear(page, c);
	admin_write(page, OCP_SMART_AT_UNCORRECTABLE_READ_ERRORS,
		    n->media_errors, 8);
	page[OCP_SMART_AT_THROTTLING_EVENTS] = n->throttling_events;
	page[OCP_SMART_AT_THROTTLING_STATUS] =
		c->temperature >= c->hot_threshold;
	page[OCP_SMART_AT_SPECIFICATION_MAJOR] = OCP_SPECIFICATION_MAJOR;
	admin_write(page, OCP_SMART_AT_INCOMPLETE_SHUTDOWNS,
		    n->unsafe_shutdowns, 4);
	admin_write(page, OCP_SMART_AT_CAPACITOR_HEALTH,
		    warnings & DRIVE_WARNING_BACKUP ? 0 : BLOCKS_FULL, 2);
	admin_write(page, OCP_SMART_AT_TOTAL_UTILIZATION, utilization(d), 8);
	admin_write(page, OCP_SMART_AT_POWER_LOSS_PROTECTION_STARTS,
		    n->unsafe_shutdowns, 8);
	admin_write(page, OCP_SMART_AT_ENDURANCE_ESTIMATE,
		    endurance_estimate(d), 8);
	admin_write(page, OCP_SMART_AT_VERSION, OCP_SMART_VERSION, 2);
	memcpy(page + OCP_SMART_AT_GUID, smart_guid, OCP_GUID_SIZE);
	return NVME_STATUS_SUCCESS;
}

/* --- C2h, 4.8.7.1 --- */

static void write_activation(uint8_t *to, const struct drive_activation *e)
{
	uint32_t status = (uint32_t)e->status.type
				  << NVME_STATUS_CODE_TYPE_SHIFT |
			  e->status.code;

	to[OCP_ACTIVATION_ENTRY_AT_VERSION] = OCP_ACTIVATION_ENTRY_VERSION;
	to[OCP_ACTIVATION_ENTRY_AT_LENGTH] = OCP_ACTIVATION_ENTRY_SIZE;
	admin_write(to, OCP_ACTIVATION_ENTRY_AT_NUMBER, e->number, 2);
	admin_write(to, OCP_ACTIVATION_ENTRY_AT_TIMESTAMP, e->timestamp_ms,
		    NVME_TIMESTAMP_MS_SIZE);
	to[OCP_ACTIVATION_ENTRY_AT_TIMESTAMP + NVME_TIMESTAMP_AT_ORIGIN] =
		e->timestamp_set ? NVME_TIMESTAMP_ORIGIN_SET_FEATURES : 0;
	admin_write(to, OCP_ACTIVATION_ENTRY_AT_POWER_CYCLES, e->power_cycles,
		    8);
	admin_write_text(to + OCP_ACTIVATION_ENTRY_AT_PREVIOUS_REVISION,
			 e->before, NVME_FIRMWARE_REVISION_SIZE);
	admin_write_text(to + OCP_ACTIVATION_ENTRY_AT_NEW_REVISION, e->after,
			 NVME_FIRMWARE_REVISION_SIZE);
	to[OCP_ACTIVATION_ENTRY_AT_SLOT] = e->slot;
	to[OCP_ACTIVATION_ENTRY_AT_ACTION] = e->action;
	admin_write(to, OCP_ACTIVATION_ENTRY_AT_RESULT, status, 2);
}

/* The oldest entry comes first. */
static enum nvme_status activation_history(struct nvme_mi_request *q,
					   const struct admin_command *a,
					   uint8_t *page)
{
	const struct drive_activation_log *log =
		&q->mi->drive->firmware.activations;
	uint16_t count =
		log->count < DRIVE_ACTIVATIONS ? log->count : DRIVE_ACTIVATIONS;

	(void)a;
	page[OCP_ACTIVATION_AT_LOG_IDENTIFIER] =
		OCP_LOG_FIRMWARE_ACTIVATION_HISTORY;
	admin_write(page, OCP_ACTIVATION_AT_COUNT, count, 4);
	for (uint16_t i = 0; i < count; i++)
		write_activation(page + OCP_ACTIVATION_AT_ENTRIES +
					 (size_t)i * OCP_ACTIVATION_ENTRY_SIZE,
				 &log->entry[(log->count - count + i) %
					     DRIVE_ACTIVATIONS]);
	admin_write(page, OCP_ACTIVATION_AT_VERSION, OCP_ACTIVATION_VERSION, 2);
	memcpy(page + OCP_ACTIVATION_AT_GUID, activation_guid, OCP_GUID_SIZE);
	return NVME_STATUS_SUCCESS;
}

_Static_assert((int)DRIVE_ACTIVATIONS <= (int)OCP_ACTIVATION_ENTRIES,
	       "the page has an entry for each activation");

/* --- C3h, 4.8.9 --- */

/* The drive has no I/O, so the monitor is off: default configuration, no
 * measured command. */
static enum nvme_status latency_monitor(struct nvme_mi_request *q,
					const struct admin_command *a,
					uint8_t *page)
{
	static const uint8_t thresholds[] = { 0x05, 0x13, 0x1e, 0x2e };

	(void)q;
	(void)a;
	/* units of 5 minutes: 7 days */
	admin_write(page, OCP_LATENCY_AT_BUCKET_TIMER_THRESHOLD, 0x7e0, 2);
	memcpy(page + OCP_LATENCY_AT_THRESHOLD_A, thresholds,
	       sizeof(thresholds));
	admin_write(page, OCP_LATENCY_AT_CONFIGURATION, 0xfff, 2);
	page[OCP_LATENCY_AT_MINIMUM_WINDOW] = 0x0a; /* units of 100 ms */
	/* A timestamp of all ones is invalid. */
	memset(page + OCP_LATENCY_AT_ACTIVE_TIMESTAMPS, 0xff,
	       OCP_LATENCY_TIMESTAMPS_SIZE);
	memset(page + OCP_LATENCY_AT_STATIC_TIMESTAMPS, 0xff,
	       OCP_LATENCY_TIMESTAMPS_SIZE);
	memset(page + OCP_LATENCY_AT_DEBUG_TIMESTAMP, 0xff,
	       NVME_FEATURE_TIMESTAMP_SIZE);
	admin_write(page, OCP_LATENCY_AT_VERSION, OCP_LATENCY_VERSION, 2);
	memcpy(page + OCP_LATENCY_AT_GUID, latency_guid, OCP_GUID_SIZE);
	return NVME_STATUS_SUCCESS;
}

/* --- C5h, 4.8.11 --- */

/* Requirements 1 to `last` with this prefix are not supported: features C0h to
 * C7h, log pages C1h and C4h. In alphabetical order. */
static const struct requirements {
	const char *prefix;
	unsigned int last;
} unsupported[] = {
	{ "CFUH", 17 },	  { "CPCIE", 17 }, { "DCLP", 12 },   { "DSSDPSG", 2 },
	{ "DSSDPSS", 2 }, { "EREC", 15 },  { "ERRI", 6 },    { "ERRIE", 4 },
	{ "GDSSDPS", 2 }, { "GPLPI", 2 },  { "LMSF", 16 },   { "SDSSDPS", 17 },
	{ "SERRI", 17 },  { "SPLPI", 17 }, { "SROWTM", 17 },
};

static uint8_t *write_requirement(uint8_t *to, const char *prefix,
				  unsigned int number)
{
	snprintf((char *)to, OCP_REQUIREMENT_SIZE, "%s-%u", prefix, number);
	return to + OCP_REQUIREMENT_SIZE;
}

/* Alphabetical order: 1, 10, 11, ..., 2. */
static uint8_t *write_requirements(uint8_t *to, const struct requirements *r)
{
	for (unsigned int digit = 1; digit <= 9 && digit <= r->last; digit++) {
		to = write_requirement(to, r->prefix, digit);
		for (unsigned int n = 10 * digit;
		     n < 10 * digit + 10 && n <= r->last; n++)
			to = write_requirement(to, r->prefix, n);
	}
	return to;
}

static enum nvme_status unsupported_requirements(struct nvme_mi_request *q,
						 const struct admin_command *a,
						 uint8_t *page)
{
	uint8_t *list = page + OCP_REQUIREMENTS_AT_LIST, *to = list;

	(void)q;
	(void)a;
	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]);
	     i++)
		to = write_requirements(to, &unsupported[i]);
	admin_write(page, OCP_REQUIREMENTS_AT_COUNT,
		    (uint64_t)(to - list) / OCP_REQUIREMENT_SIZE, 2);
	admin_write(page, OCP_REQUIREMENTS_AT_VERSION, OCP_REQUIREMENTS_VERSION,
		    2);
	memcpy(page + OCP_REQUIREMENTS_AT_GUID, requirements_guid,
	       OCP_GUID_SIZE);
	return NVME_STATUS_SUCCESS;
}

/* --- the table --- */

static const struct admin_log_page pages[] = {
	{ OCP_LOG_SMART_EXTENDED, 0, OCP_SMART_SIZE, smart_extended },
	{ OCP_LOG_FIRMWARE_ACTIVATION_HISTORY, 0, OCP_ACTIVATION_SIZE,
	  activation_history },
	{ OCP_LOG_LATENCY_MONITOR, 0, OCP_LATENCY_SIZE, latency_monitor },
	{ OCP_LOG_UNSUPPORTED_REQUIREMENTS, 0, OCP_REQUIREMENTS_SIZE,
	  unsupported_requirements },
};

const struct admin_log_page *admin_find_ocp_page(uint8_t id)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (pages[i].id == id)
			return &pages[i];
	return NULL;
}
