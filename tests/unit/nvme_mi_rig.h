/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An NVMe-MI responder behind an MCTP endpoint. The test is the requester: it
 * sends packets to the endpoint and reads the messages that come back.
 */
#ifndef TETHER_TESTS_UNIT_NVME_MI_RIG_H
#define TETHER_TESTS_UNIT_NVME_MI_RIG_H

#include "cm.h"

#include <stdbool.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"
#include "nvme_mi/nvme_mi.h"

enum { OWN = 9, PEER = 8 };

static struct mctp m;
static struct nvme_mi mi;
static struct drive s;
static uint8_t answer[NVME_MI_RESPONSE_MAX];

static inline int setup(void **state)
{
	(void)state;
	mctp_init(&m);
	m.eid = OWN;
	assert_int_equal(mctp_set_mtu(&m, 251), ERR_OK);
	drive_init_default(&s);
	assert_int_equal(nvme_mi_init(&mi, &m, &s), ERR_OK);
	return 0;
}

static inline void give(uint8_t slot, uint8_t opcode, uint32_t nmd0,
			uint32_t nmd1)
{
	uint8_t p[4 + NVME_MI_REQUEST_SIZE + NVME_MI_MIC_SIZE];
	struct wr w = wr_init(p, sizeof(p));

	wr_bytes(&w, (const uint8_t[]){ 1, OWN, PEER, 0xc8, 0x84 }, 5);
	wr_u8(&w, (uint8_t)(0x08 | slot));
	wr_le16(&w, 0);
	wr_le32(&w, opcode);
	wr_le32(&w, nmd0);
	wr_le32(&w, nmd1);
	wr_le32(&w, crc32c(0, p + 4, NVME_MI_REQUEST_SIZE));
	mctp_rx(&m, p, wr_len(&w), 0);
}

/* Receive the next message in `answer`. Returns its length. *unit: receives the
 * size of the largest packet body. */
static inline size_t take(size_t *unit)
{
	struct mctp_packet p = { 0 };
	size_t len = 0;

	*unit = 0;
	while (mctp_tx_peek(&m, &p)) {
		memcpy(answer + len, p.body, p.len);
		len += p.len;
		if (p.len > *unit)
			*unit = p.len;
		mctp_tx_consume(&m, &p);
		if (p.header[3] & 0x40)
			break;
	}
	return len;
}

static inline uint8_t ask(uint8_t opcode, uint32_t nmd0, uint32_t nmd1)
{
	size_t unit, len;

	give(0, opcode, nmd0, nmd1);
	len = take(&unit);
	assert_true(len >= 12);
	return answer[4];
}

#endif
