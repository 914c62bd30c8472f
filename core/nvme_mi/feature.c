/* SPDX-License-Identifier: Apache-2.0 */
/* Get Features and Set Features, NVMe base 5.15 and 5.27. The drive stores the
 * values. This file maps identifiers to features and converts their data. */
#include <string.h>

#include "nvme_mi/admin.h"

static const struct feature {
	uint8_t id;	 /* enum nvme_feature_identifier */
	uint8_t feature; /* enum drive_feature */
	uint16_t size;	 /* size of the feature's data, bytes */
	/* Bits of dword 11 that a host may set. 0: the bits of
	 * drive_feature_info(). */
	uint32_t dword11;
} features[] = {
	{ NVME_FEATURE_ARBITRATION, DRIVE_FEATURE_ARBITRATION, 0, 0 },
	{ NVME_FEATURE_POWER_MANAGEMENT, DRIVE_FEATURE_POWER_MANAGEMENT, 0, 0 },
	{ NVME_FEATURE_TEMPERATURE_THRESHOLD,
	  DRIVE_FEATURE_TEMPERATURE_THRESHOLD, 0,
	  NVME_THRESHOLD_TEMPERATURE | NVME_THRESHOLD_SENSOR |
		  NVME_THRESHOLD_TYPE },
	{ NVME_FEATURE_ERROR_RECOVERY, DRIVE_FEATURE_ERROR_RECOVERY, 0, 0 },
	{ NVME_FEATURE_VOLATILE_WRITE_CACHE, DRIVE_FEATURE_VOLATILE_WRITE_CACHE,
	  0, 0 },
	{ NVME_FEATURE_NUMBER_OF_QUEUES, DRIVE_FEATURE_NUMBER_OF_QUEUES, 0, 0 },
	{ NVME_FEATURE_INTERRUPT_COALESCING, DRIVE_FEATURE_INTERRUPT_COALESCING,
	  0, 0 },
	{ NVME_FEATURE_WRITE_ATOMICITY_NORMAL, DRIVE_FEATURE_WRITE_ATOMICITY, 0,
	  0 },
	{ NVME_FEATURE_ASYNCHRONOUS_EVENT_CONFIGURATION,
	  DRIVE_FEATURE_ASYNCHRONOUS_EVENTS, 0, 0 },
	{ NVME_FEATURE_TIMESTAMP, DRIVE_FEATURE_TIMESTAMP,
	  NVME_FEATURE_TIMESTAMP_SIZE, 0 },
	{ NVME_FEATURE_SOFTWARE_PROGRESS_MARKER,
	  DRIVE_FEATURE_SOFTWARE_PROGRESS, 0, 0 },
	{ NVME_FEATURE_HOST_IDENTIFIER, DRIVE_FEATURE_HOST_IDENTIFIER,
	  NVME_FEATURE_HOST_IDENTIFIER_EXTENDED_SIZE,
	  NVME_HOST_IDENTIFIER_EXTENDED },
	{ NVME_FEATURE_INTERRUPT_VECTOR_CONFIGURATION,
	  DRIVE_FEATURE_INTERRUPT_VECTOR, 0,
	  NVME_INTERRUPT_VECTOR | NVME_INTERRUPT_COALESCING_DISABLE },
	{ NVME_FEATURE_HOST_BEHAVIOR_SUPPORT, DRIVE_FEATURE_HOST_BEHAVIOR,
	  NVME_FEATURE_HOST_BEHAVIOR_SUPPORT_SIZE, 0 },
};

static const struct feature *find_feature(uint32_t id)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (features[i].id == (uint8_t)id)
			return &features[i];
	return NULL;
}

static const struct drive_feature_info *info_of(const struct feature *f)
{
	return drive_feature_info((enum drive_feature)f->feature);
}

uint32_t admin_feature_effects(uint8_t id)
{
	const struct feature *f = find_feature(id);
	uint32_t effects =
		NVME_EFFECTS_SUPPORTED | NVME_EFFECTS_SCOPE_CONTROLLER;

	if (!f)
		return 0;
	if (info_of(f)->changeable)
		effects |= NVME_EFFECTS_CONTROLLER_CAPABILITY_CHANGE;
	return effects;
}

static uint8_t select_of(const struct admin_command *a)
{
	return a->dword10 >> NVME_FEATURE_SELECT_SHIFT & NVME_FEATURE_SELECT;
}

/* Size of a feature's data. Dword 11 selects one of two sizes of the host
 * identifier. */
static uint32_t data_size(const struct feature *f, uint32_t dword11)
{
	if (f->id == NVME_FEATURE_HOST_IDENTIFIER &&
	    !(dword11 & NVME_HOST_IDENTIFIER_EXTENDED))
		return NVME_FEATURE_HOST_IDENTIFIER_SIZE;
	return f->size;
}

