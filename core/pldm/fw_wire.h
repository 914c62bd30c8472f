/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants and codec of PLDM for Firmware Update (type 05, DSP0267 1.0 to
 * 1.3), for both ends: the firmware device (fw_device.h) and the update agent
 * of the host (host/pldm_update.h). Numbers are little endian.
 *
 * The field layouts come from public implementations. A string refers to bytes
 * of the message that it was read from, and has no terminator.
 */
#ifndef TETHER_PLDM_FW_WIRE_H
#define TETHER_PLDM_FW_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/wire.h"
#include "pldm/pldm.h"

/* Version 1.1.0 as ver32. Versions 1.0 to 1.3 encode the messages below in the
 * same way. It exceeds the range of an enum. */
#define PLDM_FW_VERSION 0xf1f1f000U

/* A comparison stamp that a package does not use. */
#define PLDM_FW_NO_STAMP 0xffffffffU

/* DSP0267 table 11: commands. The device sends those from 15h to 18h. */
enum pldm_fw_command {
	PLDM_FW_QUERY_DEVICE_IDENTIFIERS = 0x01,
	PLDM_FW_GET_FIRMWARE_PARAMETERS = 0x02,
	PLDM_FW_REQUEST_UPDATE = 0x10,
	PLDM_FW_GET_PACKAGE_DATA = 0x11, /* the agent answers it */
	PLDM_FW_PASS_COMPONENT_TABLE = 0x13,
	PLDM_FW_UPDATE_COMPONENT = 0x14,
	PLDM_FW_REQUEST_FIRMWARE_DATA = 0x15,
	PLDM_FW_TRANSFER_COMPLETE = 0x16,
	PLDM_FW_VERIFY_COMPLETE = 0x17,
	PLDM_FW_APPLY_COMPLETE = 0x18,
	PLDM_FW_ACTIVATE_FIRMWARE = 0x1a,
	PLDM_FW_GET_STATUS = 0x1b,
	PLDM_FW_CANCEL_UPDATE_COMPONENT = 0x1c,
	PLDM_FW_CANCEL_UPDATE = 0x1d,
};

/* Completion codes of type 05. */
enum pldm_fw_code {
	PLDM_FW_NOT_IN_UPDATE_MODE = 0x80,
	PLDM_FW_ALREADY_IN_UPDATE_MODE = 0x81,
	PLDM_FW_DATA_OUT_OF_RANGE = 0x82,
	PLDM_FW_INVALID_TRANSFER_LENGTH = 0x83,
	PLDM_FW_INVALID_STATE_FOR_COMMAND = 0x84,
	PLDM_FW_INCOMPLETE_UPDATE = 0x85,
	PLDM_FW_BUSY_IN_BACKGROUND = 0x86,
	PLDM_FW_CANCEL_PENDING = 0x87,
	PLDM_FW_COMMAND_NOT_EXPECTED = 0x88,
	PLDM_FW_RETRY_REQUEST_FW_DATA = 0x89,
	PLDM_FW_UNABLE_TO_INITIATE_UPDATE = 0x8a,
	PLDM_FW_ACTIVATION_NOT_REQUIRED = 0x8b,
	PLDM_FW_SELF_CONTAINED_ACTIVATION_NOT_PERMITTED = 0x8c,
	PLDM_FW_RETRY_REQUEST_UPDATE = 0x8e,
	PLDM_FW_NO_PACKAGE_DATA = 0x8f,
	PLDM_FW_INVALID_TRANSFER_HANDLE = 0x90,
	PLDM_FW_INVALID_TRANSFER_OPERATION_FLAG = 0x91,
};

/* States of the firmware device, and values of GetStatus. */
enum pldm_fw_state {
	PLDM_FW_IDLE,
	PLDM_FW_LEARN_COMPONENTS,
	PLDM_FW_READY_XFER,
	PLDM_FW_DOWNLOAD,
	PLDM_FW_VERIFY,
	PLDM_FW_APPLY,
	PLDM_FW_ACTIVATE,
	PLDM_FW_STATES,
};

enum pldm_fw_aux {
	PLDM_FW_IN_PROGRESS,
	PLDM_FW_SUCCESSFUL,
	PLDM_FW_FAILED,
	PLDM_FW_NO_OPERATION, /* IDLE, LEARN COMPONENTS, READY XFER */
	PLDM_FW_ACTIVATION_FAILED,
};

/* Reason for the last change to IDLE. A time-out in state S is 2 + S. */
enum pldm_fw_reason {
	PLDM_FW_INITIALIZED,
	PLDM_FW_ACTIVATED,
	PLDM_FW_CANCELLED,
	PLDM_FW_TIMED_OUT = 2,
};

