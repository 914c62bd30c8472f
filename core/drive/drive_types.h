/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State of the simulated NVM subsystem. Included through drive.h, which has the
 * functions and the rules for using the state.
 */
#ifndef TETHER_DRIVE_DRIVE_TYPES_H
#define TETHER_DRIVE_DRIVE_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/sha256.h"
#include "drive/firmware_types.h"

#define DRIVE_NSID_ALL UINT32_C(0xffffffff) /* every namespace */

enum {
	DRIVE_BLOCK_SIZE = 512,	 /* bytes; the unit of capacities */
	DRIVE_LBA_FORMATS = 2,	 /* 0: blocks of 512 bytes, 1: of 4096 bytes */
	DRIVE_VPD_SIZE = 256,	 /* bytes */
	DRIVE_HOST_ID_SIZE = 16, /* bytes */
	DRIVE_UUID_SIZE = 16,	 /* bytes */
	DRIVE_POWER_STATES = 3,
	DRIVE_THERMAL_MIN = 273, /* K, of host controlled management */
	DRIVE_THERMAL_MAX = 373,
	DRIVE_INTERRUPT_VECTORS = 32, /* MSI-X, of each controller */
	DRIVE_SELF_TEST_RESULTS = 20, /* kept for each controller */
	/* bytes of a bit map of namespaces; NSID n has bit n - 1 */
	DRIVE_NAMESPACE_MAP_SIZE = (DRIVE_NAMESPACES + 7) / 8,
};

/* --- ports --- */

enum drive_port_type {
	DRIVE_PORT_INACTIVE = 0,
	DRIVE_PORT_PCIE = 1,
	DRIVE_PORT_TWO_WIRE = 2,
};

enum drive_frequency {
	DRIVE_FREQUENCY_100_KHZ = 1,
	DRIVE_FREQUENCY_400_KHZ = 2,
	DRIVE_FREQUENCY_1_MHZ = 3,
};

/* MCTP transmission unit of a port until a host configures it, bytes */
enum { DRIVE_PORT_UNIT_DEFAULT = 64 };

struct drive_port {
	enum drive_port_type type;
	uint16_t unit;	   /* configured MCTP transmission unit, bytes */
	uint16_t unit_max; /* largest configurable unit, bytes */
	/* PCIe port */
	uint8_t payload_max; /* largest payload: 0 is 128 bytes, 1 is 256 */
	uint8_t speeds; /* supported speeds: bit 0 is 2.5 GT/s, bit 1 is 5 */
	uint8_t speed;	/* 1 is 2.5 GT/s; 0: the link is down */
	uint8_t width_max, width; /* lanes */
	uint8_t number;		  /* PCIe port number */
	/* two-wire port */
	/* two-wire address of the management endpoint, shifted left by one */
	uint8_t address;
	enum drive_frequency frequency, frequency_max;
};

/* --- health and changes --- */

/* Change flags of a controller. A flag stays set until a host clears it. The
 * low byte has the changes of the controller's status. */
enum drive_change {
	DRIVE_CHANGE_READY = 0x0001,
	DRIVE_CHANGE_FATAL = 0x0002,
	DRIVE_CHANGE_SHUTDOWN = 0x0004,
	DRIVE_CHANGE_RESET = 0x0010,
	DRIVE_CHANGE_ENABLE = 0x0020,
	DRIVE_CHANGE_NAMESPACE = 0x0040,
	DRIVE_CHANGE_FIRMWARE = 0x0080,
	DRIVE_CHANGE_ANY_STATUS = 0x00ff,
	DRIVE_CHANGE_STATUS = 0x0100, /* a bit of the low byte was set */
	DRIVE_CHANGE_TEMPERATURE = 0x0200,
	DRIVE_CHANGE_LIFE_USED = 0x0400,
	DRIVE_CHANGE_SPARE = 0x0800,
	DRIVE_CHANGE_WARNING = 0x1000,
	DRIVE_CHANGE_TELEMETRY = 0x2000, /* controller-initiated capture */
};

