/* SPDX-License-Identifier: Apache-2.0 */
/* Get Features and Set Features, NVMe base 5.15 and 5.27. The drive stores the
 * values. This file maps identifiers to features and converts their data. */
#include <string.h>

#include "nvme_mi/admin.h"

/* NVMe-MI figure 125 prohibits features of queues, interrupts, caches and the
 * behaviour of a host to a Management Endpoint (01h, 03h, 05h to 0Bh, 0Dh, 0Fh,
 * 12h to 16h, 18h). They belong to a host in band. */
static const struct feature {
	uint8_t id;	 /* enum nvme_feature_identifier */
	uint8_t feature; /* enum drive_feature */
	uint16_t size;	 /* size of the feature's data, bytes */
	/* Bits of dword 11 that a host may set. 0: the bits of
	 * drive_feature_info(). */
	uint32_t dword11;
} features[] = {
	{ NVME_FEATURE_POWER_MANAGEMENT, DRIVE_FEATURE_POWER_MANAGEMENT, 0, 0 },
	{ NVME_FEATURE_TEMPERATURE_THRESHOLD,
	  DRIVE_FEATURE_TEMPERATURE_THRESHOLD, 0,
	  NVME_THRESHOLD_TEMPERATURE | NVME_THRESHOLD_SENSOR |
		  NVME_THRESHOLD_TYPE },
	{ NVME_FEATURE_TIMESTAMP, DRIVE_FEATURE_TIMESTAMP,
	  NVME_FEATURE_TIMESTAMP_SIZE, 0 },
	{ NVME_FEATURE_SOFTWARE_PROGRESS_MARKER,
	  DRIVE_FEATURE_SOFTWARE_PROGRESS, 0, 0 },
	{ NVME_FEATURE_HOST_IDENTIFIER, DRIVE_FEATURE_HOST_IDENTIFIER,
	  NVME_FEATURE_HOST_IDENTIFIER_EXTENDED_SIZE,
	  NVME_HOST_IDENTIFIER_EXTENDED },
	{ NVME_FEATURE_HOST_CONTROLLED_THERMAL_MANAGEMENT,
	  DRIVE_FEATURE_THERMAL_MANAGEMENT, 0, 0 },
	{ NVME_FEATURE_NON_OPERATIONAL_POWER_STATE,
	  DRIVE_FEATURE_NON_OPERATIONAL_POWER, 0, 0 },
	{ NVME_FEATURE_ENHANCED_CONTROLLER_METADATA,
	  DRIVE_FEATURE_ENHANCED_METADATA, NVME_FEATURE_METADATA_SIZE,
	  NVME_METADATA_ACTION << NVME_METADATA_ACTION_SHIFT },
	{ NVME_FEATURE_CONTROLLER_METADATA, DRIVE_FEATURE_CONTROLLER_METADATA,
	  NVME_FEATURE_METADATA_SIZE,
	  NVME_METADATA_ACTION << NVME_METADATA_ACTION_SHIFT },
};

/* The metadata of a feature of the controller. NULL: another feature. */
static struct drive_metadata *find_metadata(struct drive_controller *c,
					    uint8_t id)
{
	if (id == NVME_FEATURE_ENHANCED_CONTROLLER_METADATA)
		return &c->metadata[DRIVE_METADATA_ENHANCED];
	if (id == NVME_FEATURE_CONTROLLER_METADATA)
		return &c->metadata[DRIVE_METADATA_CONTROLLER];
	return NULL;
}

static bool is_built_in(uint8_t id)
{
	return DRIVE_METADATA_SIZE ||
	       (id != NVME_FEATURE_ENHANCED_CONTROLLER_METADATA &&
		id != NVME_FEATURE_CONTROLLER_METADATA);
}

static const struct feature *find_feature(uint32_t id)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (features[i].id == (uint8_t)id && is_built_in((uint8_t)id))
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

	if (!f)
		return ADMIN_PAGE_SIZE; /* the completion has the error */
	if (select_of(a) == NVME_FEATURE_SUPPORTED_CAPABILITIES)
		return 0;
	return data_size(f, a->dword11);
}

