/* SPDX-License-Identifier: Apache-2.0 */
/* Where fields are in the structures of Identify and in log pages: NVMe base
 * 2.0, figures of clauses 5.17.2 and 5.16.1, names as there in short. */
#include "host/nvme_decode.h"

#define ALL 0, 0
#define END                                                                    \
	{                                                                      \
		0                                                              \
	}
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- Identify --- */

static const struct nvme_layout controller[] = {
	{ "vid", 0, 2, NVME_HEX, ALL },
	{ "ssvid", 2, 2, NVME_HEX, ALL },
	{ "sn", 4, 20, NVME_TEXT, ALL },
	{ "mn", 24, 40, NVME_TEXT, ALL },
	{ "fr", 64, 8, NVME_TEXT, ALL },
	{ "rab", 72, 1, NVME_DEC, ALL },
	{ "ieee", 73, 3, NVME_HEX, ALL },
	{ "cmic", 76, 1, NVME_HEX, ALL },
	{ "mdts", 77, 1, NVME_DEC, ALL },
	{ "cntlid", 78, 2, NVME_DEC, ALL },
	{ "ver", 80, 4, NVME_VERSION, ALL },
	{ "rtd3r", 84, 4, NVME_DEC, ALL },
	{ "rtd3e", 88, 4, NVME_DEC, ALL },
	{ "oaes", 92, 4, NVME_HEX, ALL },
	{ "ctratt", 96, 4, NVME_HEX, ALL },
	{ "cntrltype", 111, 1, NVME_DEC, ALL },
	{ "nvmsr", 253, 1, NVME_HEX, ALL },
	{ "mec", 255, 1, NVME_HEX, ALL },
	{ "oacs", 256, 2, NVME_HEX, ALL },
	{ "acl", 258, 1, NVME_DEC, ALL },
	{ "aerl", 259, 1, NVME_DEC, ALL },
	{ "frmw", 260, 1, NVME_HEX, ALL },
	{ "lpa", 261, 1, NVME_HEX, ALL },
	{ "elpe", 262, 1, NVME_DEC, ALL },
	{ "npss", 263, 1, NVME_DEC, ALL },
	{ "wctemp", 266, 2, NVME_KELVIN, ALL },
	{ "cctemp", 268, 2, NVME_KELVIN, ALL },
	{ "tnvmcap", 280, 16, NVME_DEC, ALL },
	{ "unvmcap", 296, 16, NVME_DEC, ALL },
	{ "edstt", 316, 2, NVME_DEC, ALL },
	{ "fwug", 319, 1, NVME_DEC, ALL },
	{ "sanicap", 328, 4, NVME_HEX, ALL },
	{ "anatt", 342, 1, NVME_DEC, ALL },
	{ "anacap", 343, 1, NVME_HEX, ALL },
	{ "sqes", 512, 1, NVME_HEX, ALL },
	{ "cqes", 513, 1, NVME_HEX, ALL },
	{ "nn", 516, 4, NVME_DEC, ALL },
	{ "oncs", 520, 2, NVME_HEX, ALL },
	{ "fna", 524, 1, NVME_HEX, ALL },
	{ "vwc", 525, 1, NVME_HEX, ALL },
	{ "subnqn", 768, 256, NVME_TEXT, ALL },
	END,
};

static const struct nvme_layout namespace_fields[] = {
	{ "nsze", 0, 8, NVME_DEC, ALL },
	{ "ncap", 8, 8, NVME_DEC, ALL },
	{ "nuse", 16, 8, NVME_DEC, ALL },
	{ "nsfeat", 24, 1, NVME_HEX, ALL },
	{ "nlbaf", 25, 1, NVME_DEC, ALL },
	{ "flbas", 26, 1, NVME_HEX, ALL },
	{ "mc", 27, 1, NVME_HEX, ALL },
	{ "dpc", 28, 1, NVME_HEX, ALL },
	{ "dps", 29, 1, NVME_HEX, ALL },
	{ "nmic", 30, 1, NVME_HEX, ALL },
	{ "rescap", 31, 1, NVME_HEX, ALL },
	{ "fpi", 32, 1, NVME_HEX, ALL },
	{ "dlfeat", 33, 1, NVME_HEX, ALL },
	{ "nvmcap", 48, 16, NVME_DEC, ALL },
	{ "anagrpid", 92, 4, NVME_DEC, ALL },
	{ "nguid", 104, 16, NVME_BYTES, ALL },
	{ "eui64", 120, 8, NVME_BYTES, ALL },
	END,
};

