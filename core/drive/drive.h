/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The NVM subsystem that the device is: ports, controllers, namespaces and
 * firmware, as NVMe and NVMe-MI know them, but no wire format. Owned by the
 * device, read and changed by the commands; nothing here allocates.
 *
 * Ports and controllers number from 0, namespaces from 1 (their NSID),
 * firmware slots from 1. Time is the argument of subsystem_poll(), in ms from
 * any start; what takes time begins and ends by it.
 */
#ifndef TETHER_DRIVE_DRIVE_H
#define TETHER_DRIVE_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/err.h"
#include "base/sha256.h"

enum port_type { PORT_INACTIVE = 0, PORT_PCIE = 1, PORT_TWOWIRE = 2 };

/* NVMe-MI figure "SMBus/I2C frequency"; also the values on the wire. */
enum port_frequency {
	PORT_100K = 1,
	PORT_400K = 2,
	PORT_1M = 3,
};

enum { PORT_UNIT = 64 }; /* MCTP transmission unit until it is configured */

/* What changed since it was last cleared: the bits of NVMe-MI's composite
 * controller status. */
enum controller_change {
	CHANGE_READY = 0x0001,
	CHANGE_FATAL = 0x0002,
	CHANGE_SHUTDOWN = 0x0004,
	CHANGE_RESET = 0x0010,
	CHANGE_ENABLE = 0x0020,
	CHANGE_NAMESPACE = 0x0040,
	CHANGE_FIRMWARE = 0x0080,
	CHANGE_ANY_STATUS = 0x00ff,
	CHANGE_STATUS = 0x0100,
	CHANGE_TEMPERATURE = 0x0200,
	CHANGE_LIFE_USED = 0x0400,
	CHANGE_SPARE = 0x0800,
	CHANGE_WARNING = 0x1000,
};

/* NVMe's Critical Warning, log page 02h. */
enum controller_warning {
	WARNING_SPARE = 0x01,
	WARNING_TEMPERATURE = 0x02,
	WARNING_RELIABILITY = 0x04,
	WARNING_READ_ONLY = 0x08,
	WARNING_BACKUP = 0x10,
};

enum { BLOCK_SIZE = 512, LBA_FORMATS = 2 }; /* of 512 and 4096 bytes */
#define SUBSYSTEM_BROADCAST 0xffffffffU	    /* NSID: all namespaces */
enum { VPD_SIZE = 256 };
enum { NAMESPACE_BYTES = (SUBSYSTEM_NAMESPACES + 7) / 8 };

/** Something that takes time. */
struct operation {
	bool active;
	uint32_t start_ms, duration_ms;
};

struct port {
	enum port_type type;
	uint16_t unit;	   /* MCTP transmission unit configured, bytes */
	uint16_t unit_max; /* largest it can be configured to */
	/* PCIe: as in the Port Information structure */
	uint8_t mps, speeds, speed, width_max, width,
		number; /* speed 0: down */
	/* two-wire */
	uint8_t address; /* of the management endpoint */
	enum port_frequency frequency, frequency_max;
};

/* NVMe, figure "Device Self-test": what to do. */
enum self_test {
	SELF_TEST_SHORT = 1,
	SELF_TEST_EXTENDED = 2,
	SELF_TEST_ABORT = 15,
};

enum self_test_result {
	SELF_TEST_PASSED = 0,
	SELF_TEST_ABORTED_BY_COMMAND = 1,
	SELF_TEST_ABORTED_BY_RESET = 2,
	SELF_TEST_ABORTED_BY_NAMESPACE = 3,
	SELF_TEST_ABORTED_BY_FORMAT = 4,
	SELF_TEST_ABORTED_BY_SANITIZE = 9,
};

enum { SELF_TESTS = 20 };

struct self_test_entry {
	uint8_t test, result;
	uint32_t nsid;
	uint64_t hours; /* powered on */
};

/** An Admin command that failed. */
struct error_entry {
	uint64_t number; /* 0: there is none */
	uint16_t status; /* NVMe's, type << 8 | code */
	uint16_t at;	 /* byte of the command that is wrong */
	uint32_t nsid;
};

/* Features, in the order of the table in feature.c. */
enum { SUBSYSTEM_FEATURES = 16 };

