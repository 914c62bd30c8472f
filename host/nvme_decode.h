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

#include "posix/parse.h"

/** Bits of a field that mean something. A table ends with a NULL name. */
struct nvme_flag {
	uint8_t shift, bits; /* one bit: a flag; more: a number */
	const char *name;
};

/** The format of a field's value. */
enum nvme_format {
	NVME_DEC,     /* decimal, up to 16 bytes */
	NVME_HEX,     /* hexadecimal, up to 8 bytes */
	NVME_TEXT,    /* ASCII, padded with spaces or zeros */
	NVME_BYTES,   /* in ascending order of offsets */
	NVME_KELVIN,  /* temperature; 0: not reported */
	NVME_VERSION, /* major, minor, tertiary */
	/* ms since 1970, or since the reset if no host has set the clock */
	NVME_TIMESTAMP,
};

/** A field. A table of fields ends with a NULL name. */
struct nvme_layout {
	const char *name;
	uint16_t at;   /* offset, bytes */
	uint16_t size; /* bytes; 0: to the end of the data */
	enum nvme_format format;
	uint8_t shift, bits; /* part of the field; bits 0: all of it */
	const struct nvme_flag *flags;	 /* bits of the value, or NULL */
	const struct parse_name *values; /* names of values, or NULL */
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
	NVME_LIST_FIXED,       /* to the end of the data */
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

enum { NVME_FLAG_TEXT = 48 };

/** Format the next flag that is set: "security", "slots=3", or "bit-9" without
 * a name. *at is the position, first 0. false: no more flags. */
bool nvme_next_flag(const struct nvme_layout *f, const struct nvme_value *v,
		    unsigned int *at, char text[NVME_FLAG_TEXT]);

/** The name of a value; NULL: it has none. */
const char *nvme_value_name(const struct nvme_layout *f,
			    const struct nvme_value *v);

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

/** Describe dword 0 of Get Features in words, as "70 C, over temperature".
 * Empty if the feature has no description. */
void nvme_feature_describe(uint8_t id, uint32_t value,
			   char text[NVME_VALUE_TEXT]);

/** Names of features, log pages and Identify data structures: "smart". They end
 * with a NULL name. */
extern const struct parse_name nvme_feature_names[];
extern const struct parse_name nvme_log_names[];
extern const struct parse_name nvme_identify_names[];

/** The data of a persistent event. */
struct nvme_event_data {
	const char *name; /* of the event: "thermal-excursion" */
	const struct nvme_layout *fields; /* NULL: the data is not decoded */
	const uint8_t *data;
	size_t len;
	/* A list in the data (controllers of a reset); list NULL: none. */
	const struct nvme_table *table;
};

/** Find the data of an item of a NVME_LIST_EVENTS list. */
void nvme_event_find_data(const struct nvme_items *i,
			  struct nvme_event_data *d);

#endif
