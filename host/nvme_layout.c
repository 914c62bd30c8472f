/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of the fields in Identify data structures and log pages: NVMe base
 * 2.0, 5.17.2 and 5.16.1. Field names are the specification's abbreviations in
 * Identify, and words in log pages.
 */
#include "host/nvme_decode.h"
#include "host/nvme_flags.h"
#include "nvme_mi/nvme_wire.h"

#define ALL 0, 0 /* shift, bits: the whole field */
#define END                                                                    \
	{                                                                      \
		0                                                              \
	}
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- Identify --- */

static const struct nvme_layout controller[] = {
	{ "vid", NVME_CONTROLLER_AT_PCI_VENDOR_ID, 2, NVME_HEX, ALL },
	{ "ssvid", NVME_CONTROLLER_AT_PCI_SUBSYSTEM_VENDOR_ID, 2, NVME_HEX,
	  ALL },
	{ "sn", NVME_CONTROLLER_AT_SERIAL_NUMBER, NVME_SERIAL_NUMBER_SIZE,
	  NVME_TEXT, ALL },
	{ "mn", NVME_CONTROLLER_AT_MODEL_NUMBER, NVME_MODEL_NUMBER_SIZE,
	  NVME_TEXT, ALL },
	{ "fr", NVME_CONTROLLER_AT_FIRMWARE_REVISION,
	  NVME_FIRMWARE_REVISION_SIZE, NVME_TEXT, ALL },
	{ "rab", NVME_CONTROLLER_AT_RECOMMENDED_ARBITRATION_BURST, 1, NVME_DEC,
	  ALL },
	{ "ieee", NVME_CONTROLLER_AT_IEEE_OUI, 3, NVME_HEX, ALL },
	{ "cmic", NVME_CONTROLLER_AT_MULTI_PATH, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_cmic },
	{ "mdts", NVME_CONTROLLER_AT_MAXIMUM_DATA_TRANSFER_SIZE, 1, NVME_DEC,
	  ALL },
	{ "cntlid", NVME_CONTROLLER_AT_CONTROLLER_ID, 2, NVME_DEC, ALL },
	{ "ver", NVME_CONTROLLER_AT_VERSION, 4, NVME_VERSION, ALL },
	{ "rtd3r", NVME_CONTROLLER_AT_RTD3_RESUME_LATENCY, 4, NVME_DEC, ALL },
	{ "rtd3e", NVME_CONTROLLER_AT_RTD3_ENTRY_LATENCY, 4, NVME_DEC, ALL },
	{ "oaes", NVME_CONTROLLER_AT_ASYNCHRONOUS_EVENTS, 4, NVME_HEX, ALL,
	  .flags = nvme_flags_oaes },
	{ "ctratt", NVME_CONTROLLER_AT_ATTRIBUTES, 4, NVME_HEX, ALL,
	  .flags = nvme_flags_ctratt },
	{ "cntrltype", NVME_CONTROLLER_AT_TYPE, 1, NVME_DEC, ALL,
	  .values = nvme_flags_controller_type },
	{ "nvmsr", NVME_CONTROLLER_AT_SUBSYSTEM_REPORT, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_nvmsr },
	{ "mec", NVME_CONTROLLER_AT_MANAGEMENT_ENDPOINTS, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_mec },
	{ "oacs", NVME_CONTROLLER_AT_ADMIN_COMMANDS, 2, NVME_HEX, ALL,
	  .flags = nvme_flags_oacs },
	{ "acl", NVME_CONTROLLER_AT_ABORT_COMMAND_LIMIT, 1, NVME_DEC, ALL },
	{ "aerl", NVME_CONTROLLER_AT_ASYNCHRONOUS_EVENT_LIMIT, 1, NVME_DEC,
	  ALL },
	{ "frmw", NVME_CONTROLLER_AT_FIRMWARE_UPDATES, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_frmw },
	{ "lpa", NVME_CONTROLLER_AT_LOG_PAGE_ATTRIBUTES, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_lpa },
	{ "elpe", NVME_CONTROLLER_AT_ERROR_LOG_ENTRIES, 1, NVME_DEC, ALL },
	{ "npss", NVME_CONTROLLER_AT_POWER_STATES, 1, NVME_DEC, ALL },
	{ "wctemp", NVME_CONTROLLER_AT_WARNING_TEMPERATURE, 2, NVME_KELVIN,
	  ALL },
	{ "cctemp", NVME_CONTROLLER_AT_CRITICAL_TEMPERATURE, 2, NVME_KELVIN,
	  ALL },
	{ "tnvmcap", NVME_CONTROLLER_AT_TOTAL_CAPACITY, 16, NVME_DEC, ALL },
	{ "unvmcap", NVME_CONTROLLER_AT_UNALLOCATED_CAPACITY, 16, NVME_DEC,
	  ALL },
	{ "edstt", NVME_CONTROLLER_AT_EXTENDED_SELF_TEST_TIME, 2, NVME_DEC,
	  ALL },
	{ "fwug", NVME_CONTROLLER_AT_FIRMWARE_UPDATE_GRANULARITY, 1, NVME_DEC,
	  ALL },
	{ "sanicap", NVME_CONTROLLER_AT_SANITIZE_CAPABILITIES, 4, NVME_HEX, ALL,
	  .flags = nvme_flags_sanicap },
	{ "anatt", NVME_CONTROLLER_AT_ASYMMETRIC_TRANSITION_TIME, 1, NVME_DEC,
	  ALL },
	{ "anacap", NVME_CONTROLLER_AT_ASYMMETRIC_CAPABILITIES, 1, NVME_HEX,
	  ALL, .flags = nvme_flags_anacap },
	{ "sqes", NVME_CONTROLLER_AT_SUBMISSION_QUEUE_ENTRY_SIZE, 1, NVME_HEX,
	  ALL, .flags = nvme_flags_queue_entry },
	{ "cqes", NVME_CONTROLLER_AT_COMPLETION_QUEUE_ENTRY_SIZE, 1, NVME_HEX,
	  ALL, .flags = nvme_flags_queue_entry },
	{ "nn", NVME_CONTROLLER_AT_NAMESPACES, 4, NVME_DEC, ALL },
	{ "oncs", NVME_CONTROLLER_AT_NVM_COMMANDS, 2, NVME_HEX, ALL,
	  .flags = nvme_flags_oncs },
	{ "fna", NVME_CONTROLLER_AT_FORMAT_ATTRIBUTES, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_fna },
	{ "vwc", NVME_CONTROLLER_AT_VOLATILE_WRITE_CACHE, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_vwc },
	{ "subnqn", NVME_CONTROLLER_AT_QUALIFIED_NAME, NVME_QUALIFIED_NAME_SIZE,
	  NVME_TEXT, ALL },
	END,
};

