/* SPDX-License-Identifier: Apache-2.0 */
#include "drive_file/model_keys.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "posix/parse.h"

/* --- numbers --- */

static int parse(struct model_loader *l, const char *value, uint64_t min,
		 uint64_t max, uint64_t *out)
{
	if (parse_number(value, 0, min, max, out))
		return ini_error_set(&l->error, l->line,
				     "%s: expected a number from %llu to %llu",
				     value, (unsigned long long)min,
				     (unsigned long long)max);
	return ERR_OK;
}

static int parse_byte(struct model_loader *l, const char *value, uint64_t min,
		      uint64_t max, uint8_t *out)
{
	uint64_t v;
	int err = parse(l, value, min, max, &v);

	if (!err)
		*out = (uint8_t)v;
	return err;
}

/* --- keys of the subsystem --- */

static int set_text(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if (value[i] < ' ' || value[i] > '~')
			len = size;
	if (!len || len >= size)
		return ini_error_set(&l->error, l->line,
				     "expected 1 to %zu ASCII characters",
				     size - 1);
	memcpy(field, value, len + 1);
	return ERR_OK;
}

static int set_oui(struct model_loader *l, void *field, size_t size,
		   const char *value)
{
	if (parse_hex(value, '-', field, size))
		return ini_error_set(
			&l->error, l->line,
			"%s: expected three bytes in hex, as in ac-de-48",
			value);
	return ERR_OK;
}

static int set_instance(struct model_loader *l, void *field, size_t size,
			const char *value)
{
	if (parse_hex(value, 0, field, size))
		return ini_error_set(&l->error, l->line,
				     "%s: expected %zu hex digits", value,
				     2 * size);
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
				     "%s: expected 4 hex digits, as in 1b36",
				     value);
	*id = (uint16_t)(bytes[0] << 8 | bytes[1]);
	return ERR_OK;
}

static int set_bytes(struct model_loader *l, void *field, size_t size,
		     const char *value)
{
	(void)size;
	return parse(l, value, 1, UINT64_MAX / 2, field);
}

/* 1 MB/s is 1000 bytes/ms. */
static int set_rate(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	uint64_t *out = field;
	int err = parse(l, value, 1, UINT32_MAX, out);

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
	int err = parse(l, value, 1, INT32_MAX, &ms);

	(void)size;
	if (!err)
		*out = (uint32_t)ms;
	return err;
}

/* model_ini.c checks later that the slot has firmware. */
static int set_slot(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	(void)size;
	return parse_byte(l, value, 1, DRIVE_FIRMWARE_SLOTS, field);
}

/* --- keys of ports --- */

static int set_port(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	(void)size;
	return parse_byte(l, value, 0, DRIVE_PORTS - 1, field);
}

static int set_type(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	struct drive_port *p = field;
	enum drive_frequency frequency = p->frequency;

	(void)size;
	if (!strcmp(value, "pcie"))
		drive_port_init(p, DRIVE_PORT_PCIE);
	else if (!strcmp(value, "twowire"))
		drive_port_init(p, DRIVE_PORT_TWO_WIRE);
	else
		return ini_error_set(&l->error, l->line,
				     "%s: expected pcie or twowire", value);
	/* The frequency may come before the type. */
	if (frequency)
		p->frequency = p->frequency_max = frequency;
	return ERR_OK;
}

static int set_frequency(struct model_loader *l, void *field, size_t size,
			 const char *value)
{
	struct drive_port *p = field;

	(void)size;
	if (!strcmp(value, "100k"))
		p->frequency = DRIVE_FREQUENCY_100_KHZ;
	else if (!strcmp(value, "400k"))
		p->frequency = DRIVE_FREQUENCY_400_KHZ;
	else if (!strcmp(value, "1m"))
		p->frequency = DRIVE_FREQUENCY_1_MHZ;
	else
		return ini_error_set(&l->error, l->line,
				     "%s: expected 100k, 400k or 1m", value);
	p->frequency_max = p->frequency;
	return ERR_OK;
}

/* --- keys of controllers --- */

static int set_bool(struct model_loader *l, void *field, size_t size,
		    const char *value)
{
	bool *out = field;

	(void)size;
	*out = !strcmp(value, "true");
	if (!*out && strcmp(value, "false") != 0)
		return ini_error_set(&l->error, l->line,
				     "%s: expected true or false", value);
	return ERR_OK;
}

