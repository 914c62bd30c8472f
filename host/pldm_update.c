/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pldm_update.h"

#include <string.h>

#include "base/err.h"

static int fail_code(struct pldm_update *u, uint8_t command, uint8_t code)
{
	return pldm_update_fail(u, ERR_INVALID,
				"the device refuses %s with code %02x",
				pldm_update_command_name(command), code);
}

/* --- status --- */

static int decode_status(struct rd *r, void *to)
{
	return pldm_fw_read_status(r, to);
}

static int get_status(struct pldm_update *u, struct pldm_fw_status *s)
{
	struct wr w = pldm_update_begin(u, PLDM_FW_GET_STATUS);
	struct pldm_update_response a = { .decode = decode_status, .to = s };
	int err = pldm_update_ask(u, &w, &a);

	if (!err && a.code)
		return fail_code(u, PLDM_FW_GET_STATUS, a.code);
	return err;
}

/* Leave the update mode. */
static int cancel(struct pldm_update *u)
{
	struct wr w = pldm_update_begin(u, PLDM_FW_CANCEL_UPDATE);
	uint8_t code;
	struct rd r;

	u->in_update_mode = false;
	return pldm_peer_ask(&u->peer, &w, &code, &r);
}

/* An update by another agent, or one that was killed, is only ended by
 * force. */
static int require_idle(struct pldm_update *u)
{
	struct pldm_fw_status s;
	int err = get_status(u, &s);

	if (err || s.state == PLDM_FW_IDLE)
		return err;
	if (!u->config.force)
		return pldm_update_fail(
			u, ERR_BUSY,
			"the device is in an update that another agent "
			"started, or that was interrupted. Wait 2 minutes "
			"until the device ends it, or use --force");
	return cancel(u);
}

/* --- selection --- */

static const struct pldm_fw_parameters *
find_parameters(const struct pldm_update *u,
		const struct pldm_package_component *c)
{
	for (uint16_t i = 0; i < u->inventory.components; i++) {
		const struct pldm_fw_parameters *p = &u->inventory.component[i];

		if (p->component.classification == c->classification &&
		    p->component.identifier == c->identifier)
			return p;
	}
	return NULL;
}

static void add_component(struct pldm_update *u, uint16_t number)
{
	const struct pldm_package_component *c =
		&u->config.package->component[number];
	struct pldm_update_component *to = &u->component[u->count++];
	bool force = u->config.force || c->options & PLDM_PACKAGE_OPTION_FORCE;

	memset(to, 0, sizeof(*to));
	to->number = number;
	to->image = c;
	to->device = find_parameters(u, c);
	to->offer = (struct pldm_fw_offer){
		.component = { c->classification, c->identifier,
			       to->device ? to->device->component.index : 0 },
		.stamp = c->stamp,
		.size = c->size,
		.options = force ? PLDM_FW_OPTION_FORCE : 0,
		.version = c->version,
	};
}

static int select_components(struct pldm_update *u)
{
	const struct pldm_package *p = u->config.package;
	int only = u->config.component;

	u->record = pldm_package_match(p, u->inventory.descriptor,
				       u->inventory.descriptors);
	if (!u->record)
		return pldm_update_fail(
			u, ERR_NOT_FOUND,
			"the package is for another device: no record of "
			"it has the descriptors of this device");
	for (uint16_t i = 0; i < p->components; i++)
		if (pldm_package_applies(p, u->record, i) &&
		    (only < 0 || only == i) && u->count < PLDM_UPDATE_SELECTED)
			add_component(u, i);
	if (u->count)
		return ERR_OK;
	if (only < 0)
		return pldm_update_fail(
			u, ERR_NOT_FOUND,
			"the package has no component for this device");
	return pldm_update_fail(
		u, ERR_NOT_FOUND,
		"the package has no component %d for this device", only);
}

/* --- the steps of an update --- */

/* The response to RequestUpdate. */
struct terms {
	uint16_t metadata; /* bytes that the agent should keep */
	uint8_t wants_package_data;
};

static int decode_terms(struct rd *r, void *to)
{
	struct terms *t = to;

	t->metadata = rd_le16(r);
	t->wants_package_data = rd_u8(r);
	return rd_ok(r) ? ERR_OK : ERR_LENGTH;
}

