/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/model_keys.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "posix/parse.h"

/* --- values --- */

static int number(struct model_loader *l, const char *value, uint64_t min,
		  uint64_t max, uint64_t *out)
{
	if (parse_number(value, 0, min, max, out))
		return ini_error_set(&l->error, l->line,
				     "%s: a number from %llu to %llu", value,
				     (unsigned long long)min,
				     (unsigned long long)max);
	return ERR_OK;
}

/* --- keys --- */

static int set_text(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if (value[i] < ' ' || value[i] > '~')
			len = size;
	if (!len || len >= size)
		return ini_error_set(&l->error, l->line,
				     "1 to %zu ASCII characters", size - 1);
	memcpy(field, value, len + 1);
	return ERR_OK;
}

static int set_oui(struct model_loader *l, void *field, size_t size,
		   const char *value)
{
	if (parse_hex(value, '-', field, size))
		return ini_error_set(&l->error, l->line,
				     "%s: three bytes in hex, as in ac-de-48",
				     value);
	return ERR_OK;
}

static int set_instance(struct model_loader *l, void *field, size_t size,
			const char *value)
{
	if (parse_hex(value, 0, field, size))
		return ini_error_set(&l->error, l->line, "%s: %zu hex digits",
				     value, 2 * size);
	return ERR_OK;
}

static int set_pci_id(struct model_loader *l, void *field, size_t size,
		      const char *value)
{
	const char *digits = strncmp(value, "0x", 2) ? value : value + 2;
	uint16_t *id = field;
	uint8_t bytes[2];

	if (size != sizeof(bytes) || parse_hex(digits, 0, bytes, sizeof(bytes)))
		return ini_error_set(&l->error, l->line,
				     "%s: 4 hex digits, as in 1b36", value);
	*id = (uint16_t)(bytes[0] << 8 | bytes[1]);
	return ERR_OK;
}

static int set_bool(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	bool *out = field;

	(void)size;
	*out = !strcmp(value, "true");
	if (!*out && strcmp(value, "false") != 0)
		return ini_error_set(&l->error, l->line, "%s: true or false",
				     value);
	return ERR_OK;
}

static int set_type(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	struct port *p = field;
	enum port_frequency frequency = p->frequency;

	(void)size;
	if (!strcmp(value, "pcie"))
		port_init(p, PORT_PCIE);
	else if (!strcmp(value, "twowire"))
		port_init(p, PORT_TWOWIRE);
	else
		return ini_error_set(&l->error, l->line, "%s: pcie or twowire",
				     value);
	if (frequency) /* came before the type */
		p->frequency = p->frequency_max = frequency;
	return ERR_OK;
}

static int set_frequency(struct model_loader *l, void *field, size_t size,
			 const char *value)
{
	struct port *p = field;

	(void)size;
	if (!strcmp(value, "100k"))
		p->frequency = PORT_100K;
	else if (!strcmp(value, "400k"))
		p->frequency = PORT_400K;
	else if (!strcmp(value, "1m"))
		p->frequency = PORT_1M;
	else
		return ini_error_set(&l->error, l->line, "%s: 100k, 400k or 1m",
				     value);
	p->frequency_max = p->frequency;
	return ERR_OK;
}

/* Of what is kept in a byte. */
static int small(struct model_loader *l, const char *value, uint64_t min,
		 uint64_t max, uint8_t *out)
{
	uint64_t v;
	int err = number(l, value, min, max, &v);

	if (!err)
		*out = (uint8_t)v;
	return err;
}

static int set_port(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	(void)size;
	return small(l, value, 0, SUBSYSTEM_PORTS - 1, field);
}

static int set_temperature(struct model_loader *l, void *field, size_t size,
			   const char *value)
{
	uint16_t *out = field;
	uint64_t kelvin;
	int err = number(l, value, 0, UINT16_MAX, &kelvin);

	(void)size;
	if (!err)
		*out = (uint16_t)kelvin;
	return err;
}