static int set_temperature(struct model_loader *l, void *field, size_t size,
			   const char *value)
{
	uint16_t *out = field;
	uint64_t kelvin;

	(void)size;
	if (parse_kelvin(value, UINT16_MAX, &kelvin))
		return ini_error_set(&l->error, l->line,
				     "%s: expected Kelvin from 0 to 65535, or "
				     "degrees Celsius as in 38C",
				     value);
	*out = (uint16_t)kelvin;
	return ERR_OK;
}

static int set_percent(struct model_loader *l, void *field, size_t size,
		       const char *value)
{
	(void)size;
	return parse_byte(l, value, 0, 100, field);
}

/* NVMe allows more than 100 percent; 255 stands for 255 or more. */
static int set_life_used(struct model_loader *l, void *field, size_t size,
			 const char *value)
{
	(void)size;
	return parse_byte(l, value, 0, UINT8_MAX, field);
}

static int set_feature(struct model_loader *l, void *field, size_t feature,
		       const char *value)
{
	enum drive_feature f = (enum drive_feature)feature;
	uint32_t bits = drive_feature_info(f)->bits;
	uint64_t v;
	int err = parse(l, value, 0, UINT32_MAX, &v);

	if (err)
		return err;
	if (v & ~(uint64_t)bits)
		return ini_error_set(&l->error, l->line,
				     "%s: this feature has only the bits 0x%x",
				     value, bits);
	drive_feature_set_default(field, f, (uint32_t)v);
	return ERR_OK;
}

/* Attach "3", or "1-8" for a range. */
static int attach_range(struct model_loader *l, struct drive_controller *c,
			char *range)
{
	char *dash = strchr(range, '-');
	uint64_t first = 0, last = 0;

	if (dash)
		*dash++ = '\0';
	if (parse(l, range, 1, DRIVE_NAMESPACES, &first) ||
	    parse(l, dash ? dash : range, first, DRIVE_NAMESPACES, &last))
		return ERR_INVALID;
	for (uint32_t nsid = (uint32_t)first; nsid <= last; nsid++) {
		if (drive_controller_has_namespace(c, nsid))
			return ini_error_set(&l->error, l->line,
					     "duplicate namespace %u", nsid);
		c->attached[(nsid - 1) / 8] |= (uint8_t)(1U << (nsid - 1) % 8);
	}
	return ERR_OK;
}

/* Ranges, separated by spaces or commas. model_ini.c checks later that the
 * namespaces exist. */
static int set_attached(struct model_loader *l, void *field, size_t size,
			const char *value)
{
	char range[24];

	(void)size;
	for (;;) {
		size_t len;

		value += strspn(value, " ,\t");
		len = strcspn(value, " ,\t");
		if (!len)
			return ERR_OK;
		if (len >= sizeof(range))
			len = sizeof(range) - 1; /* too long to be valid */
		memcpy(range, value, len);
		range[len] = '\0';
		if (attach_range(l, field, range))
			return ERR_INVALID;
		value += len;
	}
}

/* --- keys of namespaces --- */

static int set_blocks(struct model_loader *l, void *field, size_t size,
		      const char *value)
{
	(void)size;
	return parse(l, value, 1,
		     UINT64_MAX / DRIVE_BLOCK_SIZE / DRIVE_NAMESPACES, field);
}

static int set_block_size(struct model_loader *l, void *field, size_t size,
			  const char *value)
{
	uint8_t *format = field;

	(void)size;
	if (strcmp(value, "512") != 0 && strcmp(value, "4096") != 0)
		return ini_error_set(&l->error, l->line,
				     "%s: expected 512 or 4096", value);
	*format = value[0] == '4';
	return ERR_OK;
}

/* --- tables --- */

_Static_assert(DRIVE_FIRMWARE_SLOTS == 3, "each slot has a key");

#define FIELD(type, name)                                                      \
	offsetof(struct type, name), sizeof(((struct type *)0)->name)
#define IDENTITY(name) FIELD(drive, identity.name)

