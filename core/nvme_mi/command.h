/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the command tables of nvme_mi share: a request being worked on. Inside
 * this folder only.
 *
 * A command function decodes what it needs, writes its data to `w` and
 * returns a status. Anything but success drops what was written.
 */
#ifndef TETHER_NVME_MI_COMMAND_H
#define TETHER_NVME_MI_COMMAND_H

#include "base/wire.h"
#include "nvme_mi/nvme_mi.h"

struct nvme_mi_request {
	struct nvme_mi *mi;
	const struct mctp_msg *msg;
	uint8_t slot;
	bool meb;	  /* data is in the Management Endpoint Buffer */
	struct rd r;	  /* behind the header, without the MIC */
	struct wr w;	  /* data of the response */
	uint32_t nmresp;  /* MI: NVMe Management Response, 24 bits */
	uint32_t dword0;  /* admin: completion queue entry */
	uint32_t dword3;  /* admin: status, as in bits 31:17 */
	uint32_t wait_ms; /* until the response may be sent */
	bool unanswered;  /* there is no response, 5.8 */
	/* Where an invalid parameter is, from the start of the message. */
	uint16_t at_byte;
	uint8_t at_bit;
};

/** Say where an invalid parameter is, as the status that says so. */
static inline enum nvme_mi_status nvme_mi_invalid(struct nvme_mi_request *q,
						  uint16_t byte, uint8_t bit)
{
	q->at_byte = byte;
	q->at_bit = bit;
	return NVME_MI_INVALID_PARAMETER;
}

/**
 * The one map from an error of the model to a status of NVMe-MI; that to one
 * of NVMe's completions is admin_result(). `byte` is where the parameter is
 * that it came from. ERR_FULL: VPD was written as often as it can be.
 */
enum nvme_mi_status nvme_mi_result(struct nvme_mi_request *q, int err,
				   uint16_t byte);

/**
 * The data that a request brings, from its message or from the buffer: exactly
 * len bytes. Not success: it brings another number of them, or the buffer was
 * cleared since it was written.
 */
enum nvme_mi_status nvme_mi_request_data(struct nvme_mi_request *q,
					 uint32_t len, const uint8_t **data);

/** Whether the response data of this command may go to the buffer, or its
 * request data come from there. `opcode` is an enum of `kind`'s. */
bool nvme_mi_may_use_buffer(enum nvme_mi_message_type kind, uint8_t opcode);

/** Whether there is an MI command with this opcode. */
bool nvme_mi_has_command(uint8_t opcode);

/** Forget the errors that Get State shows, and that there was a reset. */
void nvme_mi_clear_errors(struct nvme_mi *mi);

/** State of a command slot, with that of a request of which more packets are
 * to come. */
enum nvme_mi_slot_state nvme_mi_state(const struct nvme_mi *mi,
				      unsigned int slot);

enum nvme_mi_status nvme_mi_run_primitive(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_run_command(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_run_admin(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_run_pcie(struct nvme_mi_request *q);

/* --- MI commands --- */

struct nvme_mi_parameters {
	uint32_t nmd0, nmd1;
};

static inline uint8_t nvme_mi_byte(uint32_t dword, unsigned int n)
{
	return (uint8_t)(dword >> 8 * n);
}

typedef enum nvme_mi_status (*nvme_mi_command_fn)(
	struct nvme_mi_request *q, const struct nvme_mi_parameters *p);

enum nvme_mi_status
nvme_mi_read_data_structure(struct nvme_mi_request *q,
			    const struct nvme_mi_parameters *p);
enum nvme_mi_status
nvme_mi_subsystem_health(struct nvme_mi_request *q,
			 const struct nvme_mi_parameters *p);
enum nvme_mi_status
nvme_mi_controller_health(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p);
enum nvme_mi_status
nvme_mi_configuration_get(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p);
enum nvme_mi_status
nvme_mi_configuration_set(struct nvme_mi_request *q,
			  const struct nvme_mi_parameters *p);
enum nvme_mi_status nvme_mi_vpd_read(struct nvme_mi_request *q,
				     const struct nvme_mi_parameters *p);
enum nvme_mi_status nvme_mi_vpd_write(struct nvme_mi_request *q,
				      const struct nvme_mi_parameters *p);
enum nvme_mi_status nvme_mi_buffer_read(struct nvme_mi_request *q,
					const struct nvme_mi_parameters *p);
enum nvme_mi_status nvme_mi_buffer_write(struct nvme_mi_request *q,
					 const struct nvme_mi_parameters *p);

/** Configuration 4 of 2.0 (aem.c). */
enum nvme_mi_status nvme_mi_aem_get(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_aem_set(struct nvme_mi_request *q, uint32_t nmd0);

#endif