/* Send RequestUpdate until the device is ready for an update. */
static int ask_for_update(struct pldm_update *u, struct pldm_update_response *a)
{
	const struct pldm_fw_request_update q = {
		.transfer_max = u->config.part,
		.components = u->count,
		.outstanding = PLDM_UPDATE_WINDOW,
		.package_data = u->record->data_len,
		.version = u->record->version,
	};
	uint32_t start = u->peer.now_ms();
	int err;

	do {
		struct wr w = pldm_update_begin(u, PLDM_FW_REQUEST_UPDATE);

		pldm_fw_write_request_update(&w, &q);
		err = pldm_update_ask(u, &w, a);
		if (err || a->code != PLDM_FW_RETRY_REQUEST_UPDATE)
			return err;
		err = pldm_update_wait(u, PLDM_UPDATE_STATUS_MS);
	} while (!err && u->peer.now_ms() - start < PLDM_UPDATE_SILENT_MS);
	return err;
}

static int request_update(struct pldm_update *u)
{
	struct terms t = { 0 };
	struct pldm_update_response a = { .decode = decode_terms, .to = &t };
	int err;

	/* Cancel also if the response was lost. */
	u->in_update_mode = true;
	err = ask_for_update(u, &a);
	if (err)
		return err;
	if (a.code) {
		u->in_update_mode = false;
		return fail_code(u, PLDM_FW_REQUEST_UPDATE, a.code);
	}
	if (t.metadata)
		return pldm_update_fail(
			u, ERR_UNSUPPORTED,
			"the device wants to store metadata at the agent, "
			"which is not supported");
	return ERR_OK;
}

static uint8_t table_flag(const struct pldm_update *u, uint16_t n)
{
	bool last = n + 1 == u->count;

	if (!n)
		return last ? PLDM_START_AND_END : PLDM_START;
	return last ? PLDM_END : PLDM_MIDDLE;
}

/* UpdateComponent decides: the response to PassComponentTable is not used. */
static int decode_table_response(struct rd *r, void *to)
{
	(void)to;
	rd_skip(r, 2);
	return rd_ok(r) ? ERR_OK : ERR_LENGTH;
}

static int pass_components(struct pldm_update *u)
{
	for (uint16_t n = 0; n < u->count; n++) {
		struct wr w =
			pldm_update_begin(u, PLDM_FW_PASS_COMPONENT_TABLE);
		struct pldm_update_response a = {
			.decode = decode_table_response
		};
		int err;

		pldm_fw_write_pass_component(&w, table_flag(u, n),
					     &u->component[n].offer);
		err = pldm_update_ask(u, &w, &a);
		if (err)
			return err;
		if (a.code)
			return fail_code(u, PLDM_FW_PASS_COMPONENT_TABLE,
					 a.code);
	}
	return ERR_OK;
}

/* Send a command for which the device must be in READY XFER. It is not yet if
 * the response to its ApplyComplete was lost. data: of the request. */
static int ask_when_ready(struct pldm_update *u, uint8_t command,
			  const struct wr *data, struct pldm_update_response *a)
{
	uint32_t start = u->peer.now_ms();
	int err;

	do {
		struct wr w = pldm_update_begin(u, command);

		wr_bytes(&w, data->start, wr_len(data));
		err = pldm_update_ask(u, &w, a);
		if (err || a->code != PLDM_FW_INVALID_STATE_FOR_COMMAND)
			return err;
		err = pldm_update_wait(u, PLDM_UPDATE_POLL_MS);
	} while (!err && u->peer.now_ms() - start < PLDM_UPDATE_SETTLE_MS);
	return err;
}

static int decode_compatibility(struct rd *r, void *to)
{
	return pldm_fw_read_compatibility(r, to);
}

static int offer_component(struct pldm_update *u,
			   struct pldm_update_component *c)
{
	uint8_t data[PLDM_PEER_REQUEST];
	struct wr w = wr_init(data, sizeof(data));
	struct pldm_fw_compatibility answer = { 0 };
	struct pldm_update_response a = { .decode = decode_compatibility,
					  .to = &answer };
	int err;

