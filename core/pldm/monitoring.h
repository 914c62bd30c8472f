/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PLDM for platform monitoring (type 02h, DSP0248 1.2), device side: a PDR
 * repository, numeric and state sensors, and events. The owner describes its
 * sensors and entities through struct pldm_platform_ops, so the module knows no
 * drive. Records are built for each request and not stored; the module keeps a
 * checksum of each record to find changes.
 *
 * Events wait in a queue until the event receiver has them. With asynchronous
 * events, the module sends PlatformEventMessage and repeats it with the same
 * instance id until the receiver responds. With polling, the receiver reads the
 * oldest event by PollForPlatformEventMessage until it acknowledges the event's
 * id; a repeated acknowledgement succeeds.
 */
#ifndef TETHER_PLDM_MONITORING_H
#define TETHER_PLDM_MONITORING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"
#include "mctp/mctp.h"
#include "pldm/base.h"
#include "pldm/pdr.h"
#include "pldm/request.h"

/* DSP0248 table 107: commands of type 02. PLDM_GET_PDR is in pldm.h. */
enum pldm_platform_code {
	PLDM_GET_TERMINUS_UID = 0x03,
	PLDM_SET_EVENT_RECEIVER = 0x04,
	PLDM_GET_EVENT_RECEIVER = 0x05,
	PLDM_PLATFORM_EVENT_MESSAGE = 0x0a,
	PLDM_POLL_FOR_PLATFORM_EVENT_MESSAGE = 0x0b,
	PLDM_EVENT_MESSAGE_SUPPORTED = 0x0c,
	PLDM_EVENT_MESSAGE_BUFFER_SIZE = 0x0d,
	PLDM_SET_NUMERIC_SENSOR_ENABLE = 0x10,
	PLDM_GET_SENSOR_READING = 0x11,
	PLDM_GET_SENSOR_THRESHOLDS = 0x12,
	PLDM_SET_SENSOR_THRESHOLDS = 0x13,
	PLDM_RESTORE_SENSOR_THRESHOLDS = 0x14,
	PLDM_GET_SENSOR_HYSTERESIS = 0x15,
	PLDM_SET_STATE_SENSOR_ENABLES = 0x20,
	PLDM_GET_STATE_SENSOR_READINGS = 0x21,
	PLDM_GET_PDR_REPOSITORY_SIGNATURE = 0x53,
};

/* sensorOperationalState. */
enum pldm_operational {
	PLDM_OPERATIONAL_ENABLED = 0,
	PLDM_OPERATIONAL_DISABLED = 1,
	PLDM_OPERATIONAL_UNAVAILABLE = 2,
	PLDM_OPERATIONAL_UNKNOWN = 3,
	PLDM_OPERATIONAL_FAILED = 4,
};

/* sensorEventMessageEnable. */
enum pldm_event_enable {
	PLDM_EVENTS_NO_CHANGE = 0, /* in a request */
	PLDM_EVENTS_DISABLED = 1,
	PLDM_EVENTS_ENABLED = 2,
	PLDM_EVENTS_OPERATIONAL_ONLY = 3,
	PLDM_EVENTS_STATE_ONLY = 4,
};

/* State of a numeric sensor relative to its thresholds. */
enum pldm_present_state {
	PLDM_STATE_UNKNOWN = 0,
	PLDM_STATE_NORMAL = 1,
	PLDM_STATE_WARNING = 2,
	PLDM_STATE_CRITICAL = 3,
	PLDM_STATE_FATAL = 4,
	PLDM_STATE_LOWER_WARNING = 5,
	PLDM_STATE_LOWER_CRITICAL = 6,
	PLDM_STATE_LOWER_FATAL = 7,
	PLDM_STATE_UPPER_WARNING = 8,
	PLDM_STATE_UPPER_CRITICAL = 9,
	PLDM_STATE_UPPER_FATAL = 10,
};

/* eventMessageGlobalEnable. */
enum pldm_event_mode {
	PLDM_EVENT_MODE_OFF = 0,
	PLDM_EVENT_MODE_ASYNC = 1,
	PLDM_EVENT_MODE_POLLING = 2,
	PLDM_EVENT_MODE_ASYNC_KEEP_ALIVE = 3,
};

/* DSP0248 table 11: event classes. */
enum pldm_event_class {
	PLDM_EVENT_SENSOR = 0,
	PLDM_EVENT_REPOSITORY_CHANGE = 4,
	PLDM_EVENT_HEARTBEAT = 6,
};

/* sensorEventClass of PLDM_EVENT_SENSOR. */
enum pldm_sensor_event {
	PLDM_SENSOR_EVENT_OPERATIONAL = 0,
	PLDM_SENSOR_EVENT_STATE = 1,
	PLDM_SENSOR_EVENT_NUMERIC = 2,
};

/* Event data of PLDM_EVENT_REPOSITORY_CHANGE. */
enum {
	PLDM_CHANGE_REFRESH_ALL = 0, /* format */
	PLDM_CHANGE_HANDLES = 2,     /* format */
	PLDM_RECORDS_DELETED = 1,
	PLDM_RECORDS_ADDED = 2,
	PLDM_RECORDS_MODIFIED = 3,
};

enum {
	PLDM_EVENT_FORMAT = 1, /* formatVersion */
	PLDM_EVENT_NONE = 0x0000,
	PLDM_EVENT_ACKNOWLEDGED = 0xffff,
	PLDM_EVENT_ACKNOWLEDGE_ONLY = 2, /* transfer operation flag */
	PLDM_EVENT_DATA_MAX = 24,	 /* bytes */
	PLDM_EVENT_TRIES = 5,
	PLDM_EVENT_BUFFER_MIN = 256,
	PLDM_UID_SIZE = 16,
	PLDM_SENSOR_POLL_MS = 100,
	PLDM_RECORD_POLL_MS = 1000,
};

