/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of PLDM type 02h (platform monitoring, DSP0248) and 04h (FRU data,
 * DSP0257) to a device, and decoders of their records. The device's bytes are
 * not trusted. Prints nothing.
 */
#ifndef TETHER_HOST_PLDM_PLATFORM_H
#define TETHER_HOST_PLDM_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/pldm_ask.h"
#include "pldm/pdr.h"

enum {
	PLDM_HOST_RECORD = 4096, /* longest record that is accepted, bytes */
	PLDM_HOST_RECORDS = 1024,
	PLDM_HOST_NAME = 96,	 /* bytes of a name, with terminator */
	PLDM_HOST_TABLE = 16384, /* longest FRU table that is accepted */
};

/** Called for each record, header included. Returns an error to stop. */
typedef int (*pldm_record_fn)(void *ctx, const uint8_t *record, size_t len);

/** Read all records of the repository. Errors as for pldm_ask(), or those of
 * fn. */
int pldm_platform_read_repository(struct pldm_ask *a, pldm_record_fn fn,
				  void *ctx);

/** A sensor, decoded from a numeric or state sensor PDR. */
struct pldm_host_sensor {
	uint16_t id;
	struct pldm_entity entity;
	bool numeric;
	char name[PLDM_HOST_NAME]; /* empty: no name */
	uint16_t set;		   /* state sensor */
	/* numeric sensor */
	uint8_t unit, data_size, supported;
	int8_t modifier;
	int64_t min, max, threshold[PLDM_THRESHOLDS];
	/* IEEE 754 single precision: value = reading * resolution + offset */
	float resolution, offset;
};

/** Decode a record. ERR_NOT_FOUND: not a sensor. ERR_LENGTH, ERR_INVALID:
 * malformed. */
int pldm_platform_decode_sensor(const uint8_t *record, size_t len,
				struct pldm_host_sensor *s);

/** Decode a Sensor Auxiliary Names or Entity Auxiliary Names record: its first
 * name as UTF-8. *id: the sensor; 0 for an entity. Errors as above. */
int pldm_platform_decode_name(const uint8_t *record, size_t len, uint16_t *id,
			      char name[PLDM_HOST_NAME]);

/** The state of a sensor. */
struct pldm_host_reading {
	uint8_t operational, events, present, previous, event;
	int64_t value; /* numeric sensor */
};

/** Read a sensor. */
int pldm_platform_read_sensor(struct pldm_ask *a,
			      const struct pldm_host_sensor *s,
			      struct pldm_host_reading *r);

/** Value of a numeric sensor in its unit. */
double pldm_platform_value(const struct pldm_host_sensor *s, int64_t reading);

/** Read the FRU record table; *len: its length without fill bytes' CRC-32. The
 * CRC-32 is verified: ERR_INTEGRITY. */
int pldm_platform_read_fru(struct pldm_ask *a, uint8_t table[PLDM_HOST_TABLE],
			   size_t *len);

/** A field of a FRU record; text is not terminated. */
struct pldm_host_field {
	uint16_t set;
	uint8_t record_type, encoding, type;
	uint8_t len;
	const uint8_t *data;
};

/** Call fn for each field of a table. ERR_LENGTH: malformed. */
int pldm_platform_decode_fru(const uint8_t *table, size_t len,
			     void (*fn)(void *ctx,
					const struct pldm_host_field *f),
			     void *ctx);

/** An event that the device reports. */
struct pldm_host_event {
	uint16_t id;
	uint8_t tid, event_class;
	size_t len;
	uint8_t data[PLDM_ASK_ANSWER];
};

/** Set this host as event receiver, which polls for events. */
int pldm_platform_enable_polling(struct pldm_ask *a, uint8_t receiver, bool on);

/** Poll for an event, and acknowledge it. *e has id 0: there is none. */
int pldm_platform_poll_event(struct pldm_ask *a, struct pldm_host_event *e);

#endif
