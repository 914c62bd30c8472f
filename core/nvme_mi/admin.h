/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe Admin commands out of band, NVMe-MI 1.2 clause 6: the decoded command,
 * and the functions that execute it. Private to core/nvme_mi.
 *
 * A command function returns the status of the completion. The function
 * validates the whole command before it changes the drive.
 */
#ifndef TETHER_NVME_MI_ADMIN_H
#define TETHER_NVME_MI_ADMIN_H

#include "base/fixed_text.h"
#include "nvme_mi/command.h"

/* Size of the buffer for a data structure or log page, bytes. */
enum { ADMIN_PAGE_SIZE = 4096 };

/* Values that Identify Controller and persistent events report. */
enum {
	ADMIN_FORMAT_ATTRIBUTES = NVME_FORMAT_CRYPTOGRAPHIC_ERASE,
	ADMIN_SANITIZE_CAPABILITIES =
		NVME_SANITIZE_CAPABILITY_CRYPTO_ERASE |
		NVME_SANITIZE_CAPABILITY_BLOCK_ERASE |
		NVME_SANITIZE_CAPABILITY_OVERWRITE |
		NVME_SANITIZE_CAPABILITY_MEDIA_NOT_MODIFIED,
};

/** A command, clause 6, figure "NVMe Admin Command Request Format". */
struct admin_command {
	uint8_t opcode;
	uint16_t controller;
	uint32_t nsid;
	uint32_t offset, length; /* requested part of the data, bytes */
	bool has_length;	 /* command flag of 1.1: the length is valid */
	uint32_t dword10, dword11, dword12, dword13, dword14;
	/* Offset of the requested data in the page, bytes. The admin_read_fn
	 * sets it. */
	uint64_t page_offset;
};

/** Execute a command that returns data: fill `data`, a zeroed buffer of
 * ADMIN_PAGE_SIZE bytes. */
typedef enum nvme_status (*admin_read_fn)(struct nvme_mi_request *q,
					  struct admin_command *a,
					  uint8_t *data);

/** Execute a command that receives data, or has none. data: a->length bytes. */
typedef enum nvme_status (*admin_write_fn)(struct nvme_mi_request *q,
					   const struct admin_command *a,
					   const uint8_t *data);

/** Size of the complete data that a command returns, bytes. */
typedef uint32_t (*admin_size_fn)(const struct admin_command *a);

/* Result of an admin_size_fn: the command takes data of any length. */
#define ADMIN_ANY_SIZE UINT32_MAX

/** Status field of a completion: the status with M and DNR (base 4.2.3). */
uint16_t admin_status_field(enum nvme_status status);

/** Fail a command because of the field at an offset of the submission queue
 * entry (NVME_SUBMISSION_AT_*). Returns Invalid Field in Command. */
static inline enum nvme_status admin_invalid(struct nvme_mi_request *q,
					     uint16_t field)
{
	q->field = field;
	return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
}

/* Classes of NSID, base 3.2.1, for the controller of a command. */
enum admin_nsid {
	ADMIN_NSID_ZERO = 0x01,
	ADMIN_NSID_ACTIVE = 0x02,
	ADMIN_NSID_INACTIVE = 0x04, /* allocated, attached to no or another
				     * controller */
	ADMIN_NSID_UNALLOCATED = 0x08,
	ADMIN_NSID_ABOVE = 0x10, /* above the number of namespaces */
	ADMIN_NSID_LAST = 0x20,	 /* FFFFFFFEh */
	ADMIN_NSID_ALL = 0x40,	 /* FFFFFFFFh, the broadcast value */
	/* sets of classes */
	ADMIN_NSID_ALLOCATED = ADMIN_NSID_ACTIVE | ADMIN_NSID_INACTIVE,
	ADMIN_NSID_VALID = ADMIN_NSID_ALLOCATED | ADMIN_NSID_UNALLOCATED,
	ADMIN_NSID_ANY = 0x7f,
	/* flags: what an NSID that is not accepted gives instead */
	ADMIN_NSID_ALL_IS_FIELD = 0x80, /* FFFFFFFFh: Invalid Field */
	ADMIN_NSID_FIELD = 0x100,	/* every NSID: Invalid Field */
};

enum admin_nsid admin_nsid_class(struct nvme_mi_request *q,
				 const struct admin_command *a);

/**
 * Check the NSID of a command. accepted: classes and flags of enum admin_nsid.
 * Base 3.2.1.5: an inactive NSID gives Invalid Field, an invalid NSID Invalid
 * Namespace or Format.
 */
enum nvme_status admin_check_nsid(struct nvme_mi_request *q,
				  const struct admin_command *a,
				  unsigned int accepted);

/** Convert an error of the drive to a completion status. err: a negative enum
 * err; any other value is success. */
enum nvme_status admin_result(const struct admin_command *a, int64_t err);

/** The controller that processes the command. */
static inline struct drive_controller *
admin_controller(struct nvme_mi_request *q, const struct admin_command *a)
{
	return &q->mi->drive->controller[a->controller];
}

/** Write an ASCII string in NVMe's format: padded with spaces, not
 * terminated. */
static inline void admin_write_text(uint8_t *to, const char *text, size_t size)
{
	size_t len = fixed_text_length(text, size);

	memset(to, ' ', size);
	memcpy(to, text, len);
}

/** Write a little-endian number of `size` bytes at an offset of a page. */
static inline void admin_write(uint8_t *page, size_t at, uint64_t value,
			       unsigned int size)
{
	struct wr w = wr_init(page + at, size);

	wr_le(&w, value, size);
}

/** Write an OUI, least significant byte first. */
static inline void admin_write_oui(uint8_t *to, const struct drive *d)
{
	for (int i = 0; i < NVME_IEEE_OUI_SIZE; i++)
		to[i] = d->identity.oui[NVME_IEEE_OUI_SIZE - 1 - i];
}

