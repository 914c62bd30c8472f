/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/base.h"

#include <string.h>

#include "base/crc32.h"

struct query {
	struct pldm_base *base;
	struct rd *r;
	struct wr *w;
};

static const struct pldm_support *find_type(const struct pldm_base *b,
					    uint8_t type)
{
	for (uint8_t i = 0; i < b->types; i++)
		if (b->type[i].type == type)
			return &b->type[i];
	return NULL;
}

bool pldm_base_has(const struct pldm_base *b, uint8_t type, uint8_t command)
{
	const struct pldm_support *s = find_type(b, type);

	return s && memchr(s->commands, command, s->count);
}

static enum pldm_code set_tid(struct query *q)
{
	uint8_t tid = rd_u8(q->r);

	/* DSP0240 9.1: these values are not valid terminus ids. */
	if (tid == PLDM_TID_UNASSIGNED || tid == PLDM_TID_RESERVED)
		return PLDM_ERROR_INVALID_DATA;
	q->base->tid = tid;
	return PLDM_SUCCESS;
}

static enum pldm_code get_tid(struct query *q)
{
	wr_u8(q->w, q->base->tid);
	return PLDM_SUCCESS;
}

static enum pldm_code get_version(struct query *q)
{
	const struct pldm_support *s;
	uint8_t version[4], operation;
	struct wr v = wr_init(version, sizeof(version));

	rd_skip(q->r, 4); /* transfer handle: unused, as there is one part */
	operation = rd_u8(q->r);
	s = find_type(q->base, rd_u8(q->r));
	if (operation != PLDM_GET_FIRST_PART)
		return PLDM_VERSION_INVALID_TRANSFER_OPERATION_FLAG;
	if (!s)
		return PLDM_VERSION_INVALID_PLDM_TYPE;
	wr_le32(&v, s->version);
	wr_le32(q->w, 0); /* no next part */
	wr_u8(q->w, PLDM_START_AND_END);
	wr_bytes(q->w, version, sizeof(version));
	wr_le32(q->w, crc32_ieee(0, version, sizeof(version)));
	return PLDM_SUCCESS;
}

static void write_bit_map(struct wr *w, size_t size, const uint8_t *bits,
			  size_t n)
{
	uint8_t *map = wr_space(w, size);

	if (!map)
		return;
	memset(map, 0, size);
	for (size_t i = 0; i < n; i++)
		map[bits[i] / 8] |= (uint8_t)(1U << bits[i] % 8);
}

static enum pldm_code get_types(struct query *q)
{
	uint8_t types[PLDM_TYPES];

	for (uint8_t i = 0; i < q->base->types; i++)
		types[i] = q->base->type[i].type;
	write_bit_map(q->w, PLDM_TYPES_SIZE, types, q->base->types);
	return PLDM_SUCCESS;
}

static enum pldm_code get_commands(struct query *q)
{
	const struct pldm_support *s = find_type(q->base, rd_u8(q->r));
	uint32_t version = rd_le32(q->r);

	if (!s)
		return PLDM_COMMANDS_INVALID_PLDM_TYPE;
	if (version != s->version)
		return PLDM_COMMANDS_INVALID_PLDM_VERSION;
	write_bit_map(q->w, PLDM_COMMANDS_SIZE, s->commands, s->count);
	return PLDM_SUCCESS;
}

static const struct command {
	uint8_t code, length; /* length: request data after the header */
	enum pldm_code (*run)(struct query *q);
} commands[] = {
	{ PLDM_SET_TID, 1, set_tid },
	{ PLDM_GET_TID, 0, get_tid },
	{ PLDM_GET_PLDM_VERSION, 6, get_version },
	{ PLDM_GET_PLDM_TYPES, 0, get_types },
	{ PLDM_GET_PLDM_COMMANDS, 5, get_commands },
};

void pldm_base_init(struct pldm_base *b, const struct pldm_support *type,
		    uint8_t types)
{
	b->tid = PLDM_TID_UNASSIGNED;
	b->type = type;
	b->types = types;
}

bool pldm_base_answer(struct pldm_base *b, const struct pldm_header *h,
		      struct rd *r, struct wr *w)
{
	struct query q = { b, r, w };
	enum pldm_code code = PLDM_ERROR_INVALID_LENGTH;
	const struct command *c = commands, *end = c;

	end += sizeof(commands) / sizeof(commands[0]);
	while (c < end && c->code != h->command)
		c++;
	if (h->type != PLDM_TYPE_BASE || c == end)
		return false;
	pldm_write_code(w, h, PLDM_SUCCESS);
	if (rd_remaining(r) == c->length)
		code = c->run(&q);
	if (code)
		pldm_write_only_code(w, h, code);
	return true;
}

enum pldm_code pldm_base_refuse(const struct pldm_base *b,
				const struct pldm_header *h)
{
	return find_type(b, h->type) ? PLDM_ERROR_UNSUPPORTED_PLDM_CMD
				     : PLDM_ERROR_INVALID_PLDM_TYPE;
}
