/* SPDX-License-Identifier: Apache-2.0 */
#include "pldm/fw_wire.h"

#include <string.h>

#include "base/err.h"

/* --- strings and components --- */

static void read_string(struct rd *r, struct pldm_fw_string *s)
{
	s->text = rd_bytes(r, s->len);
}

static void read_string_head(struct rd *r, struct pldm_fw_string *s)
{
	s->type = rd_u8(r);
	s->len = rd_u8(r);
	s->text = NULL;
}

static bool is_valid_string(const struct pldm_fw_string *s)
{
	return s->type < PLDM_FW_STRING_TYPES;
}

static void write_string_head(struct wr *w, const struct pldm_fw_string *s)
{
	wr_u8(w, s->type);
	wr_u8(w, s->len);
}

static void write_string(struct wr *w, const struct pldm_fw_string *s)
{
	wr_bytes(w, s->text, s->len);
}

static void read_component(struct rd *r, struct pldm_fw_component *c)
{
	c->classification = rd_le16(r);
	c->identifier = rd_le16(r);
	c->index = rd_u8(r);
}

static void write_component(struct wr *w, const struct pldm_fw_component *c)
{
	wr_le16(w, c->classification);
	wr_le16(w, c->identifier);
	wr_u8(w, c->index);
}

bool pldm_fw_same_component(const struct pldm_fw_component *a,
			    const struct pldm_fw_component *b)
{
	return a->classification == b->classification &&
	       a->identifier == b->identifier && a->index == b->index;
}

bool pldm_fw_same_string(const struct pldm_fw_string *a,
			 const struct pldm_fw_string *b)
{
	return a->type == b->type && a->len == b->len &&
	       (!a->len || !memcmp(a->text, b->text, a->len));
}

/* The result of decoding a whole message. */
static int finish(const struct rd *r, bool valid)
{
	if (!rd_done(r))
		return ERR_LENGTH;
	return valid ? ERR_OK : ERR_INVALID;
}

/* --- RequestUpdate, DSP0267 clause 11.1 --- */

int pldm_fw_read_request_update(struct rd *r, struct pldm_fw_request_update *q)
{
	q->transfer_max = rd_le32(r);
	q->components = rd_le16(r);
	q->outstanding = rd_u8(r);
	q->package_data = rd_le16(r);
	read_string_head(r, &q->version);
	read_string(r, &q->version);
	return finish(r, is_valid_string(&q->version));
}

void pldm_fw_write_request_update(struct wr *w,
				  const struct pldm_fw_request_update *q)
{
	wr_le32(w, q->transfer_max);
	wr_le16(w, q->components);
	wr_u8(w, q->outstanding);
	wr_le16(w, q->package_data);
	write_string_head(w, &q->version);
	write_string(w, &q->version);
}

/* --- PassComponentTable and UpdateComponent --- */

int pldm_fw_read_pass_component(struct rd *r, uint8_t *flag,
				struct pldm_fw_offer *o)
{
	*flag = rd_u8(r);
	read_component(r, &o->component);
	o->stamp = rd_le32(r);
	o->size = o->options = 0;
	read_string_head(r, &o->version);
	read_string(r, &o->version);
	return finish(r, is_valid_string(&o->version) &&
				 (*flag == PLDM_START || *flag == PLDM_MIDDLE ||
				  *flag == PLDM_END ||
				  *flag == PLDM_START_AND_END));
}

void pldm_fw_write_pass_component(struct wr *w, uint8_t flag,
				  const struct pldm_fw_offer *o)
{
	wr_u8(w, flag);
	write_component(w, &o->component);
	wr_le32(w, o->stamp);
	write_string_head(w, &o->version);
	write_string(w, &o->version);
}

int pldm_fw_read_update_component(struct rd *r, struct pldm_fw_offer *o)
{
	read_component(r, &o->component);
	o->stamp = rd_le32(r);
	o->size = rd_le32(r);
	o->options = rd_le32(r);
	read_string_head(r, &o->version);
	read_string(r, &o->version);
	return finish(r, is_valid_string(&o->version));
}

void pldm_fw_write_update_component(struct wr *w, const struct pldm_fw_offer *o)
{
	write_component(w, &o->component);
	wr_le32(w, o->stamp);
	wr_le32(w, o->size);
	wr_le32(w, o->options);
	write_string_head(w, &o->version);
	write_string(w, &o->version);
}

