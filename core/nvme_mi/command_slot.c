/* SPDX-License-Identifier: Apache-2.0 */
#include "nvme_mi/command_slot.h"

#include <string.h>

#include "base/crc32c.h"
#include "base/wire.h"

/* A requester gives up when the announced time is over. The margin covers the
 * transmission of the response. */
enum { MORE_PROCESSING_MARGIN_MS = 1000 };

enum nvme_mi_slot_state nvme_mi_slot_state(const struct nvme_mi_slot *s)
{
	if (mctp_tx_busy(&s->tx))
		return NVME_MI_SLOT_TRANSMIT;
	return s->processing ? NVME_MI_SLOT_PROCESS : NVME_MI_SLOT_IDLE;
}

/* --- sending --- */

static void send_response(struct nvme_mi_slot *s, struct mctp *m, size_t at)
{
	const struct mctp_msg to = { .src = s->dest, .tag = s->tag };

	/* The transmission unit of NVMe-MI excludes the MCTP header, which the
	 * endpoint's MTU includes. */
	s->tx.mtu = (uint16_t)(s->unit + MCTP_HEADER_SIZE);
	(void)mctp_reply(m, &s->tx, &to, s->response + at, s->len - at);
	if (s->paused)
		mctp_hold(m, &s->tx);
}

static void set_response(struct nvme_mi_slot *s, const struct mctp_msg *msg,
			 uint16_t unit, size_t len)
{
	s->dest = msg->src;
	s->tag = msg->tag;
	s->unit = unit;
	s->len = len;
	s->covered_at = 0;
}

void nvme_mi_slot_lose(struct nvme_mi_slot *s, const struct mctp_msg *msg,
		       uint16_t unit, size_t len)
{
	set_response(s, msg, unit, len);
}

static void invert_check(struct nvme_mi_slot *s, size_t len)
{
	for (int i = 1; i <= NVME_MI_MIC_SIZE; i++)
		s->response[len - (size_t)i] ^= UINT8_MAX;
	s->corrupted = !s->corrupted;
}

void nvme_mi_slot_corrupt(struct nvme_mi_slot *s, size_t len)
{
	invert_check(s, len);
}

void nvme_mi_slot_respond(struct nvme_mi_slot *s, struct mctp *m,
			  const struct mctp_msg *msg, uint16_t unit, size_t len)
{
	set_response(s, msg, unit, len);
	send_response(s, m, 0);
}

/* 4.1.2.3: status, a reserved byte, and the time until the response. */
static void send_more_processing(struct nvme_mi_slot *s, struct mctp *m,
				 uint32_t now_ms)
{
	const struct mctp_msg to = { .src = s->dest, .tag = s->tag };
	uint32_t ms = s->due_ms - now_ms + MORE_PROCESSING_MARGIN_MS;
	uint32_t time = (ms + NVME_MI_MORE_PROCESSING_TIME_MS - 1) /
			NVME_MI_MORE_PROCESSING_TIME_MS;
	struct wr w = wr_init(s->more, sizeof(s->more));

	if (s->silent || mctp_tx_busy(&s->more_tx))
		return;
	wr_bytes(&w, s->response, NVME_MI_HEADER_SIZE);
	wr_u8(&w, NVME_MI_MORE_PROCESSING_REQUIRED);
	wr_u8(&w, 0);
	wr_le16(&w, time > UINT16_MAX ? UINT16_MAX : (uint16_t)time);
	wr_le32(&w, crc32c(0, s->more, wr_len(&w)));
	s->more_tx.mtu = (uint16_t)(s->unit + MCTP_HEADER_SIZE);
	(void)mctp_reply(m, &s->more_tx, &to, s->more, wr_len(&w));
	if (s->paused)
		mctp_hold(m, &s->more_tx);
}

void nvme_mi_slot_process(struct nvme_mi_slot *s, struct mctp *m,
			  const struct mctp_msg *msg, uint16_t unit, size_t len,
			  uint32_t wait_ms)
{
	set_response(s, msg, unit, len);
	s->processing = true;
	s->due_ms = msg->now_ms + wait_ms;
	send_more_processing(s, m, msg->now_ms);
}

void nvme_mi_slot_poll(struct nvme_mi_slot *s, struct mctp *m, uint32_t now_ms)
{
	if (!s->processing || (int32_t)(now_ms - s->due_ms) < 0)
		return;
	s->processing = false;
	/* Drop a More Processing Required message that Pause still holds. */
	if (s->more_tx.held)
		mctp_withdraw(m, &s->more_tx);
	send_response(s, m, 0);
}

/* --- control primitives --- */

void nvme_mi_slot_pause(struct nvme_mi_slot *s, struct mctp *m)
{
	s->paused = true;
	mctp_hold(m, &s->tx);
	mctp_hold(m, &s->more_tx);
}

void nvme_mi_slot_resume(struct nvme_mi_slot *s, struct mctp *m)
{
	s->paused = false;
	mctp_release(m, &s->more_tx);
	mctp_release(m, &s->tx);
}

enum nvme_mi_abort_status nvme_mi_slot_abort(struct nvme_mi_slot *s,
					     struct mctp *m)
{
	/* The command has already changed the drive, even while the slot is in
	 * state process. Abort drops only the response. */
	enum nvme_mi_abort_status status =
		s->processing ? NVME_MI_ABORT_PARTIALLY_PROCESSED
			      : NVME_MI_ABORT_AFTER_COMPLETION;

	mctp_withdraw(m, &s->tx);
	mctp_withdraw(m, &s->more_tx);
	s->processing = s->paused = false;
	s->len = 0;
	return status;
}

static void restore_covered(struct nvme_mi_slot *s)
{
	if (s->covered_at)
		memcpy(s->response + s->covered_at, s->covered,
		       sizeof(s->covered));
	s->covered_at = 0;
}

int nvme_mi_slot_replay(struct nvme_mi_slot *s, struct mctp *m,
			const struct mctp_msg *msg, uint8_t first)
{
	size_t at = (size_t)first * s->unit;

	if (s->processing) {
		send_more_processing(s, m, msg->now_ms);
		return ERR_OK;
	}
	if (!s->len)
		return ERR_NOT_FOUND;
	if (at >= s->len)
		return ERR_INVALID;
	mctp_withdraw(m, &s->tx);
	if (s->corrupted)
		invert_check(s, s->len);
	s->paused = false;
	s->dest = msg->src;
	s->tag = msg->tag;
	restore_covered(s);
	if (at) { /* the replayed message starts with a header, too */
		at -= NVME_MI_HEADER_SIZE;
		s->covered_at = at;
		memcpy(s->covered, s->response + at, sizeof(s->covered));
		memcpy(s->response + at, s->response, NVME_MI_HEADER_SIZE);
	}
	send_response(s, m, at);
	return ERR_OK;
}
