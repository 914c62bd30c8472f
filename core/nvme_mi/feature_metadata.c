/* SPDX-License-Identifier: Apache-2.0 */
/* Host Metadata features of a controller, NVMe base 5.27.1.28: a list of
 * elements (strings with a type), which a host leaves for the management
 * controller and the other way round. */
#include <string.h>

#include "nvme_mi/admin.h"

struct element {
	uint8_t type;
	const uint8_t *start; /* the descriptor with its header */
	size_t size;	      /* of the descriptor, bytes */
};

/* Decode the next descriptor. false: it is not valid. */
static bool decode_element(struct rd *r, struct element *e)
{
	uint16_t len;
	uint8_t revision;

	e->start = r->p;
	e->type = rd_u8(r);
	revision = rd_u8(r);
	len = rd_le16(r);
	rd_skip(r, len);
	e->size = (size_t)NVME_METADATA_ELEMENT_HEADER_SIZE + len;
	return rd_ok(r) && e->type && e->type <= NVME_METADATA_TYPE_MAX &&
	       revision <= NVME_METADATA_REVISION_MAX;
}

static struct rd stored_elements(const struct drive_metadata *m)
{
	return rd_init(m->list, m->len);
}

/* Bytes and number of the stored elements of a type. */
static size_t count_type(const struct drive_metadata *m, uint8_t type,
			 unsigned int *number)
{
	struct rd r = stored_elements(m);
	struct element e;
	size_t size = 0;

	*number = 0;
	while (rd_remaining(&r) && decode_element(&r, &e)) {
		if (e.type != type)
			continue;
		size += e.size;
		++*number;
	}
	return size;
}

static void remove_type(struct drive_metadata *m, uint8_t type)
{
	uint16_t from = 0;

	while (from < m->len) {
		struct rd r = rd_init(m->list + from, m->len - (size_t)from);
		struct element e;

		if (!decode_element(&r, &e))
			return;
		if (e.type != type) {
			from = (uint16_t)(from + e.size);
			continue;
		}
		m->len = (uint16_t)(m->len - e.size);
		m->count--;
		memmove(m->list + from, m->list + from + e.size,
			m->len - (size_t)from);
	}
}

/* A Set Features command: the descriptors of its data, and its action. */
struct change {
	struct rd in;
	uint8_t count, action;
	bool enhanced; /* several elements of a type are allowed */
};

/* Whether the command is valid, and its result fits. */
static bool is_valid(const struct drive_metadata *m, const struct change *c)
{
	bool add = c->action != NVME_METADATA_DELETE;
	struct rd r = c->in;
	size_t size = m->len;
	unsigned int count = m->count, existing;
	uint32_t types = 0;

	for (uint8_t i = 0; i < c->count; i++) {
		struct element e;

		if (!decode_element(&r, &e) ||
		    (!add && e.size > NVME_METADATA_ELEMENT_HEADER_SIZE) ||
		    (!c->enhanced && types >> e.type & 1))
			return false;
		types |= UINT32_C(1) << e.type;
		if (c->action == NVME_METADATA_ADD_OR_REPLACE) {
			size -= count_type(m, e.type, &existing);
			count -= existing;
		}
		size += add ? e.size : 0;
		count += add;
	}
	return !add || (size <= DRIVE_METADATA_SIZE && count <= UINT8_MAX);
}

static void apply(struct drive_metadata *m, struct change *c)
{
	for (uint8_t i = 0; i < c->count; i++) {
		struct element e;

		(void)decode_element(&c->in, &e);
		if (c->action != NVME_METADATA_ADD_MULTIPLE)
			remove_type(m, e.type);
		if (c->action == NVME_METADATA_DELETE)
			continue;
		memcpy(m->list + m->len, e.start, e.size);
		m->len = (uint16_t)(m->len + e.size);
		m->count++;
	}
}

enum nvme_status admin_set_metadata(struct drive_metadata *m,
				    const struct admin_command *a,
				    const uint8_t *data)
{
	struct change c = {
		.in = rd_init(data, NVME_FEATURE_METADATA_SIZE),
		.action = a->dword11 >> NVME_METADATA_ACTION_SHIFT &
			  NVME_METADATA_ACTION,
		.enhanced = (uint8_t)a->dword10 ==
			    NVME_FEATURE_ENHANCED_CONTROLLER_METADATA,
	};

	c.count = rd_u8(&c.in);
	rd_u8(&c.in);
	/* The enhanced feature adds, the other one replaces. */
	if (c.action > NVME_METADATA_ADD_MULTIPLE ||
	    c.action == (c.enhanced ? NVME_METADATA_ADD_OR_REPLACE
				    : NVME_METADATA_ADD_MULTIPLE) ||
	    !is_valid(m, &c))
		return NVME_STATUS_INVALID_FIELD_IN_COMMAND;
	apply(m, &c);
	return NVME_STATUS_SUCCESS;
}

void admin_encode_metadata(const struct drive_metadata *m, uint8_t *data)
{
	data[NVME_METADATA_AT_COUNT] = m->count;
	memcpy(data + NVME_METADATA_AT_LIST, m->list, m->len);
}
