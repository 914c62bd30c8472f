/* SPDX-License-Identifier: Apache-2.0 */
/* Admin command Get Log Page, NVMe base 5.16: the table of log pages, and all
 * pages except the Persistent Event log. */
#include <string.h>

#include "nvme_mi/admin.h"

enum { MS_PER_HOUR = 3600000 };

_Static_assert(
	(int)DRIVE_SANITIZE_NEVER == (int)NVME_SANITIZE_NEVER_SANITIZED &&
		(int)DRIVE_SANITIZE_COMPLETED == (int)NVME_SANITIZE_COMPLETED &&
		(int)DRIVE_SANITIZE_RUNNING == (int)NVME_SANITIZE_IN_PROGRESS &&
		(int)DRIVE_SANITIZE_FAILED == (int)NVME_SANITIZE_FAILED &&
		(int)DRIVE_SANITIZE_COMPLETED_NO_DEALLOCATE ==
			(int)NVME_SANITIZE_COMPLETED_WITHOUT_DEALLOCATE,
	"the drive numbers results of sanitize as NVMe does");
_Static_assert(
	(int)DRIVE_SELF_TEST_PASSED == (int)NVME_SELF_TEST_RESULT_PASSED &&
		(int)DRIVE_SELF_TEST_ABORTED_BY_COMMAND ==
			(int)NVME_SELF_TEST_RESULT_ABORTED_BY_COMMAND &&
		(int)DRIVE_SELF_TEST_ABORTED_BY_RESET ==
			(int)NVME_SELF_TEST_RESULT_ABORTED_BY_RESET &&
		(int)DRIVE_SELF_TEST_ABORTED_BY_NAMESPACE_REMOVAL ==
			(int)NVME_SELF_TEST_RESULT_ABORTED_BY_NAMESPACE_REMOVAL &&
		(int)DRIVE_SELF_TEST_ABORTED_BY_FORMAT ==
			(int)NVME_SELF_TEST_RESULT_ABORTED_BY_FORMAT &&
		(int)DRIVE_SELF_TEST_SEGMENT_FAILED ==
			(int)NVME_SELF_TEST_RESULT_SEGMENT_FAILED &&
		(int)DRIVE_SELF_TEST_ABORTED_BY_SANITIZE ==
			(int)NVME_SELF_TEST_RESULT_ABORTED_BY_SANITIZE,
	"the drive numbers results of self-tests as NVMe does");

/* --- errors, health, firmware --- */

static void write_error(uint8_t *entry, const struct drive_error_entry *e)
{
	uint32_t status = admin_status_field((enum nvme_status)(
		e->status.type << NVME_STATUS_CODE_TYPE_SHIFT |
		e->status.code));

	admin_write(entry, NVME_ERROR_AT_COUNT, e->number, 8);
	/* An out-of-band command has no submission queue. */
	admin_write(entry, NVME_ERROR_AT_SUBMISSION_QUEUE, NVME_ERROR_NO_QUEUE,
		    2);
	admin_write(entry, NVME_ERROR_AT_COMMAND, NVME_ERROR_NO_COMMAND, 2);
	admin_write(entry, NVME_ERROR_AT_STATUS,
		    status << NVME_ERROR_STATUS_SHIFT, 2);
	admin_write(entry, NVME_ERROR_AT_PARAMETER_LOCATION, e->location, 2);
	admin_write(entry, NVME_ERROR_AT_NAMESPACE, e->nsid, 4);
}

static enum nvme_status error_information(struct nvme_mi_request *q,
					  const struct admin_command *a,
					  uint8_t *page)
{
	const struct drive_error_log *log = &admin_controller(q, a)->error_log;

	/* newest first */
	for (uint64_t i = 0; i < DRIVE_ERRORS && i < log->count; i++)
		write_error(page + i * NVME_ERROR_SIZE,
			    &log->entry[(log->count - 1 - i) % DRIVE_ERRORS]);
	return NVME_STATUS_SUCCESS;
}

