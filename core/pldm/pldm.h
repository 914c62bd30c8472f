/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants and codec of PLDM (DSP0240 1.1) over MCTP (DSP0241, message type
 * 01h), for both ends of a file transfer: base (DSP0240), the PDRs of platform
 * monitoring that describe files (DSP0248), and file transfer (DSP0242).
 * Numbers are little endian.
 *
 * The field layouts come from public implementations. docs/pldm.md lists the
 * decisions where these implementations are ambiguous.
 */
#ifndef TETHER_PLDM_PLDM_H
#define TETHER_PLDM_PLDM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"

/* DSP0245: PLDM types. */
enum pldm_type {
	PLDM_TYPE_BASE = 0x00,
	PLDM_TYPE_PLATFORM = 0x02,
	PLDM_TYPE_FRU = 0x04,
	PLDM_TYPE_FIRMWARE = 0x05,
	PLDM_TYPE_FILE = 0x07,
	PLDM_TYPE_OEM = 0x3f,
	PLDM_TYPES = 64,
};

/* Versions of the PLDM types, as ver32. They exceed the range of an enum. */
#define PLDM_BASE_VERSION 0xf1f1f000U
#define PLDM_PLATFORM_VERSION 0xf1f3f000U
#define PLDM_FILE_VERSION 0xf1f0f000U
#define PLDM_OEM_VERSION 0xf1f0f000U

/* DSP0240 table 13 and following: commands of type 00. */
enum pldm_base_command {
	PLDM_SET_TID = 0x01,
	PLDM_GET_TID = 0x02,
	PLDM_GET_PLDM_VERSION = 0x03,
	PLDM_GET_PLDM_TYPES = 0x04,
	PLDM_GET_PLDM_COMMANDS = 0x05,
	PLDM_NEGOTIATE_TRANSFER_PARAMETERS = 0x07,
	PLDM_MULTIPART_RECEIVE = 0x09,
};

/* DSP0248: commands of type 02. */
enum pldm_platform_command {
	PLDM_GET_PDR_REPOSITORY_INFO = 0x50,
	PLDM_GET_PDR = 0x51,
};

/* DSP0242: commands of type 07. MultipartReceive reads the data.
 * GetPLDMCommands reports this support as the command DfRead. */
enum pldm_file_command {
	PLDM_DF_OPEN = 0x01,
	PLDM_DF_CLOSE = 0x02,
	PLDM_DF_PROPERTIES = 0x10,
	PLDM_DF_READ = 0x20,
};

/* Completion codes: generic codes, then command-specific codes. */
enum pldm_code {
	PLDM_SUCCESS = 0x00,
	PLDM_ERROR = 0x01,
	PLDM_ERROR_INVALID_DATA = 0x02,
	PLDM_ERROR_INVALID_LENGTH = 0x03,
	PLDM_ERROR_NOT_READY = 0x04,
	PLDM_ERROR_UNSUPPORTED_PLDM_CMD = 0x05,
	PLDM_ERROR_INVALID_PLDM_TYPE = 0x20,
	PLDM_ERROR_INVALID_TRANSFER_CONTEXT = 0x21,
	PLDM_ERROR_INVALID_DATA_TRANSFER_HANDLE = 0x22,
	PLDM_ERROR_UNEXPECTED_TRANSFER_FLAG_OPERATION = 0x23,
	PLDM_ERROR_INVALID_REQUESTED_SECTION_OFFSET = 0x24,

	PLDM_VERSION_INVALID_TRANSFER_OPERATION_FLAG = 0x81,
	PLDM_VERSION_INVALID_PLDM_TYPE = 0x83,
	PLDM_COMMANDS_INVALID_PLDM_TYPE = 0x83,
	PLDM_COMMANDS_INVALID_PLDM_VERSION = 0x84,
	PLDM_MULTIPART_NEGOTIATION_INCOMPLETE = 0x83,

	PLDM_PDR_INVALID_DATA_TRANSFER_HANDLE = 0x80,
	PLDM_PDR_INVALID_TRANSFER_OPERATION_FLAG = 0x81,
	PLDM_PDR_INVALID_RECORD_HANDLE = 0x82,
	PLDM_PDR_INVALID_RECORD_CHANGE_NUMBER = 0x83,

	PLDM_PLATFORM_INVALID_SENSOR_ID = 0x80,
	PLDM_PLATFORM_INVALID_OPERATIONAL_STATE = 0x81,
	PLDM_PLATFORM_EVENTS_NOT_SUPPORTED = 0x82,
	PLDM_PLATFORM_INVALID_PROTOCOL_TYPE = 0x80,
	PLDM_PLATFORM_ENABLE_METHOD_NOT_SUPPORTED = 0x81,
	PLDM_PLATFORM_HEARTBEAT_TOO_FREQUENT = 0x82,
	PLDM_PLATFORM_INVALID_DATA_TRANSFER_HANDLE = 0x80,
	PLDM_PLATFORM_INVALID_TRANSFER_OPERATION_FLAG = 0x81,
	PLDM_PLATFORM_INVALID_EVENT_ID = 0x82,

	PLDM_FRU_INVALID_DATA_TRANSFER_HANDLE = 0x80,
	PLDM_FRU_INVALID_TRANSFER_OPERATION_FLAG = 0x81,
	PLDM_FRU_TABLE_UNAVAILABLE = 0x85,

