/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NVMe data structures described by tables: offset, size and format of each
 * field. The same table serves text, JSON and other output. The module prints
 * nothing. All data is untrusted: the module never reads past its end.
 */
#ifndef TETHER_HOST_NVME_DECODE_H
#define TETHER_HOST_NVME_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The format of a field's value. */
enum nvme_format {
	NVME_DEC,     /* decimal, up to 16 bytes */
	NVME_HEX,     /* hexadecimal, up to 8 bytes */
	NVME_TEXT,    /* ASCII, padded with spaces or zeros */
	NVME_BYTES,   /* in ascending order of offsets */
	NVME_KELVIN,  /* temperature; 0: not reported */
	NVME_VERSION, /* major, minor, tertiary */
};

/** A field. A table of fields ends with a NULL name. */
struct nvme_layout {
	const char *name;
	uint16_t at;   /* offset, bytes */
	uint16_t size; /* bytes; 0: to the end of the data */
	enum nvme_format format;
	uint8_t shift, bits; /* part of the field; bits 0: all of it */
};

/** How the items of a list are arranged. */
enum nvme_list {
	NVME_LIST_NONE,
	NVME_LIST_UNTIL_ZERO,  /* ended by an item whose first field is 0 */
	NVME_LIST_COUNTED,     /* the structure starts with their number */
	NVME_LIST_SPARSE,      /* items of zeros are absent */
	NVME_LIST_SELF_TESTS,  /* items with result Fh are absent */
	NVME_LIST_DESCRIPTORS, /* type, length, identifier */
	NVME_LIST_GROUPS,      /* of the ANA log, each with its NSIDs */
	NVME_LIST_EVENTS,      /* persistent events: header and data */
};

/** A data structure: its fields, its list, or both. */
struct nvme_table {
	const char *name;
	uint16_t size;			  /* bytes to request */
	const struct nvme_layout *fields; /* NULL: only a list */
	enum nvme_list list;
	const char *list_name;
	uint16_t list_at; /* offset of the first item */
	uint16_t stride;  /* bytes of an item; 0: the item has its size */
	uint16_t first;	  /* number of the first item */
	const struct nvme_layout *item;
};

/** A field's value. */
struct nvme_value {
	uint64_t number, high; /* numbers; high: bytes 8 to 15 */
	const uint8_t *bytes;
	size_t len;
};

/** Decode a field. false: the data ends before the field does. */
bool nvme_value(const struct nvme_layout *f, const uint8_t *data, size_t len,
		struct nvme_value *v);

enum { NVME_VALUE_TEXT = 256 };

/** Format a value as text. Long byte strings end in "..". */
void nvme_value_text(const struct nvme_layout *f, const struct nvme_value *v,
		     char text[NVME_VALUE_TEXT]);

/** Position in a list. Zeroed: before the first item. */
struct nvme_items {
	size_t at;
	uint32_t index; /* number of the item */
	uint32_t next;
	const uint8_t *data;
	size_t len;
};

/** Move to the next item of t's list. false: no more items. */
bool nvme_next_item(const struct nvme_table *t, const uint8_t *data, size_t len,
		    struct nvme_items *i);

/** The table of an Identify data structure or a log page; for an unknown one, a
 * table without fields. Never NULL. */
const struct nvme_table *nvme_identify_table(uint8_t cns);
const struct nvme_table *nvme_log_table(uint8_t id);

/** Name of a feature; "feature" if it has none. */
const char *nvme_feature_name(uint8_t id);

#endif