static int set_percent(struct model_loader *l, void *field, size_t size,
		       const char *value)
{
	(void)size;
	return small(l, value, 0, 100, field);
}

/* Life used goes on behind 100 percent; 255 is that and more. */
static int set_life_used(struct model_loader *l, void *field, size_t size,
			 const char *value)
{
	(void)size;
	return small(l, value, 0, UINT8_MAX, field);
}

static int set_bytes(struct model_loader *l, void *field, size_t size,
		     const char *value)
{
	(void)size;
	return number(l, value, 1, UINT64_MAX / 2, field);
}

static int set_format(struct model_loader *l, void *field, size_t size,
		      const char *value)
{
	uint8_t *out = field;

	(void)size;
	if (strcmp(value, "512") != 0 && strcmp(value, "4096") != 0)
		return ini_error_set(&l->error, l->line, "%s: 512 or 4096",
				     value);
	*out = value[0] == '4';
	return ERR_OK;
}

/* Without the unit: a number of MB/s is one of 1000 bytes/ms. */
static int set_rate(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	uint64_t *out = field;
	int err = number(l, value, 1, UINT32_MAX, out);

	(void)size;
	if (!err)
		*out *= 1000;
	return err;
}

static int set_ms(struct model_loader *l, void *field, size_t size,
		  const char *value)
{
	uint32_t *out = field;
	uint64_t ms;
	int err = number(l, value, 1, INT32_MAX, &ms);

	(void)size;
	if (!err)
		*out = (uint32_t)ms;
	return err;
}

static int set_blocks(struct model_loader *l, void *field, size_t size,
		      const char *value)
{
	(void)size;
	return number(l, value, 1, UINT64_MAX / 512 / SUBSYSTEM_NAMESPACES,
		      field);
}

/* The one that runs. Whether it has firmware is asked at the end. */
static int set_slot(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	(void)size;
	return small(l, value, 1, SUBSYSTEM_FIRMWARE_SLOTS, field);
}

static int set_feature(struct model_loader *l, void *field, size_t id,
		       const char *value)
{
	uint32_t bits = feature_bits((uint8_t)id);
	uint64_t v;
	int err = number(l, value, 0, UINT32_MAX, &v);

	if (err)
		return err;
	if (v & ~(uint64_t)bits)
		return ini_error_set(&l->error, l->line,
				     "%s: this feature has the bits 0x%x alone",
				     value, bits);
	controller_set_default(field, (uint8_t)id, (uint32_t)v);
	return ERR_OK;
}

/* "3", or "1-8" for all of these. */
static int attach(struct model_loader *l, struct controller *c, char *token)
{
	char *dash = strchr(token, '-');
	uint64_t first = 0, last = 0;

	if (dash)
		*dash++ = '\0';
	if (number(l, token, 1, SUBSYSTEM_NAMESPACES, &first) ||
	    number(l, dash ? dash : token, first, SUBSYSTEM_NAMESPACES, &last))
		return ERR_INVALID;
	for (uint32_t nsid = (uint32_t)first; nsid <= last; nsid++) {
		if (controller_is_attached(c, nsid))
			return ini_error_set(&l->error, l->line,
					     "%u is there twice", nsid);
		c->attached[(nsid - 1) / 8] |= (uint8_t)(1U << (nsid - 1) % 8);
	}
	return ERR_OK;
}

/* By spaces or commas; whether they exist is asked at the end. */
static int set_attached(struct model_loader *l, void *field, size_t size,
			const char *value)
{
	char token[24];

	(void)size;
	for (;;) {
		size_t len;

		value += strspn(value, " ,\t");
		len = strcspn(value, " ,\t");
		if (!len)
			return ERR_OK;
		if (len >= sizeof(token))
			len = sizeof(token) - 1; /* too long for any number */
		memcpy(token, value, len);
		token[len] = '\0';
		if (attach(l, field, token))
			return ERR_INVALID;
		value += len;
	}
}

