#include "nvme_mi/nvme_mi.h"

#include <string.h>

#include "base/crc32c.h"
#include "nvme_mi/command.h"

enum { SHORTEST = NVME_MI_HEADER_SIZE + NVME_MI_MIC_SIZE };

/* A kind of message: what runs it, and how its response begins. */
static const struct kind {
	enum nvme_mi_status (*run)(struct nvme_mi_request *q);
	bool known;
	bool admin; /* three dwords of a completion queue entry */
} kinds[] = {
	[NVME_MI_CONTROL_PRIMITIVE] = { NULL, true, false },
	[NVME_MI_COMMAND] = { nvme_mi_run_command, true, false },
	[NVME_MI_ADMIN_COMMAND] = { nvme_mi_run_admin, true, true },
	[NVME_MI_PCIE_COMMAND] = { NULL, true, false },
};

static const struct kind *find_kind(uint8_t nmp)
{
	uint8_t nmimt = nmp >> 3 & 0x0f;

	if (nmimt >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[nmimt].known)
		return NULL;
	return &kinds[nmimt];
}

/* The rules of silence, 3.1 and 4.1: who is not answered at all. */
static bool is_request(const struct mctp_msg *msg)
{
	uint32_t crc;
	struct rd r;

	if (!msg->ic || msg->len < SHORTEST)
		return false;
	crc = crc32c(0, msg->data, msg->len - NVME_MI_MIC_SIZE);
	r = rd_init(msg->data + msg->len - NVME_MI_MIC_SIZE, NVME_MI_MIC_SIZE);
	return rd_le32(&r) == crc && !(msg->data[1] & NVME_MI_ROR) &&
	       find_kind(msg->data[1]);
}

/* 4.1.2.1 and .2: status and, of an invalid parameter, where it is. */
static void put_error(struct wr *w, const struct nvme_mi_request *q,
		      enum nvme_mi_status status)
{
	bool located = status == NVME_MI_INVALID_PARAMETER;

	w->p = w->start + NVME_MI_HEADER_SIZE;
	wr_u8(w, (uint8_t)status);
	wr_u8(w, located ? q->at_bit : 0);
	wr_le16(w, located ? q->at_byte : 0);
}

static void put_success(struct nvme_mi_request *q, const struct kind *kind)
{
	/* The data is in place behind the room that was left for this. */
	struct wr head = wr_init(q->w.start + NVME_MI_HEADER_SIZE,
				 NVME_MI_ADMIN_RESPONSE_SIZE);

	wr_u8(&head, NVME_MI_SUCCESS);
	wr_le(&head, q->nmresp, 3);
	if (!kind->admin)
		return;
	wr_le32(&head, q->dword0);
	wr_le32(&head, 0);
	wr_le32(&head, q->dword3);
}

static void respond(struct nvme_mi_request *q, const struct kind *kind,
		    const uint8_t *header)
{
	enum nvme_mi_status status = NVME_MI_INVALID_COMMAND_OPCODE;
	struct wr *w = &q->w;

	wr_u8(w, header[0]);
	wr_u8(w, header[1] | NVME_MI_ROR);
	wr_fill(w, 0, 2);
	wr_fill(w, 0,
		(kind->admin ? NVME_MI_ADMIN_RESPONSE_SIZE
			     : NVME_MI_RESPONSE_SIZE) -
			NVME_MI_HEADER_SIZE);
	if (kind->run)
		status = kind->run(q);
	if (status == NVME_MI_SUCCESS && !wr_ok(w))
		status = NVME_MI_INTERNAL_ERROR;
	if (status == NVME_MI_SUCCESS)
		put_success(q, kind);
	else
		put_error(w, q, status);
}

static void handle(void *ctx, const struct mctp_msg *msg)
{
	struct nvme_mi *mi = ctx;
	struct nvme_mi_request q = { .mi = mi };
	struct nvme_mi_slot *slot;
	const struct port *port = &mi->subsystem->port[mi->subsystem->endpoint];
	size_t len;

	if (!is_request(msg)) {
		mi->silent++;
		return;
	}
	slot = &mi->slot[msg->data[1] & NVME_MI_CSI];
	if (mctp_tx_busy(&slot->tx)) {
		mctp_count_busy(mi->mctp);
		return;
	}
	q.r = rd_init(msg->data + NVME_MI_HEADER_SIZE,
		      msg->len - NVME_MI_HEADER_SIZE - NVME_MI_MIC_SIZE);
	q.w = wr_init(slot->response,
		      sizeof(slot->response) - NVME_MI_MIC_SIZE);
	/* Its unit counts the body only, ours the MCTP header as well. */
	slot->tx.mtu = (uint16_t)(port->unit + MCTP_HEADER_SIZE);
	respond(&q, find_kind(msg->data[1]), msg->data);
	len = wr_len(&q.w);
	q.w = wr_init(slot->response + len, NVME_MI_MIC_SIZE);
	wr_le32(&q.w, crc32c(0, slot->response, len));
	(void)mctp_reply(mi->mctp, &slot->tx, msg, slot->response,
			 len + NVME_MI_MIC_SIZE);
}

int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct subsystem *s)
{
	memset(mi, 0, sizeof(*mi));
	mi->mctp = m;
	mi->subsystem = s;
	return mctp_register(m, MCTP_TYPE_NVME_MI, handle, mi);
}