	pldm_fw_write_update_component(&w, &c->offer);
	pldm_update_enter(u, PLDM_UPDATE_OFFERED);
	err = ask_when_ready(u, PLDM_FW_UPDATE_COMPONENT, &w, &a);
	if (err)
		return err;
	if (a.code)
		return fail_code(u, PLDM_FW_UPDATE_COMPONENT, a.code);
	if (answer.refused) {
		c->code = answer.code;
		pldm_update_enter(u, PLDM_UPDATE_REFUSED);
	} else if (c->phase == PLDM_UPDATE_OFFERED) {
		pldm_update_enter(u, PLDM_UPDATE_DOWNLOAD);
	}
	return ERR_OK;
}

/* The device works: ask for its progress, which also shows that it lives. */
static int watch_work(struct pldm_update *u)
{
	struct pldm_fw_status s;
	int err = get_status(u, &s);

	if (err)
		return err;
	u->percent = s.percent;
	if (s.state == PLDM_FW_IDLE)
		return pldm_update_fail(
			u, ERR_INVALID,
			"the device has ended the update (reason %u)",
			s.reason);
	return ERR_OK;
}

static bool is_running(const struct pldm_update_component *c)
{
	return c->phase < PLDM_UPDATE_APPLIED;
}

/* Serve the device until it has applied the component, or fails. */
static int run_component(struct pldm_update *u, struct pldm_update_component *c)
{
	uint32_t asked_ms = u->peer.now_ms();
	int err = ERR_OK;

	while (!err && is_running(c)) {
		bool works = c->phase > PLDM_UPDATE_DOWNLOAD;
		uint32_t limit =
			works ? PLDM_UPDATE_WORK_MS : PLDM_UPDATE_SILENT_MS;

		err = pldm_update_poll(u);
		if (err || !is_running(c))
			break;
		if (u->peer.now_ms() - u->phase_ms >= limit)
			return pldm_update_fail(
				u, ERR_TIMEOUT,
				"the device has not continued for %u s "
				"(phase %s)",
				limit / 1000, pldm_update_phase_name(c->phase));
		if (u->peer.now_ms() - asked_ms < PLDM_UPDATE_STATUS_MS)
			continue;
		asked_ms = u->peer.now_ms();
		/* During the download, its requests show the progress. */
		if (works ||
		    u->peer.now_ms() - u->phase_ms >= PLDM_UPDATE_STATUS_MS)
			err = watch_work(u);
	}
	return err;
}

/* Return to READY XFER after a failed component. */
static int cancel_component(struct pldm_update *u)
{
	struct wr w = pldm_update_begin(u, PLDM_FW_CANCEL_UPDATE_COMPONENT);
	struct pldm_update_response a = { 0 };

	return pldm_update_ask(u, &w, &a);
}

static int fail_component(struct pldm_update *u,
			  const struct pldm_update_component *c)
{
	if (c->phase == PLDM_UPDATE_REFUSED)
		return pldm_update_fail(
			u, ERR_INVALID,
			"the device refuses component %u: %s (code %02x)%s",
			c->number, pldm_update_response_name(c->code), c->code,
			!u->config.force &&
					(c->code <= PLDM_FW_STAMP_LOWER ||
					 c->code >= PLDM_FW_VERSION_IDENTICAL)
				? ". Use --force to replace it"
				: "");
	return pldm_update_fail(
		u, ERR_INVALID,
		"component %u: the %s has failed in the device (result "
		"%02x)",
		c->number, pldm_update_command_name(c->stage), c->code);
}

/* Update all components. A failed one ends the update, unless the package
 * allows to continue. */
static int update_components(struct pldm_update *u)
{
	bool go_on = u->record->options & PLDM_PACKAGE_CONTINUE;
	int err, result = ERR_OK;

	for (uint16_t n = 0; n < u->count; n++) {
		struct pldm_update_component *c = &u->component[n];

		u->current = n;
		err = offer_component(u, c);
		if (!err)
			err = run_component(u, c);
		if (err)
			return err;
		if (c->phase == PLDM_UPDATE_APPLIED)
			continue;
		result = fail_component(u, c);
		if (!go_on)
			return result;
		if (c->phase == PLDM_UPDATE_FAILED)
			err = cancel_component(u);
		if (err)
			return err;
	}
	return result;
}