int pldm_fw_read_compatibility(struct rd *r, struct pldm_fw_compatibility *c)
{
	uint8_t refused = rd_u8(r);

	c->refused = refused;
	c->code = rd_u8(r);
	c->options = rd_le32(r);
	c->wait_s = rd_le16(r);
	return finish(r, refused <= 1);
}

void pldm_fw_write_compatibility(struct wr *w,
				 const struct pldm_fw_compatibility *c)
{
	wr_u8(w, c->refused);
	wr_u8(w, c->code);
	wr_le32(w, c->options);
	wr_le16(w, c->wait_s);
}

/* --- GetStatus --- */

int pldm_fw_read_status(struct rd *r, struct pldm_fw_status *s)
{
	s->state = rd_u8(r);
	s->previous = rd_u8(r);
	s->aux = rd_u8(r);
	s->aux_status = rd_u8(r);
	s->percent = rd_u8(r);
	s->reason = rd_u8(r);
	s->options = rd_le32(r);
	return finish(r, s->state < PLDM_FW_STATES &&
				 s->previous < PLDM_FW_STATES &&
				 s->percent <= PLDM_FW_PERCENT_UNKNOWN);
}

void pldm_fw_write_status(struct wr *w, const struct pldm_fw_status *s)
{
	wr_u8(w, s->state);
	wr_u8(w, s->previous);
	wr_u8(w, s->aux);
	wr_u8(w, s->aux_status);
	wr_u8(w, s->percent);
	wr_u8(w, s->reason);
	wr_le32(w, s->options);
}

/* --- QueryDeviceIdentifiers and GetFirmwareParameters --- */

int pldm_fw_read_descriptor(struct rd *r, struct pldm_fw_descriptor *d)
{
	d->type = rd_le16(r);
	d->len = rd_le16(r);
	d->data = rd_bytes(r, d->len);
	return rd_ok(r) ? ERR_OK : ERR_LENGTH;
}

void pldm_fw_write_descriptor(struct wr *w, const struct pldm_fw_descriptor *d)
{
	wr_le16(w, d->type);
	wr_le16(w, d->len);
	wr_bytes(w, d->data, d->len);
}

int pldm_fw_read_image_set(struct rd *r, struct pldm_fw_image_set *s)
{
	s->capabilities = rd_le32(r);
	s->components = rd_le16(r);
	read_string_head(r, &s->active);
	read_string_head(r, &s->pending);
	read_string(r, &s->active);
	read_string(r, &s->pending);
	if (!rd_ok(r))
		return ERR_LENGTH;
	return is_valid_string(&s->active) && is_valid_string(&s->pending)
		       ? ERR_OK
		       : ERR_INVALID;
}

void pldm_fw_write_image_set(struct wr *w, const struct pldm_fw_image_set *s)
{
	wr_le32(w, s->capabilities);
	wr_le16(w, s->components);
	write_string_head(w, &s->active);
	write_string_head(w, &s->pending);
	write_string(w, &s->active);
	write_string(w, &s->pending);
}

static void read_version(struct rd *r, struct pldm_fw_version *v)
{
	const uint8_t *date;

	v->stamp = rd_le32(r);
	read_string_head(r, &v->text);
	date = rd_bytes(r, PLDM_FW_DATE_SIZE);
	memset(v->date, 0, sizeof(v->date));
	if (date)
		memcpy(v->date, date, sizeof(v->date));
}

static void write_version(struct wr *w, const struct pldm_fw_version *v)
{
	wr_le32(w, v->stamp);
	write_string_head(w, &v->text);
	wr_bytes(w, v->date, sizeof(v->date));
}

int pldm_fw_read_parameters(struct rd *r, struct pldm_fw_parameters *p)
{
	read_component(r, &p->component);
	read_version(r, &p->active);
	read_version(r, &p->pending);
	p->methods = rd_le16(r);
	p->capabilities = rd_le32(r);
	read_string(r, &p->active.text);
	read_string(r, &p->pending.text);
	if (!rd_ok(r))
		return ERR_LENGTH;
	return is_valid_string(&p->active.text) &&
			       is_valid_string(&p->pending.text)
		       ? ERR_OK
		       : ERR_INVALID;
}

void pldm_fw_write_parameters(struct wr *w, const struct pldm_fw_parameters *p)
{
	write_component(w, &p->component);
	write_version(w, &p->active);
	write_version(w, &p->pending);
	wr_le16(w, p->methods);
	wr_le32(w, p->capabilities);
	write_string(w, &p->active.text);
	write_string(w, &p->pending.text);
}
