/* SPDX-License-Identifier: Apache-2.0 */
/* Layouts of the data of persistent events, NVMe base 2.3, 5.1.12.1.14.1. */
#include "host/nvme_decode.h"
#include "host/nvme_flags.h"
#include "nvme_mi/nvme_wire.h"

#define ALL 0, 0 /* shift, bits: the whole field */
#define END                                                                    \
	{                                                                      \
		0                                                              \
	}

static const struct nvme_layout firmware_commit[] = {
	{ "old_revision", 0, NVME_FIRMWARE_REVISION_SIZE, NVME_TEXT, ALL },
	{ "new_revision", 8, NVME_FIRMWARE_REVISION_SIZE, NVME_TEXT, ALL },
	{ "action", 16, 1, NVME_DEC, ALL, .values = nvme_flags_commit_action },
	{ "slot", 17, 1, NVME_DEC, ALL },
	{ "status_type", 18, 1, NVME_HEX, ALL },
	{ "status_code", 19, 1, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout timestamp_change[] = {
	{ "previous_timestamp", 0, 6, NVME_TIMESTAMP, ALL },
	{ "ms_since_reset", 8, 8, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout reset[] = {
	{ "revision", 0, NVME_FIRMWARE_REVISION_SIZE, NVME_TEXT, ALL },
	END,
};

static const struct nvme_layout reset_controller[] = {
	{ "controller", 0, 2, NVME_DEC, ALL },
	{ "firmware_activated", 2, 1, NVME_DEC, ALL },
	{ "operation", 3, 1, NVME_HEX, ALL },
	{ "power_cycles", 16, 4, NVME_DEC, ALL },
	{ "power_on_ms", 20, 8, NVME_DEC, ALL },
	{ "timestamp", 28, 6, NVME_TIMESTAMP, ALL },
	END,
};

static const struct nvme_table reset_controllers = {
	.name = "controllers",
	.list = NVME_LIST_FIXED,
	.list_name = "controllers",
	.list_at = 8,
	.stride = 36,
	.item = reset_controller,
};

static const struct nvme_layout hardware_error[] = {
	{ "code", 0, 2, NVME_HEX, ALL },
	{ "additional", 4, 0, NVME_BYTES, ALL },
	END,
};

static const struct nvme_layout namespace_change[] = {
	{ "action", 0, 1, NVME_DEC, 0, 4,
	  .values = nvme_flags_namespace_management },
	{ "nsid", 44, 4, NVME_HEX, ALL },
	{ "nsze", 8, 8, NVME_DEC, ALL },
	{ "ncap", 24, 8, NVME_DEC, ALL },
	{ "flbas", 32, 1, NVME_HEX, ALL, .flags = nvme_flags_flbas },
	{ "dps", 33, 1, NVME_HEX, ALL, .flags = nvme_flags_dps },
	{ "nmic", 34, 1, NVME_HEX, ALL, .flags = nvme_flags_nmic },
	END,
};

static const struct nvme_layout format_start[] = {
	{ "nsid", 0, 4, NVME_HEX, ALL },
	{ "fna", 4, 1, NVME_HEX, ALL, .flags = nvme_flags_fna },
	{ "format", 8, 1, NVME_DEC, 0, 4 },
	{ "erase", 9, 1, NVME_DEC, 1, 3 },
	END,
};

static const struct nvme_layout format_completion[] = {
	{ "nsid", 0, 4, NVME_HEX, ALL },
	{ "smallest_progress", 4, 1, NVME_DEC, ALL },
	{ "format_status", 5, 1, NVME_HEX, ALL },
	{ "completion", 6, 2, NVME_HEX, ALL },
	{ "status", 8, 2, NVME_HEX, 1, 15 },
	END,
};

static const struct parse_name sanitize_actions[] = {
	{ "exit-failure", 1 }, { "block", 2 }, { "overwrite", 3 },
	{ "crypto", 4 },       { 0 },
};

static const struct nvme_layout sanitize_start[] = {
	{ "sanicap", 0, 4, NVME_HEX, ALL, .flags = nvme_flags_sanicap },
	{ "action", 4, 1, NVME_DEC, 0, 3, .values = sanitize_actions },
	{ "passes", 4, 1, NVME_DEC, 4, 4 },
	{ "pattern", 8, 4, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout sanitize_completion[] = {
	{ "progress", 0, 2, NVME_DEC, ALL },
	{ "status", 2, 2, NVME_DEC, 0, NVME_SANITIZE_STATUS_BITS,
	  .values = nvme_flags_sanitize_status },
	{ "completion", 4, 2, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout set_feature[] = {
	{ "feature", 4, 1, NVME_HEX, ALL, .values = nvme_feature_names },
	{ "saved", 7, 1, NVME_DEC, 7, 1 },
	{ "dword11", 8, 4, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout thermal[] = {
	{ "kelvin_over", 0, 1, NVME_DEC, ALL },
	{ "threshold", 1, 1, NVME_HEX, ALL, .values = nvme_flags_thermal },
	END,
};

static const struct {
	uint8_t type;
	const struct nvme_layout *fields;
	const struct nvme_table *table;
} layouts[] = {
	{ 0x02, firmware_commit, NULL },
	{ 0x03, timestamp_change, NULL },
	{ 0x04, reset, &reset_controllers },
	{ 0x05, hardware_error, NULL },
	{ 0x06, namespace_change, NULL },
	{ 0x07, format_start, NULL },
	{ 0x08, format_completion, NULL },
	{ 0x09, sanitize_start, NULL },
	{ 0x0a, sanitize_completion, NULL },
	{ 0x0b, set_feature, NULL },
	{ 0x0d, thermal, NULL },
};

void nvme_event_find_data(const struct nvme_items *i, struct nvme_event_data *d)
{
	uint8_t type = i->len ? i->data[NVME_PERSISTENT_EVENT_AT_TYPE] : 0;
	size_t header = 0;

	*d = (struct nvme_event_data){ .name = parse_name_of(
					       nvme_flags_event_type, type) };
	if (!d->name)
		d->name = "unknown";
	if (i->len > NVME_PERSISTENT_EVENT_AT_HEADER_LENGTH)
		header =
			(size_t)i
				->data[NVME_PERSISTENT_EVENT_AT_HEADER_LENGTH] +
			NVME_PERSISTENT_EVENT_UNCOUNTED;
	if (header < NVME_PERSISTENT_EVENT_HEADER_SIZE || header > i->len)
		return;
	d->data = i->data + header;
	d->len = i->len - header;
	if (type == 0x01) /* the data is a SMART log page */
		d->fields = nvme_log_table(NVME_LOG_SMART_HEALTH_INFORMATION)
				    ->fields;
	else if (type == 0x0c) /* the header of a telemetry log page */
		d->fields = nvme_log_table(NVME_LOG_TELEMETRY_HOST_INITIATED)
				    ->fields;
	for (size_t n = 0; n < sizeof(layouts) / sizeof(layouts[0]); n++)
		if (layouts[n].type == type) {
			d->fields = layouts[n].fields;
			d->table = layouts[n].table;
		}
}
