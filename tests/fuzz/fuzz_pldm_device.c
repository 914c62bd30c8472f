/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes PLDM of the device, with random requests, and with a host that
 * responds to the file requester. Every transfer must end, nothing may be sent
 * to another endpoint, and the next transfer must start.
 *
 * Input: a list of operations, each followed by its arguments.
 */
#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"
#include "base/wire.h"
#include "mctp/mctp.h"
#include "device/drive_fru.h"
#include "device/drive_platform.h"
#include "pldm/file.h"
#include "pldm/responder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HOST = 8, DEVICE = 9, ANSWER = 600 };

static struct mctp m;
static struct pldm p;
static struct pldm_file file;
static struct pldm_platform platform;
static struct pldm_fru_ops fru;
static struct drive drive;
static uint32_t now_ms;

static void expect(bool fine)
{
	if (!fine)
		abort();
}

/* Read the next complete message of the device. Returns its length; 0: none. */
static size_t sent(uint8_t *message, size_t cap, uint8_t *flags)
{
	struct mctp_packet k;
	size_t n = 0;

	while (mctp_tx_peek(&m, &k)) {
		expect(k.header[1] == HOST ||
		       k.header[1] == platform.events.receiver);
		expect(n + k.len <= cap);
		memcpy(message + n, k.body, k.len);
		n += k.len;
		*flags = k.header[3];
		mctp_tx_consume(&m, &k);
		if (*flags & MCTP_EOM)
			return n;
	}
	return 0;
}

static void send(const uint8_t *message, size_t len, uint8_t flags)
{
	uint8_t packet[MCTP_HEADER_SIZE + ANSWER] = { 1, DEVICE, HOST };

	packet[3] = (uint8_t)(MCTP_SOM | MCTP_EOM | flags);
	if (len > ANSWER)
		len = ANSWER;
	memcpy(packet + MCTP_HEADER_SIZE, message, len);
	mctp_rx(&m, packet, MCTP_HEADER_SIZE + len, now_ms);
}

/* Insert a valid CRC, so that the fuzzer reaches the code after the check. */
static void fix_part(uint8_t *answer, size_t len, uint32_t before)
{
	struct wr w;
	uint32_t n = (uint32_t)(len - PLDM_PART_OVERHEAD);

	if (len < PLDM_PART_OVERHEAD)
		return;
	w = wr_init(answer + 10, 4);
	wr_le32(&w, n);
	w = wr_init(answer + len - 4, 4);
	wr_le32(&w, crc32_ieee(before, answer + 14, n));
}

/* Respond to a request with bytes of the input. */
static void answer(struct rd *in, const uint8_t *request, uint8_t tag)
{
	uint8_t text[ANSWER] = { 0 }, how = rd_u8(in);
	size_t n = (size_t)rd_u8(in) * (how & 1 ? 2 : 1);
	const uint8_t *body;

	n = n < rd_remaining(in) ? n : rd_remaining(in);
	body = rd_bytes(in, n);
	memcpy(text, request, PLDM_HEADER_SIZE);
	text[1] &= PLDM_INSTANCE;
	if (body)
		memcpy(text + PLDM_HEADER_SIZE, body, n);
	n += PLDM_HEADER_SIZE;
	if (how & 2 && request[3] == PLDM_MULTIPART_RECEIVE)
		fix_part(text, n, file.lanes == 1 ? file.crc : 0);
	if (how & 4) /* replace the completion code by success */
		text[PLDM_HEADER_SIZE] = 0;
	send(text, n, tag);
}

static void exchange(struct rd *in)
{
	uint8_t message[PLDM_ANSWER_MAX], flags;
	size_t n = sent(message, sizeof(message), &flags);

	if (n && flags & MCTP_TAG_OWNER)
		answer(in, message, flags & MCTP_TAG);
}

static void pass(uint32_t ms)
{
	now_ms += ms;
	pldm_poll(&p, now_ms);
	mctp_poll(&m, now_ms);
}

static bool active(void)
{
	uint8_t s = file.status.state;

	expect(s < PLDM_FILE_STATES);
	return s > PLDM_FILE_IDLE && s < PLDM_FILE_DONE;
}

/* Change a value that a sensor or a record shows. */
static void change_drive(uint8_t what, uint8_t value)
{
	switch (what % 7) {
	case 0:
		drive_controller_set_temperature(&drive, what & 1, value + 200);
		break;
	case 1:
		drive_controller_set_spare(&drive, 0, value % 101);
		break;
	case 2:
		drive_controller_set_warnings(&drive, 1, value);
		break;
	case 3:
		drive_controller_set_fatal(&drive, 0, value & 1);
		break;
	case 4:
		(void)drive_namespace_create(&drive, 8, 0, true);
		break;
	case 5:
		(void)drive_namespace_delete(&drive,
					     value ? value : DRIVE_NSID_ALL);
		break;
	default:
		if (value & 1)
			drive_power_off(&drive);
		else
			drive_power_on(&drive);
	}
}

static void step(struct rd *in)
{
	uint8_t what = rd_u8(in), request[64];
	const uint8_t *body;
	size_t n;

	switch (what % 8) {
	case 0:
		pldm_file_start(&file, HOST, now_ms);
		break;
	case 1: /* a request of the host */
		n = what / 8 < rd_remaining(in) ? what / 8 : rd_remaining(in);
		request[0] = MCTP_TYPE_PLDM;
		body = rd_bytes(in, n);
		if (body)
			memcpy(request + 1, body, n);
		send(request, n + 1, MCTP_TAG_OWNER);
		break;
	case 2:
		pass(what);
		break;
	case 3:
		if (what == 3) {
			pldm_reset(&p);
			mctp_reset(&m);
		} else {
			what = rd_u8(in);
			change_drive(what, rd_u8(in));
		}
		break;
	default:
		exchange(in);
	}
	expect(file.status.bytes <= file.status.size ||
	       file.status.state != PLDM_FILE_DONE);
	expect(file.lanes <= PLDM_LANES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t uid[PLDM_UID_SIZE] = { 1 };
	struct rd in = rd_init(data, size);
	uint8_t message[PLDM_ANSWER_MAX], flags;
	struct pldm_platform_ops ops;

	mctp_init(&m);
	mctp_set_eid(&m, DEVICE);
	(void)mctp_set_mtu(&m, 512);
	expect(!pldm_init(&p, &m));
	pldm_file_init(&file, &m, NULL);
	expect(!pldm_add(&p, &pldm_file_table, &file));
	drive_init_default(&drive);
	drive_start(&drive);
	ops = drive_platform_ops(&drive, uid, true);
	pldm_platform_init(&platform, &m, &p.base, &ops);
	expect(!pldm_add(&p, &pldm_platform_table, &platform));
	fru = drive_fru_ops(&drive);
	expect(!pldm_add(&p, &pldm_fru_commands, &fru));
	pldm_file_start(&file, HOST, now_ms);
	while (rd_remaining(&in))
		step(&in);
	/* Send no more responses: each state must end at its time limit. */
	for (int i = 0; i < 300 && active(); i++) {
		while (sent(message, sizeof(message), &flags))
			;
		pass(1000);
	}
	expect(!active());
	pldm_file_start(&file, HOST, now_ms);
	expect(file.status.state == PLDM_FILE_SETUP);
	return 0;
}
