/* SPDX-License-Identifier: Apache-2.0 */
/* The states in which the firmware device acts: DOWNLOAD, VERIFY, APPLY and
 * ACTIVATE. */
#include "pldm/fw_device.h"

#include <string.h>

#include "base/err.h"

_Static_assert(PLDM_FW_WINDOW >= 1 && PLDM_FW_WINDOW <= 8,
	       "one destination has eight tags");
_Static_assert(PLDM_FW_PART_MAX >= PLDM_FW_TRANSFER_MIN &&
		       PLDM_FW_PART_MAX + PLDM_FW_DATA_OVERHEAD <=
			       MCTP_MESSAGE_MAX,
	       "a part and its header are one message");

/* --- states --- */

bool pldm_fw_is_updating(const struct pldm_fw *f)
{
	return f->state == PLDM_FW_DOWNLOAD || f->state == PLDM_FW_VERIFY ||
	       f->state == PLDM_FW_APPLY;
}

/* Whether the component is stored, though the agent may not know it yet. */
static bool is_applied(const struct pldm_fw *f)
{
	return f->state == PLDM_FW_APPLY && f->applied >> f->number & 1;
}

static void stop_requests(struct pldm_fw *f)
{
	for (uint8_t i = 0; i < PLDM_FW_WINDOW; i++) {
		pldm_request_cancel(&f->lane[i].request);
		f->lane[i].asked = 0;
		f->lane[i].held = false;
	}
}

static void change_state(struct pldm_fw *f, enum pldm_fw_state state)
{
	f->previous = f->state;
	f->state = (uint8_t)state;
	f->failed = f->stopped = f->done = false;
	f->result = 0;
	f->percent = PLDM_FW_PERCENT_UNKNOWN;
	f->methods = 0;
}

void pldm_fw_enter(struct pldm_fw *f, enum pldm_fw_state state)
{
	change_state(f, state);
	f->activation_failed = false;
	f->heard_ms = f->requester.now_ms;
}

void pldm_fw_end(struct pldm_fw *f, enum pldm_fw_reason reason)
{
	stop_requests(f);
	change_state(f, PLDM_FW_IDLE);
	f->reason = (uint8_t)reason;
	f->passed = f->applied = 0;
}

void pldm_fw_stop(struct pldm_fw *f)
{
	if (!pldm_fw_is_updating(f))
		return;
	stop_requests(f);
	if (!is_applied(f))
		f->config.ops->cancel(f->config.ctx);
}

/* --- requests --- */

static void ask_part(struct pldm_fw_lane *l)
{
	struct wr w = pldm_request_begin(&l->request, PLDM_TYPE_FIRMWARE,
					 PLDM_FW_REQUEST_FIRMWARE_DATA);

	l->asked = PLDM_FW_REQUEST_FIRMWARE_DATA;
	wr_le32(&w, l->offset);
	/* The end of the image is requested with padding. */
	wr_le32(&w, l->length > PLDM_FW_TRANSFER_MIN ? l->length
						     : PLDM_FW_TRANSFER_MIN);
	pldm_request_send(&l->request, &w);
}

/* Report the result of the current operation. */
static void ask_complete(struct pldm_fw *f, enum pldm_fw_command command)
{
	struct pldm_fw_lane *l = &f->lane[0];
	struct wr w = pldm_request_begin(&l->request, PLDM_TYPE_FIRMWARE,
					 (uint8_t)command);

	l->asked = (uint8_t)command;
	l->bad = 0;
	wr_u8(&w, f->result);
	if (command == PLDM_FW_APPLY_COMPLETE)
		wr_le16(&w, f->methods);
	pldm_request_send(&l->request, &w);
}

static void complete(struct pldm_fw *f, enum pldm_fw_command command,
		     uint8_t result)
{
	stop_requests(f);
	f->done = true;
	f->result = result;
	ask_complete(f, command);
}

/* Request parts until the window is full. */
static void fill_window(struct pldm_fw *f)
{
	for (uint8_t i = 0; i < f->window && f->next < f->size; i++) {
		struct pldm_fw_lane *l = &f->lane[i];
		uint32_t left = f->size - f->next;

		if (l->asked || l->held)
			continue;
		l->offset = f->next;
		l->length = left < f->part_max ? left : f->part_max;
		l->bad = 0;
		f->next += l->length;
		ask_part(l);
	}
}

/* --- data --- */

