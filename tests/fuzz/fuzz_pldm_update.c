/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes firmware update by PLDM: the parser of packages, the decoders of an
 * inventory, the device's commands with an agent that responds with anything,
 * and the agent's answers to a device that requests anything.
 *
 * Input: a byte that selects one of them, then its input.
 */
#include <stdlib.h>
#include <string.h>

#include "host/pldm_update.h"
#include "mctp/mctp.h"
#include "pldm/fw_device.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HOST = 8, DEVICE = 9, IMAGE = 700, ANSWER = 1024, PART = 256 };

static void expect(bool fine)
{
	if (!fine)
		abort();
}

/* --- packages --- */

static bool is_inside(const void *p, size_t n, const uint8_t *data, size_t size)
{
	const uint8_t *at = p;

	return !n || (at >= data && at <= data + size &&
		      n <= (size_t)(data + size - at));
}

static void fuzz_package(const uint8_t *data, size_t size)
{
	static const struct pldm_fw_descriptor device = {
		PLDM_FW_PCI_VENDOR, 2, (const uint8_t *)"\x36\x1b"
	};
	static struct pldm_package p;
	const struct pldm_package_record *r;
	char error[PLDM_PACKAGE_ERROR] = "", text[256];

	if (pldm_package_parse(&p, data, size, error)) {
		expect(error[0]);
		return;
	}
	for (uint16_t n = 0; n < p.components; n++) {
		const struct pldm_package_component *c = &p.component[n];

		expect(is_inside(c->image, c->size, data, size));
		expect(is_inside(c->version.text, c->version.len, data, size));
		pldm_package_version_text(&c->version, text);
	}
	for (uint8_t n = 0; n < p.records; n++) {
		r = &p.record[n];
		expect(is_inside(r->descriptor, r->descriptors_len, data,
				 size));
		expect(is_inside(r->data, r->data_len, data, size));
		for (uint16_t k = 0; k < p.components; k++)
			(void)pldm_package_applies(&p, r, k);
	}
	r = pldm_package_match(&p, &device, 1);
	expect(!r || r->descriptors >= 1);
}

/* --- inventories --- */

static void fuzz_inventory(const uint8_t *data, size_t size)
{
	static struct pldm_inventory i;
	struct rd r = rd_init(data, size);

	if (!pldm_inventory_set_identifiers(&i, &r))
		expect(i.descriptors <= PLDM_INVENTORY_DESCRIPTORS);
	r = rd_init(data, size);
	if (!pldm_inventory_set_parameters(&i, &r))
		expect(i.components == i.set.components);
}

/* --- the device --- */

static struct mctp mctp;
static struct pldm_fw fw;
static uint32_t now_ms;
static struct {
	bool receiving;
	uint32_t received, size;
} store;

static uint8_t count(void *ctx)
{
	(void)ctx;
	return 1;
}

static void describe(void *ctx, uint8_t n, struct pldm_fw_parameters *p)
{
	(void)ctx;
	expect(n == 0);
	p->component.classification = PLDM_FW_CLASS_FIRMWARE;
	p->component.identifier = 1;
	p->active.stamp = 5;
	p->active.text = (struct pldm_fw_string){ PLDM_FW_STRING_ASCII, 1,
						  (const uint8_t *)"1" };
}

static uint8_t offer(void *ctx, uint8_t n, const struct pldm_fw_offer *o,
		     bool start)
{
	(void)ctx;
	expect(!n && !store.receiving);
	if (o->size > IMAGE)
		return PLDM_FW_TOO_LARGE;
	store.receiving = start;
	store.received = 0;
	store.size = o->size;
	return PLDM_FW_CAN_UPDATE;
}

static uint8_t write(void *ctx, uint32_t offset, const uint8_t *data,
		     uint32_t len)
{
	(void)ctx;
	(void)data;
	expect(store.receiving && offset == store.received);
	expect(len && len <= store.size - offset);
	store.received += len;
	return 0;
}

static int verify(void *ctx, uint8_t *percent)
{
	(void)ctx;
	*percent = 7;
	expect(store.receiving && store.received == store.size);
	return store.size % 3 == 2 ? PLDM_FW_VERIFY_FAILED : 0;
}

static int apply(void *ctx, uint8_t *percent, uint16_t *methods)
{
	int result = verify(ctx, percent);

	*methods = 1;
	store.receiving = false;
	return result;
}

static uint8_t activate(void *ctx, bool self_contained, uint16_t *seconds)
{
	(void)ctx;
	*seconds = self_contained;
	expect(!store.receiving);
	return 0;
}

static void cancel(void *ctx)
{
	(void)ctx;
	expect(store.receiving);
	store.receiving = false;
}

static void start_device(void)
{
	static const struct pldm_fw_ops ops = {
		.count = count,
		.describe = describe,
		.offer = offer,
		.write = write,
		.verify = verify,
		.apply = apply,
		.activate = activate,
		.cancel = cancel,
	};
	static const struct pldm_fw_descriptor descriptor = {
		PLDM_FW_PCI_VENDOR, 2, (const uint8_t *)"\x36\x1b"
	};
	static const struct pldm_fw_config config = { .ops = &ops,
						      .descriptor = &descriptor,
						      .descriptors = 1 };

	mctp_init(&mctp);
	mctp_set_eid(&mctp, DEVICE);
	expect(!mctp_set_mtu(&mctp, 512));
	store.receiving = false;
	pldm_fw_init(&fw, &mctp, NULL, &config);
}