_Static_assert(SUBSYSTEM_FIRMWARE_SLOTS == 3, "each slot has its key");

#define FIELD(type, name)                                                      \
	offsetof(struct type, name), sizeof(((struct type *)0)->name)

const struct model_key model_subsystem_keys[MODEL_KEYS] = {
	{ "model", set_text, FIELD(subsystem, model) },
	{ "serial", set_text, FIELD(subsystem, serial) },
	{ "firmware", set_text, FIELD(subsystem, firmware) },
	{ "oui", set_oui, FIELD(subsystem, oui) },
	{ "pci-vendor", set_pci_id, FIELD(subsystem, pci_vendor) },
	{ "pci-device", set_pci_id, FIELD(subsystem, pci_device) },
	{ "pci-subvendor", set_pci_id, FIELD(subsystem, pci_subvendor) },
	{ "pci-subdevice", set_pci_id, FIELD(subsystem, pci_subdevice) },
	{ "instance", set_instance, FIELD(subsystem, instance) },
	{ "capacity", set_bytes, FIELD(subsystem, capacity) },
	{ "vpd-manufacturer", set_text, FIELD(subsystem, vpd_manufacturer) },
	{ "vpd-product", set_text, FIELD(subsystem, vpd_product) },
	{ "media-rate", set_rate, FIELD(subsystem, media_bytes_per_ms) },
	{ "self-test-short", set_ms, FIELD(subsystem, self_test_ms[0]) },
	{ "self-test-extended", set_ms, FIELD(subsystem, self_test_ms[1]) },
	/* Slot 1 has what is called firmware. */
	{ "slot-2", set_text, FIELD(subsystem, slot[1].revision) },
	{ "slot-3", set_text, FIELD(subsystem, slot[2].revision) },
	{ "slot-active", set_slot, FIELD(subsystem, slot_active) },
};
const struct model_key model_endpoint_keys[MODEL_KEYS] = {
	{ "port", set_port, FIELD(subsystem, endpoint) },
};
const struct model_key model_port_keys[MODEL_KEYS] = {
	{ "type", set_type, 0, sizeof(struct port) },
	{ "frequency", set_frequency, 0, sizeof(struct port) },
};
const struct model_key model_controller_keys[MODEL_KEYS] = {
	[MODEL_KEY_PORT] = { "port", set_port, FIELD(controller, port) },
	[MODEL_KEY_ATTACHED] = { "attached", set_attached, 0,
				 sizeof(struct controller) },
	{ "temperature", set_temperature, FIELD(controller, temperature) },
	{ "enabled", set_bool, FIELD(controller, enabled) },
	{ "too-cold", set_temperature, FIELD(controller, too_cold) },
	{ "too-hot", set_temperature, FIELD(controller, too_hot) },
	{ "spare", set_percent, FIELD(controller, spare) },
	{ "spare-threshold", set_percent, FIELD(controller, spare_threshold) },
	{ "life-used", set_life_used, FIELD(controller, life_used) },
	{ "fatal", set_bool, FIELD(controller, fatal) },
	{ "feature-01", set_feature, 0, 0x01 },
	{ "feature-02", set_feature, 0, 0x02 },
	{ "feature-05", set_feature, 0, 0x05 },
	{ "feature-06", set_feature, 0, 0x06 },
	{ "feature-07", set_feature, 0, 0x07 },
	{ "feature-08", set_feature, 0, 0x08 },
	{ "feature-0a", set_feature, 0, 0x0a },
	{ "feature-0b", set_feature, 0, 0x0b },
	{ "feature-80", set_feature, 0, 0x80 },
};
const struct model_key model_namespace_keys[MODEL_KEYS] = {
	[MODEL_KEY_BLOCKS] = { "blocks", set_blocks,
			       FIELD(nvm_namespace, blocks) },
	[MODEL_KEY_SHARED] = { "shared", set_bool,
			       FIELD(nvm_namespace, shared) },
	{ "block-size", set_format, FIELD(nvm_namespace, format) },
};
