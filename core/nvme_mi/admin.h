/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe Admin commands out of band, NVMe-MI 1.2 clause 6: what their functions
 * share. Inside this folder only.
 *
 * A function returns the status of the completion (command.h): 0, or why not.
 * It validates everything before it has an effect.
 */
#ifndef TETHER_NVME_MI_ADMIN_H
#define TETHER_NVME_MI_ADMIN_H

#include "base/fixed_text.h"
#include "nvme_mi/command.h"

enum { ADMIN_PAGE = 4096 }; /* room for a data structure or a log page */

/* Identify Controller has them, and persistent events. */
enum {
	ADMIN_FORMAT_ATTRIBUTES = 0x04, /* FNA: crypto erase */
	/* SANICAP: crypto, block, overwrite; media not modified after */
	ADMIN_SANITIZE_CAPABILITIES = 0x40000007,
};

/* 6, figure "NVMe Admin Command Request Format". */
struct admin {
	uint8_t opcode;
	uint16_t controller;
	uint32_t nsid;
	uint32_t offset, length; /* of the data, in the message */
	bool has_length;	 /* by the command flags of 1.1 */
	uint32_t dword10, dword11, dword12, dword13, dword14;
	uint64_t base; /* set by a function: where in the page it begins */
};

/**
 * For a command that returns data, fills `data`, ADMIN_PAGE bytes that are
 * zero. For one that brings data, reads a->length bytes of it. Else NULL.
 */
typedef uint16_t (*admin_fn)(struct nvme_mi_request *q, struct admin *a,
			     uint8_t *data);
typedef uint16_t (*admin_take_fn)(struct nvme_mi_request *q,
				  const struct admin *a, const uint8_t *data);

/** Bytes of data a command transfers in all, whatever part is asked for. */
typedef uint32_t (*admin_size_fn)(const struct admin *a);

/** The one map from an error of the model to the completion's status. */
uint16_t admin_result(const struct admin *a, int64_t err);

/* The controller that the command is for. */
static inline struct controller *admin_controller(struct nvme_mi_request *q,
						  const struct admin *a)
{
	return &q->mi->subsystem->controller[a->controller];
}

/* NVMe wants ASCII strings padded with spaces. */
static inline void admin_put_padded(uint8_t *to, const char *text, size_t size)
{
	size_t len = fixed_text_length(text, size);

	memset(to, ' ', size);
	memcpy(to, text, len);
}

static inline void admin_put(uint8_t *to, uint64_t v, unsigned int size)
{
	struct wr w = wr_init(to, size);

	wr_le(&w, v, size);
}

/** The subsystem's NQN, up to 69 bytes at `to`. */
void admin_put_qualified_name(uint8_t *to, const struct subsystem *s);

uint16_t admin_identify(struct nvme_mi_request *q, struct admin *a,
			uint8_t *data);
uint32_t admin_log_page_size(const struct admin *a);
uint16_t admin_get_log_page(struct nvme_mi_request *q, struct admin *a,
			    uint8_t *data);

/* Log Specific Field, of dword 10. */
static inline uint8_t admin_log_specific(const struct admin *a)
{
	return a->dword10 >> 8 & 0x7f;
}

/** Log page 0Dh, event_log.c. */
uint16_t admin_persistent_events(struct nvme_mi_request *q,
				 const struct admin *a, uint8_t *d);

uint32_t admin_feature_size(const struct admin *a);
uint16_t admin_get_features(struct nvme_mi_request *q, struct admin *a,
			    uint8_t *data);
uint16_t admin_set_features(struct nvme_mi_request *q, const struct admin *a,
			    const uint8_t *data);
uint16_t admin_namespace_management(struct nvme_mi_request *q,
				    const struct admin *a, const uint8_t *data);
uint16_t admin_namespace_attachment(struct nvme_mi_request *q,
				    const struct admin *a, const uint8_t *data);
uint16_t admin_format(struct nvme_mi_request *q, const struct admin *a,
		      const uint8_t *data);
uint16_t admin_sanitize(struct nvme_mi_request *q, const struct admin *a,
			const uint8_t *data);
uint16_t admin_self_test(struct nvme_mi_request *q, const struct admin *a,
			 const uint8_t *data);
uint16_t admin_firmware_download(struct nvme_mi_request *q,
				 const struct admin *a, const uint8_t *data);
uint16_t admin_firmware_commit(struct nvme_mi_request *q, const struct admin *a,
			       const uint8_t *data);
uint32_t admin_security_size(const struct admin *a);
uint16_t admin_security_receive(struct nvme_mi_request *q, struct admin *a,
				uint8_t *data);
uint16_t admin_security_send(struct nvme_mi_request *q, const struct admin *a,
			     const uint8_t *data);

/** Whether NVMe's Admin command has an effect on namespaces' data or on what
 * controllers can do: NVMe's Commands Supported and Effects; 0: there is no
 * such command. */
uint32_t admin_effects(uint8_t opcode);

/** The same of a feature, and whether there is one. */
uint32_t admin_feature_effects(uint8_t id);

#endif
