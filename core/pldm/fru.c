/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/fru.h"

#include "base/crc32.h"

enum {
	MAJOR = 1, /* version of the FRU data: that of DSP0257 */
	MINOR = 0,
	ALIGNMENT = 4,
	FIELD_MAX = 255,
	PART_HEADER = 5, /* next handle, transfer flag */
};

void pldm_fru_begin(struct pldm_fru_table *table, uint16_t set)
{
	wr_le16(&table->w, set);
	wr_u8(&table->w, PLDM_FRU_GENERAL);
	table->fields = wr_space(&table->w, 1);
	if (table->fields)
		*table->fields = 0;
	wr_u8(&table->w, PLDM_FRU_ASCII);
	table->records++;
}

void pldm_fru_add(struct pldm_fru_table *table, enum pldm_fru_field field,
		  const char *text, size_t len)
{
	len = len < FIELD_MAX ? len : FIELD_MAX;
	if (!len || !table->fields)
		return;
	wr_u8(&table->w, (uint8_t)field);
	wr_u8(&table->w, (uint8_t)len);
	wr_bytes(&table->w, text, len);
	++*table->fields;
}

/* Build the table and append its CRC-32, in free space of the response buffer,
 * as the stack of a board is small. Returns the length without the CRC-32; 0:
 * the records do not fit. */
static size_t build_fru_table(const struct pldm_fru_ops *ops, uint8_t *data,
			      uint16_t *records, uint32_t *crc)
{
	struct pldm_fru_table table = {
		.w = wr_init(data, PLDM_FRU_TABLE_MAX),
	};
	struct wr check;
	size_t len;

	ops->list(ops->ctx, &table);
	while (wr_len(&table.w) % ALIGNMENT && wr_ok(&table.w))
		wr_u8(&table.w, 0);
	if (!wr_ok(&table.w))
		return 0;
	len = wr_len(&table.w);
	*records = table.records;
	*crc = crc32_ieee(0, data, len);
	check = wr_init(data + len, sizeof(*crc));
	wr_le32(&check, *crc);
	return len;
}

/* Space for the table behind the part that the response gets. NULL: the
 * response buffer is too small. */
static uint8_t *reserve_table(const struct wr *w)
{
	struct wr space = *w;

	(void)wr_space(&space, PART_HEADER + PLDM_FRU_PART);
	return wr_space(&space, PLDM_FRU_TABLE_MAX + sizeof(uint32_t));
}

static enum pldm_code get_fru_metadata(void *ctx, struct pldm_call *call)
{
	uint8_t *data = reserve_table(call->w);
	uint16_t records = 0;
	uint32_t crc = 0;
	size_t len = data ? build_fru_table(ctx, data, &records, &crc) : 0;

	if (!len)
		return PLDM_FRU_TABLE_UNAVAILABLE;
	wr_u8(call->w, MAJOR);
	wr_u8(call->w, MINOR);
	wr_le32(call->w, 0); /* SetFRURecordTable is not supported */
	wr_le32(call->w, (uint32_t)len);
	wr_le16(call->w, records); /* record sets: each has one record */
	wr_le16(call->w, records);
	wr_le32(call->w, crc);
	return PLDM_SUCCESS;
}

static uint8_t part_flag(bool first, bool last)
{
	return (uint8_t)(first ? (last ? PLDM_START_AND_END : PLDM_START)
			       : (last ? PLDM_END : PLDM_MIDDLE));
}

/* The data transfer handle of a part is its offset, so a retry gets the same
 * part. */
static enum pldm_code get_fru_table(void *ctx, struct pldm_call *call)
{
	uint8_t *data = reserve_table(call->w);
	uint32_t at = rd_le32(call->r), crc = 0;
	uint8_t operation = rd_u8(call->r);
	uint16_t records = 0;
	size_t len = data ? build_fru_table(ctx, data, &records, &crc) : 0, n;

	if (!len)
		return PLDM_FRU_TABLE_UNAVAILABLE;
	len += sizeof(crc);
	if (operation == PLDM_GET_FIRST_PART)
		at = 0;
	else if (operation != PLDM_GET_NEXT_PART)
		return PLDM_FRU_INVALID_TRANSFER_OPERATION_FLAG;
	else if (!at || at % PLDM_FRU_PART || at >= len)
		return PLDM_FRU_INVALID_DATA_TRANSFER_HANDLE;
	n = len - at < PLDM_FRU_PART ? len - at : PLDM_FRU_PART;
	wr_le32(call->w, at + n < len ? (uint32_t)(at + n) : 0);
	wr_u8(call->w, part_flag(!at, at + n == len));
	wr_bytes(call->w, data + at, n);
	return PLDM_SUCCESS;
}

static const struct pldm_command commands[] = {
	{ PLDM_GET_FRU_RECORD_TABLE_METADATA, 0, get_fru_metadata },
	{ PLDM_GET_FRU_RECORD_TABLE, 5, get_fru_table },
};

const struct pldm_table pldm_fru_commands = {
	.type = PLDM_TYPE_FRU,
	.count = sizeof(commands) / sizeof(commands[0]),
	.version = PLDM_FRU_VERSION,
	.command = commands,
};
