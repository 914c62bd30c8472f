/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the numbers that users type: NVMe base 2.3, figures of log page,
 * feature and CNS identifiers. */
#include "host/nvme_decode.h"

#include <stdio.h>

#include "nvme_mi/nvme_wire.h"

const struct parse_name nvme_log_names[] = {
	{ "supported-pages", 0x00 },
	{ "errors", 0x01 },
	{ "smart", 0x02 },
	{ "firmware-slots", 0x03 },
	{ "changed-namespaces", 0x04 },
	{ "commands", 0x05 },
	{ "self-test", 0x06 },
	{ "telemetry-host", 0x07 },
	{ "telemetry-controller", 0x08 },
	{ "endurance-group", 0x09 },
	{ "predictable-latency", 0x0a },
	{ "predictable-latency-events", 0x0b },
	{ "ana", 0x0c },
	{ "persistent-events", 0x0d },
	{ "lba-status", 0x0e },
	{ "endurance-group-events", 0x0f },
	{ "media-units", 0x10 },
	{ "capacity-configuration", 0x11 },
	{ "features", 0x12 },
	{ "mi-commands", 0x13 },
	{ "lockdown", 0x14 },
	{ "boot-partition", 0x15 },
	{ "rotational-media", 0x16 },
	{ "dispersed-namespaces", 0x17 },
	{ "management-addresses", 0x18 },
	{ "fdp-configurations", 0x20 },
	{ "reclaim-units", 0x21 },
	{ "fdp-statistics", 0x22 },
	{ "fdp-events", 0x23 },
	{ "discovery", 0x70 },
	{ "reservations", 0x80 },
	{ "sanitize", 0x81 },
	{ "changed-zones", 0xbf },
	{ 0 },
};

const struct parse_name nvme_feature_names[] = {
	{ "arbitration", 0x01 },
	{ "power-management", 0x02 },
	{ "lba-range-type", 0x03 },
	{ "temperature-threshold", 0x04 },
	{ "error-recovery", 0x05 },
	{ "volatile-write-cache", 0x06 },
	{ "number-of-queues", 0x07 },
	{ "interrupt-coalescing", 0x08 },
	{ "interrupt-vector", 0x09 },
	{ "write-atomicity", 0x0a },
	{ "asynchronous-events", 0x0b },
	{ "autonomous-power", 0x0c },
	{ "host-memory-buffer", 0x0d },
	{ "timestamp", 0x0e },
	{ "keep-alive", 0x0f },
	{ "thermal-management", 0x10 },
	{ "non-operational-power", 0x11 },
	{ "read-recovery", 0x12 },
	{ "predictable-latency", 0x13 },
	{ "predictable-latency-window", 0x14 },
	{ "lba-status", 0x15 },
	{ "host-behavior", 0x16 },
	{ "sanitize-config", 0x17 },
	{ "endurance-group-events", 0x18 },
	{ "command-set-profile", 0x19 },
	{ "spinup", 0x1a },
	{ "fdp", 0x1d },
	{ "fdp-events", 0x1e },
	{ "controller-metadata", 0x7e },
	{ "namespace-metadata", 0x7f },
	{ "software-progress", 0x80 },
	{ "host-identifier", 0x81 },
	{ "reservation-mask", 0x82 },
	{ "reservation-persistence", 0x83 },
	{ "write-protection", 0x84 },
	{ 0 },
};

const struct parse_name nvme_identify_names[] = {
	{ "namespace", 0x00 },
	{ "controller", 0x01 },
	{ "active-namespaces", 0x02 },
	{ "namespace-descriptors", 0x03 },
	{ "nvm-sets", 0x04 },
	{ "command-set-namespace", 0x05 },
	{ "command-set-controller", 0x06 },
	{ "command-set-active-namespaces", 0x07 },
	{ "independent-namespace", 0x08 },
	{ "allocated-namespaces", 0x10 },
	{ "allocated-namespace", 0x11 },
	{ "attached-controllers", 0x12 },
	{ "controllers", 0x13 },
	{ "primary-controller", 0x14 },
	{ "secondary-controllers", 0x15 },
	{ "namespace-granularities", 0x16 },
	{ "uuids", 0x17 },
	{ "domains", 0x18 },
	{ "endurance-groups", 0x19 },
	{ "command-sets", 0x1c },
	{ 0 },
};

const char *nvme_feature_name(uint8_t id)
{
	const char *name = parse_name_of(nvme_feature_names, id);

	return name ? name : "feature";
}

/* Base 2.3, 5.1.25.1. */
static void describe_threshold(uint32_t value, char *text)
{
	unsigned int sensor = value >> 16 & 0xf;
	const char *type = value >> 20 & 3 ? "under" : "over";

	if (sensor)
		snprintf(text, NVME_VALUE_TEXT,
			 "%d C, %s temperature, sensor %u",
			 (int)(value & 0xffff) - 273, type, sensor);
	else
		snprintf(text, NVME_VALUE_TEXT, "%d C, %s temperature",
			 (int)(value & 0xffff) - 273, type);
}

void nvme_feature_describe(uint8_t id, uint32_t value,
			   char text[NVME_VALUE_TEXT])
{
	text[0] = '\0';
	switch (id) {
	case NVME_FEATURE_ARBITRATION:
		snprintf(text, NVME_VALUE_TEXT,
			 "burst %u, weights low %u medium %u high %u",
			 value & 7, (value >> 8 & 0xff) + 1,
			 (value >> 16 & 0xff) + 1, (value >> 24) + 1);
		break;
	case NVME_FEATURE_POWER_MANAGEMENT:
		snprintf(text, NVME_VALUE_TEXT, "power state %u, workload %u",
			 value & 0x1f, value >> 5 & 7);
		break;
	case NVME_FEATURE_TEMPERATURE_THRESHOLD:
		describe_threshold(value, text);
		break;
	case NVME_FEATURE_ERROR_RECOVERY:
		snprintf(text, NVME_VALUE_TEXT, "time limit %u ms%s",
			 (value & 0xffff) * 100,
			 value >> 16 & 1 ? ", deallocated block error" : "");
		break;
	case NVME_FEATURE_VOLATILE_WRITE_CACHE:
		snprintf(text, NVME_VALUE_TEXT,
			 value & 1 ? "enabled" : "disabled");
		break;
	case NVME_FEATURE_NUMBER_OF_QUEUES:
		snprintf(text, NVME_VALUE_TEXT, "%u submission, %u completion",
			 (value & 0xffff) + 1, (value >> 16) + 1);
		break;
	case NVME_FEATURE_INTERRUPT_COALESCING:
		snprintf(text, NVME_VALUE_TEXT, "%u entries, %u us",
			 (value & 0xff) + 1, (value >> 8 & 0xff) * 100);
		break;
	case NVME_FEATURE_WRITE_ATOMICITY_NORMAL:
		snprintf(text, NVME_VALUE_TEXT,
			 value & 1 ? "normal atomicity disabled"
				   : "normal atomicity enabled");
		break;
	default:
		break;
	}
}
