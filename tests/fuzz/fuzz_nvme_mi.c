/*
 * NVMe-MI through a real endpoint: messages in one packet or many, with their
 * true integrity check or as they are. Answers must be well-formed, and the
 * model whole after each.
 *
 * Input, again and again: flags, unit, length, bytes.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "nvme_mi/nvme_mi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	OWN = 9,
	PEER = 8,
	MESSAGE = 256 + 5,
	/* flags */
	WITH_MIC = 0x01, /* bytes are those behind the type byte */
	RESET = 0x02,
	HOLD = 0x04, /* leave the answers where they are: slots get busy */
};

static struct mctp m;
static struct nvme_mi mi;
static struct subsystem s;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void check_model(void)
{
	expect(s.endpoint < s.ports && s.ports <= SUBSYSTEM_PORTS);
	for (uint8_t i = 0; i < s.ports; i++) {
		const struct port *p = &s.port[i];

		expect(p->unit >= PORT_UNIT && p->unit <= p->unit_max);
		expect(p->frequency <= p->frequency_max);
		expect(p->type != PORT_TWOWIRE || p->frequency >= PORT_100K);
	}
}

static void check_attachments(void)
{
	for (uint8_t c = 0; c < s.controllers; c++)
		for (uint32_t n = 0; n <= SUBSYSTEM_NAMESPACES + 1; n++)
			expect(!controller_is_attached(&s.controller[c], n) ||
			       namespace_exists(&s, n));
}

static void check_answer(const uint8_t *answer, size_t len)
{
	struct rd r;

	expect(len >= NVME_MI_RESPONSE_SIZE + NVME_MI_MIC_SIZE);
	expect(len <= NVME_MI_RESPONSE_MAX);
	r = rd_init(answer + len - NVME_MI_MIC_SIZE, NVME_MI_MIC_SIZE);
	expect(rd_le32(&r) == crc32c(0, answer, len - NVME_MI_MIC_SIZE));
	expect(answer[0] == (MCTP_IC | MCTP_TYPE_NVME_MI));
	expect((answer[1] & ~(NVME_MI_NMIMT | NVME_MI_CSI)) == NVME_MI_ROR);
	expect(!answer[2] && !answer[3]);
	expect(answer[4] <= NVME_MI_ACCESS_DENIED &&
	       answer[4] != NVME_MI_INTERNAL_ERROR &&
	       answer[4] != NVME_MI_MORE_PROCESSING_REQUIRED);
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

static void give(const uint8_t *message, size_t len, size_t unit)
{
	uint8_t packet[MCTP_HEADER_SIZE + MESSAGE] = { 1, OWN, PEER };
	uint8_t flags = MCTP_SOM | MCTP_TAG_OWNER;

	for (size_t at = 0; at < len; at += unit) {
		size_t n = len - at < unit ? len - at : unit;

		if (at + n == len)
			flags |= MCTP_EOM;
		packet[3] = flags;
		memcpy(packet + MCTP_HEADER_SIZE, message + at, n);
		mctp_rx(&m, packet, MCTP_HEADER_SIZE + n, 0);
		flags = mctp_next_flags(flags);
	}
}

static void put_mic(struct wr *w)
{
	wr_le32(w, crc32c(0, w->start, wr_len(w)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	struct rd r = rd_init(data, size);
	uint8_t message[MESSAGE];

	subsystem_init_default(&s);
	if (!ready) { /* a whole endpoint is too large to make it each time */
		mctp_init(&m);
		m.eid = OWN;
		expect(nvme_mi_init(&mi, &m, &s) == 0);
		ready = true;
	}
	mctp_reset(&m);
	while (rd_left(&r) >= 3) {
		uint8_t flags = rd_u8(&r);
		size_t unit = (size_t)rd_u8(&r) + 1, n = rd_u8(&r);
		struct wr w = wr_init(message, sizeof(message));

		n = n < rd_left(&r) ? n : rd_left(&r);
		if (flags & WITH_MIC)
			wr_u8(&w, MCTP_IC | MCTP_TYPE_NVME_MI);
		wr_bytes(&w, rd_bytes(&r, n), n);
		if (flags & WITH_MIC)
			put_mic(&w);
		give(message, wr_len(&w), unit);
		if (flags & RESET) {
			mctp_reset(&m);
			nvme_mi_reset(&mi);
		}
		if (!(flags & HOLD))
			take_answers();
		check_model();
	}
	take_answers();
	check_attachments();
	return 0;
}
