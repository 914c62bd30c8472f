/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the NVMe-MI responder through a real MCTP endpoint. Messages have one
 * or several packets, with or without a valid integrity check, and time passes
 * between them. Responses must be well-formed, and the drive must be consistent
 * after each message.
 *
 * Input, repeatedly: flags, transmission unit, length, bytes. The flags LONGER
 * and WHOLE append zeros to a message, for commands with much data.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "state_round.h"
#include "nvme_mi/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	OWN = 9,
	PEER = 8,
	MESSAGE = 256 + 4096 + 5,
	/* flags */
	WITH_MIC = 0x01, /* add the type byte and a valid check */
	RESET = 0x02,
	HOLD = 0x04, /* do not take responses: slots stay busy */
	LONGER = 0x08,
	LONGER_BY = 384 - 32, /* zeros for the data of a Create Namespace */
	LARGEST = NVME_MI_ADMIN_REQUEST_SIZE + NVME_MI_DATA_MAX,
	TIME_SHIFT = 4, /* the upper bits are seconds that pass */
	/* flags in the byte of the transmission unit, which is minus one */
	WHOLE = 0x40,	   /* append zeros up to the largest Admin request */
	UNFINISHED = 0x80, /* omit the last packet */
	UNIT_MASK = 0x3f,
};

static struct mctp m;
static struct nvme_mi mi;
static struct drive s;
static uint32_t now, resets, kept; /* kept: state version */
static bool replays; /* replayed parts have the check of the whole response */

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void check_model(void)
{
	expect(s.endpoint_port < s.ports && s.ports <= DRIVE_PORTS);
	for (uint8_t i = 0; i < s.ports; i++) {
		const struct drive_port *p = &s.port[i];

		expect(p->unit >= DRIVE_PORT_UNIT_DEFAULT &&
		       p->unit <= p->unit_max);
		expect(p->frequency <= p->frequency_max);
		expect(p->type != DRIVE_PORT_TWO_WIRE ||
		       p->frequency >= DRIVE_FREQUENCY_100_KHZ);
	}
}

static void check_controller(const struct drive_controller *c)
{
	expect(c->self_test.count <= DRIVE_SELF_TEST_RESULTS);
	expect(c->port < s.ports);
	if (c->self_test.operation.active && c->self_test.nsid &&
	    c->self_test.nsid != DRIVE_NSID_ALL)
		expect(drive_namespace_exists(&s, c->self_test.nsid));
	for (uint32_t n = 0; n <= DRIVE_NAMESPACES + 1; n++)
		expect(!drive_controller_has_namespace(c, n) ||
		       drive_namespace_exists(&s, n));
}

static void check_namespaces(void)
{
	uint16_t formats = 0;

	expect(drive_capacity_allocated(&s) <= s.capacity);
	expect(drive_capacity(&s) == s.capacity);
	for (uint32_t n = 1; n <= DRIVE_NAMESPACES; n++) {
		const struct drive_namespace *ns = &s.namespace[n - 1];
		int attached = 0;

		for (uint8_t c = 0; c < s.controllers; c++)
			attached += drive_controller_has_namespace(
				&s.controller[c], n);
		expect(ns->shared || attached <= 1);
		expect(ns->format < DRIVE_LBA_FORMATS);
		expect(ns->blocks * DRIVE_BLOCK_SIZE %
			       drive_namespace_block_size(ns) ==
		       0);
		expect(!ns->formatting.active || ns->blocks);
		formats = (uint16_t)(formats + ns->formatting.active);
	}
	expect(formats == s.formats);
}

static void check_firmware(void)
{
	const struct drive_firmware_image *f =
		drive_firmware_slot(&s, s.firmware.active);

	/* Until a reset, the image in the active slot may not be the running
	 * image. */
	expect(f);
	expect(s.firmware.replaced || !memcmp(f->revision, s.firmware.running,
					      sizeof(s.firmware.running)));
	if (s.resets != resets)
		expect(!s.firmware.replaced);
	resets = s.resets;
	expect(!s.firmware.next || drive_firmware_slot(&s, s.firmware.next));
}

/* Check that the non-volatile state survives encoding to a state file. */
static void check_state(void)
{
	if (s.state_version != kept)
		check_round(&s);
	kept = s.state_version;
}

static void check_slots(void)
{
	for (unsigned int i = 0; i < NVME_MI_COMMAND_SLOTS; i++) {
		const struct nvme_mi_slot *slot = &mi.slot[i];

		expect(slot->len <= sizeof(slot->response));
		expect(!slot->paused ||
		       nvme_mi_state(&mi, i) != NVME_MI_SLOT_IDLE);
		expect(!slot->tx.held || slot->paused);
		expect(!slot->more_tx.held || slot->paused);
	}
}

