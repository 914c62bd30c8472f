/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/hardware.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/sha256.h"
#include "gadget/sysfs.h"

enum { SERIAL_BYTES = 6, STM32MP15_FIFO_WORDS = 952 };

/* --- serial number --- */

static bool read_device_tree_serial(const char *root, char *out, size_t cap)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.";
	char path[SYSFS_PATH], text[64];
	ssize_t n;

	/* A string property includes its zero byte. */
	snprintf(path, sizeof(path), "%s/proc/device-tree/serial-number", root);
	n = sysfs_read_bytes(path, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	if (!text[0] || strspn(text, allowed) != strlen(text))
		return false;
	snprintf(out, cap, "%s", text);
	return true;
}

void hardware_read_serial(const char *root, char *out, size_t cap)
{
	static const char key[] = "tether serial";
	uint8_t digest[SHA256_SIZE];
	char text[64];

	out[0] = '\0';
	if (cap <= (size_t)2 * SERIAL_BYTES ||
	    read_device_tree_serial(root, out, cap))
		return;
	if (sysfs_read(text, sizeof(text), "%s/etc/machine-id", root) <= 0)
		return;
	/* machine-id(5) forbids to expose the ID itself, and allows a keyed
	 * hash. */
	sha256_hmac(key, sizeof(key) - 1, text, strlen(text), digest);
	for (size_t i = 0; i < SERIAL_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02X", digest[i]);
}

/* --- FIFOs --- */

static size_t read_cells(const char *node, const char *property,
			 uint32_t *words, size_t max)
{
	uint8_t bytes[4 * FIFO_TX_MAX + 4];
	char path[SYSFS_PATH + 32];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", node, property);
	n = sysfs_read_bytes(path, bytes, sizeof(bytes));
	return n > 0 ? fifo_decode_cells(bytes, (size_t)n, words, max) : 0;
}

/* Find the device tree node of a UDC without an of_node link, by its name: the
 * node of 49000000.usb-otg is usb-otg@49000000. */
static void find_node(const char *root, const char *udc, char *node, size_t cap)
{
	static const char *const parents[] = { "", "/soc", "/soc@0", "/ahb" };
	const char *dot = strchr(udc, '.');
	struct stat st;

	snprintf(node, cap, "%s/sys/class/udc/%s/device/of_node", root, udc);
	if (!stat(node, &st))
		return;
	for (size_t i = 0; dot && i < sizeof(parents) / sizeof(parents[0]);
	     i++) {
		snprintf(node, cap, "%s/proc/device-tree%s/%s@%.*s", root,
			 parents[i], dot + 1, (int)(dot - udc), udc);
		if (!stat(node, &st))
			return;
	}
	node[0] = '\0';
}

void hardware_read_fifos(const char *root, const char *udc, struct fifos *f)
{
	char node[SYSFS_PATH], compatible[128];
	char path[SYSFS_PATH + 32];
	ssize_t n;

	*f = (struct fifos){ 0 };
	find_node(root, udc, node, sizeof(node));
	if (!node[0])
		return;
	f->count =
		(uint8_t)read_cells(node, "g-tx-fifo-size", f->tx, FIFO_TX_MAX);
	(void)read_cells(node, "g-rx-fifo-size", &f->rx, 1);
	(void)read_cells(node, "g-np-tx-fifo-size", &f->np_tx, 1);
	f->known = f->count > 0;
	snprintf(path, sizeof(path), "%s/compatible", node);
	n = sysfs_read_bytes(path, compatible, sizeof(compatible) - 1);
	compatible[n > 0 ? n : 0] = '\0';
	if (!strncmp(compatible, "st,stm32mp15-", 13))
		f->total = STM32MP15_FIFO_WORDS; /* RM0436: 3.8 Kbytes */
}
