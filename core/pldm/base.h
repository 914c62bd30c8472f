/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Responder of PLDM base (type 00, DSP0240): SetTID, GetTID, GetPLDMVersion,
 * GetPLDMTypes and GetPLDMCommands. The owner of struct pldm_base lists the
 * supported types. The functions encode responses but do not send them, so that
 * device and host share the code.
 */
#ifndef TETHER_PLDM_BASE_H
#define TETHER_PLDM_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "pldm/pldm.h"

enum { PLDM_TID_UNASSIGNED = 0x00, PLDM_TID_RESERVED = 0xff };

/** A supported PLDM type. */
struct pldm_support {
	uint8_t type;
	uint8_t count;		 /* number of commands */
	uint32_t version;	 /* version of the specification, ver32 */
	const uint8_t *commands; /* command codes; not copied */
};

struct pldm_base {
	uint8_t tid;
	uint8_t types;
	const struct pldm_support *type;
};

/** Initialize. type: array of `types` supported types; not copied. */
void pldm_base_init(struct pldm_base *b, const struct pldm_support *type,
		    uint8_t types);

/** Whether the command of this type is supported. */
bool pldm_base_has(const struct pldm_base *b, uint8_t type, uint8_t command);

/**
 * Execute a command of type 00. h is the header of the request, r its data
 * after the header. Writes the whole response to w. Returns false if the
 * command is not one of the five above.
 */
bool pldm_base_answer(struct pldm_base *b, const struct pldm_header *h,
		      struct rd *r, struct wr *w);

/** Completion code for a command that neither this module nor the owner
 * supports. */
enum pldm_code pldm_base_refuse(const struct pldm_base *b,
				const struct pldm_header *h);

#endif