static void check_answer(const uint8_t *answer, size_t len)
{
	struct rd r;

	expect(len >= NVME_MI_RESPONSE_SIZE + NVME_MI_MIC_SIZE || replays);
	expect(len <= NVME_MI_RESPONSE_MAX);
	r = rd_init(answer + len - NVME_MI_MIC_SIZE, NVME_MI_MIC_SIZE);
	if (rd_le32(&r) != crc32c(0, answer, len - NVME_MI_MIC_SIZE)) {
		expect(replays);
		return;
	}
	expect(answer[0] == (MCTP_IC | MCTP_TYPE_NVME_MI));
	if (answer[1] == NVME_MI_ASYNCHRONOUS_EVENT
				 << NVME_MI_MESSAGE_TYPE_SHIFT)
		return;
	expect((answer[1] & ~(NVME_MI_MESSAGE_TYPE | NVME_MI_COMMAND_SLOT)) ==
	       NVME_MI_RESPONSE);
	expect(!(answer[2] & ~NVME_MI_ENDPOINT_BUFFER) && !answer[3]);
	expect(answer[4] != NVME_MI_INTERNAL_ERROR &&
	       (answer[4] <= NVME_MI_ACCESS_DENIED ||
		(answer[4] >= NVME_MI_VPD_UPDATES_EXCEEDED &&
		 answer[4] <= NVME_MI_BUFFER_CLEARED_DUE_TO_SANITIZE)));
	if (answer[4] != NVME_MI_SUCCESS)
		expect(len == NVME_MI_RESPONSE_SIZE + NVME_MI_MIC_SIZE);
}

static void take_answers(void)
{
	static uint8_t answer[NVME_MI_RESPONSE_MAX];
	struct mctp_packet p = { 0 };
	size_t len = 0;

	while (mctp_tx_peek(&m, &p)) {
		expect(p.len <= sizeof(answer) - len);
		memcpy(answer + len, p.body, p.len);
		len += p.len;
		mctp_tx_consume(&m, &p);
		if (!(p.header[3] & MCTP_EOM))
			continue;
		check_answer(answer, len);
		len = 0;
	}
	expect(len == 0);
}

static void give(const uint8_t *message, size_t len, size_t unit, bool finished)
{
	static uint8_t packet[MCTP_HEADER_SIZE + MESSAGE] = { 1, OWN, PEER };
	uint8_t flags = MCTP_SOM | MCTP_TAG_OWNER;

	for (size_t at = 0; at < len; at += unit) {
		size_t n = len - at < unit ? len - at : unit;

		if (at + n == len && !finished)
			return;
		if (at + n == len)
			flags |= MCTP_EOM;
		packet[3] = flags;
		memcpy(packet + MCTP_HEADER_SIZE, message + at, n);
		mctp_rx(&m, packet, MCTP_HEADER_SIZE + n, now);
		flags = mctp_next_flags(flags);
	}
}

static void put_mic(struct wr *w)
{
	wr_le32(w, crc32c(0, w->start, wr_len(w)));
}

static void check_all(void)
{
	static struct drive checked;

	check_model();
	check_firmware();
	check_slots();
	/* Most messages change neither, and the loops take most of the time. */
	if (!memcmp(s.namespace, checked.namespace, sizeof(s.namespace)) &&
	    !memcmp(s.controller, checked.controller, sizeof(s.controller)))
		return;
	check_namespaces();
	for (uint8_t c = 0; c < s.controllers; c++)
		check_controller(&s.controller[c]);
	checked = s;
}

static void start(void)
{
	static bool ready;

	drive_init_default(&s);
	s.ocp = true;
	drive_start(&s);
	if (!ready) { /* setup for each input would take too long */
		mctp_init(&m);
		m.eid = OWN;
		expect(nvme_mi_init(&mi, &m, &s) == 0);
		ready = true;
	}
	mctp_reset(&m);
	nvme_mi_reset(&mi);
	replays = false;
	now = resets = 0;
	kept = s.state_version;
}

/* Build a message from bytes of the input, zeros and a valid check. */
static size_t build(uint8_t *message, uint8_t flags, uint8_t unit, struct rd *r)
{
	struct wr w = wr_init(message, MESSAGE);
	const uint8_t *body;
	size_t n = rd_u8(r);

	n = n < rd_remaining(r) ? n : rd_remaining(r);
	if (flags & WITH_MIC)
		wr_u8(&w, MCTP_IC | MCTP_TYPE_NVME_MI);
	body = rd_bytes(r, n);
	if (body)
		wr_bytes(&w, body, n);
	if (flags & LONGER)
		wr_fill(&w, 0, LONGER_BY);
	if (unit & WHOLE && wr_len(&w) < LARGEST)
		wr_fill(&w, 0, LARGEST - wr_len(&w));
	if (flags & WITH_MIC)
		put_mic(&w);
	replays |= wr_len(&w) > 4 && message[1] <= NVME_MI_COMMAND_SLOT &&
		   message[4] == NVME_MI_REPLAY;
	return wr_len(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t message[MESSAGE];
	struct rd r = rd_init(data, size);

	start();
	while (rd_remaining(&r) >= 3) {
		uint8_t flags = rd_u8(&r), unit = rd_u8(&r);

		give(message, build(message, flags, unit, &r),
		     (unit & UNIT_MASK) + 1U, !(unit & UNFINISHED));
		if (flags & RESET) {
			mctp_reset(&m);
			nvme_mi_reset(&mi);
		}
		now += (uint32_t)(flags >> TIME_SHIFT) * 1000;
		nvme_mi_poll(&mi, now);
		if (!(flags & HOLD))
			take_answers();
		check_all();
	}
	take_answers();
	check_state();
	return 0;
}