uint32_t admin_feature_size(const struct admin_command *a)
{
	const struct feature *f = find_feature(a->dword10);

	if (!f || select_of(a) == NVME_FEATURE_SUPPORTED_CAPABILITIES)
		return 0;
	return data_size(f, a->dword11);
}

/* --- Temperature Threshold, 5.27.1.3 --- */

/* The drive has only the composite temperature sensor. */
static bool is_threshold_valid(uint32_t dword11)
{
	uint32_t sensor = dword11 & NVME_THRESHOLD_SENSOR;

	return (!sensor || sensor == NVME_THRESHOLD_SENSOR) &&
	       (dword11 & NVME_THRESHOLD_TYPE) <= NVME_THRESHOLD_TYPE_UNDER &&
	       !(dword11 & NVME_THRESHOLD_RESERVED);
}

static enum nvme_status get_threshold(const struct drive_controller *c,
				      const struct admin_command *a,
				      uint32_t *value)
{
	bool under = a->dword11 & NVME_THRESHOLD_TYPE_UNDER;

	if (!is_threshold_valid(a->dword11))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (select_of(a) != NVME_FEATURE_CURRENT)
		*value = under ? c->cold_default : c->hot_default;
	else
		*value = under ? c->cold_threshold : c->hot_threshold;
	return NVME_STATUS_SUCCESS;
}

static enum nvme_status set_threshold(struct nvme_mi_request *q,
				      const struct admin_command *a)
{
	const struct drive_controller *c = admin_controller(q, a);
	uint16_t kelvin = (uint16_t)a->dword11;

	if (!is_threshold_valid(a->dword11))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (a->dword11 & NVME_THRESHOLD_TYPE_UNDER)
		drive_controller_set_thresholds(q->mi->drive, a->controller,
						kelvin, c->hot_threshold);
	else
		drive_controller_set_thresholds(q->mi->drive, a->controller,
						c->cold_threshold, kelvin);
	return NVME_STATUS_SUCCESS;
}

/* --- Interrupt Vector Configuration, 5.27.1.7 --- */

static enum nvme_status get_vector(const struct drive_controller *c,
				   const struct admin_command *a,
				   uint32_t *value)
{
	uint32_t vector = a->dword11 & NVME_INTERRUPT_VECTOR;

	if (vector >= DRIVE_INTERRUPT_VECTORS ||
	    a->dword11 & NVME_INTERRUPT_RESERVED)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	*value = vector;
	if (select_of(a) == NVME_FEATURE_CURRENT &&
	    c->features.uncoalesced_vectors >> vector & 1)
		*value |= NVME_INTERRUPT_COALESCING_DISABLE;
	return NVME_STATUS_SUCCESS;
}

static enum nvme_status set_vector(struct drive_controller *c,
				   const struct admin_command *a)
{
	return admin_result(
		a, drive_interrupt_set_coalescing(
			   c, a->dword11 & NVME_INTERRUPT_VECTOR,
			   a->dword11 & NVME_INTERRUPT_COALESCING_DISABLE));
}

/* --- features with data --- */

/* Host Behavior Support, 5.27.1.18. */
static void encode_behavior(const struct drive_host_behavior *b, uint8_t *data)
{
	data[NVME_HOST_BEHAVIOR_AT_ADVANCED_COMMAND_RETRY] =
		b->advanced_command_retry;
	data[NVME_HOST_BEHAVIOR_AT_TELEMETRY_DATA_AREA_4] = b->telemetry_area_4;
	data[NVME_HOST_BEHAVIOR_AT_LBA_FORMAT_EXTENSION] =
		b->lba_format_extension;
}

/* Accept only 0 or 1 in a defined byte, and 0 in a reserved byte. */
static enum nvme_status set_behavior(struct drive_controller *c,
				     const uint8_t *data)
{
	for (int i = 0; i < NVME_FEATURE_HOST_BEHAVIOR_SUPPORT_SIZE; i++)
		if (data[i] > (i < NVME_HOST_BEHAVIORS))
			return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	c->features.host_behavior = (struct drive_host_behavior){
		data[NVME_HOST_BEHAVIOR_AT_ADVANCED_COMMAND_RETRY],
		data[NVME_HOST_BEHAVIOR_AT_TELEMETRY_DATA_AREA_4],
		data[NVME_HOST_BEHAVIOR_AT_LBA_FORMAT_EXTENSION],
	};
	return NVME_STATUS_SUCCESS;
}

static void encode_timestamp(const struct drive *d,
			     const struct drive_controller *c, uint8_t *data)
{
	admin_write(data, 0,
		    drive_timestamp_get(d, c) & UINT64_C(0xffffffffffff),
		    NVME_TIMESTAMP_MS_SIZE);
	data[NVME_TIMESTAMP_AT_ORIGIN] =
		c->timestamp.set ? NVME_TIMESTAMP_ORIGIN_SET_FEATURES : 0;
}