enum {
	CONTROLLER_VECTORS = 32, /* MSI-X */
	/* retry delays, telemetry area 4, extended formats */
	CONTROLLER_BEHAVIORS = 3,
};

struct controller {
	uint8_t port;
	bool enabled;				   /* CC.EN, and so CSTS.RDY */
	bool fatal;				   /* CSTS.CFS */
	bool shut_down;				   /* CSTS.SHST: complete */
	uint16_t temperature;			   /* K */
	uint16_t too_cold, too_hot;		   /* thresholds, K */
	uint16_t cold_limit, hot_limit;		   /* they are by default */
	uint8_t spare, spare_threshold, life_used; /* percent */
	uint8_t fault;	  /* warnings besides those of the values above */
	uint16_t changed; /* enum controller_change */
	/* the same, for asynchronous events */
	uint16_t events;
	/* NSIDs attached: bit n-1 for namespace n. */
	uint8_t attached[NAMESPACE_BYTES];
	/* Attached or their attributes changed: log page 04h. */
	uint8_t namespaces_changed[NAMESPACE_BYTES];
	uint64_t bytes_read, bytes_written, reads, writes;
	uint64_t power_cycles, unsafe_shutdowns, media_errors;
	uint64_t errors; /* that there ever were */
	struct error_entry error[SUBSYSTEM_ERRORS];
	struct operation self_test;
	uint8_t self_test_kind;
	uint32_t self_test_nsid;
	uint8_t self_tests; /* entries, newest first */
	struct self_test_entry self_test_log[SELF_TESTS];
	/* Values that differ from the table's, by bits that do: the current
	 * ones, those saved, and those that this drive has by default. */
	uint32_t feature[SUBSYSTEM_FEATURES];
	uint32_t feature_saved[SUBSYSTEM_FEATURES];
	uint32_t feature_default[SUBSYSTEM_FEATURES];
	uint8_t host_id[16];
	/* What a host says of itself: Host Behavior Support, as on the wire. */
	uint8_t host_behavior[CONTROLLER_BEHAVIORS];
	uint32_t not_coalesced; /* interrupts, by vector */
	uint64_t timestamp;	/* ms, set by a host */
	uint64_t timestamp_ms;	/* uptime then */
	bool timestamp_set;
	uint16_t pci_command; /* bits of its register that can be set */
	uint16_t pci_msix;    /* MSI-X Message Control, likewise */
	uint8_t pci_line;     /* Interrupt Line */
	bool events_reported; /* a context of log page 0Dh is open */
};

struct nvm_namespace {
	uint64_t blocks; /* of 512 bytes; 0: there is none */
	uint8_t format;	 /* LBA format: 0: 512 bytes, 1: 4096 */
	bool shared;	 /* may be attached to several controllers */
	uint8_t uuid[16];
	struct operation formatting;
};

/* What to do with a firmware image, NVMe figure "Firmware Commit". */
enum firmware_action {
	FIRMWARE_STORE = 0,
	FIRMWARE_STORE_ACTIVATE_AT_RESET = 1,
	FIRMWARE_ACTIVATE_AT_RESET = 2,
	FIRMWARE_ACTIVATE_NOW = 3,
};

/** An image; what is kept of it is what tells it from others. */
struct firmware {
	uint32_t size; /* bytes; 0 and no revision: the slot is empty */
	char revision[9];
	uint8_t digest[SHA256_SIZE];
};

/* Images are downloaded in order; this is the one on its way. */
struct firmware_download {
	bool active;
	uint32_t size;
	uint8_t head[8];
	struct sha256 sha;
};

/* What a drive remembers of itself, log page 0Dh. */
enum event_type {
	EVENT_FIRMWARE = 0x02,
	EVENT_TIMESTAMP = 0x03,
	EVENT_RESET = 0x04,
	EVENT_NAMESPACE = 0x06,
	EVENT_FORMAT_BEGIN = 0x07,
	EVENT_FORMAT_END = 0x08,
	EVENT_SANITIZE_BEGIN = 0x09,
	EVENT_SANITIZE_END = 0x0a,
	EVENT_THERMAL = 0x0d,
};

