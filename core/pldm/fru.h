/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PLDM for FRU data (type 04h, DSP0257 1.0), device side: a read-only FRU
 * record table that is built for each request. The owner lists the records
 * through struct pldm_fru_ops, so the module knows no drive.
 *
 * The table is a list of records, filled up to a multiple of four bytes, and
 * the CRC-32 of both. GetFRURecordTable returns the table and its CRC-32 in
 * parts of PLDM_FRU_PART bytes. If the fields change between two parts, the
 * CRC-32 tells the requester.
 */
#ifndef TETHER_PLDM_FRU_H
#define TETHER_PLDM_FRU_H

#include <stddef.h>
#include <stdint.h>

#include "base/wire.h"
#include "pldm/pldm_table.h"

#define PLDM_FRU_VERSION 0xf1f0f000U

/* DSP0257 table 7: commands of type 04. */
enum pldm_fru_command {
	PLDM_GET_FRU_RECORD_TABLE_METADATA = 0x01,
	PLDM_GET_FRU_RECORD_TABLE = 0x02,
};

/* DSP0257 table 5: fields of a general record. */
enum pldm_fru_field {
	PLDM_FRU_CHASSIS = 1,
	PLDM_FRU_MODEL = 2,
	PLDM_FRU_PART_NUMBER = 3,
	PLDM_FRU_SERIAL_NUMBER = 4,
	PLDM_FRU_MANUFACTURER = 5,
	PLDM_FRU_MANUFACTURE_DATE = 6,
	PLDM_FRU_VENDOR = 7,
	PLDM_FRU_NAME = 8,
	PLDM_FRU_SKU = 9,
	PLDM_FRU_FIELD_VERSION = 10,
	PLDM_FRU_ASSET_TAG = 11,
	PLDM_FRU_DESCRIPTION = 12,
	PLDM_FRU_ENGINEERING_CHANGE = 13,
	PLDM_FRU_OTHER = 14,
	PLDM_FRU_VENDOR_IANA = 15,
};

enum {
	/* bytes of a part: a response fits into one packet of 64 bytes */
	PLDM_FRU_PART = 48,
	PLDM_FRU_TABLE_MAX = 512, /* bytes, without the CRC-32 */
	PLDM_FRU_GENERAL = 1,	  /* record type */
	PLDM_FRU_ASCII = 1,	  /* encoding of the fields */
	PLDM_FRU_RECORD_HEADER = 5,
	PLDM_FRU_METADATA_SIZE = 18,
};

/** A table that is being built. Private to the module and to
 * pldm_fru_begin() and pldm_fru_add(). */
struct pldm_fru_table {
	struct wr w;
	uint8_t *fields; /* number of fields of the current record */
	uint16_t records;
};

/** The source of the records. */
struct pldm_fru_ops {
	/** List all records, by pldm_fru_begin() and pldm_fru_add(). */
	void (*list)(void *ctx, struct pldm_fru_table *table);
	void *ctx;
};

/** Start a general record. Each record has a record set identifier of its own,
 * which the FRU record set PDR of an entity names. */
void pldm_fru_begin(struct pldm_fru_table *table, uint16_t set);

/** Add a field to the record. An empty text adds nothing; a text of more than
 * 255 bytes is cut. */
void pldm_fru_add(struct pldm_fru_table *table, enum pldm_fru_field field,
		  const char *text, size_t len);

/** PLDM type 04h. Its argument is a struct pldm_fru_ops. */
extern const struct pldm_table pldm_fru_commands;

#endif