/** A reading. numeric sensor: value. State sensor: a state of its set. */
struct pldm_reading {
	uint8_t operational; /* enum pldm_operational */
	int32_t value;
};

/** The monitored platform. Sensors keep their index and id. */
struct pldm_platform_ops {
	/** Describe sensor `index`, from 0 on. false: there is none. */
	bool (*sensor)(void *ctx, uint16_t index, struct pldm_sensor *s);
	void (*read)(void *ctx, const struct pldm_sensor *s,
		     struct pldm_reading *r);
	/** Set the settable thresholds. ERR_INVALID: a value is not possible.
	 */
	int (*set_thresholds)(void *ctx, const struct pldm_sensor *s,
			      const int32_t threshold[PLDM_THRESHOLDS]);
	void (*restore_thresholds)(void *ctx, const struct pldm_sensor *s);
	/** Describe association `index`. false: there is none. */
	bool (*association)(void *ctx, uint16_t index,
			    struct pldm_association *a);
	/** Name and entity of the terminus. */
	const char *(*name)(void *ctx, struct pldm_entity *e);
	void *ctx;
	uint16_t fru_set;   /* record set of that entity; 0: no FRU data */
	const uint8_t *uid; /* of the terminus, PLDM_UID_SIZE bytes */
};

/** What the module stores of a sensor. */
struct pldm_sensor_slot {
	uint8_t enable; /* enum pldm_operational that a requester set */
	uint8_t events; /* enum pldm_event_enable */
	uint8_t operational, present, previous;
	uint8_t reported; /* state of the last event */
};

struct pldm_record_slot {
	uint32_t handle;
	uint16_t hash, change;
};

struct pldm_event {
	uint16_t id;
	uint8_t event_class, len;
	uint8_t data[PLDM_EVENT_DATA_MAX];
};

struct pldm_events {
	uint8_t mode; /* enum pldm_event_mode */
	uint8_t receiver;
	uint8_t count, sequence;
	uint16_t heartbeat_s, last_id, acknowledged, sent;
	uint32_t heartbeat_ms;		      /* time of the last heartbeat */
	uint32_t dropped;		      /* events that no receiver got */
	struct pldm_event queue[PLDM_EVENTS]; /* oldest first */
};

struct pldm_platform {
	struct pldm_platform_ops ops;
	const struct pldm_base *base;  /* its TID */
	const struct mctp *mctp;       /* its EID */
	bool started;		       /* the slots have values */
	uint16_t records;	       /* entries of record[] */
	uint32_t sensor_ms, record_ms; /* time of the last check */
	struct pldm_events events;
	uint32_t wrong; /* wrong responses of the event receiver */
	struct pldm_requester requester;
	struct pldm_request request;
	struct pldm_sensor_slot sensor[PLDM_SENSORS];
	struct pldm_record_slot record[PLDM_RECORDS];
};

/** PLDM type 02h. Its argument is a struct pldm_platform. */
extern const struct pldm_table pldm_platform_table;

/** Initialize. Do not move *p afterwards. base: the responder's, for the TID.
 */
void pldm_platform_init(struct pldm_platform *p, struct mctp *m,
			const struct pldm_base *base,
			const struct pldm_platform_ops *ops);

/* --- private to this folder: monitoring.c --- */

/** Update the checksums of the records. Queues an event about changes if
 * `report`. */
void pldm_platform_check_records(struct pldm_platform *p, bool report);

/* --- private to this folder: monitoring_sensor.c --- */

enum pldm_code pldm_set_numeric_sensor_enable(void *ctx, struct pldm_call *c);
enum pldm_code pldm_get_sensor_reading(void *ctx, struct pldm_call *c);
enum pldm_code pldm_get_sensor_thresholds(void *ctx, struct pldm_call *c);
enum pldm_code pldm_set_sensor_thresholds(void *ctx, struct pldm_call *c);
enum pldm_code pldm_restore_sensor_thresholds(void *ctx, struct pldm_call *c);
enum pldm_code pldm_get_sensor_hysteresis(void *ctx, struct pldm_call *c);
enum pldm_code pldm_set_state_sensor_enables(void *ctx, struct pldm_call *c);
enum pldm_code pldm_get_state_sensor_readings(void *ctx, struct pldm_call *c);

/** Read all sensors, and queue events about changes if `report`. */
void pldm_platform_check_sensors(struct pldm_platform *p, bool report);

/* --- private to this folder: monitoring_event.c --- */

enum pldm_code pldm_set_event_receiver(void *ctx, struct pldm_call *c);
enum pldm_code pldm_get_event_receiver(void *ctx, struct pldm_call *c);
enum pldm_code pldm_poll_for_event(void *ctx, struct pldm_call *c);
enum pldm_code pldm_event_message_supported(void *ctx, struct pldm_call *c);
enum pldm_code pldm_event_message_buffer_size(void *ctx, struct pldm_call *c);

void pldm_events_init(struct pldm_platform *p, struct mctp *m);

/** Whether an event receiver is set. */
bool pldm_events_wanted(const struct pldm_platform *p);

/** Queue an event. A full queue drops the oldest sensor event. */
void pldm_events_add(struct pldm_platform *p, enum pldm_event_class event_class,
		     const uint8_t *data, size_t len);

/** Send the next event or heartbeat that is due. */
void pldm_events_poll(struct pldm_platform *p, uint32_t now_ms);

#endif