const struct model_key model_keys_subsystem[MODEL_KEYS] = {
	{ "model", set_text, IDENTITY(model) },
	{ "serial", set_text, IDENTITY(serial) },
	{ "firmware", set_text, FIELD(drive, firmware.running) }, /* slot 1 */
	{ "oui", set_oui, IDENTITY(oui) },
	{ "pci-vendor", set_pci_id, IDENTITY(pci_vendor) },
	{ "pci-device", set_pci_id, IDENTITY(pci_device) },
	{ "pci-subvendor", set_pci_id, IDENTITY(pci_subvendor) },
	{ "pci-subdevice", set_pci_id, IDENTITY(pci_subdevice) },
	{ "instance", set_instance, IDENTITY(instance) },
	{ "capacity", set_bytes, FIELD(drive, capacity) },
	{ "vpd-manufacturer", set_text, IDENTITY(vpd_manufacturer) },
	{ "vpd-product", set_text, IDENTITY(vpd_product) },
	{ "media-rate", set_rate, FIELD(drive, media_bytes_per_ms) },
	{ "self-test-short", set_ms, FIELD(drive, self_test_ms[0]) },
	{ "self-test-extended", set_ms, FIELD(drive, self_test_ms[1]) },
	{ "slot-2", set_text, FIELD(drive, firmware.slot[1].revision) },
	{ "slot-3", set_text, FIELD(drive, firmware.slot[2].revision) },
	{ "slot-active", set_slot, FIELD(drive, firmware.active) },
	{ "ocp", set_bool, FIELD(drive, ocp) },
};
const struct model_key model_keys_endpoint[MODEL_KEYS] = {
	{ "port", set_port, FIELD(drive, endpoint_port) },
};
const struct model_key model_keys_port[MODEL_KEYS] = {
	{ "type", set_type, 0, sizeof(struct drive_port) },
	{ "frequency", set_frequency, 0, sizeof(struct drive_port) },
};
const struct model_key model_keys_controller[MODEL_KEYS] = {
	[MODEL_KEY_PORT] = { "port", set_port, FIELD(drive_controller, port) },
	[MODEL_KEY_ATTACHED] = { "attached", set_attached, 0,
				 sizeof(struct drive_controller) },
	{ "temperature", set_temperature,
	  FIELD(drive_controller, temperature) },
	{ "enabled", set_bool, FIELD(drive_controller, enabled) },
	{ "too-cold", set_temperature,
	  FIELD(drive_controller, cold_threshold) },
	{ "too-hot", set_temperature, FIELD(drive_controller, hot_threshold) },
	{ "spare", set_percent, FIELD(drive_controller, spare) },
	{ "spare-threshold", set_percent,
	  FIELD(drive_controller, spare_threshold) },
	{ "life-used", set_life_used, FIELD(drive_controller, life_used) },
	{ "fatal", set_bool, FIELD(drive_controller, fatal) },
	/* by NVMe's feature identifier */
	{ "feature-01", set_feature, 0, DRIVE_FEATURE_ARBITRATION },
	{ "feature-02", set_feature, 0, DRIVE_FEATURE_POWER_MANAGEMENT },
	{ "feature-05", set_feature, 0, DRIVE_FEATURE_ERROR_RECOVERY },
	{ "feature-06", set_feature, 0, DRIVE_FEATURE_VOLATILE_WRITE_CACHE },
	{ "feature-07", set_feature, 0, DRIVE_FEATURE_NUMBER_OF_QUEUES },
	{ "feature-08", set_feature, 0, DRIVE_FEATURE_INTERRUPT_COALESCING },
	{ "feature-0a", set_feature, 0, DRIVE_FEATURE_WRITE_ATOMICITY },
	{ "feature-0b", set_feature, 0, DRIVE_FEATURE_ASYNCHRONOUS_EVENTS },
	{ "feature-80", set_feature, 0, DRIVE_FEATURE_SOFTWARE_PROGRESS },
};
const struct model_key model_keys_namespace[MODEL_KEYS] = {
	[MODEL_KEY_BLOCKS] = { "blocks", set_blocks,
			       FIELD(drive_namespace, blocks) },
	[MODEL_KEY_SHARED] = { "shared", set_bool,
			       FIELD(drive_namespace, shared) },
	{ "block-size", set_block_size, FIELD(drive_namespace, format) },
};