static uint64_t data_units(uint64_t bytes)
{
	return (bytes + NVME_HEALTH_DATA_UNIT - 1) / NVME_HEALTH_DATA_UNIT;
}

static void write_counters(uint8_t *page, const struct drive_counters *c)
{
	admin_write(page, NVME_HEALTH_AT_DATA_UNITS_READ,
		    data_units(c->bytes_read), 8);
	admin_write(page, NVME_HEALTH_AT_DATA_UNITS_WRITTEN,
		    data_units(c->bytes_written), 8);
	admin_write(page, NVME_HEALTH_AT_HOST_READ_COMMANDS, c->reads, 8);
	admin_write(page, NVME_HEALTH_AT_HOST_WRITE_COMMANDS, c->writes, 8);
	admin_write(page, NVME_HEALTH_AT_POWER_CYCLES, c->power_cycles, 8);
	admin_write(page, NVME_HEALTH_AT_UNSAFE_SHUTDOWNS, c->unsafe_shutdowns,
		    8);
	admin_write(page, NVME_HEALTH_AT_MEDIA_ERRORS, c->media_errors, 8);
}

/* Temperature Sensor 1 is 0: feature 04h has only the composite sensor. */
static enum nvme_status health_information(struct nvme_mi_request *q,
					   const struct admin_command *a,
					   uint8_t *page)
{
	const struct drive *d = q->mi->drive;
	const struct drive_controller *c = admin_controller(q, a);

	page[NVME_HEALTH_AT_CRITICAL_WARNING] = drive_controller_warnings(c);
	admin_write(page, NVME_HEALTH_AT_COMPOSITE_TEMPERATURE, c->temperature,
		    2);
	page[NVME_HEALTH_AT_AVAILABLE_SPARE] = c->spare;
	page[NVME_HEALTH_AT_AVAILABLE_SPARE_THRESHOLD] = c->spare_threshold;
	page[NVME_HEALTH_AT_PERCENTAGE_USED] = c->life_used;
	write_counters(page, &c->counters);
	admin_write(page, NVME_HEALTH_AT_POWER_ON_HOURS,
		    d->clock.uptime_ms / MS_PER_HOUR, 8);
	admin_write(page, NVME_HEALTH_AT_ERROR_LOG_ENTRIES, c->error_log.count,
		    8);
	return NVME_STATUS_SUCCESS;
}

static enum nvme_status firmware_slots(struct nvme_mi_request *q,
				       const struct admin_command *a,
				       uint8_t *page)
{
	const struct drive *d = q->mi->drive;
	uint8_t *revision = page + NVME_FIRMWARE_LOG_AT_REVISION_SLOT_1;

	(void)a;
	page[NVME_FIRMWARE_LOG_AT_ACTIVE_INFORMATION] =
		(uint8_t)(d->firmware.active |
			  d->firmware.next
				  << NVME_FIRMWARE_LOG_NEXT_SLOT_SHIFT);
	for (uint8_t n = 1; n <= DRIVE_FIRMWARE_SLOTS; n++) {
		const struct drive_firmware_image *image =
			drive_firmware_slot(d, n);

		if (image)
			admin_write_text(revision, image->revision,
					 NVME_FIRMWARE_REVISION_SIZE);
		revision += NVME_FIRMWARE_REVISION_SIZE;
	}
	return NVME_STATUS_SUCCESS;
}

/* --- namespaces --- */

static enum nvme_status changed_namespaces(struct nvme_mi_request *q,
					   const struct admin_command *a,
					   uint8_t *page)
{
	struct drive_controller *c = admin_controller(q, a);
	struct wr w = wr_init(page, ADMIN_PAGE_SIZE);

	for (uint32_t i = 0; i < DRIVE_NAMESPACES; i++)
		if (c->changed_namespaces[i / 8] & 1U << i % 8)
			wr_le32(&w, i + 1);
	if (!(a->dword10 & NVME_LOG_RETAIN_ASYNCHRONOUS_EVENT))
		memset(c->changed_namespaces, 0, sizeof(c->changed_namespaces));
	return NVME_STATUS_SUCCESS;
}