static const struct nvme_layout formats[] = {
	{ "ms", 0, 2, NVME_DEC, ALL },
	{ "lbads", 2, 1, NVME_DEC, ALL },
	{ "rp", 3, 1, NVME_DEC, 0, 2 },
	END,
};

static const struct nvme_layout independent[] = {
	{ "nsfeat", 0, 1, NVME_HEX, ALL },
	{ "nmic", 1, 1, NVME_HEX, ALL },
	{ "rescap", 2, 1, NVME_HEX, ALL },
	{ "fpi", 3, 1, NVME_HEX, ALL },
	{ "anagrpid", 4, 4, NVME_DEC, ALL },
	{ "nsattr", 8, 1, NVME_HEX, ALL },
	{ "nvmsetid", 10, 2, NVME_DEC, ALL },
	{ "endgid", 12, 2, NVME_DEC, ALL },
	{ "nstat", 14, 1, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout nsid[] = {
	{ "nsid", 0, 4, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout controller_id[] = {
	{ "controller", 0, 2, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout descriptor[] = {
	{ "nidt", 0, 1, NVME_DEC, ALL },
	{ "nidl", 1, 1, NVME_DEC, ALL },
	{ "nid", 4, 0, NVME_BYTES, ALL },
	END,
};

static const struct nvme_layout primary[] = {
	{ "cntlid", 0, 2, NVME_DEC, ALL }, { "portid", 2, 2, NVME_DEC, ALL },
	{ "crt", 4, 1, NVME_HEX, ALL },	   { "vqfrt", 32, 4, NVME_DEC, ALL },
	{ "vifrt", 64, 4, NVME_DEC, ALL }, END,
};

static const struct nvme_layout granularity[] = {
	{ "nszg", 0, 8, NVME_DEC, ALL },
	{ "ncapg", 8, 8, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout command_sets[] = {
	{ "vector", 0, 8, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout counted[] = {
	{ "count", 0, 1, NVME_DEC, ALL },
	END,
};

static const struct {
	uint8_t cns;
	struct nvme_table table;
} identify[] = {
	{ 0x00,
	  { "namespace", 4096, namespace_fields, NVME_LIST_SPARSE, "lbaf", 128,
	    4, 0, formats } },
	{ 0x01, { .name = "controller", .size = 4096, .fields = controller } },
	{ 0x02,
	  { "active namespaces", 4096, NULL, NVME_LIST_UNTIL_ZERO, "namespaces",
	    0, 4, 0, nsid } },
	{ 0x03,
	  { "namespace descriptors", 4096, NULL, NVME_LIST_DESCRIPTORS,
	    "descriptors", 0, 0, 0, descriptor } },
	{ 0x04, { .name = "NVM sets", .size = 4096, .fields = counted } },
	{ 0x07,
	  { "active namespaces, NVM", 4096, NULL, NVME_LIST_UNTIL_ZERO,
	    "namespaces", 0, 4, 0, nsid } },
	{ 0x08,
	  { .name = "namespace, I/O command set independent",
	    .size = 4096,
	    .fields = independent } },
	{ 0x10,
	  { "allocated namespaces", 4096, NULL, NVME_LIST_UNTIL_ZERO,
	    "namespaces", 0, 4, 0, nsid } },
	{ 0x11,
	  { "allocated namespace", 4096, namespace_fields, NVME_LIST_SPARSE,
	    "lbaf", 128, 4, 0, formats } },
	{ 0x12,
	  { "controllers of a namespace", 4096, NULL, NVME_LIST_COUNTED,
	    "controllers", 2, 2, 0, controller_id } },
	{ 0x13,
	  { "controllers", 4096, NULL, NVME_LIST_COUNTED, "controllers", 2, 2,
	    0, controller_id } },
	{ 0x14,
	  { .name = "primary controller capabilities",
	    .size = 4096,
	    .fields = primary } },
	{ 0x15,
	  { .name = "secondary controllers",
	    .size = 4096,
	    .fields = counted } },
	{ 0x16,
	  { "namespace granularities", 4096, NULL, NVME_LIST_SPARSE,
	    "granularities", 32, 16, 0, granularity } },
	{ 0x1c,
	  { "I/O command sets", 4096, NULL, NVME_LIST_UNTIL_ZERO,
	    "combinations", 0, 8, 0, command_sets } },
};

/* --- log pages --- */

static const struct nvme_layout flags[] = {
	{ "flags", 0, 4, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout error[] = {
	{ "error_count", 0, 8, NVME_DEC, ALL },
	{ "sqid", 8, 2, NVME_HEX, ALL },
	{ "cmdid", 10, 2, NVME_HEX, ALL },
	{ "status", 12, 2, NVME_HEX, 1, 15 },
	{ "parameter_location", 14, 2, NVME_HEX, ALL },
	{ "lba", 16, 8, NVME_DEC, ALL },
	{ "nsid", 24, 4, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout health[] = {
	{ "critical_warning", 0, 1, NVME_HEX, ALL },
	{ "temperature", 1, 2, NVME_KELVIN, ALL },
	{ "available_spare", 3, 1, NVME_DEC, ALL },
	{ "spare_threshold", 4, 1, NVME_DEC, ALL },
	{ "percentage_used", 5, 1, NVME_DEC, ALL },
	{ "data_units_read", 32, 16, NVME_DEC, ALL },
	{ "data_units_written", 48, 16, NVME_DEC, ALL },
	{ "host_reads", 64, 16, NVME_DEC, ALL },
	{ "host_writes", 80, 16, NVME_DEC, ALL },
	{ "controller_busy_time", 96, 16, NVME_DEC, ALL },
	{ "power_cycles", 112, 16, NVME_DEC, ALL },
	{ "power_on_hours", 128, 16, NVME_DEC, ALL },
	{ "unsafe_shutdowns", 144, 16, NVME_DEC, ALL },
	{ "media_errors", 160, 16, NVME_DEC, ALL },
	{ "error_log_entries", 176, 16, NVME_DEC, ALL },
	{ "warning_time", 192, 4, NVME_DEC, ALL },
	{ "critical_time", 196, 4, NVME_DEC, ALL },
	{ "sensor_1", 200, 2, NVME_KELVIN, ALL },
	END,
};

static const struct nvme_layout firmware[] = {
	{ "active", 0, 1, NVME_DEC, 0, 3 },
	{ "next", 0, 1, NVME_DEC, 4, 3 },
	END,
};

static const struct nvme_layout slot[] = {
	{ "revision", 0, 8, NVME_TEXT, ALL },
	END,
};

static const struct nvme_layout self_test[] = {
	{ "operation", 0, 1, NVME_DEC, 0, 4 },
	{ "completion", 1, 1, NVME_DEC, 0, 7 },
	END,
};

static const struct nvme_layout self_test_result[] = {
	{ "test", 0, 1, NVME_DEC, 4, 4 },
	{ "result", 0, 1, NVME_DEC, 0, 4 },
	{ "hours", 4, 8, NVME_DEC, ALL },
	{ "nsid", 12, 4, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout telemetry[] = {
	{ "identifier", 0, 1, NVME_HEX, ALL },
	{ "ieee", 5, 3, NVME_HEX, ALL },
	{ "area_1_last_block", 8, 2, NVME_DEC, ALL },
	{ "area_2_last_block", 10, 2, NVME_DEC, ALL },
	{ "area_3_last_block", 12, 2, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout ana[] = {
	{ "change_count", 0, 8, NVME_DEC, ALL },
	{ "groups", 8, 2, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout ana_group[] = {
	{ "group", 0, 4, NVME_DEC, ALL },
	{ "namespaces", 4, 4, NVME_DEC, ALL },
	{ "change_count", 8, 8, NVME_DEC, ALL },
	{ "state", 16, 1, NVME_HEX, 0, 4 },
	END,
};

static const struct nvme_layout persistent[] = {
	{ "events", 4, 4, NVME_DEC, ALL },
	{ "length", 8, 8, NVME_DEC, ALL },
	{ "revision", 16, 1, NVME_DEC, ALL },
	{ "timestamp", 20, 6, NVME_DEC, ALL },
	{ "power_on_hours", 28, 16, NVME_DEC, ALL },
	{ "power_cycles", 44, 8, NVME_DEC, ALL },
	{ "sn", 56, 20, NVME_TEXT, ALL },
	{ "mn", 76, 40, NVME_TEXT, ALL },
	END,
};

static const struct nvme_layout event[] = {
	{ "type", 0, 1, NVME_HEX, ALL },
	{ "controller", 4, 2, NVME_DEC, ALL },
	{ "timestamp", 6, 6, NVME_DEC, ALL },
	{ "data", 24, 0, NVME_BYTES, ALL },
	END,
};

static const struct nvme_layout reservations[] = {
	{ "count", 0, 8, NVME_DEC, ALL },
	{ "type", 8, 1, NVME_DEC, ALL },
	{ "available", 9, 1, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout sanitize[] = {
	{ "progress", 0, 2, NVME_DEC, ALL },
	{ "status", 2, 2, NVME_DEC, 0, 3 },
	{ "passes", 2, 2, NVME_DEC, 3, 5 },
	{ "global_data_erased", 2, 2, NVME_DEC, 8, 1 },
	{ "dword10", 4, 4, NVME_HEX, ALL },
	{ "overwrite_seconds", 8, 4, NVME_HEX, ALL },
	{ "block_erase_seconds", 12, 4, NVME_HEX, ALL },
	{ "crypto_erase_seconds", 16, 4, NVME_HEX, ALL },
	END,
};

static const struct {
	uint8_t id;
	struct nvme_table table;
} logs[] = {
	{ 0x00,
	  { "supported log pages", 1024, NULL, NVME_LIST_SPARSE, "pages", 0, 4,
	    0, flags } },
	{ 0x01,
	  { "errors", 1024, NULL, NVME_LIST_UNTIL_ZERO, "errors", 0, 64, 0,
	    error } },
	{ 0x02, { .name = "health", .size = 512, .fields = health } },
	{ 0x03,
	  { "firmware slots", 512, firmware, NVME_LIST_SPARSE, "slots", 8, 8, 1,
	    slot } },
	{ 0x04,
	  { "changed namespaces", 4096, NULL, NVME_LIST_UNTIL_ZERO,
	    "namespaces", 0, 4, 0, nsid } },
	{ 0x05,
	  { "commands supported and effects", 4096, NULL, NVME_LIST_SPARSE,
	    "commands", 0, 4, 0, flags } },
	{ 0x06,
	  { "self-tests", 564, self_test, NVME_LIST_SELF_TESTS, "results", 4,
	    28, 0, self_test_result } },
	{ 0x07, { .name = "telemetry", .size = 512, .fields = telemetry } },
	{ 0x0c,
	  { "asymmetric namespace access", 1072, ana, NVME_LIST_GROUPS,
	    "descriptors", 16, 0, 0, ana_group } },
	{ 0x0d,
	  { "persistent events", 4096, persistent, NVME_LIST_EVENTS, "log", 512,
	    0, 0, event } },
	{ 0x12,
	  { "features supported and effects", 1024, NULL, NVME_LIST_SPARSE,
	    "features", 0, 4, 0, flags } },
	{ 0x13,
	  { "NVMe-MI commands supported and effects", 4096, NULL,
	    NVME_LIST_SPARSE, "commands", 0, 4, 0, flags } },
	{ 0x80,
	  { .name = "reservation notifications",
	    .size = 64,
	    .fields = reservations } },
	{ 0x81, { .name = "sanitize", .size = 512, .fields = sanitize } },
};

const struct nvme_table *nvme_identify_table(uint8_t cns)
{
	static const struct nvme_table none = { .name = "data", .size = 4096 };

	for (size_t i = 0; i < COUNT(identify); i++)
		if (identify[i].cns == cns)
			return &identify[i].table;
	return &none;
}

const struct nvme_table *nvme_log_table(uint8_t id)
{
	static const struct nvme_table none = { .name = "data", .size = 512 };

	for (size_t i = 0; i < COUNT(logs); i++)
		if (logs[i].id == id)
			return &logs[i].table;
	return &none;
}

const char *nvme_feature_name(uint8_t id)
{
	static const struct {
		uint8_t id;
		const char *name;
	} names[] = {
		{ 0x01, "arbitration" },
		{ 0x02, "power management" },
		{ 0x03, "LBA range type" },
		{ 0x04, "temperature threshold" },
		{ 0x05, "error recovery" },
		{ 0x06, "volatile write cache" },
		{ 0x07, "number of queues" },
		{ 0x08, "interrupt coalescing" },
		{ 0x09, "interrupt vector configuration" },
		{ 0x0a, "write atomicity normal" },
		{ 0x0b, "asynchronous event configuration" },
		{ 0x0c, "autonomous power state transition" },
		{ 0x0e, "timestamp" },
		{ 0x0f, "keep alive timer" },
		{ 0x10, "host controlled thermal management" },
		{ 0x16, "host behavior support" },
		{ 0x17, "sanitize config" },
		{ 0x80, "software progress marker" },
		{ 0x81, "host identifier" },
		{ 0x84, "namespace write protection" },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].id == id)
			return names[i].name;
	return "feature";
}
