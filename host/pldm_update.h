/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Update agent of PLDM for Firmware Update (DSP0267): updates the components of
 * an endpoint with the images of a package. The device requests the images from
 * the agent; pldm_update_serve.c answers. Prints nothing.
 */
#ifndef TETHER_HOST_PLDM_UPDATE_H
#define TETHER_HOST_PLDM_UPDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "host/pldm_inventory.h"
#include "host/pldm_package.h"
#include "host/pldm_peer.h"
#include "host/transport.h"

enum {
	PLDM_UPDATE_PART = 32768,	 /* largest part, bytes */
	PLDM_UPDATE_WINDOW = 8,		 /* parts in flight */
	PLDM_UPDATE_PACKAGE_PART = 1024, /* part of the package data */
	PLDM_UPDATE_REPLIES = 10,	 /* responses being sent */
	PLDM_UPDATE_SELECTED = 64,	 /* components of an update */
	PLDM_UPDATE_SILENT_MS = 90000,	 /* UA_T2: no request for data */
	PLDM_UPDATE_WORK_MS = 180000,	 /* UA_T3: verifying, applying */
	PLDM_UPDATE_STATUS_MS = 1000,	 /* between two GetStatus */
	PLDM_UPDATE_SETTLE_MS = 10000,	 /* the device has not changed its state
					    yet */
	PLDM_UPDATE_POLL_MS = 50,
	PLDM_UPDATE_ERROR = 384,
};

/** What happens to a component. */
enum pldm_update_phase {
	PLDM_UPDATE_WAITING,
	PLDM_UPDATE_OFFERED, /* UpdateComponent is being sent */
	PLDM_UPDATE_DOWNLOAD,
	PLDM_UPDATE_VERIFY,
	PLDM_UPDATE_APPLY,
	PLDM_UPDATE_APPLIED,
	PLDM_UPDATE_REFUSED, /* `code` is an enum pldm_fw_response */
	PLDM_UPDATE_FAILED,  /* `code` is the result that `stage` reported */
	PLDM_UPDATE_PHASES,
};

/** How to activate the new firmware. */
enum pldm_update_activation {
	PLDM_UPDATE_ACTIVATE_NOW, /* self-contained where possible */
	PLDM_UPDATE_ACTIVATE_AT_RESET,
	PLDM_UPDATE_ACTIVATE_NOT,
};

struct pldm_update_component {
	uint16_t number; /* in the package */
	const struct pldm_package_component *image;
	const struct pldm_fw_parameters *device; /* of the inventory */
	struct pldm_fw_offer offer;
	uint8_t phase; /* enum pldm_update_phase */
	uint8_t code;
	uint8_t stage; /* enum pldm_fw_command */
	uint32_t sent; /* bytes up to which parts were sent */
};

struct pldm_update;

struct pldm_update_config {
	const struct pldm_package *package;
	int component; /* number in the package; -1: all */
	bool force;    /* replace the same or a newer version; end another
			  update */
	enum pldm_update_activation activation;
	uint32_t part; /* largest part; 0: PLDM_UPDATE_PART */
	/** Called at least every 100 ms. true: cancel the update. */
	bool (*tick)(struct pldm_update *u, void *ctx);
	/** Called when the connection is lost. Returns a new transport, or NULL
	 * to give up. NULL: always give up. */
	struct transport *(*reconnect)(void *ctx);
	void *ctx;
	uint32_t (*now_ms)(void); /* NULL: clock_now_ms() */
};

struct pldm_update {
	struct pldm_update_config config;
	struct pldm_peer peer;
	struct pldm_inventory inventory;
	const struct pldm_package_record *record;
	uint16_t count;	  /* components of this update */
	uint16_t current; /* the component that is being updated */
	struct pldm_update_component component[PLDM_UPDATE_SELECTED];
	bool in_update_mode;
	bool activated, at_reset;
	uint16_t seconds;  /* expected duration of the activation */
	uint8_t percent;   /* of verifying or applying; 101: not known */
	uint32_t requests; /* that the device has sent */
	uint32_t repeats;  /* parts that were sent before */
	uint32_t reconnects;
	uint64_t bytes;	   /* sent in parts */
	uint32_t phase_ms; /* time of the last change of the phase */
	char error[PLDM_UPDATE_ERROR];
	struct transport_reply reply[PLDM_UPDATE_REPLIES];
	uint8_t answer[PLDM_UPDATE_REPLIES]
		      [PLDM_UPDATE_PART + PLDM_FW_DATA_OVERHEAD];
};

/**
 * Update the endpoint eid of a transport. config is copied; its package remains
 * in use. Returns ERR_OK if each component was applied, and the firmware
 * activated as requested. Otherwise u->error has a sentence without a period.
 * ERR_NOT_FOUND: the package has no component for this device. ERR_BUSY:
 * another update is running. ERR_INVALID: a component was refused or has
 * failed, or a response is malformed. ERR_CANCELLED: by tick(). Other errors:
 * those of transport_ask().
 *
 * After an error, the update mode of the device was left if it is reachable.
 */
int pldm_update_run(struct pldm_update *u, struct transport *t, uint8_t eid,
		    const struct pldm_update_config *config);

/** Names for output, such as "download", "version_identical". */
const char *pldm_update_phase_name(uint8_t phase);
const char *pldm_update_response_name(uint8_t response);

/** Name of a command, or of the operation whose result it reports. */
const char *pldm_update_command_name(uint8_t command);

/* --- private: pldm_update_ask.c --- */

/** A response: its completion code, and a decoder of the data of success. The
 * request is repeated if the decoder fails. NULL: no data is used. */
struct pldm_update_response {
	uint8_t code;
	int (*decode)(struct rd *r, void *to);
	void *to;
};

/** Set u->error. Returns err. */
int pldm_update_fail(struct pldm_update *u, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** Receive the requests of the device. */
int pldm_update_listen(struct pldm_update *u);

/** Send and receive for PLDM_UPDATE_POLL_MS, or for ms. Errors as for
 * pldm_update_run(). */
int pldm_update_poll(struct pldm_update *u);
int pldm_update_wait(struct pldm_update *u, uint32_t ms);

/** Start a request of type 05, as pldm_peer_begin(). */
struct wr pldm_update_begin(struct pldm_update *u, uint8_t command);

/** Send the request. Returns ERR_OK for any completion code, or an error of
 * pldm_update_run(). */
int pldm_update_ask(struct pldm_update *u, const struct wr *w,
		    struct pldm_update_response *a);

/** Fill u->inventory. */
int pldm_update_read_inventory(struct pldm_update *u);

/* --- private: pldm_update_serve.c --- */

/** Handle a message of the device. For transport's listen(). */
void pldm_update_serve(void *ctx, uint8_t source, const uint8_t *data,
		       size_t len);

/** Answer a request of the device: writes the response to `answer`, which has
 * the size of pldm_update.answer[0]. Returns its length; 0: none. Exported for
 * the fuzzer. */
size_t pldm_update_answer(struct pldm_update *u, const uint8_t *data,
			  size_t len, uint8_t *answer);

/** Change the phase of the current component. */
void pldm_update_enter(struct pldm_update *u, enum pldm_update_phase phase);

#endif