/* One group with all namespaces, optimized for every controller. */
static enum nvme_status asymmetric_access(struct nvme_mi_request *q,
					  const struct admin_command *a,
					  uint8_t *page)
{
	const struct drive_controller *c = admin_controller(q, a);
	uint8_t *group = page + NVME_ASYMMETRIC_AT_DESCRIPTORS;
	struct wr w = wr_init(group + NVME_ASYMMETRIC_GROUP_HEADER_SIZE,
			      ADMIN_PAGE_SIZE - NVME_ASYMMETRIC_AT_DESCRIPTORS -
				      NVME_ASYMMETRIC_GROUP_HEADER_SIZE);
	bool groups_only = admin_log_specific(a) & NVME_ASYMMETRIC_GROUPS_ONLY;

	for (uint32_t n = 1; n <= DRIVE_NAMESPACES && !groups_only; n++)
		if (drive_controller_has_namespace(c, n))
			wr_le32(&w, n);
	admin_write(page, NVME_ASYMMETRIC_AT_GROUPS, 1, 2);
	admin_write(group, NVME_ASYMMETRIC_GROUP_AT_ID, 1, 4);
	admin_write(group, NVME_ASYMMETRIC_GROUP_AT_NAMESPACES,
		    wr_len(&w) / NVME_NAMESPACE_LIST_ENTRY_SIZE, 4);
	group[NVME_ASYMMETRIC_GROUP_AT_STATE] = NVME_ASYMMETRIC_STATE_OPTIMIZED;
	return NVME_STATUS_SUCCESS;
}

/* The drive has no reservations: the page is all zeros. */
static enum nvme_status reservations(struct nvme_mi_request *q,
				     const struct admin_command *a,
				     uint8_t *page)
{
	(void)q;
	(void)a;
	(void)page;
	return NVME_STATUS_SUCCESS;
}

/* --- supported commands and features --- */

static enum nvme_status command_effects(struct nvme_mi_request *q,
					const struct admin_command *a,
					uint8_t *page)
{
	(void)q;
	(void)a;
	for (unsigned int opcode = 0; opcode <= UINT8_MAX; opcode++)
		admin_write(page, (size_t)NVME_EFFECTS_ENTRY_SIZE * opcode,
			    admin_effects((uint8_t)opcode), 4);
	return NVME_STATUS_SUCCESS;
}

static enum nvme_status feature_effects(struct nvme_mi_request *q,
					const struct admin_command *a,
					uint8_t *page)
{
	(void)q;
	(void)a;
	for (unsigned int id = 0; id <= UINT8_MAX; id++)
		admin_write(page, (size_t)NVME_EFFECTS_ENTRY_SIZE * id,
			    admin_feature_effects((uint8_t)id), 4);
	return NVME_STATUS_SUCCESS;
}

static enum nvme_status mi_command_effects(struct nvme_mi_request *q,
					   const struct admin_command *a,
					   uint8_t *page)
{
	(void)q;
	(void)a;
	for (unsigned int opcode = 0; opcode <= UINT8_MAX; opcode++)
		if (nvme_mi_has_command((uint8_t)opcode))
			admin_write(page,
				    (size_t)NVME_EFFECTS_ENTRY_SIZE * opcode,
				    NVME_EFFECTS_SUPPORTED, 4);
	return NVME_STATUS_SUCCESS;
}

/* --- background operations --- */