/* Critical warnings. */
enum drive_warning {
	DRIVE_WARNING_SPARE = 0x01,
	DRIVE_WARNING_TEMPERATURE = 0x02,
	DRIVE_WARNING_RELIABILITY = 0x04,
	DRIVE_WARNING_READ_ONLY = 0x08,
	DRIVE_WARNING_BACKUP = 0x10,
};

/** Health of all controllers together. */
struct drive_health {
	bool functional;      /* no controller has a fatal error */
	uint8_t warnings;     /* enum drive_warning, of any controller */
	uint8_t life_used;    /* percent, of the most used controller */
	uint16_t temperature; /* K, of the hottest; 0 without controllers */
};

/* --- operations that take time --- */

/** An operation that takes time: a background operation, or a command whose
 * response waits. */
struct drive_operation {
	bool active;
	uint32_t start_ms, duration_ms;
};

/* --- self-test, base 5.9 and 8.6 --- */

enum drive_self_test {
	DRIVE_SELF_TEST_SHORT = 1,
	DRIVE_SELF_TEST_EXTENDED = 2,
};

enum drive_self_test_result {
	DRIVE_SELF_TEST_PASSED = 0,
	DRIVE_SELF_TEST_ABORTED_BY_COMMAND = 1,
	DRIVE_SELF_TEST_ABORTED_BY_RESET = 2,
	DRIVE_SELF_TEST_ABORTED_BY_NAMESPACE_REMOVAL = 3,
	DRIVE_SELF_TEST_ABORTED_BY_FORMAT = 4,
	DRIVE_SELF_TEST_SEGMENT_FAILED = 7,
	DRIVE_SELF_TEST_ABORTED_BY_SANITIZE = 9,
};

struct drive_self_test_entry {
	uint8_t test;	 /* enum drive_self_test */
	uint8_t result;	 /* enum drive_self_test_result */
	uint8_t segment; /* that failed; otherwise 0 */
	uint32_t nsid;	 /* 0: the controller without namespaces */
	uint64_t hours;	 /* power-on hours at the end of the test */
};

/** Self-tests of a controller: the running self-test, and the results. */
struct drive_self_tests {
	struct drive_operation operation;
	uint8_t test; /* enum drive_self_test, of the last test started */
	/* simulation: the segment where the next test fails; 0: it passes */
	uint8_t fail_segment;
	uint32_t nsid;
	uint8_t count; /* entries of result[], newest first */
	struct drive_self_test_entry result[DRIVE_SELF_TEST_RESULTS];
};

/* --- sanitize, base 5.24 and 8.21 --- */

enum drive_sanitize_action {
	DRIVE_SANITIZE_EXIT_FAILURE = 1,
	DRIVE_SANITIZE_BLOCK_ERASE = 2,
	DRIVE_SANITIZE_OVERWRITE = 3,
	DRIVE_SANITIZE_CRYPTO_ERASE = 4,
};

enum drive_sanitize_result {
	DRIVE_SANITIZE_NEVER = 0,
	DRIVE_SANITIZE_COMPLETED = 1,
	DRIVE_SANITIZE_RUNNING = 2,
	DRIVE_SANITIZE_FAILED = 3,
	DRIVE_SANITIZE_COMPLETED_NO_DEALLOCATE = 4,
};

/** A request to sanitize the drive. */
struct drive_sanitize {
	uint8_t action;		/* enum drive_sanitize_action; 0: none yet */
	uint8_t passes;		/* 1 to 16; only an overwrite uses them */
	bool unrestricted_exit; /* EXIT_FAILURE may end failure mode */
	bool invert_pattern;	/* between passes of an overwrite */
	bool no_deallocate;	/* do not deallocate blocks afterwards */
	uint32_t pattern;	/* of an overwrite */
};