/* NVMe, figure "Thermal Excursion Event Data": which way it went. */
enum thermal_change {
	THERMAL_HOT = 0x01,
	THERMAL_NORMAL = 0x88,
	THERMAL_COLD = 0xb0,
};

struct event {
	uint8_t type; /* 0: there is none */
	bool timestamp_set;
	uint16_t controller;
	/* Of the command; of a reset: 1: firmware came; of a namespace: its
	 * format, and 100h where it is shared. */
	uint16_t status;
	uint32_t nsid;
	/* Dword 10 of the command; power cycles; enum thermal_change; enum
	 * sanitize_result; whether the timestamp before was set. */
	uint32_t detail;
	char text[8];	/* revision of the firmware */
	char before[8]; /* that of the one before */
	/* Blocks; ms powered on; K from the threshold; dword 11, then passes,
	 * of sanitize; the timestamp before. */
	uint64_t value;
	/* Set by subsystem_log_event(), as is timestamp_set. */
	uint64_t since_reset_ms;
	uint64_t timestamp; /* its controller's, ms */
};

/* NVMe, figure "Sanitize": what to do, and how the last one went. */
enum sanitize_action {
	SANITIZE_EXIT_FAILURE = 1,
	SANITIZE_BLOCK_ERASE = 2,
	SANITIZE_OVERWRITE = 3,
	SANITIZE_CRYPTO_ERASE = 4,
};

enum sanitize_result {
	SANITIZE_NEVER = 0,
	SANITIZE_DONE = 1,
	SANITIZE_RUNNING = 2,
	SANITIZE_FAILED = 3,
	SANITIZE_DONE_NO_DEALLOCATE = 4,
};

struct subsystem {
	uint8_t mi_major, mi_minor; /* version of NVMe-MI */
	char model[41], serial[21], firmware[9];
	uint8_t oui[3]; /* as written: AC DE 48 */
	uint16_t pci_vendor, pci_device, pci_subvendor, pci_subdevice;
	uint8_t instance[16];
	char vpd_manufacturer[25], vpd_product[17]; /* FRU information */
	uint8_t ports, controllers;
	uint8_t endpoint; /* port of the management endpoint */
	uint16_t changed; /* of all controllers, for the composite status */
	/* Bytes there are for namespaces; at least what they have. */
	uint64_t capacity;
	/* How fast its media are worked on by format and sanitize. */
	uint64_t media_bytes_per_ms;
	uint32_t self_test_ms[2]; /* the short one, the extended one */
	struct port port[SUBSYSTEM_PORTS];
	struct controller controller[SUBSYSTEM_CONTROLLERS];
	struct nvm_namespace namespace[SUBSYSTEM_NAMESPACES];
	/* firmware */
	uint8_t slot_active, slot_next; /* next: at reset; 0: stays */
	/* The active slot has another image than the one that runs. */
	bool slot_replaced;
	struct firmware slot[SUBSYSTEM_FIRMWARE_SLOTS];
	struct firmware_download download;
	/* sanitize */
	struct operation sanitize;
	uint8_t sanitize_status; /* enum sanitize_result */
	uint8_t sanitize_passes;
	uint32_t sanitize_dword10;
	/* The last one failed, and nothing was done against it yet. */
	bool sanitize_failure;
	bool sanitize_fails; /* the next will, so that hosts can be tested */
	bool sanitized_since_write; /* Global Data Erased */
	/* Vital Product Data, once it was written; else made of the model. */
	bool vpd_written;
	uint16_t vpd_writes; /* that are left */
	uint8_t vpd[VPD_SIZE];
	/* persistent events */
	uint32_t events; /* that there ever were */
	struct event event[SUBSYSTEM_EVENTS];
	/* time */
	bool timed;
	uint32_t now_ms;
	uint64_t uptime_ms; /* of all times it was powered */
	uint64_t boot_ms;   /* uptime when it was powered last */
	uint32_t resets;    /* NVM Subsystem Resets since */
	uint32_t created;   /* namespaces, since there is this subsystem */
	uint16_t formats;   /* under way */
	uint32_t version;   /* counts changes that outlive power */
};