/** Write the NVM subsystem's NQN (up to 69 bytes) to a zeroed field. */
void admin_write_qualified_name(uint8_t *to, const struct drive *d);

/** Command dword 10 of a sanitize request, for logs. */
uint32_t admin_encode_sanitize(const struct drive_sanitize *s);

enum nvme_status admin_identify(struct nvme_mi_request *q,
				struct admin_command *a, uint8_t *data);
uint32_t admin_log_page_size(const struct admin_command *a);
/** Whether a log page may be read during a sanitize operation (base 5.1.1). */
bool admin_log_page_while_sanitizing(const struct drive *d,
				     const struct admin_command *a);
enum nvme_status admin_get_log_page(struct nvme_mi_request *q,
				    struct admin_command *a, uint8_t *data);

/** Log Specific Field of Get Log Page. */
static inline uint8_t admin_log_specific(const struct admin_command *a)
{
	return a->dword10 >> NVME_LOG_SPECIFIC_SHIFT & NVME_LOG_SPECIFIC;
}

/** Whether the command ignores the offset of the page: the persistent event
 * log's actions that release a context, or read the header. */
static inline bool admin_ignores_offset(const struct admin_command *a)
{
	return (a->dword10 & NVME_LOG_IDENTIFIER) ==
		       NVME_LOG_PERSISTENT_EVENT &&
	       (admin_log_specific(a) & NVME_PERSISTENT_EVENT_ACTION) >=
		       NVME_PERSISTENT_EVENT_RELEASE_CONTEXT;
}

/* Attributes of a log page. */
enum {
	ADMIN_LOG_WHILE_SANITIZING = 0x01, /* base 5.1.1: allowed meanwhile */
	ADMIN_LOG_COMMAND_SET = 0x02,	   /* base 5.2.12: depends on CSI */
};

/** A log page. */
struct admin_log_page {
	uint8_t id;
	uint8_t attributes;
	uint32_t size; /* bytes */
	/* Write the page from its start on. A page of ADMIN_LOG_WINDOWED size
	 * writes only the requested part. */
	enum nvme_status (*build)(struct nvme_mi_request *q,
				  const struct admin_command *a, uint8_t *page);
};

/* Size of log pages that can be larger than ADMIN_PAGE_SIZE. */
#define ADMIN_LOG_WINDOWED UINT32_MAX

/** A log page of OCP's specification (log_ocp.c). NULL: there is no such
 * page. */
const struct admin_log_page *admin_find_ocp_page(uint8_t id);

/** Telemetry log pages (log_telemetry.c). They write the requested part of the
 * page: a->page_offset is its offset without DOFST. */
enum nvme_status admin_telemetry_host(struct nvme_mi_request *q,
				      const struct admin_command *a,
				      uint8_t *page);
enum nvme_status admin_telemetry_controller(struct nvme_mi_request *q,
					    const struct admin_command *a,
					    uint8_t *page);

/** Persistent Event log page (persistent_event.c). */
enum nvme_status admin_persistent_events(struct nvme_mi_request *q,
					 const struct admin_command *a,
					 uint8_t *page);

uint32_t admin_feature_size(const struct admin_command *a);
uint32_t admin_set_feature_size(const struct admin_command *a);
enum nvme_status admin_get_features(struct nvme_mi_request *q,
				    struct admin_command *a, uint8_t *data);
enum nvme_status admin_set_features(struct nvme_mi_request *q,
				    const struct admin_command *a,
				    const uint8_t *data);
enum nvme_status admin_namespace_management(struct nvme_mi_request *q,
					    const struct admin_command *a,
					    const uint8_t *data);
enum nvme_status admin_namespace_attachment(struct nvme_mi_request *q,
					    const struct admin_command *a,
					    const uint8_t *data);
enum nvme_status admin_format(struct nvme_mi_request *q,
			      const struct admin_command *a,
			      const uint8_t *data);
enum nvme_status admin_sanitize(struct nvme_mi_request *q,
				const struct admin_command *a,
				const uint8_t *data);
enum nvme_status admin_self_test(struct nvme_mi_request *q,
				 const struct admin_command *a,
				 const uint8_t *data);
enum nvme_status admin_firmware_download(struct nvme_mi_request *q,
					 const struct admin_command *a,
					 const uint8_t *data);
enum nvme_status admin_firmware_commit(struct nvme_mi_request *q,
				       const struct admin_command *a,
				       const uint8_t *data);
enum nvme_status admin_lockdown(struct nvme_mi_request *q,
				const struct admin_command *a,
				const uint8_t *data);
enum nvme_status admin_lockdown_log(struct nvme_mi_request *q,
				    const struct admin_command *a,
				    uint8_t *page);

/** Host Metadata features (feature_metadata.c): change the elements by Set
 * Features, or encode them in `data`, NVME_FEATURE_METADATA_SIZE bytes. */
enum nvme_status admin_set_metadata(struct drive_metadata *m,
				    const struct admin_command *a,
				    const uint8_t *data);
void admin_encode_metadata(const struct drive_metadata *m, uint8_t *data);

uint32_t admin_security_size(const struct admin_command *a);
enum nvme_status admin_security_receive(struct nvme_mi_request *q,
					struct admin_command *a, uint8_t *data);
enum nvme_status admin_security_send(struct nvme_mi_request *q,
				     const struct admin_command *a,
				     const uint8_t *data);

/** Entries of the log pages Commands Supported and Effects, and Feature
 * Identifiers Supported and Effects. 0: not supported. */
uint32_t admin_effects(uint8_t opcode);
uint32_t admin_feature_effects(uint8_t id);

#endif