/** State of the last sanitize operation. */
struct drive_sanitize_state {
	struct drive_operation operation;
	struct drive_sanitize request;
	uint8_t result; /* enum drive_sanitize_result */
	/* the operation failed; until failure mode ends, only sanitize
	 * operations may run */
	bool failure_mode;
	bool fail_next;	  /* simulation: the next operation fails */
	bool data_erased; /* Global Data Erased: the last operation succeeded */
};

/* --- logs --- */

/** Status of a completion. The codec sets the status; the drive only stores
 * it. */
struct drive_status {
	uint8_t type, code;
};

/* drive_error_entry.location: no particular parameter caused the error */
enum { DRIVE_ERROR_NO_LOCATION = 0xffff };

/** A failed Admin command, for the Error Information log. */
struct drive_error_entry {
	uint64_t number; /* counts from 1; 0: unused entry */
	struct drive_status status;
	uint16_t location; /* offset in the submission queue entry, bytes */
	uint32_t nsid;
};

/** A ring: entry (count - 1) % DRIVE_ERRORS is the newest. */
struct drive_error_log {
	uint64_t count; /* total errors, including overwritten entries */
	struct drive_error_entry entry[DRIVE_ERRORS];
};

/* Events of the Persistent Event log, base 5.16.1.14. */
enum drive_event_type {
	DRIVE_EVENT_FIRMWARE_COMMIT = 0x02,
	DRIVE_EVENT_TIMESTAMP_CHANGE = 0x03,
	DRIVE_EVENT_RESET = 0x04, /* reset of all controllers, or power-on */
	DRIVE_EVENT_NAMESPACE_CHANGE = 0x06,
	DRIVE_EVENT_FORMAT_START = 0x07,
	DRIVE_EVENT_FORMAT_END = 0x08,
	DRIVE_EVENT_SANITIZE_START = 0x09,
	DRIVE_EVENT_SANITIZE_END = 0x0a,
	DRIVE_EVENT_THERMAL = 0x0d,
};

enum drive_thermal_change {
	DRIVE_THERMAL_NORMAL,
	DRIVE_THERMAL_HOT,  /* at or above the over temperature threshold */
	DRIVE_THERMAL_COLD, /* at or below the under temperature threshold */
};

struct drive_event {
	uint8_t type; /* enum drive_event_type; 0: unused entry */
	bool timestamp_set;
	uint16_t controller;
	uint32_t nsid;
	uint64_t since_reset_ms;
	uint64_t timestamp_ms; /* of the controller */
	union {
		struct {
			/* the running revision */
			char before[DRIVE_REVISION_SIZE];
			/* the revision to activate; zeros: none */
			char revision[DRIVE_REVISION_SIZE];
			uint8_t action, slot;
			struct drive_status status;
		} firmware_commit;
		struct {
			uint64_t before_ms; /* the timestamp before */
			bool before_set;
		} timestamp_change;
		struct {
			char revision[DRIVE_REVISION_SIZE];
			bool firmware_activated;
			uint32_t power_cycles;
			uint64_t uptime_ms;
		} reset;
		struct {
			uint64_t blocks; /* in blocks of the format */
			uint8_t format;
			bool shared, deleted;
		} namespace_change;
		struct {
			uint8_t format; /* the new LBA format */
		} format_start;
		struct drive_sanitize sanitize_start;
		struct {
			uint8_t result; /* enum drive_sanitize_result */
			/* overwrite passes; 0: not an overwrite */
			uint8_t passes;
		} sanitize_end;
		struct {
			uint8_t change;	 /* enum drive_thermal_change */
			uint16_t kelvin; /* difference from the threshold */
		} thermal;
	};
};

/** A ring: entry (count - 1) % DRIVE_EVENTS is the newest. */
struct drive_event_log {
	uint32_t count; /* total events, including overwritten entries */
	struct drive_event entry[DRIVE_EVENTS];
};

/** Reporting context of the event log: a copy that a host reads in parts. */
struct drive_event_context {
	bool active;
	bool timestamp_set;
	uint16_t generation;   /* counts contexts whose log had changed */
	uint64_t timestamp_ms; /* when the context was established */
	uint64_t uptime_ms;
	struct drive_event_log log;
};