/** Two controllers on a PCIe port, one namespace of 10 TB on controller 0,
 * the endpoint on a two-wire port. */
void subsystem_init_default(struct subsystem *s);

/** Names and ids of the default one, no port, controller or namespace. */
void subsystem_init_empty(struct subsystem *s);

/** Set a port, controller or namespace to what a new one is like. */
void port_init(struct port *p, enum port_type type);
void controller_init(struct controller *c, uint8_t port);

/** Power on: what the fields above leave open is filled in. Before anything
 * but the functions that set it up. */
void subsystem_start(struct subsystem *s);

/** Let time pass: what was under way may come to its end. */
void subsystem_poll(struct subsystem *s, uint32_t now_ms);

/** Percent of an operation that is done, as of now. */
uint8_t operation_percent(const struct subsystem *s, const struct operation *o);

/** Ms until it ends; 0 when it is not under way. */
uint32_t operation_left(const struct subsystem *s, const struct operation *o);

/** What all controllers together are like. */
struct subsystem_health {
	bool functional;      /* no controller has failed */
	uint8_t warnings;     /* enum controller_warning */
	uint8_t life_used;    /* percent, of the one most used */
	uint16_t temperature; /* K, of the hottest; 0 without controllers */
};

void subsystem_health(const struct subsystem *s, struct subsystem_health *h);

/** Critical warnings, enum controller_warning. */
uint8_t controller_warnings(const struct controller *c);

/* --- a controller's values, which move health and events --- */

void controller_set_temperature(struct subsystem *s, uint16_t id,
				uint16_t kelvin);
void controller_set_thresholds(struct subsystem *s, uint16_t id, uint16_t cold,
			       uint16_t hot);
void controller_set_spare(struct subsystem *s, uint16_t id, uint8_t percent);
void controller_set_life_used(struct subsystem *s, uint16_t id,
			      uint8_t percent);
void controller_set_fault(struct subsystem *s, uint16_t id, uint8_t warnings);
void controller_set_enabled(struct subsystem *s, uint16_t id, bool enabled);
void controller_set_fatal(struct subsystem *s, uint16_t id, bool fatal);

/** Keep an Admin command's failure for log page 01h. */
void controller_log_error(struct subsystem *s, uint16_t id,
			  const struct error_entry *e);

/** A port that is in use, or NULL. */
const struct port *subsystem_port(const struct subsystem *s, uint8_t id);

/** Whether the link of a PCIe port is up; false for any other port. */
bool subsystem_link_active(const struct subsystem *s, uint8_t id);

/** ERR_NOT_FOUND: no such two-wire port. ERR_INVALID: it cannot do that. */
int subsystem_set_frequency(struct subsystem *s, uint8_t port,
			    uint8_t frequency);

/** ERR_NOT_FOUND: no such port. ERR_INVALID: under PORT_UNIT or too large. */
int subsystem_set_unit(struct subsystem *s, uint8_t port, uint16_t unit);

/** The management endpoint was reset: its port has the default unit again. */
void subsystem_reset_endpoint(struct subsystem *s);

/** NVM Subsystem Reset: controllers start again, firmware is activated. */
void subsystem_reset(struct subsystem *s);

/** NVM Subsystem Shutdown, which a reset ends. */
void subsystem_shutdown(struct subsystem *s, bool abrupt);

/**
 * Note changes (enum controller_change) at a controller that there is, and
 * the whole. Those of its status, the low byte, make CHANGE_STATUS too.
 */
void subsystem_changed(struct subsystem *s, uint16_t controller,
		       uint16_t changes);

/** Keep an event for log page 0Dh; its times are set here. */
void subsystem_log_event(struct subsystem *s, const struct event *e);

/** A controller's timestamp, ms: what a host has set, or since it was reset. */
uint64_t controller_timestamp(const struct subsystem *s,
			      const struct controller *c);

/* --- features (feature.c) --- */

/** Bits of a feature's value that a drive may have its own default of; 0: there
 * is no such feature, or it is more than a value. */
uint32_t feature_bits(uint8_t id);

/** Before subsystem_start(): the drive comes with this value, of those bits. */
void controller_set_default(struct controller *c, uint8_t id, uint32_t value);

/* --- namespaces (namespace.c) --- */

