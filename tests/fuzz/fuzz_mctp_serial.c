/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes the frames of MCTP over serial: arbitrary bytes on the line, in
 * pieces, never break the link. Each message that an endpoint accepts is sent
 * back and must arrive unchanged at a second endpoint. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "mctp/mctp.h"
#include "mctp_serial/mctp_serial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OWN = 9, PEER = 8 };

static struct mctp device, host;
static struct mctp_serial device_serial, host_serial;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

/* Send an accepted message back; its frame must be valid. */
static void check_frame(const struct mctp_msg *msg)
{
	static const uint8_t header[MCTP_HEADER_SIZE] = { 1, PEER, OWN, 0xc8 };
	uint8_t frame[MCTP_SERIAL_FRAME_MAX];
	struct mctp_packet p = { .body = msg->data, .len = msg->len };
	size_t n;

	if (msg->len > MCTP_SERIAL_PACKET_MAX - MCTP_HEADER_SIZE)
		return;
	memcpy(p.header, header, sizeof(header));
	n = mctp_serial_encode(&p, frame);
	expect(n <= sizeof(frame) && frame[0] == MCTP_SERIAL_FLAG);
	mctp_serial_rx(&host_serial, frame, n, 0);
	expect(host_serial.counter[MCTP_SERIAL_DROP_FCS] == 0);
	expect(host_serial.counter[MCTP_SERIAL_DROP_LENGTH] == 0);
}

static void handle(void *ctx, const struct mctp_msg *msg)
{
	(void)ctx;
	check_frame(msg);
}

static void start(void)
{
	mctp_init(&device);
	mctp_init(&host);
	device.eid = OWN;
	host.eid = PEER;
	for (uint8_t i = 0; i < 5; i++)
		(void)mctp_register(&device, i == 4 ? 0x7e : i, handle, NULL);
	mctp_serial_init(&device_serial, &device);
	mctp_serial_init(&host_serial, &host);
}

/* After any bytes, the link works again within three frames. */
static void check_recovery(void)
{
	static const uint8_t frame[] = { 0x7e, 0x01, 0x07, 0x01, 0x00,
					 0x08, 0xc8, 0x00, 0x80, 0x02,
					 0x2b, 0xc1, 0x7e };
	uint32_t before;

	for (int i = 0; i < 2 + 255 / (int)sizeof(frame); i++)
		mctp_serial_rx(&device_serial, frame, sizeof(frame), 0);
	before = device_serial.counter[MCTP_SERIAL_RX_FRAMES];
	mctp_serial_rx(&device_serial, frame, sizeof(frame), 0);
	expect(device_serial.counter[MCTP_SERIAL_RX_FRAMES] == before + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece = size ? 1 + data[0] % 7U : 1;

	start();
	for (size_t at = 0; at < size; at += piece)
		mctp_serial_rx(&device_serial, data + at,
			       size - at < piece ? size - at : piece, 0);
	expect(device_serial.counter[MCTP_SERIAL_RX_BYTES] == size);
	check_recovery();
	return 0;
}