static void write_self_test(uint8_t *to, const struct drive_self_test_entry *e)
{
	to[NVME_SELF_TEST_RESULT_AT_STATUS] =
		(uint8_t)(e->result |
			  e->test << NVME_SELF_TEST_RESULT_CODE_SHIFT);
	to[NVME_SELF_TEST_RESULT_AT_SEGMENT] = e->segment;
	to[NVME_SELF_TEST_RESULT_AT_VALID] =
		e->nsid ? NVME_SELF_TEST_RESULT_NAMESPACE_VALID : 0;
	admin_write(to, NVME_SELF_TEST_RESULT_AT_POWER_ON_HOURS, e->hours, 8);
	admin_write(to, NVME_SELF_TEST_RESULT_AT_NAMESPACE, e->nsid, 4);
}

static enum nvme_status self_tests(struct nvme_mi_request *q,
				   const struct admin_command *a, uint8_t *page)
{
	const struct drive *d = q->mi->drive;
	const struct drive_self_tests *t = &admin_controller(q, a)->self_test;
	uint8_t *to = page + NVME_SELF_TEST_LOG_AT_RESULTS;

	if (t->operation.active) {
		page[NVME_SELF_TEST_LOG_AT_OPERATION] = t->test;
		page[NVME_SELF_TEST_LOG_AT_COMPLETION] =
			drive_operation_percent(d, &t->operation);
	}
	for (unsigned int i = 0; i < DRIVE_SELF_TEST_RESULTS; i++) {
		if (i < t->count)
			write_self_test(to, &t->result[i]);
		else
			to[NVME_SELF_TEST_RESULT_AT_STATUS] =
				NVME_SELF_TEST_RESULT_NOT_USED;
		to += NVME_SELF_TEST_RESULT_SIZE;
	}
	return NVME_STATUS_SUCCESS;
}

_Static_assert((int)DRIVE_SELF_TEST_RESULTS == (int)NVME_SELF_TEST_LOG_RESULTS,
	       "the page has an entry for each result");

static uint32_t encode_sanitize_progress(const struct drive *d)
{
	const struct drive_operation *o = &d->sanitize.operation;
	uint32_t progress;

	if (!o->active)
		return NVME_SANITIZE_PROGRESS_NONE;
	progress = drive_operation_percent(d, o) *
		   (uint32_t)NVME_SANITIZE_PROGRESS_ALL / 100;
	return progress < NVME_SANITIZE_PROGRESS_ALL
		       ? progress
		       : NVME_SANITIZE_PROGRESS_ALL - 1;
}

static uint32_t encode_sanitize_status(const struct drive *d)
{
	const struct drive_sanitize_state *s = &d->sanitize;
	uint32_t status = s->result;

	/* Completed passes: 0 while the operation runs. */
	if (!s->operation.active)
		status |= (uint32_t)drive_sanitize_passes(d)
			  << NVME_SANITIZE_STATUS_PASSES_SHIFT;
	if (s->data_erased)
		status |= NVME_SANITIZE_STATUS_GLOBAL_DATA_ERASED;
	return status;
}

static enum nvme_status sanitize_status(struct nvme_mi_request *q,
					const struct admin_command *a,
					uint8_t *page)
{
	const struct drive *d = q->mi->drive;

	(void)a;
	admin_write(page, NVME_SANITIZE_LOG_AT_PROGRESS,
		    encode_sanitize_progress(d), 2);
	admin_write(page, NVME_SANITIZE_LOG_AT_STATUS,
		    encode_sanitize_status(d), 2);
	if (d->sanitize.request.action)
		admin_write(page, NVME_SANITIZE_LOG_AT_DWORD10,
			    admin_encode_sanitize(&d->sanitize.request), 4);
	for (unsigned int i = 0; i < NVME_SANITIZE_LOG_TIMES; i++)
		admin_write(page,
			    NVME_SANITIZE_LOG_AT_OVERWRITE_TIME + (size_t)4 * i,
			    NVME_SANITIZE_TIME_NOT_REPORTED, 4);
	return NVME_STATUS_SUCCESS;
}

/* --- the table --- */

