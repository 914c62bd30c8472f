/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Platform Descriptor Records of PLDM type 02h (DSP0248 1.2 clause 28): records
 * as structs, with their codec. Device and host use it. Numbers on the wire are
 * little endian; names are UTF-16BE.
 */
#ifndef TETHER_PLDM_PDR_H
#define TETHER_PLDM_PDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"
#include "pldm/pldm.h"
#include "pldm/pldm_table.h"

/* DSP0248 table 76: PDR types. PLDM_PDR_TERMINUS_LOCATOR is in pldm.h. */
enum pldm_pdr_type {
	PLDM_PDR_NUMERIC_SENSOR = 2,
	PLDM_PDR_STATE_SENSOR = 4,
	PLDM_PDR_SENSOR_NAMES = 6,
	PLDM_PDR_ENTITY_ASSOCIATION = 15,
	PLDM_PDR_ENTITY_NAMES = 16,
	PLDM_PDR_FRU_RECORD_SET = 20,
};

/* DSP0249 table 3: entity types. A logical entity has bit 15. */
enum pldm_entity_type {
	PLDM_ENTITY_SOLID_STATE_DRIVE = 111,
	PLDM_ENTITY_IO_CONTROLLER = 145,
	PLDM_ENTITY_LOGICAL = 0x8000,
};

/* DSP0248 table 74: units of sensors. */
enum pldm_unit {
	PLDM_UNIT_DEGREES_C = 2,
	PLDM_UNIT_WATTS = 7,
	PLDM_UNIT_PERCENTAGE = 65,
};

/* DSP0248 sensorDataSize and rangeFieldFormat. */
enum pldm_data_size {
	PLDM_UINT8,
	PLDM_SINT8,
	PLDM_UINT16,
	PLDM_SINT16,
	PLDM_UINT32,
	PLDM_SINT32,
	PLDM_REAL32, /* rangeFieldFormat only */
};

/* Thresholds of a numeric sensor, in the order of GetSensorThresholds and of
 * the bits of supportedThresholds. */
enum pldm_threshold {
	PLDM_UPPER_WARNING,
	PLDM_UPPER_CRITICAL,
	PLDM_UPPER_FATAL,
	PLDM_LOWER_WARNING,
	PLDM_LOWER_CRITICAL,
	PLDM_LOWER_FATAL,
	PLDM_THRESHOLDS,
};

/* DSP0249: state sets. */
enum pldm_state_set {
	PLDM_SET_HEALTH = 1,
	PLDM_SET_AVAILABILITY = 2,
	PLDM_SET_RUNNING = 11, /* operational running status */
	PLDM_SET_PRESENCE = 13,
};

/* States of these sets. */
enum {
	PLDM_HEALTH_NORMAL = 1,
	PLDM_HEALTH_NON_CRITICAL = 2,
	PLDM_HEALTH_CRITICAL = 3,
	PLDM_HEALTH_FATAL = 4,
	PLDM_AVAILABILITY_ENABLED = 1,
	PLDM_AVAILABILITY_DISABLED = 2,
	PLDM_AVAILABILITY_SHUTDOWN = 3,
	PLDM_AVAILABILITY_FAILED = 10,
	PLDM_RUNNING_STOPPED = 3,
	PLDM_RUNNING_IN_SERVICE = 4,
	PLDM_RUNNING_ABORTED = 5,
	PLDM_RUNNING_DORMANT = 6,
	PLDM_PRESENCE_PRESENT = 1,
	PLDM_PRESENCE_NOT_PRESENT = 2,
};

/* Entity association types. */
enum { PLDM_ASSOCIATION_PHYSICAL = 0, PLDM_ASSOCIATION_LOGICAL = 1 };

enum {
	PLDM_PDR_MAX = 256, /* longest record of the device, bytes */
	PLDM_PDR_CHILDREN = 32,
	PLDM_PDR_STATES = 32, /* states of a set: 1 to this number */
	PLDM_PDR_TEXT = 32,   /* longest name of the device, with terminator */
};

struct pldm_entity {
	uint16_t type, instance, container;
};

/** Terminus Locator, for a terminus with an MCTP EID. */
struct pldm_locator {
	uint8_t tid, eid;
};

/** A sensor of either kind. */
struct pldm_sensor {
	uint16_t id;
	struct pldm_entity entity;
	char name[PLDM_PDR_TEXT]; /* ASCII */
	bool numeric;
	/* state sensor: its state set, and a bit for each possible state: bit n
	 * is state n */
	uint16_t set;
	uint32_t states;
	/* numeric sensor */
	uint8_t unit;	   /* enum pldm_unit */
	int8_t modifier;   /* the unit is multiplied by 10 to this power */
	uint8_t data_size; /* enum pldm_data_size */
	uint8_t supported; /* thresholds, a bit each */
	uint8_t settable;  /* thresholds that SetSensorThresholds may change */
	int32_t min, max;
	int32_t threshold[PLDM_THRESHOLDS];
};

struct pldm_association {
	uint16_t container_id;
	uint8_t type; /* PLDM_ASSOCIATION_... */
	struct pldm_entity container;
	uint8_t count;
	struct pldm_entity child[PLDM_PDR_CHILDREN];
};

/** Header of each record (DSP0248 28.1). */
struct pldm_pdr_header {
	uint32_t handle;
	uint8_t type;
	uint16_t change, length; /* length: bytes after the header */
};

/* --- encoding --- */

/** Start a record. pldm_pdr_end() inserts its length. */
void pldm_pdr_begin(struct wr *w, uint32_t handle, uint8_t type,
		    uint16_t change);
void pldm_pdr_end(struct wr *w);

/* Write the body of a record, after pldm_pdr_begin(). */
void pldm_pdr_write_locator(struct wr *w, const struct pldm_locator *l);
void pldm_pdr_write_sensor(struct wr *w, const struct pldm_sensor *s);
void pldm_pdr_write_sensor_name(struct wr *w, const struct pldm_sensor *s);
void pldm_pdr_write_entity_name(struct wr *w, const struct pldm_entity *e,
				const char *name);
void pldm_pdr_write_association(struct wr *w, const struct pldm_association *a);
void pldm_pdr_write_fru_set(struct wr *w, uint16_t set,
			    const struct pldm_entity *e);

/** Write a value of a data size. */
void pldm_write_value(struct wr *w, uint8_t data_size, int32_t value);

/** A GetPDR request (DSP0248 26.2). */
struct pldm_pdr_request {
	uint32_t handle, transfer; /* record, and part of it */
	uint8_t operation;
	uint16_t count, change;
};

struct pldm_pdr_request pldm_pdr_read_request(struct rd *r);

/** Write the response data to a GetPDR request for a record. The transfer
 * handle of a part is its offset, so a repeated request gets the same part.
 * record may be behind the response data in the same buffer. */
enum pldm_code pldm_pdr_write_part(struct wr *w,
				   const struct pldm_pdr_request *q,
				   const uint8_t *record, size_t size,
				   uint32_t next);

/* --- decoding --- */

/** Decode a header. ERR_LENGTH: the record is cut, or longer than the header
 * states. ERR_INVALID: another header version. */
int pldm_pdr_read_header(struct rd *r, struct pldm_pdr_header *h);

/** Read a value of a data size. ERR_INVALID: no such size. ERR_LENGTH. */
int pldm_read_value(struct rd *r, uint8_t data_size, int64_t *value);

#endif
