/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TinyUSB 0.18 executes each request of the DFU class in every state, apart
 * from DFU_DNLOAD. For a request in the wrong direction it writes the host's
 * data to its state, or to a stack variable that no longer exists. This file
 * checks each request before, and includes the class driver, because the state
 * is static.
 */
#include "loader/dfu_checked.h"

#include "class/dfu/dfu_device.c"

enum {
	TO_DEVICE = 0x21,
	FROM_DEVICE = 0xa1,
};

#define STATE(name) (1u << DFU_##name)

/* DFU 1.1 A.2. In dfuDNBUSY and dfuMANIFEST the table allows no request before
 * bwPollTimeout has passed. The status is allowed here, because the clocks of
 * host and device differ. DFU_DETACH belongs to the run-time states, and the
 * device cannot upload. */
static const struct {
	uint8_t request, type;
	uint16_t states;
} allowed[] = {
	{ DFU_REQUEST_DNLOAD, TO_DEVICE, STATE(IDLE) | STATE(DNLOAD_IDLE) },
	{ DFU_REQUEST_GETSTATUS, FROM_DEVICE, UINT16_MAX },
	{ DFU_REQUEST_GETSTATE, FROM_DEVICE, UINT16_MAX },
	{ DFU_REQUEST_CLRSTATUS, TO_DEVICE, STATE(ERROR) },
	{ DFU_REQUEST_ABORT, TO_DEVICE, STATE(IDLE) | STATE(DNLOAD_IDLE) },
};

static bool is_allowed(const tusb_control_request_t *r)
{
	/* A download begins with data (A.2.3). */
	if (r->bRequest == DFU_REQUEST_DNLOAD) {
		if (r->wLength > CFG_TUD_DFU_XFER_BUFSIZE ||
		    (!r->wLength && _dfu_ctx.state == DFU_IDLE))
			return false;
	} else if (r->bmRequestType == TO_DEVICE && r->wLength) {
		return false;
	}
	for (size_t i = 0; i < TU_ARRAY_SIZE(allowed); i++)
		if (allowed[i].request == r->bRequest)
			return allowed[i].type == r->bmRequestType &&
			       (allowed[i].states >> _dfu_ctx.state & 1);
	return false;
}

bool dfu_checked_control(uint8_t rhport, uint8_t stage,
			 const tusb_control_request_t *request)
{
	if (stage == CONTROL_STAGE_SETUP &&
	    request->bmRequestType_bit.type == TUSB_REQ_TYPE_CLASS &&
	    !is_allowed(request)) {
		if (_dfu_ctx.state != DFU_ERROR)
			_dfu_ctx.status = DFU_STATUS_ERR_STALLEDPKT;
		_dfu_ctx.state = DFU_ERROR;
		_dfu_ctx.flashing_in_progress = false;
		return false;
	}
	return dfu_moded_control_xfer_cb(rhport, stage, request);
}
