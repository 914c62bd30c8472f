/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe Admin commands through NVMe-MI (1.2, clause 6), the requester's side.
 * Returns as nvme_message_ask(), and ERR_UNSUPPORTED as well for a command
 * that completed with an error: nvme_admin.completion is then not 0, and the
 * transport's error names it.
 */
#ifndef TETHER_HOST_NVME_ADMIN_H
#define TETHER_HOST_NVME_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/nvme_requester.h"

enum { NVME_PAGE = 4096 };

struct nvme_admin {
	uint8_t opcode;
	uint16_t controller;
	uint32_t nsid;
	uint32_t dword10, dword11, dword12, dword13, dword14;
	const uint8_t *data; /* to the device, up to NVME_PAGE */
	uint32_t data_len;
	uint8_t *answer; /* from the device */
	uint32_t answer_len;
	uint32_t result;     /* dword 0 of the completion */
	uint16_t completion; /* type and code; 0: success */
};

/** Any command. ERR_INVALID as well: fewer data came than asked for. */
int nvme_admin_ask(const struct nvme_host *h, struct nvme_admin *a);

/** "Invalid Field in Command" and the like; never NULL. */
const char *nvme_completion_name(uint16_t completion);

/** What an Identify is about. */
struct nvme_identify {
	uint16_t controller;
	uint8_t cns;
	uint16_t cntid;
	uint32_t nsid;
	uint8_t command_set;
};

int nvme_identify(const struct nvme_host *h, const struct nvme_identify *i,
		  uint8_t page[NVME_PAGE]);

/** What a Get Log Page is about. */
struct nvme_log_page {
	uint16_t controller;
	uint8_t id, specific;
	uint32_t nsid;
	uint64_t offset;
	uint32_t len;
	bool retain; /* asynchronous events of this page stay */
};

/** Any length, in pieces of a page; all but the last retain. */
int nvme_get_log_page(const struct nvme_host *h, const struct nvme_log_page *l,
		      uint8_t *data);

struct nvme_feature {
	uint16_t controller;
	uint8_t id;
	uint8_t select; /* get: 0 current, 1 default, 2 saved, 3 capabilities */
	bool save;	/* set */
	uint32_t nsid;
	uint32_t dword11;
	uint32_t value; /* got */
	uint8_t *data;
	uint32_t data_len;
};

int nvme_get_feature(const struct nvme_host *h, struct nvme_feature *f);
int nvme_set_feature(const struct nvme_host *h, const struct nvme_feature *f);

/** Bytes of data that come with a feature: 0 for most. */
uint32_t nvme_feature_size(uint8_t id);

/** A namespace to be made: blocks of its format. *nsid: what it got. */
struct nvme_new_namespace {
	uint16_t controller;
	uint64_t size, capacity;
	uint8_t format;
	bool shared;
};

int nvme_create_namespace(const struct nvme_host *h,
			  const struct nvme_new_namespace *n, uint32_t *nsid);
int nvme_delete_namespace(const struct nvme_host *h, uint16_t controller,
			  uint32_t nsid);

/** Attach to, or detach from, `count` controllers, in ascending order. */
int nvme_attach_namespace(const struct nvme_host *h, uint32_t nsid, bool attach,
			  const uint16_t *controllers, uint16_t count);

/** Send a firmware image in order; told(ctx, done) after each piece. */
struct nvme_image {
	uint16_t controller;
	const uint8_t *data;
	uint32_t len; /* a multiple of 4 */
	void (*told)(void *ctx, uint32_t done);
	void *ctx;
};

int nvme_firmware_download(const struct nvme_host *h,
			   const struct nvme_image *i);

#endif
