/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PLDM base (type 00, DSP0240), the responder: GetTID, SetTID,
 * GetPLDMVersion, GetPLDMTypes, GetPLDMCommands, for whatever types its owner
 * has. It sends nothing itself, so that a device and a host share it.
 */
#ifndef TETHER_PLDM_BASE_H
#define TETHER_PLDM_BASE_H

#include <stdbool.h>
#include <stdint.h>

#include "pldm/pldm.h"

enum { PLDM_TID_UNASSIGNED = 0x00, PLDM_TID_RESERVED = 0xff };

/** A PLDM type that is answered. Static. */
struct pldm_support {
	uint8_t type;
	uint8_t count;		 /* of commands */
	uint32_t version;	 /* of its specification */
	const uint8_t *commands; /* their codes */
};

struct pldm_base {
	uint8_t tid;
	uint8_t types;
	const struct pldm_support *type;
};

void pldm_base_init(struct pldm_base *b, const struct pldm_support *type,
		    uint8_t types);

/** Whether a command is among those of its type. */
bool pldm_base_has(const struct pldm_base *b, uint8_t type, uint8_t command);

/**
 * Answer a request to type 00: r is behind its header h, the answer goes to
 * w, header and code included. false: it is none of the five commands.
 */
bool pldm_base_answer(struct pldm_base *b, const struct pldm_header *h,
		      struct rd *r, struct wr *w);

/** The answer to what pldm_base_answer() and its owner do not have. */
enum pldm_code pldm_base_refuse(const struct pldm_base *b,
				const struct pldm_header *h);

#endif