	PLDM_FILE_INVALID_FILE_DESCRIPTOR = 0x80,
	PLDM_FILE_INVALID_DF_ATTRIBUTE = 0x81,
	PLDM_FILE_ZEROLENGTH_NOT_ALLOWED = 0x82,
	PLDM_FILE_INVALID_FILE_IDENTIFIER = 0x86,
	PLDM_FILE_MAX_NUM_FDS_EXCEEDED = 0x88,
	PLDM_FILE_UNABLE_TO_OPEN_FILE = 0x8a,
};

/* Transfer operation flag of GetPLDMVersion and GetPDR. */
enum { PLDM_GET_NEXT_PART = 0, PLDM_GET_FIRST_PART = 1 };

/* Transfer operation of MultipartReceive. */
enum pldm_transfer_operation {
	PLDM_XFER_FIRST_PART = 0,
	PLDM_XFER_NEXT_PART = 1,
	PLDM_XFER_ABORT = 2,
	PLDM_XFER_COMPLETE = 3,
	PLDM_XFER_CURRENT_PART = 4,
};

/* Transfer flag of a response, except GetPDR. */
enum pldm_transfer_flag {
	PLDM_START = 1,
	PLDM_MIDDLE = 2,
	PLDM_END = 4,
	PLDM_START_AND_END = 5,
	PLDM_ACKNOWLEDGE_COMPLETION = 8,
};

/* Transfer flag of a GetPDR response. */
enum pldm_pdr_flag {
	PLDM_PDR_START = 0,
	PLDM_PDR_MIDDLE = 1,
	PLDM_PDR_END = 4,
	PLDM_PDR_START_AND_END = 5,
};

enum {
	PLDM_HEADER_SIZE = 4, /* message type included */
	PLDM_RQ = 0x80,
	PLDM_D = 0x40,
	PLDM_INSTANCE = 0x1f,
	PLDM_TYPE_MASK = 0x3f,
	PLDM_TYPES_SIZE = 8,	 /* bit map of types */
	PLDM_COMMANDS_SIZE = 32, /* bit map of commands */
	PLDM_PART_MIN = 256,
	/* bytes of a MultipartReceive response without the part */
	PLDM_PART_OVERHEAD = 18,
	PLDM_PDR_HEADER_SIZE = 10,
	PLDM_PDR_TYPE_AT = 5, /* offset in the record */
	PLDM_PDR_VERSION = 1,
	PLDM_PDR_TERMINUS_LOCATOR = 1,
	PLDM_PDR_FILE_DESCRIPTOR = 30,
	PLDM_PDR_FILE_FIXED = 26, /* size without header and names */
	PLDM_NAME_MAX = 255,
	/* header, fixed fields, file name, OEM name with its length */
	PLDM_PDR_FILE_MAX = PLDM_PDR_HEADER_SIZE + PLDM_PDR_FILE_FIXED +
			    2 * PLDM_NAME_MAX + 1,
	PLDM_REPOSITORY_INFO_SIZE = 41, /* completion code included */
	PLDM_TIMESTAMP_SIZE = 13,
	PLDM_REPOSITORY_AVAILABLE = 0,
};

/** Header of a PLDM message (DSP0240 8). */
struct pldm_header {
	bool rq, d;
	uint8_t instance; /* 0 to 31 */
	uint8_t type;	  /* 0 to 63 */
	uint8_t command;
};

/**
 * Decode message type and header. ERR_LENGTH: too short. ERR_INVALID: another
 * message type, integrity check bit set (DSP0241 has none), or another header
 * version.
 */
int pldm_read_header(struct rd *r, struct pldm_header *h);

/** Decode the header of a response. Returns whether it belongs to the request
 * with the header `asked`, and a completion code follows. */
bool pldm_read_response(struct rd *r, const struct pldm_header *asked);

/** Encode message type and header. */
void pldm_write_header(struct wr *w, const struct pldm_header *h);

/** Start the response to h: write its header with Rq clear, and a completion
 * code. */
void pldm_write_code(struct wr *w, const struct pldm_header *h,
		     enum pldm_code code);

/** Replace the content of w by a response with only a completion code. */
void pldm_write_only_code(struct wr *w, const struct pldm_header *h,
			  enum pldm_code code);

/** CRC-8 of GetPDR (x^8 + x^2 + x + 1); crc is 0 at the start. */
uint8_t pldm_crc8(uint8_t crc, const void *data, size_t len);

/** Whether bit n of a bit map is set. */
static inline bool pldm_bit(const uint8_t *map, uint8_t n)
{
	return map[n / 8] >> n % 8 & 1;
}

/** A decoded File Descriptor PDR (DSP0248 1.3, PDR type 30). */
struct pldm_file_pdr {
	uint32_t handle;     /* record handle */
	uint16_t file;	     /* file identifier */
	uint32_t size;	     /* maximum, bytes */
	uint8_t descriptors; /* maximum open at the same time */
	uint8_t name_len;
	const uint8_t *name; /* inside the record */
};

/** Decode a record, header included. ERR_INVALID: another PDR type or version.
 * ERR_LENGTH: malformed. */
int pldm_read_file_pdr(const uint8_t *data, size_t len,
		       struct pldm_file_pdr *p);

/** Encode a record, header included. */
void pldm_write_file_pdr(struct wr *w, const struct pldm_file_pdr *p);

#endif