bool namespace_exists(const struct subsystem *s, uint32_t nsid);

/** Bytes of a block as it is formatted: 512 or 4096. */
uint32_t namespace_block_size(const struct nvm_namespace *n);

/** Bytes of all there is, and of what namespaces have. */
uint64_t subsystem_capacity(const struct subsystem *s);
uint64_t subsystem_allocated(const struct subsystem *s);

/**
 * Make a namespace of so many blocks of that format. Returns its NSID.
 * ERR_INVALID: no such format, or no blocks. ERR_FULL: no NSID is free.
 * ERR_LENGTH: more than is free.
 */
int64_t namespace_create(struct subsystem *s, uint64_t blocks, uint8_t format,
			 bool shared);

/** Delete one, or all (SUBSYSTEM_BROADCAST); it is detached everywhere.
 * ERR_NOT_FOUND; ERR_BUSY: it is being formatted. */
int namespace_delete(struct subsystem *s, uint32_t nsid);

/** ERR_NOT_FOUND: no such controller or namespace. ERR_BUSY: is attached.
 * ERR_UNSUPPORTED: it is private, and attached elsewhere. */
int subsystem_attach(struct subsystem *s, uint16_t controller, uint32_t nsid);

/** ERR_NOT_FOUND: no such controller or namespace, or not attached there. */
int subsystem_detach(struct subsystem *s, uint16_t controller, uint32_t nsid);

/** false as well for what is no NSID. */
bool controller_is_attached(const struct controller *c, uint32_t nsid);

/** Whether any controller has it. */
bool namespace_is_attached(const struct subsystem *s, uint32_t nsid);

/**
 * Format one, or all of a controller's. Takes the time of its bytes, *wait_ms.
 * ERR_NOT_FOUND; ERR_INVALID: no such format; ERR_BUSY: under way.
 */
int namespace_format(struct subsystem *s, uint16_t controller, uint32_t nsid,
		     uint8_t format, uint32_t *wait_ms);

/* --- sanitize and self-test (background.c) --- */

/** ERR_BUSY: one is under way, or firmware waits for a reset. ERR_INVALID: no
 * such action. ERR_UNSUPPORTED: not this way out of the failure that there is:
 * a restricted one ends by a restricted sanitize operation alone. */
int subsystem_sanitize(struct subsystem *s, enum sanitize_action action,
		       uint32_t dword10, uint32_t dword11);

/** ERR_INVALID: no such test. ERR_BUSY: one is under way. ERR_NOT_FOUND: no
 * such namespace. */
int controller_self_test(struct subsystem *s, uint16_t id, uint8_t test,
			 uint32_t nsid);

/** End a test that is under way. */
void controller_end_self_test(struct subsystem *s, uint16_t id,
			      enum self_test_result result);

/* What subsystem_poll() calls; a reset, and power-on. */
void background_poll(struct subsystem *s);
void background_reset(struct subsystem *s);

/* --- firmware (firmware.c) --- */

/** Take a part of an image. One at 0 begins it; others are in order, else
 * ERR_INVALID. ERR_FULL: over 4 GiB. */
int firmware_download(struct subsystem *s, uint32_t offset, const void *data,
		      uint32_t len);

/**
 * Act on the downloaded image, or a slot's. slot 0: of our choice. ERR_INVALID:
 * no such action; ERR_NOT_FOUND: no such slot, or it is empty; ERR_LENGTH: no
 * image was downloaded; ERR_UNSUPPORTED: the slot is read only.
 */
int firmware_commit(struct subsystem *s, enum firmware_action action,
		    uint8_t slot);

/** Slot n, from 1. NULL: there is none, or it is empty. */
const struct firmware *firmware_slot(const struct subsystem *s, uint8_t n);

/** Activate what was to be activated at reset, or what the active slot has got
 * meanwhile. Whether there was something. */
bool firmware_reset(struct subsystem *s);

/** What subsystem_start() calls: slot 1 has what the drive came with. Then as
 * firmware_reset(). */
bool firmware_start(struct subsystem *s);

/* Likewise, of namespace.c. */
void namespaces_start(struct subsystem *s);
void namespaces_poll(struct subsystem *s);

#endif
