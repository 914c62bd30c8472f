/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe Admin commands through NVMe-MI (1.2, clause 6), the requester's side.
 *
 * All functions return as nvme_message_ask(). ERR_UNSUPPORTED also means that
 * the command completed with an error: nvme_admin.completion is then not 0, and
 * the transport's error has its name. ERR_INVALID also means that the response
 * has more or less data than requested.
 */
#ifndef TETHER_HOST_NVME_ADMIN_H
#define TETHER_HOST_NVME_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/nvme_requester.h"

enum { NVME_PAGE = 4096 }; /* data of one command, bytes */

/** An Admin command and its completion. */
struct nvme_admin {
	uint8_t opcode; /* enum nvme_admin_opcode */
	uint16_t controller;
	uint32_t nsid;
	uint32_t dword10, dword11, dword12, dword13, dword14;
	const uint8_t *data; /* to the device, up to NVME_PAGE */
	uint32_t data_len;
	uint8_t *answer; /* buffer for data from the device */
	uint32_t answer_len;
	uint32_t result;     /* dword 0 of the completion */
	uint16_t completion; /* enum nvme_status */
};

int nvme_admin_ask(const struct nvme_host *h, struct nvme_admin *a);

/** Name of a completion status, as "Invalid Field in Command"; never NULL. */
const char *nvme_completion_name(uint16_t completion);

/* --- Identify, Get Log Page --- */

struct nvme_identify {
	uint16_t controller;
	uint8_t cns;	/* enum nvme_identify_cns */
	uint16_t cntid; /* controller that the structure is about */
	uint32_t nsid;
	uint8_t command_set;
};

int nvme_identify(const struct nvme_host *h, const struct nvme_identify *i,
		  uint8_t page[NVME_PAGE]);

struct nvme_log_page {
	uint16_t controller;
	uint8_t id;	  /* enum nvme_log_page_identifier */
	uint8_t specific; /* Log Specific Field */
	uint32_t nsid;
	uint64_t offset; /* bytes, a multiple of 4 */
	uint32_t len;	 /* bytes, a multiple of 4 */
	bool retain;	 /* Retain Asynchronous Event */
};

/** Read a log page of any length, one NVME_PAGE per command. All commands
 * except the last retain asynchronous events. */
int nvme_get_log_page(const struct nvme_host *h, const struct nvme_log_page *l,
		      uint8_t *data);

/* --- features --- */

struct nvme_feature {
	uint16_t controller;
	uint8_t id;	/* enum nvme_feature_identifier */
	uint8_t select; /* Get Features: enum nvme_feature_select */
	bool save;	/* Set Features */
	uint32_t nsid;
	uint32_t dword11;
	uint32_t value; /* Get Features: dword 0 of the completion */
	uint8_t *data;
	uint32_t data_len;
};

int nvme_get_feature(const struct nvme_host *h, struct nvme_feature *f);
int nvme_set_feature(const struct nvme_host *h, const struct nvme_feature *f);

/** Bytes of a feature's data; 0 for most features. */
uint32_t nvme_feature_size(uint8_t id);

/* --- namespaces --- */

/** A namespace to create. Size and capacity are in blocks of its format. */
struct nvme_new_namespace {
	uint16_t controller;
	uint64_t size, capacity;
	uint8_t format;
	bool shared;
};

/** *nsid: the NSID of the new namespace. */
int nvme_create_namespace(const struct nvme_host *h,
			  const struct nvme_new_namespace *n, uint32_t *nsid);
int nvme_delete_namespace(const struct nvme_host *h, uint16_t controller,
			  uint32_t nsid);

/** Attach a namespace to `count` controllers, or detach it. The identifiers are
 * in ascending order. */
int nvme_attach_namespace(const struct nvme_host *h, uint32_t nsid, bool attach,
			  const uint16_t *controllers, uint16_t count);

/* --- firmware --- */

/** A firmware image to download. */
struct nvme_image {
	uint16_t controller;
	const uint8_t *data;
	uint32_t len; /* bytes, a multiple of 4 */
	/* Progress callback after each command, or NULL. done: bytes. */
	void (*progress)(void *ctx, uint32_t done);
	void *ctx;
};

int nvme_firmware_download(const struct nvme_host *h,
			   const struct nvme_image *i);

#endif