uint32_t admin_set_feature_size(const struct admin_command *a)
{
	const struct feature *f = find_feature(a->dword10);

	return f ? data_size(f, a->dword11) : ADMIN_ANY_SIZE;
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

/* --- features with data --- */

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
	struct drive_controller *c = admin_controller(q, a);
	const struct drive_metadata *m = find_metadata(c, f->id);

	if (select_of(a) != NVME_FEATURE_CURRENT)
		return;
	if (m)
		admin_encode_metadata(m, data);
	if (f->id == NVME_FEATURE_TIMESTAMP)
		encode_timestamp(q->mi->drive, c, data);
	else if (f->id == NVME_FEATURE_HOST_IDENTIFIER)
		memcpy(data, c->features.host_id, data_size(f, a->dword11));
}

/* --- values --- */

/* 5.27.1.12: thresholds in range, the lighter one below the heavier one; 0
 * disables a threshold. */
static bool is_thermal_valid(uint32_t dword11)
{
	uint32_t light = dword11 >> NVME_THERMAL_TEMPERATURE_1_SHIFT;
	uint32_t heavy = dword11 & NVME_THERMAL_TEMPERATURE_2;

	if ((light &&
	     (light < DRIVE_THERMAL_MIN || light > DRIVE_THERMAL_MAX)) ||
	    (heavy && (heavy < DRIVE_THERMAL_MIN || heavy > DRIVE_THERMAL_MAX)))
		return false;
	return !light || !heavy || light < heavy;
}

static bool is_value_valid(const struct feature *f, uint32_t dword11)
{
	switch (f->id) {
	case NVME_FEATURE_POWER_MANAGEMENT:
		return (dword11 & NVME_POWER_STATE) < DRIVE_POWER_STATES;
	case NVME_FEATURE_HOST_CONTROLLED_THERMAL_MANAGEMENT:
		return is_thermal_valid(dword11);
	default:
		return true;
	}
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

	/* 4.4: a feature of the controller has its value for any valid NSID. */
	enum nvme_status status = admin_check_nsid(
		q, a, ADMIN_NSID_ZERO | ADMIN_NSID_VALID | ADMIN_NSID_ALL);

	if (!f || select_of(a) > NVME_FEATURE_SUPPORTED_CAPABILITIES)
		return admin_invalid(q, NVME_SUBMISSION_AT_DWORD10);
	if (status)
		return status;
	if (select_of(a) != NVME_FEATURE_SUPPORTED_CAPABILITIES)
		return get_value(q, a, f, data);
	if (info_of(f)->saveable)
		q->dword0 |= NVME_FEATURE_SAVEABLE;
	if (info_of(f)->changeable)
		q->dword0 |= NVME_FEATURE_CHANGEABLE;
	return NVME_STATUS_SUCCESS;
}

/* --- Set Features --- */

static enum nvme_status check_set(struct nvme_mi_request *q,
				  const struct admin_command *a,
				  const struct feature *f)
{
	const struct drive_feature_info *info;
	enum nvme_status status;
	uint32_t bits;

	if (!f)
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	info = info_of(f);
	bits = f->dword11 ? f->dword11 : info->bits;
	if (!info->changeable)
		return NVME_STATUS_FEATURE_NOT_CHANGEABLE;
	if (a->dword10 & NVME_FEATURE_SAVE && !info->saveable)
		return NVME_STATUS_FEATURE_NOT_SAVEABLE;
	status = admin_check_nsid(
		q, a, ADMIN_NSID_ZERO | ADMIN_NSID_VALID | ADMIN_NSID_ALL);
	if (status)
		return status;
	if (a->nsid && a->nsid != NVME_NSID_ALL)
		return NVME_STATUS_FEATURE_NOT_NAMESPACE_SPECIFIC;
	if (a->dword11 & ~bits || !is_value_valid(f, a->dword11))
		return admin_invalid(q, NVME_SUBMISSION_AT_DWORD11);
	return NVME_STATUS_SUCCESS;
}

enum nvme_status admin_set_features(struct nvme_mi_request *q,
				    const struct admin_command *a,
				    const uint8_t *data)
{
	const struct feature *f = find_feature(a->dword10);
	enum nvme_status status = check_set(q, a, f);
	struct drive_controller *c = admin_controller(q, a);

	if (status)
		return status;
	switch (f->id) {
	case NVME_FEATURE_TEMPERATURE_THRESHOLD:
		return set_threshold(q, a);
	case NVME_FEATURE_TIMESTAMP:
		return set_timestamp(q, a, data);
	case NVME_FEATURE_ENHANCED_CONTROLLER_METADATA:
	case NVME_FEATURE_CONTROLLER_METADATA:
		return admin_set_metadata(find_metadata(c, f->id), a, data);
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
