/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam between a PLDM responder and the PLDM types that it supports. Each
 * type is a module with one constant struct pldm_table. The responder routes a
 * request to the table's function, and reports the types, versions and commands
 * of the tables by GetPLDMTypes, GetPLDMVersion and GetPLDMCommands. A type is
 * supported if, and only if, its table was added.
 *
 * To add a type: write its table, declare it in the module's header, and add it
 * with pldm_base_add().
 */
#ifndef TETHER_PLDM_PLDM_TABLE_H
#define TETHER_PLDM_PLDM_TABLE_H

#include <stdint.h>

#include "base/wire.h"
#include "pldm/pldm.h"

/** A request, and the response that is being written. */
struct pldm_call {
	const struct pldm_header *header;
	uint8_t source; /* EID of the requester */
	uint32_t now_ms;
	struct rd *r; /* data of the request, after the header */
	struct wr *w; /* data of the response, after the completion code */
};

/* pldm_command.length: the function checks the length. */
enum { PLDM_ANY_LENGTH = 0xff };

struct pldm_command {
	uint8_t code;
	uint8_t length; /* of the request's data, bytes */
	/* Executes the command. Returns the completion code. With any other
	 * code than PLDM_SUCCESS, the response has no data. NULL: the command
	 * is only listed. */
	enum pldm_code (*run)(void *ctx, struct pldm_call *call);
};

/** A PLDM type, or a part of a type. Several tables may have the same type. */
struct pldm_table {
	uint8_t type;
	uint8_t count;	  /* number of commands */
	uint32_t version; /* of the type's specification, as ver32 */
	const struct pldm_command *command;
	/* For types with time-outs or requests of their own. Called in each
	 * loop turn, before mctp_poll(). NULL: not needed. */
	void (*poll)(void *ctx, uint32_t now_ms);
	/* The transport is about to be reset. NULL: not needed. */
	void (*reset)(void *ctx);
};

#endif