enum {
	ASYMMETRIC_ACCESS_SIZE =
		NVME_ASYMMETRIC_AT_DESCRIPTORS +
		NVME_ASYMMETRIC_GROUP_HEADER_SIZE +
		NVME_NAMESPACE_LIST_ENTRY_SIZE * DRIVE_NAMESPACES,
};

_Static_assert((int)ASYMMETRIC_ACCESS_SIZE <= (int)ADMIN_PAGE_SIZE,
	       "the Asymmetric Namespace Access log fits into a page");

static enum nvme_status supported_pages(struct nvme_mi_request *q,
					const struct admin_command *a,
					uint8_t *page);

static const struct admin_log_page pages[] = {
	{ NVME_LOG_SUPPORTED_LOG_PAGES, ADMIN_LOG_COMMAND_SET,
	  NVME_LOG_SUPPORTED_LOG_PAGES_SIZE, supported_pages },
	{ NVME_LOG_ERROR_INFORMATION, ADMIN_LOG_WHILE_SANITIZING,
	  DRIVE_ERRORS *NVME_ERROR_SIZE, error_information },
	{ NVME_LOG_SMART_HEALTH_INFORMATION, ADMIN_LOG_WHILE_SANITIZING,
	  NVME_LOG_SMART_HEALTH_INFORMATION_SIZE, health_information },
	{ NVME_LOG_FIRMWARE_SLOT_INFORMATION, 0,
	  NVME_LOG_FIRMWARE_SLOT_INFORMATION_SIZE, firmware_slots },
	{ NVME_LOG_CHANGED_NAMESPACE_LIST, ADMIN_LOG_WHILE_SANITIZING,
	  NVME_LOG_CHANGED_NAMESPACE_LIST_SIZE, changed_namespaces },
	{ NVME_LOG_COMMANDS_SUPPORTED_AND_EFFECTS, ADMIN_LOG_COMMAND_SET,
	  NVME_LOG_COMMANDS_SUPPORTED_AND_EFFECTS_SIZE, command_effects },
	{ NVME_LOG_DEVICE_SELF_TEST, 0, NVME_LOG_DEVICE_SELF_TEST_SIZE,
	  self_tests },
	{ NVME_LOG_TELEMETRY_HOST_INITIATED, 0, ADMIN_LOG_WINDOWED,
	  admin_telemetry_host },
	{ NVME_LOG_TELEMETRY_CONTROLLER_INITIATED, 0, ADMIN_LOG_WINDOWED,
	  admin_telemetry_controller },
	{ NVME_LOG_ASYMMETRIC_NAMESPACE_ACCESS, ADMIN_LOG_WHILE_SANITIZING,
	  ASYMMETRIC_ACCESS_SIZE, asymmetric_access },
	{ NVME_LOG_PERSISTENT_EVENT, 0, ADMIN_PAGE_SIZE,
	  admin_persistent_events },
	{ NVME_LOG_FEATURES_SUPPORTED_AND_EFFECTS, ADMIN_LOG_COMMAND_SET,
	  NVME_LOG_FEATURES_SUPPORTED_AND_EFFECTS_SIZE, feature_effects },
	{ NVME_LOG_NVME_MI_COMMANDS_SUPPORTED_AND_EFFECTS, 0,
	  NVME_LOG_NVME_MI_COMMANDS_SUPPORTED_AND_EFFECTS_SIZE,
	  mi_command_effects },
	{ NVME_LOG_COMMAND_AND_FEATURE_LOCKDOWN, 0, NVME_LOCKDOWN_LOG_SIZE,
	  admin_lockdown_log },
	{ NVME_LOG_RESERVATION_NOTIFICATION, ADMIN_LOG_WHILE_SANITIZING,
	  NVME_LOG_RESERVATION_NOTIFICATION_SIZE, reservations },
	{ NVME_LOG_SANITIZE_STATUS, ADMIN_LOG_WHILE_SANITIZING,
	  NVME_LOG_SANITIZE_STATUS_SIZE, sanitize_status },
};