/* --- telemetry, base 8.24 --- */

enum drive_telemetry_log {
	DRIVE_TELEMETRY_HOST,	    /* captured when a host asks for it */
	DRIVE_TELEMETRY_CONTROLLER, /* captured when a failure occurs */
	DRIVE_TELEMETRY_LOGS,
};

/* Reason Identifier of a capture. */
enum drive_telemetry_reason {
	DRIVE_TELEMETRY_REQUEST = 1,
	DRIVE_TELEMETRY_FATAL = 2,
	DRIVE_TELEMETRY_SELF_TEST = 3,
	DRIVE_TELEMETRY_SANITIZE = 4,
};

enum {
	DRIVE_TELEMETRY_BLOCK = 512, /* bytes */
	DRIVE_TELEMETRY_AREAS = 3,
	DRIVE_TELEMETRY_SIZE = DRIVE_TELEMETRY_BLOCKS * DRIVE_TELEMETRY_BLOCK,
};

/** A capture of the drive's internal state: text. */
struct drive_telemetry {
	uint8_t generation; /* counts captures */
	uint8_t reason;	    /* enum drive_telemetry_reason; 0: no capture */
	bool available;	    /* captured, and not acknowledged by a host */
	/* Each area starts at block 1 and includes the areas before it. */
	uint16_t last_block[DRIVE_TELEMETRY_AREAS];
	uint8_t data[DRIVE_TELEMETRY_SIZE + 1]; /* ends with a zero byte */
};

/* --- features, base 5.27 --- */

/* Append new features at the end: state files store the values in this
 * order. */
enum drive_feature {
	DRIVE_FEATURE_ARBITRATION,
	DRIVE_FEATURE_POWER_MANAGEMENT,
	DRIVE_FEATURE_TEMPERATURE_THRESHOLD,
	DRIVE_FEATURE_ERROR_RECOVERY,
	DRIVE_FEATURE_VOLATILE_WRITE_CACHE,
	DRIVE_FEATURE_NUMBER_OF_QUEUES,
	DRIVE_FEATURE_INTERRUPT_COALESCING,
	DRIVE_FEATURE_WRITE_ATOMICITY,
	DRIVE_FEATURE_ASYNCHRONOUS_EVENTS,
	DRIVE_FEATURE_TIMESTAMP,
	DRIVE_FEATURE_SOFTWARE_PROGRESS,
	DRIVE_FEATURE_HOST_IDENTIFIER,
	DRIVE_FEATURE_INTERRUPT_VECTOR,
	DRIVE_FEATURE_HOST_BEHAVIOR,
	DRIVE_FEATURE_ENHANCED_METADATA,
	DRIVE_FEATURE_CONTROLLER_METADATA,
	DRIVE_FEATURE_THERMAL_MANAGEMENT,
	DRIVE_FEATURE_NON_OPERATIONAL_POWER,
	DRIVE_FEATURES,
	DRIVE_FEATURE_VALUES = 20, /* room in a state file */
};

enum drive_feature_select {
	DRIVE_FEATURE_CURRENT,
	DRIVE_FEATURE_DEFAULT,
	DRIVE_FEATURE_SAVED,
};

/** Properties of a feature. */
struct drive_feature_info {
	bool saveable, changeable;
	uint32_t value; /* default; drive_feature_set_default() replaces it */
	/* Bits of the value that a host may set. 0: other members or functions
	 * hold the feature. */
	uint32_t bits;
};

/** Host Behavior Support: extensions that the host supports. */
struct drive_host_behavior {
	bool advanced_command_retry, telemetry_area_4, lba_format_extension;
};