static const struct nvme_layout namespace_fields[] = {
	{ "nsze", NVME_NAMESPACE_AT_SIZE, 8, NVME_DEC, ALL },
	{ "ncap", NVME_NAMESPACE_AT_CAPACITY, 8, NVME_DEC, ALL },
	{ "nuse", NVME_NAMESPACE_AT_UTILIZATION, 8, NVME_DEC, ALL },
	{ "nsfeat", NVME_NAMESPACE_AT_FEATURES, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_nsfeat },
	{ "nlbaf", NVME_NAMESPACE_AT_LBA_FORMATS, 1, NVME_DEC, ALL },
	{ "flbas", NVME_NAMESPACE_AT_FORMATTED_LBA_SIZE, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_flbas },
	{ "mc", NVME_NAMESPACE_AT_METADATA_CAPABILITIES, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_mc },
	{ "dpc", NVME_NAMESPACE_AT_PROTECTION_CAPABILITIES, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_dpc },
	{ "dps", NVME_NAMESPACE_AT_PROTECTION_SETTINGS, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_dps },
	{ "nmic", NVME_NAMESPACE_AT_SHARING, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_nmic },
	{ "rescap", NVME_NAMESPACE_AT_RESERVATION_CAPABILITIES, 1, NVME_HEX,
	  ALL, .flags = nvme_flags_rescap },
	{ "fpi", NVME_NAMESPACE_AT_FORMAT_PROGRESS, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_fpi },
	{ "dlfeat", NVME_NAMESPACE_AT_DEALLOCATE_FEATURES, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_dlfeat },
	{ "nvmcap", NVME_NAMESPACE_AT_NVM_CAPACITY, 16, NVME_DEC, ALL },
	{ "anagrpid", NVME_NAMESPACE_AT_ASYMMETRIC_GROUP, 4, NVME_DEC, ALL },
	{ "nguid", NVME_NAMESPACE_AT_NGUID, 16, NVME_BYTES, ALL },
	{ "eui64", NVME_NAMESPACE_AT_EUI64, 8, NVME_BYTES, ALL },
	END,
};