static void send_command(struct rd *in)
{
	uint8_t answer[ANSWER], code = rd_u8(in), flags = rd_u8(in);
	size_t len = rd_u8(in);
	const uint8_t *body;
	const struct pldm_header h = { .rq = true,
				       .instance = flags & PLDM_INSTANCE,
				       .type = PLDM_TYPE_FIRMWARE,
				       .command = code };
	struct wr w = wr_init(answer, sizeof(answer));
	struct rd r;
	struct pldm_call call = { &h, (uint8_t)(HOST + flags / 128), now_ms, &r,
				  &w };

	len = len < rd_remaining(in) ? len : rd_remaining(in);
	body = rd_bytes(in, len);
	r = rd_init(body, len);
	for (uint8_t i = 0; i < pldm_fw_table.count; i++)
		if (pldm_fw_table.command[i].code == code)
			(void)pldm_fw_table.command[i].run(&fw, &call);
	expect(wr_ok(&w));
}

/* Respond to the next request of the device. */
static void respond(struct rd *in)
{
	uint8_t packet[MCTP_HEADER_SIZE + 512] = { 1, DEVICE, HOST };
	uint8_t how = rd_u8(in), code = rd_u8(in);
	struct wr w = wr_init(packet + MCTP_HEADER_SIZE, 512 - 8);
	struct mctp_packet p;
	const uint8_t *head;
	size_t n = how;
	struct rd r;

	if (!mctp_tx_peek(&mctp, &p))
		return;
	r = rd_init(p.body, p.len);
	packet[3] = MCTP_SOM | MCTP_EOM | (p.header[3] & MCTP_TAG);
	head = rd_bytes(&r, PLDM_HEADER_SIZE);
	expect(head);
	if (head)
		wr_bytes(&w, head, PLDM_HEADER_SIZE);
	packet[MCTP_HEADER_SIZE + 1] &= PLDM_INSTANCE;
	wr_u8(&w, code);
	if (packet[MCTP_HEADER_SIZE + 3] == PLDM_FW_REQUEST_FIRMWARE_DATA &&
	    how & 1) {
		rd_skip(&r, 4);
		n = rd_le32(&r);
	}
	wr_fill(&w, how, n < 400 ? n : 400);
	mctp_tx_consume(&mctp, &p);
	mctp_rx(&mctp, packet, MCTP_HEADER_SIZE + wr_len(&w), now_ms);
}

static void pass(uint32_t ms)
{
	now_ms += ms;
	pldm_fw_poll(&fw, now_ms);
	mctp_poll(&mctp, now_ms);
}

static void fuzz_device(struct rd *in)
{
	start_device();
	while (rd_remaining(in)) {
		switch (rd_u8(in) % 4) {
		case 0:
			send_command(in);
			break;
		case 1:
			respond(in);
			break;
		case 2:
			pass(rd_u8(in));
			break;
		default:
			pass(1);
		}
		expect(fw.bytes <= fw.size && fw.state < PLDM_FW_STATES);
	}
	/* Without an agent each update ends. */
	for (int i = 0; i < 400 && fw.state != PLDM_FW_IDLE; i++) {
		struct mctp_packet p;

		while (mctp_tx_peek(&mctp, &p))
			mctp_tx_consume(&mctp, &p);
		pass(1000);
	}
	expect(fw.state == PLDM_FW_IDLE && !store.receiving);
}

/* --- the agent --- */

static uint32_t clock_ms(void)
{
	return now_ms;
}

static void check_answer(const struct pldm_update *u, const uint8_t *answer,
			 size_t n)
{
	struct rd r = rd_init(answer, n);
	struct pldm_header h;

	if (!n)
		return;
	expect(!pldm_read_header(&r, &h) && !h.rq);
	if (rd_u8(&r) || h.command != PLDM_FW_REQUEST_FIRMWARE_DATA)
		return;
	expect(rd_remaining(&r) <= u->config.part);
	while (rd_remaining(&r)) {
		uint8_t byte = rd_u8(&r);

		expect(byte == 0x5a || !byte);
	}
}

static void fuzz_agent(struct rd *in)
{
	static struct pldm_update u;
	static uint8_t image[IMAGE];
	static struct pldm_package_component component = { .image = image,
							   .size = IMAGE };
	static struct pldm_package_record record = { .data = image,
						     .data_len = IMAGE };

	memset(&u, 0, offsetof(struct pldm_update, answer));
	memset(image, 0x5a, sizeof(image));
	u.count = 2;
	u.config.part = PART;
	u.peer.now_ms = clock_ms;
	u.record = &record;
	u.component[0].image = u.component[1].image = &component;
	while (rd_remaining(in)) {
		uint8_t what = rd_u8(in);
		size_t len = rd_u8(in);
		uint8_t message[256] = { MCTP_TYPE_PLDM };
		const uint8_t *body;

		if (what < 0x80) {
			u.current = what & 1;
			pldm_update_enter(
				&u, (enum pldm_update_phase)(
					    what / 2 % PLDM_UPDATE_PHASES));
		}
		len = len < rd_remaining(in) ? len : rd_remaining(in);
		body = rd_bytes(in, len);
		if (body)
			memcpy(message + 1, body, len);
		check_answer(
			&u, u.answer[0],
			pldm_update_answer(&u, message, len + 1, u.answer[0]));
		expect(u.component[u.current].sent <= IMAGE);
		expect(pldm_update_phase_name(u.component[u.current].phase));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_init(data, size);

	switch (rd_u8(&in) % 4) {
	case 0:
		if (size)
			fuzz_package(data + 1, size - 1);
		break;
	case 1:
		if (size)
			fuzz_inventory(data + 1, size - 1);
		break;
	case 2:
		fuzz_device(&in);
		break;
	default:
		fuzz_agent(&in);
	}
	return 0;
}