static const struct admin_log_page *find_page(const struct drive *d, uint8_t id)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (pages[i].id == id)
			return &pages[i];
	return NVME_MI_OCP && d->ocp ? admin_find_ocp_page(id) : NULL;
}

static enum nvme_status supported_pages(struct nvme_mi_request *q,
					const struct admin_command *a,
					uint8_t *page)
{
	(void)a;
	for (unsigned int id = 0; id <= UINT8_MAX; id++)
		if (find_page(q->mi->drive, (uint8_t)id))
			admin_write(page, (size_t)NVME_EFFECTS_ENTRY_SIZE * id,
				    NVME_EFFECTS_SUPPORTED, 4);
	admin_write(page,
		    NVME_EFFECTS_ENTRY_SIZE * NVME_LOG_PERSISTENT_EVENT +
			    NVME_LOG_AT_SPECIFIC_PARAMETER,
		    NVME_PERSISTENT_EVENT_HEADER_SUPPORTED, 2);
	return NVME_STATUS_SUCCESS;
}

uint32_t admin_log_page_size(const struct admin_command *a)
{
	uint32_t dwords = a->dword10 >> NVME_LOG_DWORDS_SHIFT |
			  a->dword11 << NVME_LOG_DWORDS_SHIFT;

	/* The number of dwords is zeroes based. Limit the result to 32 bits, as
	 * the length of a transfer has 32 bits. */
	return dwords >= UINT32_MAX / 4 ? UINT32_MAX & ~3U : (dwords + 1) * 4;
}

bool admin_log_page_while_sanitizing(const struct drive *d,
				     const struct admin_command *a)
{
	const struct admin_log_page *p =
		find_page(d, a->dword10 & NVME_LOG_IDENTIFIER);

	/* Without the page, Invalid Log Page is the better answer. */
	return !p || p->attributes & ADMIN_LOG_WHILE_SANITIZING;
}

/* Base 5.2.12: the offset of a page may be equal to the size of the page, and
 * no page has an index offset. The drive has no UUID list, so the command has
 * no UUID index. */
static enum nvme_status check_page(struct nvme_mi_request *q,
				   const struct admin_command *a,
				   const struct admin_log_page *p)
{
	if (a->dword14 & NVME_LOG_OFFSET_TYPE)
		return admin_invalid(q, NVME_SUBMISSION_AT_DWORD14 + 2);
	if (a->page_offset % 4 || a->page_offset > p->size)
		return admin_invalid(q, NVME_SUBMISSION_AT_DWORD12);
	if (p->attributes & ADMIN_LOG_COMMAND_SET &&
	    a->dword14 >> NVME_LOG_COMMAND_SET_SHIFT != NVME_COMMAND_SET_NVM)
		return admin_invalid(q, NVME_SUBMISSION_AT_DWORD14 + 3);
	return NVME_STATUS_SUCCESS;
}

enum nvme_status admin_get_log_page(struct nvme_mi_request *q,
				    struct admin_command *a, uint8_t *data)
{
	const struct admin_log_page *p =
		find_page(q->mi->drive, a->dword10 & NVME_LOG_IDENTIFIER);
	enum nvme_status status;

	if (!p)
		return NVME_STATUS_INVALID_LOG_PAGE;
	if (!admin_ignores_offset(a))
		a->page_offset = (uint64_t)a->dword13 << 32 | a->dword12;
	/* 5.2.12.1: each page describes a controller or the subsystem. */
	status = admin_check_nsid(
		q, a, ADMIN_NSID_ZERO | ADMIN_NSID_ALL | ADMIN_NSID_FIELD);
	if (!status)
		status = check_page(q, a, p);
	if (!status)
		status = p->build(q, a, data);
	/* The requested part is at the start of data[] already. The sum of both
	 * offsets wraps to 0. */
	if (p->size == ADMIN_LOG_WINDOWED)
		a->page_offset = 0 - (uint64_t)a->offset;
	return status;
}
