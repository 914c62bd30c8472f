/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes PLDM requests to the tables of the supported types, and implements
 * type 00, PLDM base (DSP0240): SetTID, GetTID, GetPLDMVersion, GetPLDMTypes
 * and GetPLDMCommands. The functions encode responses but do not send them, so
 * that device and host share the code.
 */
#ifndef TETHER_PLDM_BASE_H
#define TETHER_PLDM_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "pldm/pldm_table.h"
#include "pldm/pldm.h"

enum { PLDM_TID_UNASSIGNED = 0x00, PLDM_TID_RESERVED = 0xff };

enum { PLDM_TABLES = 8 };

struct pldm_base {
	uint8_t tid;
	uint8_t tables;
	struct {
		const struct pldm_table *table;
		void *ctx;
	} entry[PLDM_TABLES];
};

/** Initialize: no TID, and type 00 with the five commands above. Do not move *b
 * afterwards. */
void pldm_base_init(struct pldm_base *b);

/** Add a table. ctx: argument of the table's functions. ERR_FULL: there are
 * PLDM_TABLES tables. The table is not copied. */
int pldm_base_add(struct pldm_base *b, const struct pldm_table *table,
		  void *ctx);

/** Whether the command of this type is supported. */
bool pldm_base_has(const struct pldm_base *b, uint8_t type, uint8_t command);

/** Execute a request. Writes the whole response to call->w, header and
 * completion code included. Returns the completion code. */
enum pldm_code pldm_base_answer(struct pldm_base *b, struct pldm_call *call);

/** Call poll() of each table. */
void pldm_base_poll(const struct pldm_base *b, uint32_t now_ms);

/** Call reset() of each table. */
void pldm_base_reset(const struct pldm_base *b);

#endif