/* --- activation --- */

static bool any_applied(const struct pldm_update *u)
{
	for (uint16_t n = 0; n < u->count; n++)
		if (u->component[n].phase == PLDM_UPDATE_APPLIED)
			return true;
	return false;
}

static bool can_activate_now(const struct pldm_update *u)
{
	for (uint16_t n = 0; n < u->count; n++)
		if (u->component[n].phase == PLDM_UPDATE_APPLIED &&
		    u->component[n].device &&
		    !(u->component[n].device->methods &
		      PLDM_FW_METHOD_SELF_CONTAINED))
			return false;
	return true;
}

/* A device that resets itself does not answer for a while. */
static int wait_until_idle(struct pldm_update *u)
{
	uint32_t start = u->peer.now_ms();
	uint32_t limit = u->seconds * 1000U + PLDM_UPDATE_WORK_MS;
	struct pldm_fw_status s;

	for (;;) {
		int err = get_status(u, &s);

		if (err && err != ERR_TIMEOUT)
			return err;
		if (!err && s.state == PLDM_FW_IDLE)
			break;
		if (u->peer.now_ms() - start >= limit)
			return pldm_update_fail(
				u, ERR_TIMEOUT,
				"the device has not completed the "
				"activation");
		err = pldm_update_wait(u, PLDM_UPDATE_STATUS_MS / 4);
		if (err)
			return err;
	}
	if (s.aux == PLDM_FW_ACTIVATION_FAILED)
		return pldm_update_fail(
			u, ERR_INVALID,
			"the device could not activate the firmware");
	return ERR_OK;
}

static int decode_seconds(struct rd *r, void *to)
{
	uint16_t *seconds = to;

	*seconds = rd_le16(r);
	return rd_ok(r) ? ERR_OK : ERR_LENGTH;
}

static int activate(struct pldm_update *u)
{
	uint8_t data[1];
	struct wr w = wr_init(data, sizeof(data));
	struct pldm_update_response a = { .decode = decode_seconds,
					  .to = &u->seconds };
	int err;

	u->at_reset = u->config.activation != PLDM_UPDATE_ACTIVATE_NOW ||
		      !can_activate_now(u);
	wr_u8(&w, !u->at_reset);
	err = ask_when_ready(u, PLDM_FW_ACTIVATE_FIRMWARE, &w, &a);
	if (err)
		return err;
	if (a.code && a.code != PLDM_FW_ACTIVATION_NOT_REQUIRED)
		return fail_code(u, PLDM_FW_ACTIVATE_FIRMWARE, a.code);
	u->in_update_mode = false;
	err = wait_until_idle(u);
	u->activated = !err;
	return err;
}

/* --- the whole update --- */

static int run(struct pldm_update *u)
{
	int err = pldm_update_listen(u), result;

	if (err)
		return err;
	err = pldm_update_read_inventory(u);
	if (err)
		return err;
	err = select_components(u);
	if (!err)
		err = require_idle(u);
	if (!err)
		err = request_update(u);
	if (!err)
		err = pass_components(u);
	if (err)
		return err;
	result = update_components(u);
	if (u->config.activation == PLDM_UPDATE_ACTIVATE_NOT ||
	    !any_applied(u) ||
	    (result && !(u->record->options & PLDM_PACKAGE_CONTINUE)))
		return result;
	err = activate(u);
	return err ? err : result;
}

int pldm_update_run(struct pldm_update *u, struct transport *t, uint8_t eid,
		    const struct pldm_update_config *config)
{
	int err;

	memset(u, 0, offsetof(struct pldm_update, answer));
	u->config = *config;
	if (!u->config.part || u->config.part > PLDM_UPDATE_PART)
		u->config.part = PLDM_UPDATE_PART;
	u->percent = PLDM_FW_PERCENT_UNKNOWN;
	pldm_peer_init(&u->peer, t, eid);
	if (config->now_ms)
		u->peer.now_ms = config->now_ms;
	err = run(u);
	/* Also after success without activation. */
	if (u->in_update_mode)
		(void)cancel(u);
	return err;
}
