/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The request that is being processed, and the functions that the sources of
 * this folder share. Private to core/nvme_mi.
 *
 * A command function decodes its parameters, writes response data to
 * request.out, and returns a status. For any status but success the caller
 * discards the data.
 */
#ifndef TETHER_NVME_MI_COMMAND_H
#define TETHER_NVME_MI_COMMAND_H

#include "base/wire.h"
#include "nvme_mi/nvme_mi.h"

struct nvme_mi_request {
	struct nvme_mi *mi;
	const struct mctp_msg *msg;
	uint8_t slot;
	bool endpoint_buffer; /* data is in the Management Endpoint Buffer */
	struct rd in;  /* request after the message header, without the MIC */
	struct wr out; /* the response */
	uint32_t management_response; /* 24 bits after the status */
	uint32_t dword0;	      /* Admin: dword 0 of the completion */
	uint16_t completion; /* Admin: Status field of the completion */
	/* Admin: offset of the field of the submission queue entry that caused
	 * an error; 0: the status implies the field */
	uint16_t field;
	uint32_t wait_ms;	    /* until the response may be sent */
	bool no_response;	    /* 5.8: Reset has none */
	struct nvme_mi_fault fault; /* simulated fault of the request */
	uint16_t error_byte;	    /* location of an invalid parameter */
	uint8_t error_bit;
};

/** Set the location of an invalid parameter. Returns Invalid Parameter. */
static inline enum nvme_mi_status nvme_mi_invalid(struct nvme_mi_request *q,
						  uint16_t byte, uint8_t bit)
{
	q->error_byte = byte;
	q->error_bit = bit;
	return NVME_MI_INVALID_PARAMETER;
}

/** As nvme_mi_invalid(), at the lowest bit set in a field whose least
 * significant byte is at `byte`. bits: not 0. */
static inline enum nvme_mi_status
nvme_mi_invalid_bits(struct nvme_mi_request *q, uint16_t byte, uint32_t bits)
{
	uint8_t bit = 0;

	while (!(bits >> bit & 1))
		bit++;
	return nvme_mi_invalid(q, (uint16_t)(byte + bit / 8), bit % 8);
}

/**
 * Convert an error of the drive to a status of NVMe-MI; admin_result() converts
 * to a status of NVMe. byte: location of the parameter that caused the error.
 * ERR_FULL becomes VPD Updates Exceeded.
 */
enum nvme_mi_status nvme_mi_result(struct nvme_mi_request *q, int err,
				   uint16_t byte);

/**
 * Get the request data from the message or from the Management Endpoint Buffer.
 * *data: exactly len bytes, valid during the request. Fails if the request data
 * has another length, or if a sanitize operation has cleared the buffer.
 */
enum nvme_mi_status nvme_mi_request_data(struct nvme_mi_request *q,
					 uint32_t len, const uint8_t **data);

/** Whether a command may have its data in the Management Endpoint Buffer. */
bool nvme_mi_may_use_buffer(enum nvme_mi_message_type type, uint8_t opcode);

/** Whether an MI command with this opcode is supported. */
bool nvme_mi_has_command(uint8_t opcode);

/** Clear the errors and the reset flag that Get State reports. */
void nvme_mi_clear_errors(struct nvme_mi *mi);

/** State of a command slot. Includes the state receive, unlike
 * nvme_mi_slot_state(). */
enum nvme_mi_slot_state nvme_mi_state(const struct nvme_mi *mi,
				      unsigned int slot);

/** Whether a host has prohibited the request with Lockdown (base 8.4). Call it
 * before the request is decoded. */
bool nvme_mi_is_locked(const struct nvme_mi_request *q, uint8_t type);

/** Ask the source of simulated faults about the request: set q->fault. */
void nvme_mi_find_fault(struct nvme_mi_request *q);

/* Run a request of one message type. */
enum nvme_mi_status nvme_mi_run_primitive(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_run_command(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_run_admin(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_run_pcie(struct nvme_mi_request *q);

/** Collect changes of the drive as events, and send messages that are due. */
void nvme_mi_events_poll(struct nvme_mi *mi, uint32_t now_ms);

/** Disable all events and discard pending events, as at power-on. */
void nvme_mi_events_reset(struct nvme_mi *mi);

/* --- MI commands --- */

/** NVMe Management Dwords. */
struct nvme_mi_parameters {
	uint32_t dword0, dword1;
};

/** Byte n of a dword. */
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

/** Configuration Get and Set of configuration 4, asynchronous events (2.0). */
enum nvme_mi_status nvme_mi_events_get(struct nvme_mi_request *q);
enum nvme_mi_status nvme_mi_events_set(struct nvme_mi_request *q,
				       uint32_t dword0);

#endif
