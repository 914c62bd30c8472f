/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the complete device. The input is a list of host operations: control
 * and bulk transfers, resets, time steps. After each input the device must
 * enumerate and respond to a valid request.
 */
#include <stdlib.h>
#include <string.h>

#include "base/wire.h"
#include "device/dut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *bytes(struct rd *r, size_t *len)
{
	*len = rd_u8(r);
	if (*len > rd_remaining(r))
		*len = rd_remaining(r);
	return rd_bytes(r, *len);
}

static void packet(struct rd *r)
{
	struct dut_packet p = { 0 };
	size_t len;
	const uint8_t *body;

	/* Add valid headers, so that the body is processed. */
	uint8_t dest = rd_u8(r), flags = rd_u8(r);

	body = bytes(r, &len);
	if (len > DUT_PACKET_MAX - 8)
		len = DUT_PACKET_MAX - 8;
	p.len = len + 8;
	memcpy(p.data,
	       (const uint8_t[]){ 0x1a, 0xb4, 0, (uint8_t)p.len, 1,
				  dest & 0x80 ? 0 : dest, 8, flags },
	       8);
	memcpy(p.data + 8, body, len);
	(void)dut_send(&p, 1);
}

static void control(struct rd *r)
{
	static uint8_t buffer[512];
	uint8_t setup[8] = { 0 };
	const uint8_t *s = rd_bytes(r, 8);

	if (!s)
		return;
	memcpy(setup, s, 8);
	setup[7] &= 1; /* at most 511 bytes */
	memset(buffer, 0x55, sizeof(buffer));
	(void)dut_control(setup, buffer, (uint16_t)(setup[6] | setup[7] << 8));
}

static void operate(struct rd *r)
{
	static uint8_t buffer[1024];
	uint8_t op = rd_u8(r);
	const uint8_t *data;
	size_t len;

	switch (op & 7) {
	case 0:
		data = bytes(r, &len);
		(void)dut_out(op >> 3, data, len);
		break;
	case 1:
		(void)dut_in(op >> 3, buffer, (size_t)rd_u8(r) * 4);
		break;
	case 2:
		control(r);
		break;
	case 3:
		(void)dut_attach();
		break;
	case 4:
		dut_wait((uint32_t)rd_u8(r) * 100);
		break;
	default:
		packet(r);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct device *dut;
	static uint8_t answer[64];
	struct rd r = rd_init(data, size);

	if (!dut)
		dut = dut_start(MCTP_USB_1_0, USB_SPEED_HIGH);
	if (!dut || !dut_attach())
		abort();
	while (rd_remaining(&r))
		operate(&r);
	if (!dut_attach())
		abort(); /* the device does not enumerate */
	if (dut_exchange((const uint8_t *)"\x00\x80\x02", 3, 0, answer,
			 sizeof(answer)) != 7)
		abort(); /* the device does not respond */
	return 0;
}
