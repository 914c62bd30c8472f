/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_names.h"

#include <stddef.h>

#include "pldm/fru.h"
#include "pldm/monitoring.h"
#include "pldm/pdr.h"

struct number_name {
	uint16_t number;
	const char *name;
};

static const char *find_name(const struct number_name *list, uint16_t number)
{
	while (list->name && list->number != number)
		list++;
	return list->name ? list->name : "?";
}

const char *pldm_names_pdr_type(uint8_t type)
{
	static const struct number_name names[] = {
		{ PLDM_PDR_TERMINUS_LOCATOR, "terminus locator" },
		{ PLDM_PDR_NUMERIC_SENSOR, "numeric sensor" },
		{ PLDM_PDR_STATE_SENSOR, "state sensor" },
		{ PLDM_PDR_SENSOR_NAMES, "sensor auxiliary names" },
		{ PLDM_PDR_ENTITY_ASSOCIATION, "entity association" },
		{ PLDM_PDR_ENTITY_NAMES, "entity auxiliary names" },
		{ PLDM_PDR_FRU_RECORD_SET, "FRU record set" },
		{ 9, "numeric effecter" },
		{ 11, "state effecter" },
		{ 13, "effecter auxiliary names" },
		{ 21, "compact numeric sensor" },
		{ PLDM_PDR_FILE_DESCRIPTOR, "file descriptor" },
		{ 0, NULL },
	};

	return find_name(names, type);
}

const char *pldm_names_unit(uint8_t unit)
{
	static const struct number_name names[] = {
		{ 0, "" },	  { 1, "" },   { PLDM_UNIT_DEGREES_C, "C" },
		{ 4, "K" },	  { 5, "V" },  { 6, "A" },
		{ 7, "W" },	  { 8, "J" },  { 19, "RPM" },
		{ 20, "Hz" },	  { 21, "s" }, { PLDM_UNIT_PERCENTAGE, "%" },
		{ 67, "counts" }, { 0, NULL },
	};

	return find_name(names, unit);
}

const char *pldm_names_operational(uint8_t operational)
{
	static const struct number_name names[] = {
		{ PLDM_OPERATIONAL_ENABLED, "enabled" },
		{ PLDM_OPERATIONAL_DISABLED, "disabled" },
		{ PLDM_OPERATIONAL_UNAVAILABLE, "unavailable" },
		{ PLDM_OPERATIONAL_UNKNOWN, "unknown" },
		{ PLDM_OPERATIONAL_FAILED, "failed" },
		{ 5, "initializing" },
		{ 6, "shutting down" },
		{ 7, "in test" },
		{ 0, NULL },
	};

	return find_name(names, operational);
}

const char *pldm_names_present(uint8_t present)
{
	static const struct number_name names[] = {
		{ PLDM_STATE_UNKNOWN, "unknown" },
		{ PLDM_STATE_NORMAL, "normal" },
		{ PLDM_STATE_WARNING, "warning" },
		{ PLDM_STATE_CRITICAL, "critical" },
		{ PLDM_STATE_FATAL, "fatal" },
		{ PLDM_STATE_LOWER_WARNING, "lower warning" },
		{ PLDM_STATE_LOWER_CRITICAL, "lower critical" },
		{ PLDM_STATE_LOWER_FATAL, "lower fatal" },
		{ PLDM_STATE_UPPER_WARNING, "upper warning" },
		{ PLDM_STATE_UPPER_CRITICAL, "upper critical" },
		{ PLDM_STATE_UPPER_FATAL, "upper fatal" },
		{ 0, NULL },
	};

	return find_name(names, present);
}

const char *pldm_names_state(uint16_t set, uint8_t state)
{
	static const struct number_name health[] = {
		{ PLDM_HEALTH_NORMAL, "normal" },
		{ PLDM_HEALTH_NON_CRITICAL, "non-critical" },
		{ PLDM_HEALTH_CRITICAL, "critical" },
		{ PLDM_HEALTH_FATAL, "fatal" },
		{ 0, NULL },
	};
	static const struct number_name availability[] = {
		{ PLDM_AVAILABILITY_ENABLED, "enabled" },
		{ PLDM_AVAILABILITY_DISABLED, "disabled" },
		{ PLDM_AVAILABILITY_SHUTDOWN, "shutdown" },
		{ PLDM_AVAILABILITY_FAILED, "failed" },
		{ 0, NULL },
	};
	static const struct number_name running[] = {
		{ 1, "starting" },
		{ 2, "stopping" },
		{ PLDM_RUNNING_STOPPED, "stopped" },
		{ PLDM_RUNNING_IN_SERVICE, "in service" },
		{ PLDM_RUNNING_ABORTED, "aborted" },
		{ PLDM_RUNNING_DORMANT, "dormant" },
		{ 0, NULL },
	};
	static const struct number_name presence[] = {
		{ PLDM_PRESENCE_PRESENT, "present" },
		{ PLDM_PRESENCE_NOT_PRESENT, "not present" },
		{ 0, NULL },
	};

	if (!state)
		return "unknown";
	switch (set) {
	case PLDM_SET_HEALTH:
		return find_name(health, state);
	case PLDM_SET_AVAILABILITY:
		return find_name(availability, state);
	case PLDM_SET_RUNNING:
		return find_name(running, state);
	case PLDM_SET_PRESENCE:
		return find_name(presence, state);
	default:
		return "?";
	}
}

const char *pldm_names_fru_field(uint8_t type)
{
	static const struct number_name names[] = {
		{ PLDM_FRU_CHASSIS, "chassis_type" },
		{ PLDM_FRU_MODEL, "model" },
		{ PLDM_FRU_PART_NUMBER, "part_number" },
		{ PLDM_FRU_SERIAL_NUMBER, "serial_number" },
		{ PLDM_FRU_MANUFACTURER, "manufacturer" },
		{ PLDM_FRU_MANUFACTURE_DATE, "manufacture_date" },
		{ PLDM_FRU_VENDOR, "vendor" },
		{ PLDM_FRU_NAME, "name" },
		{ PLDM_FRU_SKU, "sku" },
		{ PLDM_FRU_FIELD_VERSION, "version" },
		{ PLDM_FRU_ASSET_TAG, "asset_tag" },
		{ PLDM_FRU_DESCRIPTION, "description" },
		{ PLDM_FRU_ENGINEERING_CHANGE, "engineering_change" },
		{ PLDM_FRU_OTHER, "other" },
		{ PLDM_FRU_VENDOR_IANA, "vendor_iana" },
		{ 0, NULL },
	};

	return find_name(names, type);
}

const char *pldm_names_event_class(uint8_t event_class)
{
	static const struct number_name names[] = {
		{ PLDM_EVENT_SENSOR, "sensor" },
		{ PLDM_EVENT_REPOSITORY_CHANGE, "repository_change" },
		{ 5, "message_poll" },
		{ PLDM_EVENT_HEARTBEAT, "heartbeat" },
		{ 7, "cper" },
		{ 0, NULL },
	};

	return find_name(names, event_class);
}