static enum nvme_status set_timestamp(struct nvme_mi_request *q,
				      const struct admin_command *a,
				      const uint8_t *data)
{
	struct rd r = rd_init(data, NVME_TIMESTAMP_MS_SIZE);

	drive_timestamp_set(q->mi->drive, a->controller,
			    rd_le(&r, NVME_TIMESTAMP_MS_SIZE));
	return NVME_STATUS_SUCCESS;
}

/* The default data of every feature is zeros. */
static void encode_data(struct nvme_mi_request *q,
			const struct admin_command *a, const struct feature *f,
			uint8_t *data)
{
	const struct drive_controller *c = admin_controller(q, a);

	if (select_of(a) != NVME_FEATURE_CURRENT)
		return;
	if (f->id == NVME_FEATURE_TIMESTAMP)
		encode_timestamp(q->mi->drive, c, data);
	else if (f->id == NVME_FEATURE_HOST_IDENTIFIER)
		memcpy(data, c->features.host_id, data_size(f, a->dword11));
	else if (f->id == NVME_FEATURE_HOST_BEHAVIOR_SUPPORT)
		encode_behavior(&c->features.host_behavior, data);
}

/* --- Get Features --- */

static enum nvme_status get_value(struct nvme_mi_request *q,
				  const struct admin_command *a,
				  const struct feature *f, uint8_t *data)
{
	const struct drive_controller *c = admin_controller(q, a);
	enum drive_feature feature = (enum drive_feature)f->feature;
	enum drive_feature_select select = DRIVE_FEATURE_CURRENT;

	if (f->id == NVME_FEATURE_TEMPERATURE_THRESHOLD)
		return get_threshold(c, a, &q->dword0);
	if (f->id == NVME_FEATURE_INTERRUPT_VECTOR_CONFIGURATION)
		return get_vector(c, a, &q->dword0);
	if (select_of(a) == NVME_FEATURE_DEFAULT)
		select = DRIVE_FEATURE_DEFAULT;
	else if (select_of(a) == NVME_FEATURE_SAVED)
		select = DRIVE_FEATURE_SAVED;
	encode_data(q, a, f, data);
	q->dword0 = drive_feature_get(c, feature, select);
	return NVME_STATUS_SUCCESS;
}

enum nvme_status admin_get_features(struct nvme_mi_request *q,
				    struct admin_command *a, uint8_t *data)
{
	const struct feature *f = find_feature(a->dword10);

	if (!f || select_of(a) > NVME_FEATURE_SUPPORTED_CAPABILITIES)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	if (select_of(a) != NVME_FEATURE_SUPPORTED_CAPABILITIES)
		return get_value(q, a, f, data);
	if (info_of(f)->saveable)
		q->dword0 |= NVME_FEATURE_SAVEABLE;
	if (info_of(f)->changeable)
		q->dword0 |= NVME_FEATURE_CHANGEABLE;
	return NVME_STATUS_SUCCESS;
}

/* --- Set Features --- */

static enum nvme_status check_set(const struct admin_command *a,
				  const struct feature *f)
{
	const struct drive_feature_info *info;
	uint32_t bits;

	if (!f)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	info = info_of(f);
	bits = f->dword11 ? f->dword11 : info->bits;
	if (!info->changeable)
		return NVME_STATUS_FEATURE_NOT_CHANGEABLE;
	if (a->dword10 & NVME_FEATURE_SAVE && !info->saveable)
		return NVME_STATUS_FEATURE_NOT_SAVEABLE;
	if (a->nsid && a->nsid != NVME_NSID_ALL)
		return NVME_STATUS_FEATURE_NOT_NAMESPACE_SPECIFIC;
	if (a->dword11 & ~bits || a->length != data_size(f, a->dword11))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	return NVME_STATUS_SUCCESS;
}

enum nvme_status admin_set_features(struct nvme_mi_request *q,
				    const struct admin_command *a,
				    const uint8_t *data)
{
	const struct feature *f = find_feature(a->dword10);
	enum nvme_status status = check_set(a, f);
	struct drive_controller *c = admin_controller(q, a);

	if (status)
		return status;
	switch (f->id) {
	case NVME_FEATURE_TEMPERATURE_THRESHOLD:
		return set_threshold(q, a);
	case NVME_FEATURE_INTERRUPT_VECTOR_CONFIGURATION:
		return set_vector(c, a);
	case NVME_FEATURE_TIMESTAMP:
		return set_timestamp(q, a, data);
	case NVME_FEATURE_HOST_BEHAVIOR_SUPPORT:
		return set_behavior(c, data);
	case NVME_FEATURE_HOST_IDENTIFIER:
		memset(c->features.host_id, 0, sizeof(c->features.host_id));
		memcpy(c->features.host_id, data, a->length);
		break;
	default:
		break;
	}
	drive_feature_set(q->mi->drive, a->controller,
			  (enum drive_feature)f->feature, a->dword11,
			  a->dword10 & NVME_FEATURE_SAVE);
	return NVME_STATUS_SUCCESS;
}
