/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/functionfs/head.h"

#include "base/wire.h"
#include "usb/descriptors.h"

/* Constants of linux/usb/functionfs.h. That header cannot be included: its
 * names of the USB speeds conflict with usb/descriptors.h. */
enum {
	STRINGS_MAGIC = 2,
	DESCRIPTORS_MAGIC_V2 = 3,
	HAS_FS_DESC = 1,
	HAS_HS_DESC = 2,
};

size_t functionfs_descriptors(bool span, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap), head = wr_init(buf, cap);
	enum usb_speed speeds[] = { USB_SPEED_FULL, USB_SPEED_HIGH };
	uint8_t one[USB_DESCRIPTOR_MAX];

	(void)wr_space(&w, 20);
	for (int i = 0; i < 2; i++) {
		size_t n =
			usb_mctp_interface(span, speeds[i], one, sizeof(one));

		wr_bytes(&w, one, n);
	}
	wr_le32(&head, DESCRIPTORS_MAGIC_V2);
	wr_le32(&head, (uint32_t)wr_len(&w));
	wr_le32(&head, HAS_FS_DESC | HAS_HS_DESC);
	wr_le32(&head, 3); /* full speed: an interface, two endpoints */
	wr_le32(&head, 3); /* high speed: an interface, two endpoints */
	return wr_ok(&w) ? wr_len(&w) : 0;
}

size_t functionfs_strings(uint8_t *buf, size_t cap)
{
	static const char name[] = "MCTP";
	struct wr w = wr_init(buf, cap);

	wr_le32(&w, STRINGS_MAGIC);
	wr_le32(&w, 16 + 2 + sizeof(name));
	wr_le32(&w, 1); /* number of strings */
	wr_le32(&w, 1); /* number of languages */
	wr_le16(&w, 0x0409);
	wr_bytes(&w, (const uint8_t *)name, sizeof(name));
	return wr_ok(&w) ? wr_len(&w) : 0;
}
