#include "ports/virtual/virtual.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "ports/virtual/dcd_virtual.h"
#include "ports/virtual/options.h"
#include "posix/checksum_cpu.h"
#include "usb/usb_device.h"
#include "version.h"

/* "0.1.0" as bcdDevice: 0010. */
static uint16_t release_number(void)
{
	unsigned int major = 0, minor = 0, patch = 0;
	const char *version = TETHER_VERSION;
	char *end;

	major = (unsigned int)strtoul(version, &end, 10);
	if (*end == '.')
		minor = (unsigned int)strtoul(end + 1, &end, 10);
	if (*end == '.')
		patch = (unsigned int)strtoul(end + 1, &end, 10);
	return (uint16_t)((major / 10 % 10) << 12 | (major % 10) << 8 |
			  (minor % 10) << 4 | patch % 10);
}

struct device *virtual_start(const struct options *o, const uint8_t *uid,
			     const struct subsystem *model,
			     uint32_t (*now_ms)(void))
{
	static struct device device;
	static struct usb_identity identity;
	const struct device_config config = {
		.device_id = uid,
		.version = TETHER_VERSION,
		.git = TETHER_GIT,
		.dsp0283 = o->dsp0283,
		.packing = o->packing,
		.echo = true,
		.bench = true,
		.pldm_file = TETHER_FEATURE_PLDM_FILE && o->pldm_file,
		.log_level = o->log_level,
		.model = model,
	};

	checksum_use_cpu();
	if (device_init(&device, &config))
		return NULL;
	identity = (struct usb_identity){
		.vendor = o->vendor,
		.product = o->product,
		.release = release_number(),
		.manufacturer = o->manufacturer,
		.product_name = o->product_name,
		.serial = device.serial,
		.features = (TETHER_FEATURE_MCTP ? USB_FEATURE_MCTP : 0) |
			    (TETHER_FEATURE_LOG ? USB_FEATURE_LOG : 0),
		.span = o->dsp0283 == MCTP_USB_1_1,
	};
	dcd_virtual_set_clock(now_ms);
	return usb_device_start(&device, &identity, o->speed) ? &device : NULL;
}

/* Hashed, as the machine's id is not to be told to others (machine-id(5)). */
static void machine_device_id(uint8_t uid[DEVICE_ID_SIZE])
{
	static const char purpose[] = "tether usbnvme device id";
	uint8_t mac[SHA256_SIZE];
	char text[256] = { 0 };
	FILE *f = fopen("/etc/machine-id", "re");

	if (!f || !fgets(text, sizeof(text), f) || text[0] == '\n')
		(void)gethostname(text, sizeof(text) - 1);
	if (f)
		fclose(f);
	hmac_sha256(purpose, sizeof(purpose) - 1, text, strcspn(text, "\n"),
		    mac);
	memcpy(uid, mac, DEVICE_ID_SIZE);
}

void virtual_device_id(const struct options *o, unsigned int k,
		       uint8_t uid[DEVICE_ID_SIZE])
{
	if (o->uid_given)
		memcpy(uid, o->uid, DEVICE_ID_SIZE);
	else
		machine_device_id(uid);
	for (int i = DEVICE_ID_SIZE - 1; i >= 0 && k; i--) {
		k += uid[i];
		uid[i] = (uint8_t)k;
		k >>= 8;
	}
}