static void write_part(struct pldm_fw *f, const uint8_t *data, uint32_t len)
{
	uint8_t result =
		f->config.ops->write(f->config.ctx, f->bytes, data, len);

	f->bytes += len;
	if (result)
		complete(f, PLDM_FW_TRANSFER_COMPLETE, result);
}

/* Write each held part that is next in the image. */
static void write_held_parts(struct pldm_fw *f)
{
	for (uint8_t i = 0; i < f->window && !f->done; i++) {
		struct pldm_fw_lane *l = &f->lane[i];

		if (!l->held || l->offset != f->bytes)
			continue;
		l->held = false;
		write_part(f, l->data, l->length);
		i = UINT8_MAX; /* restart with lane 0 */
	}
}

static void receive_part(struct pldm_fw *f, struct pldm_fw_lane *l,
			 const uint8_t *data)
{
	l->asked = 0;
	if (PLDM_FW_WINDOW > 1 && l->offset != f->bytes) {
		memcpy(l->data, data, l->length);
		l->held = true;
		return;
	}
	write_part(f, data, l->length);
	write_held_parts(f);
}

/* Request lost parts again: links do not reorder, and newer requests got
 * responses. */
static void repeat_lost(struct pldm_fw *f, uint32_t answered)
{
	for (uint8_t i = 0; i < f->window; i++) {
		struct pldm_request *q = &f->lane[i].request;

		if (!f->lane[i].asked || !pldm_request_overtaken(q, answered))
			continue;
		pldm_request_cancel(q);
		pldm_request_again(q);
	}
}

/* A request or its response has arrived with the wrong length. Corruption by
 * the link is transient. */
static void retry_part(struct pldm_fw *f, struct pldm_fw_lane *l)
{
	if (++l->bad > PLDM_FW_BAD_PARTS)
		complete(f, PLDM_FW_TRANSFER_COMPLETE,
			 PLDM_FW_TRANSFER_CORRUPT);
	else
		pldm_request_later(&l->request);
}

static void handle_data(struct pldm_fw *f, struct pldm_fw_lane *l, uint8_t code,
			struct rd *r)
{
	uint32_t serial = l->request.serial;
	size_t len = rd_remaining(r);
	const uint8_t *data = rd_bytes(r, l->length);
	uint32_t padded = l->length > PLDM_FW_TRANSFER_MIN
				  ? l->length
				  : PLDM_FW_TRANSFER_MIN;

	if (code == PLDM_FW_RETRY_REQUEST_FW_DATA) {
		pldm_request_delay(&l->request, PLDM_FW_RETRY_MS);
	} else if (code == PLDM_FW_CANCEL_PENDING) {
		stop_requests(f);
		f->stopped = true;
	} else if (code && code != PLDM_ERROR_INVALID_LENGTH) {
		complete(f, PLDM_FW_TRANSFER_COMPLETE,
			 PLDM_FW_TRANSFER_ABORTED);
	} else if (code || (len != padded && len != l->length) || !data) {
		retry_part(f, l);
	} else {
		receive_part(f, l, data);
		if (f->done)
			return;
		repeat_lost(f, serial);
		if (f->bytes == f->size)
			complete(f, PLDM_FW_TRANSFER_COMPLETE,
				 PLDM_FW_RESULT_SUCCESS);
		else
			fill_window(f);
	}
}

/* --- responses --- */

/* The agent knows the result, of which only success continues. An error code
 * of the agent changes nothing, except that it wants to cancel. */
static void handle_complete(struct pldm_fw *f, struct pldm_fw_lane *l,
			    uint8_t code)
{
	/* The link has shortened the request. */
	if (code == PLDM_ERROR_INVALID_LENGTH &&
	    ++l->bad <= PLDM_FW_BAD_PARTS) {
		pldm_request_later(&l->request);
		return;
	}
	l->asked = 0;
	if (is_applied(f))
		pldm_fw_enter(f, PLDM_FW_READY_XFER);
	else if (f->result)
		f->failed = true;
	else if (code == PLDM_FW_CANCEL_PENDING)
		f->stopped = true;
	else
		pldm_fw_enter(f, f->state == PLDM_FW_DOWNLOAD ? PLDM_FW_VERIFY
							      : PLDM_FW_APPLY);
}

static void handle_result(struct pldm_request *q, int err, uint8_t code,
			  struct rd *r)
{
	struct pldm_fw_lane *l = (struct pldm_fw_lane *)(void *)q;
	struct pldm_fw *f = l->fw;