/** Features of a controller. */
struct drive_features {
	/* Values in the form of Set Features dword 11. The drive stores most of
	 * them without further effect. Each is the difference (XOR) from
	 * drive_feature_info.value, so zeros are the defaults. */
	uint32_t current[DRIVE_FEATURE_VALUES];
	uint32_t saved[DRIVE_FEATURE_VALUES];
	uint32_t model[DRIVE_FEATURE_VALUES]; /* default of this drive */
	uint8_t host_id[DRIVE_HOST_ID_SIZE];
	struct drive_host_behavior host_behavior;
	uint32_t uncoalesced_vectors; /* interrupt vectors, a bit each */
};

/** Host metadata of a controller, base 5.27.1.28: a list of elements. */
struct drive_metadata {
	uint8_t count; /* elements */
	uint16_t len;  /* bytes of list[] in use */
	uint8_t list[DRIVE_METADATA_SIZE + 1];
};

enum drive_metadata_kind {
	DRIVE_METADATA_ENHANCED,
	DRIVE_METADATA_CONTROLLER,
	DRIVE_METADATA_KINDS,
};

/* --- lockdown, base 8.4 --- */

/* Interfaces that a command arrives on. */
enum drive_interface {
	DRIVE_INTERFACE_QUEUE, /* an Admin Submission Queue */
	DRIVE_INTERFACE_ENDPOINT,
	DRIVE_INTERFACES,
};

/* What the identifier of a prohibition is: an opcode, or a feature of Set
 * Features. */
enum drive_lockdown_scope {
	DRIVE_LOCKDOWN_ADMIN,
	DRIVE_LOCKDOWN_FEATURE,
	DRIVE_LOCKDOWN_MI,
	DRIVE_LOCKDOWN_PCIE,
	DRIVE_LOCKDOWN_SCOPES,
};

enum { DRIVE_LOCKDOWN_MAP_SIZE = 32 }; /* a bit for each identifier */

/* --- controllers and namespaces --- */

struct drive_timestamp {
	uint64_t ms;	    /* value that a host set */
	uint64_t set_at_ms; /* uptime when the host set it */
	bool set;
};

/** Lifetime counters of a controller; transfers in bytes and commands. */
struct drive_counters {
	uint64_t bytes_read, bytes_written, reads, writes;
	uint64_t power_cycles, unsafe_shutdowns, media_errors;
	uint8_t throttling_events; /* saturates */
};

/** Writable bits of PCI configuration space, as PCI defines the registers. */
struct drive_pci_registers {
	uint16_t command;
	uint16_t msix_control;
	uint8_t interrupt_line;
};

struct drive_controller {
	uint8_t port;	      /* a PCIe port */
	bool enabled;	      /* CC.EN, therefore CSTS.RDY */
	bool fatal;	      /* CSTS.CFS */
	bool shut_down;	      /* CSTS.SHST: shutdown processing complete */
	uint16_t temperature; /* K */
	uint16_t cold_threshold, hot_threshold;	   /* K */
	uint16_t cold_default, hot_default;	   /* thresholds at power-on */
	uint8_t spare, spare_threshold, life_used; /* percent */
	/* set in addition to the warnings derived from values */
	uint8_t forced_warnings;
	uint16_t changes; /* enum drive_change */
	/* not yet returned by drive_changes_fetch() */
	uint16_t unreported_changes;
	uint8_t attached[DRIVE_NAMESPACE_MAP_SIZE];
	/* Namespaces that were attached, detached or reformatted since a host
	 * read the Changed Namespace List. */
	uint8_t changed_namespaces[DRIVE_NAMESPACE_MAP_SIZE];
	struct drive_counters counters;
	struct drive_error_log error_log;
	struct drive_self_tests self_test;
	struct drive_features features;
	struct drive_metadata metadata[DRIVE_METADATA_KINDS];
	struct drive_timestamp timestamp;
	struct drive_pci_registers pci;
};

struct drive_namespace {
	uint64_t blocks; /* in units of DRIVE_BLOCK_SIZE; 0: the NSID is free */
	uint8_t format;	 /* LBA format */
	bool shared;	 /* may be attached to several controllers */
	uint8_t uuid[DRIVE_UUID_SIZE];
	struct drive_operation formatting;
};

