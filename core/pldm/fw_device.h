/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware device of PLDM for Firmware Update (DSP0267): the state machine of
 * an update. An update agent sends the commands of fw_command.c. The device
 * requests the image from the agent (fw_device.c), and passes it to a storage.
 * Neither the images nor the components are known here: struct pldm_fw_ops is
 * the storage.
 *
 * The device requests up to PLDM_FW_WINDOW parts at the same time, as far as
 * the agent allows. Requests are repeated until the agent responds or
 * PLDM_FW_IDLE_MS have passed without a message of the agent.
 */
#ifndef TETHER_PLDM_FW_DEVICE_H
#define TETHER_PLDM_FW_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/log.h"
#include "mctp/mctp.h"
#include "pldm/fw_wire.h"
#include "pldm/pldm_table.h"
#include "pldm/request.h"

enum {
	PLDM_FW_IDLE_MS = 120000, /* FD_T1: update mode without a message */
	PLDM_FW_RETRY_MS = 1000,  /* FD_T2: after RETRY_REQUEST_FW_DATA */
	PLDM_FW_REPEAT_MS = 6000, /* a request with the same instance ID */
	PLDM_FW_BAD_PARTS = 20,	  /* consecutive malformed parts */
	PLDM_FW_PENDING = -1,	  /* result: call again */
	PLDM_FW_COMPONENTS_MAX = 8,
	PLDM_FW_REPEAT_MAX = 16, /* bytes of a repeated response */
};

/**
 * The storage of the components. The calls between an accepted offer with
 * `start`, and apply() or cancel(), belong to one component. Functions return
 * at once: verify(), apply() and activation() return PLDM_FW_PENDING while
 * their work continues, and are then called again in each turn of the loop.
 */
struct pldm_fw_ops {
	/** Number of components, 1 to PLDM_FW_COMPONENTS_MAX. */
	uint8_t (*count)(void *ctx);

	/** Describe component n; *p is zero. Strings must remain valid until
	 * the next call. The versions of component 0 are also those of the
	 * image set. */
	void (*describe)(void *ctx, uint8_t n, struct pldm_fw_parameters *p);

	/** Whether component n may be replaced by *o. Versions and stamps have
	 * been compared already. start: prepare to receive the image. Returns
	 * enum pldm_fw_response. */
	uint8_t (*offer)(void *ctx, uint8_t n, const struct pldm_fw_offer *o,
			 bool start);

	/** Receive the next bytes of the image: without gaps, and each byte
	 * once. Returns enum pldm_fw_result. */
	uint8_t (*write)(void *ctx, uint32_t offset, const uint8_t *data,
			 uint32_t len);

	/** Check the complete image. Returns enum pldm_fw_result, or
	 * PLDM_FW_PENDING with *percent. */
	int (*verify)(void *ctx, uint8_t *percent);

	/** Store the image so that it survives a loss of power. The running
	 * firmware does not change. Returns as verify(). *methods: set it if
	 * the result is PLDM_FW_APPLY_OTHER_METHODS. */
	int (*apply)(void *ctx, uint8_t *percent, uint16_t *methods);

	/** Activate the applied images now (self_contained) or at the next
	 * reset. *seconds: expected duration. Returns a completion code:
	 * PLDM_SUCCESS, PLDM_FW_ACTIVATION_NOT_REQUIRED,
	 * PLDM_FW_SELF_CONTAINED_ACTIVATION_NOT_PERMITTED, or another one. */
	uint8_t (*activate)(void *ctx, bool self_contained, uint16_t *seconds);

	/** Continue the activation after the response was sent. Returns 0, an
	 * error, or PLDM_FW_PENDING with *percent. NULL: activate() has done
	 * the work. */
	int (*activation)(void *ctx, uint8_t *percent);

	/** Discard the image that is being received, verified or applied. */
	void (*cancel)(void *ctx);
};

/** The device for pldm_fw_init(). The arrays are not copied. */
struct pldm_fw_config {
	const struct pldm_fw_ops *ops;
	void *ctx; /* of the ops */
	const struct pldm_fw_descriptor *descriptor;
	uint8_t descriptors;
};

/** A part of the image that was requested. */
struct pldm_fw_lane {
	/* must be the first member: handle_result() casts the pointer */
	struct pldm_request request;
	struct pldm_fw *fw;
	uint8_t asked; /* enum pldm_fw_command; 0: nothing */
	bool held;     /* data[] waits for an earlier part */
	uint8_t bad;   /* consecutive malformed responses */
	uint32_t offset, length;
	uint8_t data[PLDM_FW_WINDOW > 1 ? PLDM_FW_PART_MAX : 1];
};

/** The last command that changed the state, and the data of its successful
 * response, for the response to its retransmission. */
struct pldm_fw_repeat {
	bool valid;
	uint8_t source, instance, command;
	uint32_t crc; /* of the data of the command */
	uint32_t ms;
	uint8_t length;
	uint8_t data[PLDM_FW_REPEAT_MAX];
};

struct pldm_fw {
	struct pldm_fw_config config;
	struct log *log;
	struct pldm_requester requester; /* dest: the update agent */
	uint32_t wrong; /* responses that belong to no request */
	uint8_t state, previous, reason;
	bool failed;	 /* waits for the agent to cancel */
	bool stopped;	 /* the agent has announced that it cancels */
	uint8_t result;	 /* of the operation of this state */
	uint8_t percent; /* of verify(), apply() and activation() */
	bool done;	 /* the operation has a result */
	bool activation_failed;
	uint16_t methods;  /* of apply() */
	uint32_t heard_ms; /* time of the agent's last message */
	/* the agent's limits, reduced to those of the device */
	uint32_t part_max;
	uint8_t window;
	uint8_t passed;	 /* bit n: component n is in the component table */
	uint8_t applied; /* bit n: component n was applied in this update */
	uint8_t number;	 /* of the component that is being updated */
	uint32_t size, options;
	uint32_t next;	/* offset of the next part to request */
	uint32_t bytes; /* received and written */
	struct pldm_fw_repeat repeat;
	struct pldm_fw_lane lane[PLDM_FW_WINDOW];
};

/** Type 05 for pldm_base_add(), with a struct pldm_fw as its context. */
extern const struct pldm_table pldm_fw_table;

/** Initialize; sends nothing. log may be NULL. Do not move *f afterwards. */
void pldm_fw_init(struct pldm_fw *f, struct mctp *m, struct log *log,
		  const struct pldm_fw_config *config);

/** Run the update. Call it in each turn of the loop, before mctp_poll(). */
void pldm_fw_poll(struct pldm_fw *f, uint32_t now_ms);

/* --- private to this folder: fw_device.c --- */

/** Enter a state other than IDLE, and forget the last operation. */
void pldm_fw_enter(struct pldm_fw *f, enum pldm_fw_state state);

/** End the update mode. */
void pldm_fw_end(struct pldm_fw *f, enum pldm_fw_reason reason);

/** Stop the update of the current component, if there is one. */
void pldm_fw_stop(struct pldm_fw *f);

/** Whether a component is being downloaded, verified or applied. */
bool pldm_fw_is_updating(const struct pldm_fw *f);

#endif