/* ComponentResponseCode of PassComponentTable, and with the same values
 * ComponentCompatibilityResponseCode of UpdateComponent. */
enum pldm_fw_response {
	PLDM_FW_CAN_UPDATE = 0x00,
	PLDM_FW_STAMP_IDENTICAL = 0x01, /* these two need the force option */
	PLDM_FW_STAMP_LOWER = 0x02,
	PLDM_FW_INVALID_STAMP = 0x03,
	PLDM_FW_CONFLICT = 0x04,
	PLDM_FW_PREREQUISITES_NOT_MET = 0x05,
	PLDM_FW_COMPONENT_NOT_SUPPORTED = 0x06,
	PLDM_FW_SECURITY_RESTRICTION = 0x07,
	PLDM_FW_INCOMPLETE_IMAGE_SET = 0x08,
	/* UpdateComponent: not the component of PassComponentTable */
	PLDM_FW_INFORMATION_MISMATCH = 0x09,
	PLDM_FW_VERSION_IDENTICAL = 0x0a, /* needs the force option */
	PLDM_FW_VERSION_LOWER = 0x0b,	  /* needs the force option */
	PLDM_FW_TOO_LARGE = 0xd0,	  /* vendor: larger than the storage */
};

/* Results of TransferComplete, VerifyComplete and ApplyComplete. */
enum pldm_fw_result {
	PLDM_FW_RESULT_SUCCESS = 0x00,
	PLDM_FW_RESULT_TIMEOUT = 0x09,
	PLDM_FW_RESULT_ERROR = 0x0a,
	PLDM_FW_TRANSFER_CORRUPT = 0x01,
	PLDM_FW_TRANSFER_ABORTED = 0x03,
	PLDM_FW_TRANSFER_STORAGE_ERROR = 0x0d,
	PLDM_FW_VERIFY_FAILED = 0x01,
	PLDM_FW_VERIFY_VERSION_MISMATCH = 0x02,
	PLDM_FW_VERIFY_SECURITY_FAILED = 0x03,
	PLDM_FW_VERIFY_INCOMPLETE = 0x04,
	PLDM_FW_VERIFY_SECURITY_REVISION = 0x10,
	/* success, with other activation methods than announced */
	PLDM_FW_APPLY_OTHER_METHODS = 0x01,
	PLDM_FW_APPLY_MEMORY_ERROR = 0x02,
};

/* Bits of the activation methods of a component. */
enum pldm_fw_method {
	PLDM_FW_METHOD_AUTOMATIC = 0x01,
	PLDM_FW_METHOD_SELF_CONTAINED = 0x02,
	PLDM_FW_METHOD_MEDIUM_RESET = 0x04,
	PLDM_FW_METHOD_SYSTEM_REBOOT = 0x08,
	PLDM_FW_METHOD_DC_POWER_CYCLE = 0x10,
	PLDM_FW_METHOD_AC_POWER_CYCLE = 0x20,
};

enum pldm_fw_string_type {
	PLDM_FW_STRING_UNKNOWN,
	PLDM_FW_STRING_ASCII,
	PLDM_FW_STRING_UTF8,
	PLDM_FW_STRING_UTF16,
	PLDM_FW_STRING_UTF16LE,
	PLDM_FW_STRING_UTF16BE,
	PLDM_FW_STRING_TYPES,
};

/* Types of descriptors of a device (DSP0267 table 7), and their lengths. */
enum pldm_fw_descriptor_type {
	PLDM_FW_PCI_VENDOR = 0x0000,
	PLDM_FW_IANA_ENTERPRISE = 0x0001,
	PLDM_FW_UUID = 0x0002,
	PLDM_FW_PNP_VENDOR = 0x0003,
	PLDM_FW_ACPI_VENDOR = 0x0004,
	PLDM_FW_PCI_DEVICE = 0x0100,
	PLDM_FW_PCI_SUBSYSTEM_VENDOR = 0x0101,
	PLDM_FW_PCI_SUBSYSTEM = 0x0102,
	PLDM_FW_VENDOR_DEFINED = 0xffff,
};

enum {
	PLDM_FW_CLASS_FIRMWARE = 0x000a, /* ComponentClassification */
	PLDM_FW_OPTION_FORCE = 0x01,	 /* UpdateOptionFlags */
	PLDM_FW_TRANSFER_MIN = 32,	 /* bytes of a request for data */
	PLDM_FW_PERCENT_UNKNOWN = 101,
	PLDM_FW_DATE_SIZE = 8,		 /* YYYYMMDD, or zeros */
	PLDM_FW_DATA_OVERHEAD = 5,	 /* header, completion code */
	PLDM_FW_DESCRIPTOR_OVERHEAD = 4, /* type and length */
};