/* --- firmware: the rest is in firmware_types.h --- */

/** An activation of firmware, or an attempt. */
struct drive_activation {
	uint16_t number; /* counts from 1 */
	bool timestamp_set;
	uint8_t slot, action; /* enum drive_firmware_action */
	struct drive_status status;
	uint64_t timestamp_ms, power_cycles; /* of controller 0 */
	char before[DRIVE_REVISION_SIZE], after[DRIVE_REVISION_SIZE];
};

/** A ring: entry (count - 1) % DRIVE_ACTIVATIONS is the newest. */
struct drive_activation_log {
	uint16_t count; /* total activations; saturates */
	struct drive_activation entry[DRIVE_ACTIVATIONS];
};

struct drive_firmware {
	char running[DRIVE_REVISION_SIZE + 1];
	uint8_t active; /* slot */
	uint8_t next;	/* slot to activate at the next reset; 0: none */
	/* the image in the active slot was replaced and is not the running
	 * image */
	bool replaced;
	/* enum drive_firmware_action that set `next` or `replaced` */
	uint8_t action;
	struct drive_activation_log activations;
	struct drive_firmware_image slot[DRIVE_FIRMWARE_SLOTS];
	struct drive_firmware_download download;
};

/* --- the drive --- */

/** Names and identifiers. Strings are terminated. */
struct drive_identity {
	uint8_t mi_major, mi_minor; /* supported version of NVMe-MI */
	char model[41], serial[21];
	uint8_t oui[3]; /* in the order of the written form: AC DE 48 */
	uint16_t pci_vendor, pci_device, pci_subvendor, pci_subdevice;
	uint8_t instance[DRIVE_UUID_SIZE]; /* seed of UUIDs and the NQN */
	char vpd_manufacturer[25], vpd_product[17]; /* FRU information */
};

struct drive_vpd {
	/* a host wrote image[]; false: the codec builds the VPD */
	bool written;
	uint16_t writes_left; /* writes that the drive still accepts */
	uint8_t image[DRIVE_VPD_SIZE];
};

struct drive_clock {
	bool running; /* drive_poll() was called */
	uint32_t now_ms;
	uint64_t uptime_ms;	  /* total of all power cycles */
	uint64_t reset_uptime_ms; /* uptime at the last reset */
};

struct drive {
	struct drive_identity identity;
	/* entries in use of port[] and controller[] */
	uint8_t ports, controllers;
	uint8_t endpoint_port; /* port of the management endpoint */
	bool ocp; /* the drive has the log pages of OCP's specification */
	uint16_t changes;  /* enum drive_change, of all controllers */
	uint64_t capacity; /* bytes for namespaces, allocated or not */
	uint64_t media_bytes_per_ms; /* rate of format and sanitize */
	uint32_t self_test_ms[2];    /* duration: short, extended */
	struct drive_port port[DRIVE_PORTS];
	struct drive_controller controller[DRIVE_CONTROLLERS];
	struct drive_namespace namespace[DRIVE_NAMESPACES];
	struct drive_firmware firmware;
	struct drive_sanitize_state sanitize;
	struct drive_vpd vpd;
	struct drive_event_log event_log;
	struct drive_event_context event_context;
	struct drive_telemetry telemetry[DRIVE_TELEMETRY_LOGS];
	uint8_t lockdown[DRIVE_INTERFACES][DRIVE_LOCKDOWN_SCOPES]
			[DRIVE_LOCKDOWN_MAP_SIZE];
	struct drive_clock clock;
	bool off;	  /* power is lost, until drive_power_on() */
	uint32_t resets;  /* NVM Subsystem Resets since drive_start() */
	uint32_t created; /* count of created namespaces */
	uint16_t formats; /* namespaces being formatted */
	/* Increments with each change of non-volatile state. A program compares
	 * the number to know when to save the state. */
	uint32_t state_version;
};

#endif
