/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the USB binding and the MCTP endpoint, v1.0 and v1.1, with random
 * bytes in pieces of random length. In v1.1 the result must not depend on the
 * pieces. */
#include <stdlib.h>
#include <string.h>

#include "mctp/mctp.h"
#include "mctp_usb/mctp_usb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mctp m;
static struct mctp_usb u;
static uint32_t sum;

static void handle(void *ctx, const struct mctp_msg *msg)
{
	(void)ctx;
	for (size_t i = 0; i < msg->len; i++)
		sum = sum * 31 + msg->data[i] + 1;
}

static uint32_t feed(enum mctp_usb_version version, const uint8_t *data,
		     size_t size, size_t piece)
{
	sum = 0;
	mctp_init(&m);
	mctp_usb_init(&u, &m, version);
	for (uint8_t type = 0; type < MCTP_HANDLERS; type++)
		(void)mctp_register(&m, type, handle, NULL);
	for (size_t at = 0; at < size; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		mctp_usb_rx(&u, data + at, n, at + n == size, 0);
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece;

	if (size < 2)
		return 0;
	piece = (size_t)data[0] + 1;
	data++;
	size--;
	if (size <= MCTP_USB_TRANSFER_1_0 &&
	    feed(MCTP_USB_1_0, data, size, size) !=
		    feed(MCTP_USB_1_0, data, size, piece))
		abort();
	if (feed(MCTP_USB_1_1, data, size, size) !=
	    feed(MCTP_USB_1_1, data, size, piece))
		abort();
	return 0;
}