/** A version string. */
struct pldm_fw_string {
	uint8_t type; /* enum pldm_fw_string_type */
	uint8_t len;  /* bytes */
	const uint8_t *text;
};

/** A descriptor that identifies a device. */
struct pldm_fw_descriptor {
	uint16_t type, len;
	const uint8_t *data;
};

/** What identifies a component of a device. */
struct pldm_fw_component {
	uint16_t classification, identifier;
	uint8_t index;
};

/** RequestUpdate. */
struct pldm_fw_request_update {
	uint32_t transfer_max; /* bytes of a part */
	uint16_t components;
	uint8_t outstanding; /* requests for data in flight */
	uint16_t package_data;
	struct pldm_fw_string version; /* of the image set */
};

/** A component that an agent offers. PassComponentTable has neither size nor
 * options. */
struct pldm_fw_offer {
	struct pldm_fw_component component;
	uint32_t stamp;
	uint32_t size, options;
	struct pldm_fw_string version;
};

struct pldm_fw_version {
	uint32_t stamp;
	struct pldm_fw_string text; /* len 0: no version */
	uint8_t date[PLDM_FW_DATE_SIZE];
};

/** A component in the response to GetFirmwareParameters. */
struct pldm_fw_parameters {
	struct pldm_fw_component component;
	struct pldm_fw_version active, pending;
	uint16_t methods; /* enum pldm_fw_method */
	uint32_t capabilities;
};

/** The fixed part of the response to GetFirmwareParameters. */
struct pldm_fw_image_set {
	uint32_t capabilities;
	uint16_t components;
	struct pldm_fw_string active, pending;
};

/** The response to UpdateComponent. */
struct pldm_fw_compatibility {
	bool refused;
	uint8_t code; /* enum pldm_fw_response */
	uint32_t options;
	uint16_t wait_s; /* time before the first request for data */
};

/** The response to GetStatus. */
struct pldm_fw_status {
	uint8_t state, previous; /* enum pldm_fw_state */
	uint8_t aux, aux_status, percent, reason;
	uint32_t options;
};

/*
 * Each read function decodes the data after the completion code, or after the
 * header of a request, up to its end. ERR_LENGTH: too short or too long.
 * ERR_INVALID: a field has a value that is not defined.
 */
int pldm_fw_read_request_update(struct rd *r, struct pldm_fw_request_update *q);
int pldm_fw_read_pass_component(struct rd *r, uint8_t *flag,
				struct pldm_fw_offer *o);
int pldm_fw_read_update_component(struct rd *r, struct pldm_fw_offer *o);
int pldm_fw_read_compatibility(struct rd *r, struct pldm_fw_compatibility *c);
int pldm_fw_read_status(struct rd *r, struct pldm_fw_status *s);

/** Decode a list entry, and leave r behind it. */
int pldm_fw_read_descriptor(struct rd *r, struct pldm_fw_descriptor *d);
int pldm_fw_read_parameters(struct rd *r, struct pldm_fw_parameters *p);

/** Decode the part of GetFirmwareParameters before its components. */
int pldm_fw_read_image_set(struct rd *r, struct pldm_fw_image_set *s);

void pldm_fw_write_request_update(struct wr *w,
				  const struct pldm_fw_request_update *q);
void pldm_fw_write_pass_component(struct wr *w, uint8_t flag,
				  const struct pldm_fw_offer *o);
void pldm_fw_write_update_component(struct wr *w,
				    const struct pldm_fw_offer *o);
void pldm_fw_write_compatibility(struct wr *w,
				 const struct pldm_fw_compatibility *c);
void pldm_fw_write_status(struct wr *w, const struct pldm_fw_status *s);
void pldm_fw_write_descriptor(struct wr *w, const struct pldm_fw_descriptor *d);
void pldm_fw_write_parameters(struct wr *w, const struct pldm_fw_parameters *p);
void pldm_fw_write_image_set(struct wr *w, const struct pldm_fw_image_set *s);

/** Whether both identify the same component. */
bool pldm_fw_same_component(const struct pldm_fw_component *a,
			    const struct pldm_fw_component *b);

/** Whether both strings have the same type and bytes. */
bool pldm_fw_same_string(const struct pldm_fw_string *a,
			 const struct pldm_fw_string *b);

#endif
