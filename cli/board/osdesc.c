/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/board/osdesc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/wire.h"
#include "cli/cli.h"
#include "host/libusb_host.h"

enum {
	STRING = 3,
	OS_STRING = 0xee,
	OS_STRING_LENGTH = 18,
	COMPATIBLE_ID = 4, /* wIndex */
	HEADER = 16,
	SECTION = 24,
	ID = 8,
	MOST = HEADER + 16 * SECTION,
};

/* Check for "MSFT100" in UTF-16. The vendor code follows at byte 16. */
static bool has_signature(const uint8_t s[OS_STRING_LENGTH])
{
	static const char signature[] = "MSFT100";

	for (size_t i = 0; i < sizeof(signature) - 1; i++)
		if (s[2 + 2 * i] != (uint8_t)signature[i] || s[3 + 2 * i])
			return false;
	return s[0] == OS_STRING_LENGTH && s[1] == STRING;
}

/* Parse the sections, one per function. The network function's ID has priority.
 */
static void parse_ids(struct rd *r, struct usbrules_device *d)
{
	uint32_t length = rd_le32(r);
	uint16_t version = rd_le16(r), index = rd_le16(r);
	uint8_t count = rd_u8(r);

	rd_skip(r, 7);
	if (!rd_ok(r) || version != 0x100 || index != COMPATIBLE_ID ||
	    length != HEADER + count * (uint32_t)SECTION)
		return;
	while (count--) {
		const uint8_t *id;
		bool network;

		rd_skip(r, 2);
		id = rd_bytes(r, ID);
		rd_skip(r, SECTION - 2 - ID);
		if (!rd_ok(r))
			return;
		network = !memcmp(id, "WINNCM\0", ID) ||
			  !memcmp(id, "RNDIS\0\0", ID);
		if (!id[0] || (d->id_known == USBRULES_ID && !network))
			continue;
		memcpy(d->compatible_id, id, ID);
		d->compatible_id[ID] = '\0';
		d->id_known = USBRULES_ID;
		if (network)
			return;
	}
}

void osdesc_read(struct usbhost *h, struct usbrules_device *d)
{
	uint8_t s[OS_STRING_LENGTH], data[MOST];
	uint8_t setup[8] = { 0xc0,	    0, 0,	    0,
			     COMPATIBLE_ID, 0, MOST & 0xff, MOST >> 8 };
	/* Language 0: gadgets of the Linux kernel answer no other. */
	static const uint8_t ask[8] = { 0x80, 6, OS_STRING,	   STRING,
					0,    0, OS_STRING_LENGTH, 0 };
	int n = usbhost_control(h, ask, s, sizeof(s));
	struct rd r;

	if (n == ERR_TIMEOUT)
		return;
	d->id_known = USBRULES_ID_NONE;
	if (n != OS_STRING_LENGTH || !has_signature(s))
		return;
	setup[1] = s[16];
	n = usbhost_control(h, setup, data, sizeof(data));
	if (n == ERR_TIMEOUT)
		d->id_known = USBRULES_ID_UNKNOWN;
	r = rd_init(data, n > 0 ? (size_t)n : 0);
	if (n > 0)
		parse_ids(&r, d);
}

void osdesc_read_place(const char *place, struct usbrules_device *d)
{
	struct libusb_host_device *list = NULL;
	char error[CLI_ERROR], name[LIBUSB_HOST_PLACE];
	int n = libusb_host_list(&list, error, sizeof(error));

	for (int i = 0; i < n; i++) {
		struct usbhost *h;

		libusb_host_place(&list[i], name, sizeof(name));
		if (strcmp(name, place) != 0)
			continue;
		h = libusb_host_open(&list[i], error, sizeof(error));
		if (h)
			osdesc_read(h, d);
		if (h)
			h->ops->close(h);
	}
	free(list);
}