static const struct nvme_layout formats[] = {
	{ "ms", NVME_LBA_FORMAT_AT_METADATA_SIZE, 2, NVME_DEC, ALL },
	{ "lbads", NVME_LBA_FORMAT_AT_DATA_SIZE, 1, NVME_DEC, ALL },
	{ "rp", NVME_LBA_FORMAT_AT_RELATIVE_PERFORMANCE, 1, NVME_DEC, 0, 2 },
	END,
};

static const struct nvme_layout independent[] = {
	{ "nsfeat", NVME_INDEPENDENT_AT_FEATURES, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_nsfeat },
	{ "nmic", NVME_INDEPENDENT_AT_SHARING, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_nmic },
	{ "rescap", NVME_INDEPENDENT_AT_RESERVATION_CAPABILITIES, 1, NVME_HEX,
	  ALL, .flags = nvme_flags_rescap },
	{ "fpi", NVME_INDEPENDENT_AT_FORMAT_PROGRESS, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_fpi },
	{ "anagrpid", NVME_INDEPENDENT_AT_ASYMMETRIC_GROUP, 4, NVME_DEC, ALL },
	{ "nsattr", NVME_INDEPENDENT_AT_ATTRIBUTES, 1, NVME_HEX, ALL },
	{ "nvmsetid", NVME_INDEPENDENT_AT_NVM_SET, 2, NVME_DEC, ALL },
	{ "endgid", NVME_INDEPENDENT_AT_ENDURANCE_GROUP, 2, NVME_DEC, ALL },
	{ "nstat", NVME_INDEPENDENT_AT_STATUS, 1, NVME_HEX, ALL },
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
	{ "nidt", NVME_DESCRIPTOR_AT_TYPE, 1, NVME_DEC, ALL,
	  .values = nvme_flags_descriptor_type },
	{ "nidl", NVME_DESCRIPTOR_AT_LENGTH, 1, NVME_DEC, ALL },
	{ "nid", NVME_DESCRIPTOR_AT_IDENTIFIER, 0, NVME_BYTES, ALL },
	END,
};

