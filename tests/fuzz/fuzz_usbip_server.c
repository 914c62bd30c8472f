/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes a USB/IP connection to a complete device. The client sends arbitrary
 * bytes after the import. The connection must end when the client disconnects.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device/dut.h"
#include "linux_sys/loop.h"
#include "ports/virtual/dcd_virtual.h"
#include "usbserve/usbip_export.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct usbip_export export;
	static struct loop loop;
	static uint8_t sink[65536];
	int ends[2];

	if (!export.ops) {
		struct device *d = dut_start(MCTP_USB_1_0, USB_SPEED_HIGH);

		export.ops = &dcd_virtual_ops;
		export.loop = &loop;
		export.log = d ? &d->log : NULL;
		if (!d || loop_init(&loop) || usbip_export_init(&export, 1))
			abort();
	}
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		abort();
	usbip_export_import(&export, ends[1]);
	if (!export.conn)
		abort();
	if (size > 60000)
		size = 60000;
	if (write(ends[0], data, size) != (ssize_t)size)
		abort();
	for (int i = 0; i < 4; i++)
		(void)loop_turn(&loop, 0);
	while (recv(ends[0], sink, sizeof(sink), MSG_DONTWAIT) > 0)
		(void)loop_turn(&loop, 0);
	close(ends[0]);
	for (int i = 0; export.conn && i < 4; i++)
		(void)loop_turn(&loop, 0);
	if (export.conn)
		abort(); /* the connection outlives its client */
	return 0;
}
