/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/base.h"

#include <string.h>

#include "base/crc32.h"
#include "base/err.h"

/* --- tables --- */

/* The first table of a type, which has the type's version. NULL: the type is
 * not supported. */
static const struct pldm_table *find_type(const struct pldm_base *b,
					  uint8_t type)
{
	for (uint8_t i = 0; i < b->tables; i++)
		if (b->entry[i].table->type == type)
			return b->entry[i].table;
	return NULL;
}

/* A command, and the argument of its function in *ctx. */
static const struct pldm_command *
find_command(const struct pldm_base *b, uint8_t type, uint8_t code, void **ctx)
{
	for (uint8_t i = 0; i < b->tables; i++) {
		const struct pldm_table *t = b->entry[i].table;

		*ctx = b->entry[i].ctx;
		for (uint8_t k = 0; t->type == type && k < t->count; k++)
			if (t->command[k].code == code)
				return &t->command[k];
	}
	return NULL;
}

bool pldm_base_has(const struct pldm_base *b, uint8_t type, uint8_t command)
{
	void *ctx;

	return find_command(b, type, command, &ctx);
}

/* --- commands of type 00 --- */

static enum pldm_code set_tid(void *ctx, struct pldm_call *call)
{
	struct pldm_base *b = ctx;
	uint8_t tid = rd_u8(call->r);

	/* DSP0240 9.1: these values are not valid terminus ids. */
	if (tid == PLDM_TID_UNASSIGNED || tid == PLDM_TID_RESERVED)
		return PLDM_ERROR_INVALID_DATA;
	b->tid = tid;
	return PLDM_SUCCESS;
}

static enum pldm_code get_tid(void *ctx, struct pldm_call *call)
{
	const struct pldm_base *b = ctx;

	wr_u8(call->w, b->tid);
	return PLDM_SUCCESS;
}

static enum pldm_code get_version(void *ctx, struct pldm_call *call)
{
	const struct pldm_table *t;
	uint8_t version[4], operation;
	struct wr v = wr_init(version, sizeof(version));

	rd_skip(call->r, 4); /* transfer handle: unused, there is one part */
	operation = rd_u8(call->r);
	t = find_type(ctx, rd_u8(call->r));
	if (operation != PLDM_GET_FIRST_PART)
		return PLDM_VERSION_INVALID_TRANSFER_OPERATION_FLAG;
	if (!t)
		return PLDM_VERSION_INVALID_PLDM_TYPE;
	wr_le32(&v, t->version);
	wr_le32(call->w, 0); /* no next part */
	wr_u8(call->w, PLDM_START_AND_END);
	wr_bytes(call->w, version, sizeof(version));
	wr_le32(call->w, crc32_ieee(0, version, sizeof(version)));
	return PLDM_SUCCESS;
}

/* Reserve a bit map without a set bit. NULL: no room. */
static uint8_t *write_bit_map(struct wr *w, size_t size)
{
	uint8_t *map = wr_space(w, size);

	if (map)
		memset(map, 0, size);
	return map;
}

static void set_bit(uint8_t *map, uint8_t bit)
{
	map[bit / 8] |= (uint8_t)(1U << bit % 8);
}

static enum pldm_code get_types(void *ctx, struct pldm_call *call)
{
	const struct pldm_base *b = ctx;
	uint8_t *map = write_bit_map(call->w, PLDM_TYPES_SIZE);

	for (uint8_t i = 0; map && i < b->tables; i++)
		set_bit(map, b->entry[i].table->type);
	return PLDM_SUCCESS;
}

static enum pldm_code get_commands(void *ctx, struct pldm_call *call)
{
	const struct pldm_base *b = ctx;
	uint8_t type = rd_u8(call->r);
	uint32_t version = rd_le32(call->r);
	const struct pldm_table *t = find_type(b, type);
	uint8_t *map;

	if (!t)
		return PLDM_COMMANDS_INVALID_PLDM_TYPE;
	if (version != t->version)
		return PLDM_COMMANDS_INVALID_PLDM_VERSION;
	map = write_bit_map(call->w, PLDM_COMMANDS_SIZE);
	for (uint8_t i = 0; map && i < b->tables; i++) {
		t = b->entry[i].table;
		for (uint8_t k = 0; t->type == type && k < t->count; k++)
			set_bit(map, t->command[k].code);
	}
	return PLDM_SUCCESS;
}

static const struct pldm_command commands[] = {
	{ PLDM_SET_TID, 1, set_tid },
	{ PLDM_GET_TID, 0, get_tid },
	{ PLDM_GET_PLDM_VERSION, 6, get_version },
	{ PLDM_GET_PLDM_TYPES, 0, get_types },
	{ PLDM_GET_PLDM_COMMANDS, 5, get_commands },
};

static const struct pldm_table base_table = {
	.type = PLDM_TYPE_BASE,
	.count = sizeof(commands) / sizeof(commands[0]),
	.version = PLDM_BASE_VERSION,
	.command = commands,
};

/* --- public functions --- */

void pldm_base_init(struct pldm_base *b)
{
	memset(b, 0, sizeof(*b));
	b->tid = PLDM_TID_UNASSIGNED;
	(void)pldm_base_add(b, &base_table, b);
}

int pldm_base_add(struct pldm_base *b, const struct pldm_table *table,
		  void *ctx)
{
	if (b->tables == PLDM_TABLES)
		return ERR_FULL;
	b->entry[b->tables].table = table;
	b->entry[b->tables++].ctx = ctx;
	return ERR_OK;
}

static enum pldm_code run(const struct pldm_base *b, struct pldm_call *call)
{
	const struct pldm_header *h = call->header;
	void *ctx;
	const struct pldm_command *c =
		find_command(b, h->type, h->command, &ctx);

	if (!find_type(b, h->type))
		return PLDM_ERROR_INVALID_PLDM_TYPE;
	if (!c || !c->run)
		return PLDM_ERROR_UNSUPPORTED_PLDM_CMD;
	if (c->length != PLDM_ANY_LENGTH && rd_remaining(call->r) != c->length)
		return PLDM_ERROR_INVALID_LENGTH;
	return c->run(ctx, call);
}

enum pldm_code pldm_base_answer(struct pldm_base *b, struct pldm_call *call)
{
	enum pldm_code code;

	pldm_write_code(call->w, call->header, PLDM_SUCCESS);
	code = run(b, call);
	if (code)
		pldm_write_only_code(call->w, call->header, code);
	return code;
}

void pldm_base_poll(const struct pldm_base *b, uint32_t now_ms)
{
	for (uint8_t i = 0; i < b->tables; i++)
		if (b->entry[i].table->poll)
			b->entry[i].table->poll(b->entry[i].ctx, now_ms);
}

void pldm_base_reset(const struct pldm_base *b)
{
	for (uint8_t i = 0; i < b->tables; i++)
		if (b->entry[i].table->reset)
			b->entry[i].table->reset(b->entry[i].ctx);
}