	/* Also after a reset of the transport: the agent may come back. */
	if (err == ERR_TIMEOUT) {
		pldm_request_again(q);
	} else if (err) {
		pldm_request_later(q);
	} else {
		f->heard_ms = f->requester.now_ms;
		if (l->asked == PLDM_FW_REQUEST_FIRMWARE_DATA)
			handle_data(f, l, code, r);
		else
			handle_complete(f, l, code);
	}
}

/* --- poll --- */

static void run_download(struct pldm_fw *f)
{
	if (!f->done && !f->stopped)
		fill_window(f);
}

static void run_verify(struct pldm_fw *f)
{
	int result;

	if (f->done || f->stopped)
		return;
	result = f->config.ops->verify(f->config.ctx, &f->percent);
	if (result != PLDM_FW_PENDING)
		complete(f, PLDM_FW_VERIFY_COMPLETE, (uint8_t)result);
}

static void run_apply(struct pldm_fw *f)
{
	int result;

	if (f->done || f->stopped)
		return;
	result = f->config.ops->apply(f->config.ctx, &f->percent, &f->methods);
	if (result == PLDM_FW_PENDING)
		return;
	if (result != PLDM_FW_APPLY_OTHER_METHODS)
		f->methods = 0;
	if (!result || result == PLDM_FW_APPLY_OTHER_METHODS)
		f->applied |= (uint8_t)(1U << f->number);
	complete(f, PLDM_FW_APPLY_COMPLETE, (uint8_t)result);
}

static void run_activation(struct pldm_fw *f)
{
	int result = 0;

	if (f->config.ops->activation)
		result = f->config.ops->activation(f->config.ctx, &f->percent);
	if (result == PLDM_FW_PENDING)
		return;
	pldm_fw_end(f, PLDM_FW_ACTIVATED);
	f->activation_failed = result != 0;
	log_write(f->log, result ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
		  "PLDM: activation of firmware %s",
		  result ? "failed" : "done");
}

/* FD_T1: the device waits for the agent, not for its own storage. */
static bool is_agent_awaited(const struct pldm_fw *f)
{
	if (f->state == PLDM_FW_VERIFY || f->state == PLDM_FW_APPLY)
		return f->done || f->stopped;
	return f->state != PLDM_FW_IDLE && f->state != PLDM_FW_ACTIVATE;
}

static void check_timeout(struct pldm_fw *f, uint32_t now_ms)
{
	if (!is_agent_awaited(f)) {
		f->heard_ms = now_ms;
		return;
	}
	if (now_ms - f->heard_ms < PLDM_FW_IDLE_MS)
		return;
	log_write(f->log, LOG_LEVEL_WARN,
		  "PLDM: firmware update ended, as EID %u is silent",
		  f->requester.dest);
	pldm_fw_stop(f);
	pldm_fw_end(f, (enum pldm_fw_reason)(PLDM_FW_TIMED_OUT + f->state));
}

void pldm_fw_poll(struct pldm_fw *f, uint32_t now_ms)
{
	f->requester.now_ms = now_ms;
	if (f->state == PLDM_FW_IDLE)
		return;
	check_timeout(f, now_ms);
	for (uint8_t i = 0; i < PLDM_FW_WINDOW; i++)
		pldm_request_poll(&f->lane[i].request);
	if (f->state == PLDM_FW_DOWNLOAD)
		run_download(f);
	else if (f->state == PLDM_FW_VERIFY)
		run_verify(f);
	else if (f->state == PLDM_FW_APPLY)
		run_apply(f);
	else if (f->state == PLDM_FW_ACTIVATE)
		run_activation(f);
}

void pldm_fw_init(struct pldm_fw *f, struct mctp *m, struct log *log,
		  const struct pldm_fw_config *config)
{
	memset(f, 0, offsetof(struct pldm_fw, lane));
	f->config = *config;
	f->log = log;
	f->reason = PLDM_FW_INITIALIZED;
	f->percent = PLDM_FW_PERCENT_UNKNOWN;
	pldm_requester_init(&f->requester, m, &f->wrong);
	for (uint8_t i = 0; i < PLDM_FW_WINDOW; i++) {
		struct pldm_fw_lane *l = &f->lane[i];

		memset(l, 0, offsetof(struct pldm_fw_lane, data));
		l->fw = f;
		pldm_request_init(&l->request, &f->requester, handle_result);
	}
}