static const struct nvme_layout primary[] = {
	{ "cntlid", NVME_PRIMARY_AT_CONTROLLER_ID, 2, NVME_DEC, ALL },
	{ "portid", NVME_PRIMARY_AT_PORT_ID, 2, NVME_DEC, ALL },
	{ "crt", NVME_PRIMARY_AT_RESOURCE_TYPES, 1, NVME_HEX, ALL },
	{ "vqfrt", NVME_PRIMARY_AT_VQ_FLEXIBLE_TOTAL, 4, NVME_DEC, ALL },
	{ "vifrt", NVME_PRIMARY_AT_VI_FLEXIBLE_TOTAL, 4, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout granularity[] = {
	{ "nszg", NVME_GRANULARITY_AT_SIZE, 8, NVME_DEC, ALL },
	{ "ncapg", NVME_GRANULARITY_AT_CAPACITY, 8, NVME_DEC, ALL },
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

/* A list that starts at the first byte of an Identify data structure. */
#define IDENTIFY_LIST(name, list, items, stride, item)                         \
	{                                                                      \
		name, NVME_IDENTIFY_SIZE, NULL, list, items, 0, stride, 0,     \
			item                                                   \
	}
#define NAMESPACE_LIST(name)                                                   \
	IDENTIFY_LIST(name, NVME_LIST_UNTIL_ZERO, "namespaces",                \
		      NVME_NAMESPACE_LIST_ENTRY_SIZE, nsid)
#define CONTROLLER_LIST(name)                                                  \
	{                                                                      \
		name, NVME_IDENTIFY_SIZE, NULL, NVME_LIST_COUNTED,             \
			"controllers", NVME_CONTROLLER_LIST_AT_ENTRIES,        \
			NVME_CONTROLLER_LIST_ENTRY_SIZE, 0, controller_id      \
	}
#define NAMESPACE(name)                                                        \
	{                                                                      \
		name, NVME_IDENTIFY_SIZE, namespace_fields, NVME_LIST_SPARSE,  \
			"lbaf", NVME_NAMESPACE_AT_LBA_FORMAT_0,                \
			NVME_LBA_FORMAT_SIZE, 0, formats                       \
	}
#define IDENTIFY_FIELDS(title, table)                                          \
	{                                                                      \
		.name = (title), .size = NVME_IDENTIFY_SIZE, .fields = (table) \
	}

static const struct {
	uint8_t cns;
	struct nvme_table table;
} identify[] = {
	{ NVME_IDENTIFY_NAMESPACE, NAMESPACE("namespace") },
	{ NVME_IDENTIFY_CONTROLLER, IDENTIFY_FIELDS("controller", controller) },
	{ NVME_IDENTIFY_ACTIVE_NAMESPACE_LIST,
	  NAMESPACE_LIST("active namespaces") },
	{ NVME_IDENTIFY_NAMESPACE_DESCRIPTOR_LIST,
	  IDENTIFY_LIST("namespace descriptors", NVME_LIST_DESCRIPTORS,
			"descriptors", 0, descriptor) },
	{ NVME_IDENTIFY_NVM_SET_LIST, IDENTIFY_FIELDS("NVM sets", counted) },
	{ NVME_IDENTIFY_COMMAND_SET_ACTIVE_NAMESPACE_LIST,
	  NAMESPACE_LIST("active namespaces, NVM") },
	{ NVME_IDENTIFY_INDEPENDENT_NAMESPACE,
	  IDENTIFY_FIELDS("namespace, I/O command set independent",
			  independent) },
	{ NVME_IDENTIFY_ALLOCATED_NAMESPACE_LIST,
	  NAMESPACE_LIST("allocated namespaces") },
	{ NVME_IDENTIFY_ALLOCATED_NAMESPACE, NAMESPACE("allocated namespace") },
	{ NVME_IDENTIFY_ATTACHED_CONTROLLER_LIST,
	  CONTROLLER_LIST("controllers of a namespace") },
	{ NVME_IDENTIFY_CONTROLLER_LIST, CONTROLLER_LIST("controllers") },
	{ NVME_IDENTIFY_PRIMARY_CONTROLLER_CAPABILITIES,
	  IDENTIFY_FIELDS("primary controller capabilities", primary) },
	{ NVME_IDENTIFY_SECONDARY_CONTROLLER_LIST,
	  IDENTIFY_FIELDS("secondary controllers", counted) },
	{ NVME_IDENTIFY_NAMESPACE_GRANULARITY_LIST,
	  { "namespace granularities", NVME_IDENTIFY_SIZE, NULL,
	    NVME_LIST_SPARSE, "granularities",
	    NVME_GRANULARITY_LIST_AT_DESCRIPTORS, NVME_GRANULARITY_SIZE, 0,
	    granularity } },
	{ NVME_IDENTIFY_COMMAND_SET,
	  IDENTIFY_LIST("I/O command sets", NVME_LIST_UNTIL_ZERO,
			"combinations", NVME_COMMAND_SET_VECTOR_SIZE,
			command_sets) },
};

/* --- log pages --- */

static const struct nvme_layout flags[] = {
	{ "flags", 0, 4, NVME_HEX, ALL, .flags = nvme_flags_effects },
	END,
};

static const struct nvme_layout error[] = {
	{ "error_count", NVME_ERROR_AT_COUNT, 8, NVME_DEC, ALL },
	{ "sqid", NVME_ERROR_AT_SUBMISSION_QUEUE, 2, NVME_HEX, ALL },
	{ "cmdid", NVME_ERROR_AT_COMMAND, 2, NVME_HEX, ALL },
	{ "status", NVME_ERROR_AT_STATUS, 2, NVME_HEX, NVME_ERROR_STATUS_SHIFT,
	  11 },
	{ "more", NVME_ERROR_AT_STATUS, 2, NVME_DEC, NVME_ERROR_MORE_SHIFT, 1 },
	{ "do_not_retry", NVME_ERROR_AT_STATUS, 2, NVME_DEC,
	  NVME_ERROR_DO_NOT_RETRY_SHIFT, 1 },
	{ "parameter_location", NVME_ERROR_AT_PARAMETER_LOCATION, 2, NVME_HEX,
	  ALL },
	{ "lba", NVME_ERROR_AT_LBA, 8, NVME_DEC, ALL },
	{ "nsid", NVME_ERROR_AT_NAMESPACE, 4, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout health[] = {
	{ "critical_warning", NVME_HEALTH_AT_CRITICAL_WARNING, 1, NVME_HEX, ALL,
	  .flags = nvme_flags_warning },
	{ "temperature", NVME_HEALTH_AT_COMPOSITE_TEMPERATURE, 2, NVME_KELVIN,
	  ALL },
	{ "available_spare", NVME_HEALTH_AT_AVAILABLE_SPARE, 1, NVME_DEC, ALL },
	{ "spare_threshold", NVME_HEALTH_AT_AVAILABLE_SPARE_THRESHOLD, 1,
	  NVME_DEC, ALL },
	{ "percentage_used", NVME_HEALTH_AT_PERCENTAGE_USED, 1, NVME_DEC, ALL },
	{ "data_units_read", NVME_HEALTH_AT_DATA_UNITS_READ, 16, NVME_DEC,
	  ALL },
	{ "data_units_written", NVME_HEALTH_AT_DATA_UNITS_WRITTEN, 16, NVME_DEC,
	  ALL },
	{ "host_reads", NVME_HEALTH_AT_HOST_READ_COMMANDS, 16, NVME_DEC, ALL },
	{ "host_writes", NVME_HEALTH_AT_HOST_WRITE_COMMANDS, 16, NVME_DEC,
	  ALL },
	{ "controller_busy_time", NVME_HEALTH_AT_CONTROLLER_BUSY_TIME, 16,
	  NVME_DEC, ALL },
	{ "power_cycles", NVME_HEALTH_AT_POWER_CYCLES, 16, NVME_DEC, ALL },
	{ "power_on_hours", NVME_HEALTH_AT_POWER_ON_HOURS, 16, NVME_DEC, ALL },
	{ "unsafe_shutdowns", NVME_HEALTH_AT_UNSAFE_SHUTDOWNS, 16, NVME_DEC,
	  ALL },
	{ "media_errors", NVME_HEALTH_AT_MEDIA_ERRORS, 16, NVME_DEC, ALL },
	{ "error_log_entries", NVME_HEALTH_AT_ERROR_LOG_ENTRIES, 16, NVME_DEC,
	  ALL },
	{ "warning_time", NVME_HEALTH_AT_WARNING_TEMPERATURE_TIME, 4, NVME_DEC,
	  ALL },
	{ "critical_time", NVME_HEALTH_AT_CRITICAL_TEMPERATURE_TIME, 4,
	  NVME_DEC, ALL },
	{ "sensor_1", NVME_HEALTH_AT_TEMPERATURE_SENSOR_1, 2, NVME_KELVIN,
	  ALL },
	END,
};

static const struct nvme_layout firmware[] = {
	{ "active", NVME_FIRMWARE_LOG_AT_ACTIVE_INFORMATION, 1, NVME_DEC, 0,
	  NVME_FIRMWARE_LOG_SLOT_BITS },
	{ "next", NVME_FIRMWARE_LOG_AT_ACTIVE_INFORMATION, 1, NVME_DEC,
	  NVME_FIRMWARE_LOG_NEXT_SLOT_SHIFT, NVME_FIRMWARE_LOG_SLOT_BITS },
	END,
};

static const struct nvme_layout slot[] = {
	{ "revision", 0, 8, NVME_TEXT, ALL },
	END,
};

static const struct nvme_layout self_test[] = {
	{ "operation", NVME_SELF_TEST_LOG_AT_OPERATION, 1, NVME_DEC, 0,
	  NVME_SELF_TEST_LOG_OPERATION_BITS, .values = nvme_flags_self_test },
	{ "completion", NVME_SELF_TEST_LOG_AT_COMPLETION, 1, NVME_DEC, 0,
	  NVME_SELF_TEST_LOG_COMPLETION_BITS },
	END,
};

static const struct nvme_layout self_test_result[] = {
	{ "test", NVME_SELF_TEST_RESULT_AT_STATUS, 1, NVME_DEC,
	  NVME_SELF_TEST_RESULT_CODE_SHIFT, 4, .values = nvme_flags_self_test },
	{ "result", NVME_SELF_TEST_RESULT_AT_STATUS, 1, NVME_DEC, 0, 4,
	  .values = nvme_flags_self_test_result },
	{ "segment", NVME_SELF_TEST_RESULT_AT_SEGMENT, 1, NVME_DEC, ALL },
	{ "hours", NVME_SELF_TEST_RESULT_AT_POWER_ON_HOURS, 8, NVME_DEC, ALL },
	{ "nsid", NVME_SELF_TEST_RESULT_AT_NAMESPACE, 4, NVME_HEX, ALL },
	END,
};

static const struct nvme_layout telemetry[] = {
	{ "identifier", NVME_TELEMETRY_AT_LOG_IDENTIFIER, 1, NVME_HEX, ALL },
	{ "ieee", NVME_TELEMETRY_AT_IEEE_OUI, 3, NVME_HEX, ALL },
	{ "area_1_last_block", NVME_TELEMETRY_AT_AREA_1_LAST_BLOCK, 2, NVME_DEC,
	  ALL },
	{ "area_2_last_block", NVME_TELEMETRY_AT_AREA_2_LAST_BLOCK, 2, NVME_DEC,
	  ALL },
	{ "area_3_last_block", NVME_TELEMETRY_AT_AREA_3_LAST_BLOCK, 2, NVME_DEC,
	  ALL },
	{ "controller_data_available",
	  NVME_TELEMETRY_AT_CONTROLLER_DATA_AVAILABLE, 1, NVME_DEC, ALL },
	{ "controller_generation", NVME_TELEMETRY_AT_CONTROLLER_GENERATION, 1,
	  NVME_DEC, ALL },
	{ "reason", NVME_TELEMETRY_AT_REASON, 1, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout ana[] = {
	{ "change_count", NVME_ASYMMETRIC_AT_CHANGE_COUNT, 8, NVME_DEC, ALL },
	{ "groups", NVME_ASYMMETRIC_AT_GROUPS, 2, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout ana_group[] = {
	{ "group", NVME_ASYMMETRIC_GROUP_AT_ID, 4, NVME_DEC, ALL },
	{ "namespaces", NVME_ASYMMETRIC_GROUP_AT_NAMESPACES, 4, NVME_DEC, ALL },
	{ "change_count", NVME_ASYMMETRIC_GROUP_AT_CHANGE_COUNT, 8, NVME_DEC,
	  ALL },
	{ "state", NVME_ASYMMETRIC_GROUP_AT_STATE, 1, NVME_HEX, 0,
	  NVME_ASYMMETRIC_GROUP_STATE_BITS, .values = nvme_flags_ana_state },
	END,
};

static const struct nvme_layout persistent[] = {
	{ "events", NVME_PERSISTENT_LOG_AT_EVENTS, 4, NVME_DEC, ALL },
	{ "length", NVME_PERSISTENT_LOG_AT_LENGTH, 8, NVME_DEC, ALL },
	{ "revision", NVME_PERSISTENT_LOG_AT_REVISION, 1, NVME_DEC, ALL },
	{ "timestamp", NVME_PERSISTENT_LOG_AT_TIMESTAMP, 6, NVME_TIMESTAMP,
	  ALL },
	{ "power_on_hours", NVME_PERSISTENT_LOG_AT_POWER_ON_HOURS, 16, NVME_DEC,
	  ALL },
	{ "power_cycles", NVME_PERSISTENT_LOG_AT_POWER_CYCLES, 8, NVME_DEC,
	  ALL },
	{ "sn", NVME_PERSISTENT_LOG_AT_SERIAL_NUMBER, NVME_SERIAL_NUMBER_SIZE,
	  NVME_TEXT, ALL },
	{ "mn", NVME_PERSISTENT_LOG_AT_MODEL_NUMBER, NVME_MODEL_NUMBER_SIZE,
	  NVME_TEXT, ALL },
	END,
};

static const struct nvme_layout event[] = {
	{ "type", NVME_PERSISTENT_EVENT_AT_TYPE, 1, NVME_HEX, ALL,
	  .values = nvme_flags_event_type },
	{ "controller", NVME_PERSISTENT_EVENT_AT_CONTROLLER, 2, NVME_DEC, ALL },
	{ "timestamp", NVME_PERSISTENT_EVENT_AT_TIMESTAMP, 6, NVME_TIMESTAMP,
	  ALL },
	END,
};

static const struct nvme_layout reservations[] = {
	{ "count", NVME_RESERVATION_AT_COUNT, 8, NVME_DEC, ALL },
	{ "type", NVME_RESERVATION_AT_TYPE, 1, NVME_DEC, ALL,
	  .values = nvme_flags_reservation },
	{ "available", NVME_RESERVATION_AT_AVAILABLE_PAGES, 1, NVME_DEC, ALL },
	END,
};

static const struct nvme_layout sanitize[] = {
	{ "progress", NVME_SANITIZE_LOG_AT_PROGRESS, 2, NVME_DEC, ALL },
	{ "status", NVME_SANITIZE_LOG_AT_STATUS, 2, NVME_DEC, 0,
	  NVME_SANITIZE_STATUS_BITS, .values = nvme_flags_sanitize_status },
	{ "passes", NVME_SANITIZE_LOG_AT_STATUS, 2, NVME_DEC,
	  NVME_SANITIZE_STATUS_PASSES_SHIFT, NVME_SANITIZE_STATUS_PASSES_BITS },
	{ "global_data_erased", NVME_SANITIZE_LOG_AT_STATUS, 2, NVME_DEC,
	  NVME_SANITIZE_STATUS_GLOBAL_DATA_ERASED_SHIFT, 1 },
	{ "dword10", NVME_SANITIZE_LOG_AT_DWORD10, 4, NVME_HEX, ALL },
	{ "overwrite_seconds", NVME_SANITIZE_LOG_AT_OVERWRITE_TIME, 4, NVME_HEX,
	  ALL },
	{ "block_erase_seconds", NVME_SANITIZE_LOG_AT_BLOCK_ERASE_TIME, 4,
	  NVME_HEX, ALL },
	{ "crypto_erase_seconds", NVME_SANITIZE_LOG_AT_CRYPTO_ERASE_TIME, 4,
	  NVME_HEX, ALL },
	END,
};

#define EFFECTS(name, size, items)                                             \
	{                                                                      \
		name, size, NULL, NVME_LIST_SPARSE, items, 0,                  \
			NVME_EFFECTS_ENTRY_SIZE, 0, flags                      \
	}
#define LOG_FIELDS(title, length, table)                                       \
	{                                                                      \
		.name = (title), .size = (length), .fields = (table)           \
	}

enum {
	ERRORS_SIZE = 16 * NVME_ERROR_SIZE,
	/* header, and one group with 256 namespaces */
	ASYMMETRIC_SIZE = NVME_ASYMMETRIC_AT_DESCRIPTORS +
			  NVME_ASYMMETRIC_GROUP_HEADER_SIZE +
			  256 * NVME_NAMESPACE_LIST_ENTRY_SIZE,
	PERSISTENT_SIZE = 4096,
	UNKNOWN_SIZE = 512,
};

static const struct {
	uint8_t id;
	struct nvme_table table;
} logs[] = {
	{ NVME_LOG_SUPPORTED_LOG_PAGES,
	  EFFECTS("supported log pages", NVME_LOG_SUPPORTED_LOG_PAGES_SIZE,
		  "pages") },
	{ NVME_LOG_ERROR_INFORMATION,
	  { "errors", ERRORS_SIZE, NULL, NVME_LIST_UNTIL_ZERO, "errors", 0,
	    NVME_ERROR_SIZE, 0, error } },
	{ NVME_LOG_SMART_HEALTH_INFORMATION,
	  LOG_FIELDS("health", NVME_LOG_SMART_HEALTH_INFORMATION_SIZE,
		     health) },
	{ NVME_LOG_FIRMWARE_SLOT_INFORMATION,
	  { "firmware slots", NVME_LOG_FIRMWARE_SLOT_INFORMATION_SIZE, firmware,
	    NVME_LIST_SPARSE, "slots", NVME_FIRMWARE_LOG_AT_REVISION_SLOT_1,
	    NVME_FIRMWARE_REVISION_SIZE, 1, slot } },
	{ NVME_LOG_CHANGED_NAMESPACE_LIST,
	  { "changed namespaces", NVME_LOG_CHANGED_NAMESPACE_LIST_SIZE, NULL,
	    NVME_LIST_UNTIL_ZERO, "namespaces", 0,
	    NVME_NAMESPACE_LIST_ENTRY_SIZE, 0, nsid } },
	{ NVME_LOG_COMMANDS_SUPPORTED_AND_EFFECTS,
	  EFFECTS("commands supported and effects",
		  NVME_LOG_COMMANDS_SUPPORTED_AND_EFFECTS_SIZE, "commands") },
	{ NVME_LOG_DEVICE_SELF_TEST,
	  { "self-tests", NVME_LOG_DEVICE_SELF_TEST_SIZE, self_test,
	    NVME_LIST_SELF_TESTS, "results", NVME_SELF_TEST_LOG_AT_RESULTS,
	    NVME_SELF_TEST_RESULT_SIZE, 0, self_test_result } },
	{ NVME_LOG_TELEMETRY_HOST_INITIATED,
	  LOG_FIELDS("telemetry", NVME_LOG_TELEMETRY_HEADER_SIZE, telemetry) },
	{ NVME_LOG_TELEMETRY_CONTROLLER_INITIATED,
	  LOG_FIELDS("telemetry", NVME_LOG_TELEMETRY_HEADER_SIZE, telemetry) },
	{ NVME_LOG_ASYMMETRIC_NAMESPACE_ACCESS,
	  { "asymmetric namespace access", ASYMMETRIC_SIZE, ana,
	    NVME_LIST_GROUPS, "descriptors", NVME_ASYMMETRIC_AT_DESCRIPTORS, 0,
	    0, ana_group } },
	{ NVME_LOG_PERSISTENT_EVENT,
	  { "persistent events", PERSISTENT_SIZE, persistent, NVME_LIST_EVENTS,
	    "log", NVME_PERSISTENT_LOG_HEADER_SIZE, 0, 0, event } },
	{ NVME_LOG_FEATURES_SUPPORTED_AND_EFFECTS,
	  EFFECTS("features supported and effects",
		  NVME_LOG_FEATURES_SUPPORTED_AND_EFFECTS_SIZE, "features") },
	{ NVME_LOG_NVME_MI_COMMANDS_SUPPORTED_AND_EFFECTS,
	  EFFECTS("NVMe-MI commands supported and effects",
		  NVME_LOG_NVME_MI_COMMANDS_SUPPORTED_AND_EFFECTS_SIZE,
		  "commands") },
	{ NVME_LOG_RESERVATION_NOTIFICATION,
	  LOG_FIELDS("reservation notifications",
		     NVME_LOG_RESERVATION_NOTIFICATION_SIZE, reservations) },
	{ NVME_LOG_SANITIZE_STATUS,
	  LOG_FIELDS("sanitize", NVME_LOG_SANITIZE_STATUS_SIZE, sanitize) },
};

const struct nvme_table *nvme_identify_table(uint8_t cns)
{
	static const struct nvme_table none = { .name = "data",
						.size = NVME_IDENTIFY_SIZE };

	for (size_t i = 0; i < COUNT(identify); i++)
		if (identify[i].cns == cns)
			return &identify[i].table;
	return &none;
}

const struct nvme_table *nvme_log_table(uint8_t id)
{
	static const struct nvme_table none = { .name = "data",
						.size = UNKNOWN_SIZE };

	for (size_t i = 0; i < COUNT(logs); i++)
		if (logs[i].id == id)
			return &logs[i].table;
	return &none;
}
