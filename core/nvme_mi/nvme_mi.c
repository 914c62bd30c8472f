#include "nvme_mi/nvme_mi.h"

#include <string.h>

#include "base/crc32c.h"
#include "nvme_mi/command.h"

enum {
	SHORTEST = NVME_MI_HEADER_SIZE + NVME_MI_MIC_SIZE,
	AT_MEB = 2, /* in the message, for error locations */
};

_Static_assert(SUBSYSTEM_CONTROLLERS * 16 <= NVME_MI_DATA_MAX,
	       "the health of all controllers goes into one response");

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

/* A response to be made: whose it is, and the room for it. */
struct answer {
	struct mctp_tx *tx;
	uint8_t *data;
	size_t cap;
};

static uint8_t nmimt_of(const uint8_t *header)
{
	return (header[1] & NVME_MI_NMIMT) >> NVME_MI_NMIMT_SHIFT;
}

static const struct kind *find_kind(uint8_t nmimt)
{
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
	return rd_le32(&r) == crc && !(msg->data[1] & NVME_MI_ROR);
}

enum nvme_mi_status nvme_mi_result(struct nvme_mi_request *q, int err,
				   uint16_t byte)
{
	switch (err) {
	case ERR_OK:
		return NVME_MI_SUCCESS;
	case ERR_INVALID:
	case ERR_NOT_FOUND:
		return nvme_mi_invalid(q, byte, 0);
	default:
		return NVME_MI_INTERNAL_ERROR;
	}
}

/* 4.1.2.1 and .2: status and, of an invalid parameter only, where it is. */
static void put_error(struct wr *w, const struct nvme_mi_request *q,
		      enum nvme_mi_status status)
{
	w->p = w->start + NVME_MI_HEADER_SIZE;
	wr_u8(w, (uint8_t)status);
	wr_u8(w, q->at_bit);
	wr_le16(w, q->at_byte);
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

static enum nvme_mi_status run(struct nvme_mi_request *q,
			       const struct kind *kind, const uint8_t *header)
{
	enum nvme_mi_status status;

	if (!kind->run)
		return NVME_MI_INVALID_COMMAND_OPCODE;
	if (header[2] & NVME_MI_MEB) /* there is no such buffer here */
		return nvme_mi_invalid(q, AT_MEB, 0);
	status = kind->run(q);
	if (status == NVME_MI_SUCCESS && !wr_ok(&q->w))
		status = NVME_MI_INTERNAL_ERROR;
	return status;
}

static void respond(struct nvme_mi_request *q, const struct kind *kind,
		    const uint8_t *header)
{
	enum nvme_mi_status status;
	struct wr *w = &q->w;

	wr_u8(w, header[0]);
	wr_u8(w, NVME_MI_ROR | (header[1] & (NVME_MI_NMIMT | NVME_MI_CSI)));
	wr_fill(w, 0, 2);
	wr_fill(w, 0,
		(kind->admin ? NVME_MI_ADMIN_RESPONSE_SIZE
			     : NVME_MI_RESPONSE_SIZE) -
			NVME_MI_HEADER_SIZE);
	status = run(q, kind, header);
	if (status == NVME_MI_SUCCESS)
		put_success(q, kind);
	else
		put_error(w, q, status);
}

static struct answer find_answer(struct nvme_mi *mi, const uint8_t *header)
{
	struct nvme_mi_primitive *p = &mi->primitive;
	struct nvme_mi_slot *slot = &mi->slot[header[1] & NVME_MI_CSI];

	if (nmimt_of(header) == NVME_MI_CONTROL_PRIMITIVE)
		return (struct answer){ &p->tx, p->response,
					sizeof(p->response) };
	return (struct answer){ &slot->tx, slot->response,
				sizeof(slot->response) };
}

static void handle(void *ctx, const struct mctp_msg *msg)
{
	struct nvme_mi *mi = ctx;
	const struct port *port = &mi->subsystem->port[mi->subsystem->endpoint];
	struct nvme_mi_request q = { .mi = mi };
	const struct kind *kind = NULL;
	struct answer a;
	size_t len;

	if (is_request(msg))
		kind = find_kind(nmimt_of(msg->data));
	if (!kind) {
		mi->silent++;
		return;
	}
	a = find_answer(mi, msg->data);
	if (mctp_tx_busy(a.tx)) {
		mctp_count_busy(mi->mctp);
		return;
	}
	q.r = rd_init(msg->data + NVME_MI_HEADER_SIZE,
		      msg->len - NVME_MI_HEADER_SIZE - NVME_MI_MIC_SIZE);
	q.w = wr_init(a.data, a.cap - NVME_MI_MIC_SIZE);
	/* Its unit counts the body only, ours the MCTP header as well. */
	a.tx->mtu = (uint16_t)(port->unit + MCTP_HEADER_SIZE);
	respond(&q, kind, msg->data);
	len = wr_len(&q.w);
	q.w = wr_init(a.data + len, NVME_MI_MIC_SIZE);
	wr_le32(&q.w, crc32c(0, a.data, len));
	(void)mctp_reply(mi->mctp, a.tx, msg, a.data, len + NVME_MI_MIC_SIZE);
}

int nvme_mi_init(struct nvme_mi *mi, struct mctp *m, struct subsystem *s)
{
	memset(mi, 0, sizeof(*mi));
	mi->mctp = m;
	mi->subsystem = s;
	mi->primitive.tx.urgent = true;
	return mctp_register(m, MCTP_TYPE_NVME_MI, handle, mi);
}

void nvme_mi_reset(struct nvme_mi *mi)
{
	subsystem_reset_endpoint(mi->subsystem);
}
