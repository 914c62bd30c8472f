/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_inventory.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

/* Copy the rest of r to `data`, and let *r read the copy. */
static int keep(struct rd *r, uint8_t *data)
{
	size_t len = rd_remaining(r);

	if (len > PLDM_INVENTORY_DATA)
		return ERR_FULL;
	memcpy(data, rd_bytes(r, len), len);
	*r = rd_init(data, len);
	return ERR_OK;
}

int pldm_inventory_set_identifiers(struct pldm_inventory *i, struct rd *r)
{
	uint32_t length;
	int err = keep(r, i->identifiers);

	i->descriptors = 0;
	if (err)
		return err;
	length = rd_le32(r);
	i->descriptors = rd_u8(r);
	if (length != rd_remaining(r) ||
	    i->descriptors > PLDM_INVENTORY_DESCRIPTORS) {
		i->descriptors = 0;
		return ERR_LENGTH;
	}
	for (uint8_t n = 0; n < i->descriptors && !err; n++)
		err = pldm_fw_read_descriptor(r, &i->descriptor[n]);
	if (!err && !rd_done(r))
		err = ERR_LENGTH;
	if (err)
		i->descriptors = 0;
	return err;
}

int pldm_inventory_set_parameters(struct pldm_inventory *i, struct rd *r)
{
	int err = keep(r, i->parameters);

	i->components = 0;
	if (!err)
		err = pldm_fw_read_image_set(r, &i->set);
	if (err)
		return err;
	if (i->set.components > PLDM_INVENTORY_COMPONENTS)
		return ERR_FULL;
	for (uint16_t n = 0; n < i->set.components && !err; n++)
		err = pldm_fw_read_parameters(r, &i->component[n]);
	if (!err && !rd_done(r))
		err = ERR_LENGTH;
	if (!err)
		i->components = i->set.components;
	return err;
}

static int explain(struct pldm_peer *p, int err, const char *text)
{
	snprintf(p->transport->error, sizeof(p->transport->error), "%s", text);
	return err;
}

/* Send a query, again if the link has shortened it or its response. Returns the
 * error of the last response. */
static int exchange(struct pldm_inventory *i, struct pldm_peer *p,
		    const struct wr *w, uint8_t *code,
		    int (*decode)(struct pldm_inventory *i, struct rd *r))
{
	int err = ERR_INVALID;

	for (int n = 0; n < PLDM_PEER_ATTEMPTS; n++) {
		struct rd r;

		err = pldm_peer_ask(p, w, code, &r);
		if (err)
			return err;
		if (*code == PLDM_ERROR_INVALID_LENGTH)
			continue;
		err = *code ? ERR_OK : decode(i, &r);
		if (!err)
			return ERR_OK;
	}
	return explain(p, ERR_INVALID,
		       "the description of its firmware is malformed");
}

static int query(struct pldm_inventory *i, struct pldm_peer *p, uint8_t command,
		 int (*decode)(struct pldm_inventory *i, struct rd *r))
{
	struct wr w = pldm_peer_begin(p, PLDM_TYPE_FIRMWARE, command);
	uint8_t code = 0;
	int err = exchange(i, p, &w, &code, decode);

	if (err || !code)
		return err;
	if (code == PLDM_ERROR_INVALID_PLDM_TYPE ||
	    code == PLDM_ERROR_UNSUPPORTED_PLDM_CMD)
		return explain(p, ERR_UNSUPPORTED,
			       "it has no firmware update by PLDM");
	snprintf(p->transport->error, sizeof(p->transport->error),
		 "it refuses command %02x with code %02x", command, code);
	return ERR_INVALID;
}

int pldm_inventory_read(struct pldm_inventory *i, struct pldm_peer *p)
{
	int err = query(i, p, PLDM_FW_QUERY_DEVICE_IDENTIFIERS,
			pldm_inventory_set_identifiers);

	if (err)
		return err;
	return query(i, p, PLDM_FW_GET_FIRMWARE_PARAMETERS,
		     pldm_inventory_set_parameters);
}
