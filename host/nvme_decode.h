/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe's data structures as tables: where a field is, how long, and how it
 * reads. One walk over a table serves text, JSON and whatever else shows them;
 * nothing here prints, and nothing trusts the data.
 */
#ifndef TETHER_HOST_NVME_DECODE_H
#define TETHER_HOST_NVME_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nvme_format {
	NVME_DEC,     /* up to 16 bytes */
	NVME_HEX,     /* up to 8 bytes */
	NVME_TEXT,    /* ASCII, padded with spaces or zeros */
	NVME_BYTES,   /* in order of their offsets */
	NVME_KELVIN,  /* a temperature; 0: not reported */
	NVME_VERSION, /* major, minor, tertiary */
};

/** A field; a table of them ends with a NULL name. */
struct nvme_layout {
	const char *name;
	uint16_t at, size;
	enum nvme_format format;
	uint8_t shift, bits; /* part of it; bits 0: all */
};

/** How the items of a list follow each other. */
enum nvme_list {
	NVME_LIST_NONE,
	NVME_LIST_UNTIL_ZERO,  /* an item whose first field is 0 ends it */
	NVME_LIST_COUNTED,     /* 16 bits in front say how many */
	NVME_LIST_SPARSE,      /* those that are not zero count, by position */
	NVME_LIST_SELF_TESTS,  /* those with result Fh are not used */
	NVME_LIST_DESCRIPTORS, /* type, length, two bytes, an identifier */
	NVME_LIST_GROUPS,      /* of the ANA log: each with its NSIDs */
	NVME_LIST_EVENTS,      /* of log page 0Dh: header and data */
};

struct nvme_table {
	const char *name;
	uint16_t size;			  /* bytes that are asked for */
	const struct nvme_layout *fields; /* NULL: a list only */
	enum nvme_list list;
	const char *list_name;
	uint16_t list_at, stride, first; /* first: number of the item at 0 */
	const struct nvme_layout *item;
};

/** A field's value. */
struct nvme_value {
	uint64_t number, high; /* of numbers; high: bytes 8 to 15 */
	const uint8_t *bytes;
	size_t len;
};

/** false: the data end before it. */
bool nvme_value(const struct nvme_layout *f, const uint8_t *data, size_t len,
		struct nvme_value *v);

enum { NVME_VALUE_TEXT = 256 };

/** As people read it; longer bytes end in "..". */
void nvme_value_text(const struct nvme_layout *f, const struct nvme_value *v,
		     char text[NVME_VALUE_TEXT]);

/** Where a walk over a list is; zero to begin. */
struct nvme_items {
	size_t at;
	uint32_t index; /* of the item: its number as NVMe has it */
	uint32_t next;
	const uint8_t *data;
	size_t len;
};

/** The next item of t's list. false: there are no more. */
bool nvme_next_item(const struct nvme_table *t, const uint8_t *data, size_t len,
		    struct nvme_items *i);

/** Tables by CNS, log page identifier; one without fields for others. */
const struct nvme_table *nvme_identify_table(uint8_t cns);
const struct nvme_table *nvme_log_table(uint8_t id);

/** The name of a feature; "feature" for those without one here. */
const char *nvme_feature_name(uint8_t id);

#endif
