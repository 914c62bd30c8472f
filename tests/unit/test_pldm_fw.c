/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the firmware device (DSP0267) with an update agent that the test
 * plays message by message. */
#include "pldm_fw_rig.h"

#include <stdlib.h>

#include "base/err.h"

enum {
	AGENT = 8,
	OTHER = 11,
	DEVICE = 9,
	PART = 256,
	IMAGE = 1000,
	ANSWER = 512,
};

static struct mctp mctp;
static struct pldm_fw fw;
static uint32_t now_ms;
static uint8_t instance;
static uint8_t image[IMAGE];

/* --- the agent's side --- */

/* Send a command from `eid`. Returns the completion code; *r: data. */
static uint8_t command_from(uint8_t eid, uint8_t code, const void *data,
			    size_t len, struct rd *r)
{
	static uint8_t answer[ANSWER];
	const struct pldm_header h = { .rq = true,
				       .instance = instance,
				       .type = PLDM_TYPE_FIRMWARE,
				       .command = code };
	struct rd in = rd_init(len ? data : answer, len);
	struct wr w = wr_init(answer, sizeof(answer));
	struct pldm_call call = { &h, eid, now_ms, &in, &w };
	const struct pldm_command *c = pldm_fw_table.command;

	while (c->code != code)
		c++;
	code = (uint8_t)c->run(&fw, &call);
	assert_true(wr_ok(&w));
	if (r)
		*r = rd_init(answer, wr_len(&w));
	return code;
}

/* Send a command of the agent with a new instance ID. */
static uint8_t command(uint8_t code, const void *data, size_t len, struct rd *r)
{
	instance = (instance + 1) & PLDM_INSTANCE;
	return command_from(AGENT, code, data, len, r);
}

static size_t encode_request(uint8_t *data, uint32_t max, uint8_t outstanding)
{
	struct wr w = wr_init(data, 64);
	const struct pldm_fw_request_update q = { .transfer_max = max,
						  .components = 2,
						  .outstanding = outstanding,
						  .version = store_text("9") };

	pldm_fw_write_request_update(&w, &q);
	return wr_len(&w);
}

static const struct pldm_fw_offer *offer(uint16_t identifier, uint32_t options)
{
	static struct pldm_fw_offer o;

	o = (struct pldm_fw_offer){
		.component = { PLDM_FW_CLASS_FIRMWARE, identifier, 0 },
		.stamp = 6,
		.size = IMAGE,
		.options = options,
		.version = store_text("1.1"),
	};
	return &o;
}

static size_t encode_pass(uint8_t *data, uint8_t flag,
			  const struct pldm_fw_offer *o)
{
	struct wr w = wr_init(data, 64);

	pldm_fw_write_pass_component(&w, flag, o);
	return wr_len(&w);
}

static size_t encode_update(uint8_t *data, const struct pldm_fw_offer *o)
{
	struct wr w = wr_init(data, 64);

	pldm_fw_write_update_component(&w, o);
	return wr_len(&w);
}

static uint8_t request_update(uint32_t max, uint8_t outstanding)
{
	uint8_t data[64];

	return command(PLDM_FW_REQUEST_UPDATE, data,
		       encode_request(data, max, outstanding), NULL);
}

/* Returns the ComponentResponseCode. */
static uint8_t pass(uint8_t flag, const struct pldm_fw_offer *o)
{
	uint8_t data[64], response, code;
	struct rd r;

	assert_int_equal(command(PLDM_FW_PASS_COMPONENT_TABLE, data,
				 encode_pass(data, flag, o), &r),
			 0);
	response = rd_u8(&r);
	code = rd_u8(&r);
	assert_true(rd_done(&r));
	assert_int_equal(response, code != 0);
	return code;
}

static struct pldm_fw_compatibility update(const struct pldm_fw_offer *o)
{
	struct pldm_fw_compatibility c;
	uint8_t data[64];
	struct rd r;

	assert_int_equal(command(PLDM_FW_UPDATE_COMPONENT, data,
				 encode_update(data, o), &r),
			 0);
	assert_int_equal(pldm_fw_read_compatibility(&r, &c), 0);
	assert_int_equal(c.refused, c.code != 0);
	return c;
}

static struct pldm_fw_status status(void)
{
	struct pldm_fw_status s;
	struct rd r;

	assert_int_equal(command(PLDM_FW_GET_STATUS, NULL, 0, &r), 0);
	assert_int_equal(pldm_fw_read_status(&r, &s), 0);
	return s;
}

static void activate(bool self_contained)
{
	uint8_t byte = self_contained;
	struct rd r;

	assert_int_equal(command(PLDM_FW_ACTIVATE_FIRMWARE, &byte, 1, &r), 0);
	assert_int_equal(rd_le16(&r), 3);
	assert_true(rd_done(&r));
}

/* --- the device's requests --- */

struct request {
	uint8_t tag, head[PLDM_HEADER_SIZE], command;
	uint32_t offset, length; /* of RequestFirmwareData */
	uint8_t result;		 /* of the others */
	uint16_t methods;
};

/* Receive the next request of the device. false: none is waiting. */
static bool receive(struct request *q)
{
	struct mctp_packet p;
	struct pldm_header h;
	struct rd r;

	if (!mctp_tx_peek(&mctp, &p))
		return false;
	assert_int_equal(p.header[1], AGENT);
	assert_int_equal(p.header[3] & (MCTP_SOM | MCTP_EOM),
			 MCTP_SOM | MCTP_EOM);
	r = rd_init(p.body, p.len);
	memcpy(q->head, p.body, PLDM_HEADER_SIZE);
	assert_int_equal(pldm_read_header(&r, &h), 0);
	assert_true(h.rq && h.type == PLDM_TYPE_FIRMWARE);
	q->tag = p.header[3] & MCTP_TAG;
	q->command = h.command;
	if (h.command == PLDM_FW_REQUEST_FIRMWARE_DATA) {
		q->offset = rd_le32(&r);
		q->length = rd_le32(&r);
	} else {
		q->result = rd_u8(&r);
	}
	if (h.command == PLDM_FW_APPLY_COMPLETE)
		q->methods = rd_le16(&r);
	assert_true(rd_done(&r));
	mctp_tx_consume(&mctp, &p);
	return true;
}

static void reply(const struct request *q, uint8_t code, const uint8_t *data,
		  size_t len)
{
	uint8_t packet[MCTP_HEADER_SIZE + PLDM_FW_DATA_OVERHEAD + PART + 1] = {
		1, DEVICE, AGENT
	};
	struct wr w = wr_init(packet + MCTP_HEADER_SIZE,
			      sizeof(packet) - MCTP_HEADER_SIZE);

	packet[3] = MCTP_SOM | MCTP_EOM | q->tag;
	wr_bytes(&w, q->head, PLDM_HEADER_SIZE);
	packet[5] &= PLDM_INSTANCE;
	wr_u8(&w, code);
	wr_bytes(&w, data, len);
	assert_true(wr_ok(&w));
	mctp_rx(&mctp, packet, MCTP_HEADER_SIZE + wr_len(&w), now_ms);
}

/* Answer RequestFirmwareData, with zeros behind the end of the image. */
static void reply_data(const struct request *q)
{
	uint8_t data[PART] = { 0 };
	uint32_t n = IMAGE - q->offset;

	assert_in_range(q->length, PLDM_FW_TRANSFER_MIN, PART);
	assert_true(q->offset < IMAGE);
	memcpy(data, image + q->offset, n < q->length ? n : q->length);
	reply(q, PLDM_SUCCESS, data, q->length);
}

static void wait_ms(uint32_t ms)
{
	now_ms += ms;
	pldm_fw_poll(&fw, now_ms);
	mctp_poll(&mctp, now_ms);
}

/* Wait for the request `code` of the device. */
static struct request expect_request(uint8_t code)
{
	struct request q = { 0 };

	for (int i = 0; i < 3000 && !receive(&q); i++)
		wait_ms(1);
	assert_int_equal(q.command, code);
	return q;
}

static void drop_requests(void)
{
	struct request q;

	while (receive(&q))
		;
}

static void serve_image(void)
{
	while (fw.state == PLDM_FW_DOWNLOAD && !fw.done) {
		struct request q =
			expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);

		reply_data(&q);
	}
}

/* Answer the next request `code`, which reports `result`. */
static void complete(uint8_t code, uint8_t result)
{
	struct request q = expect_request(code);

	assert_int_equal(q.result, result);
	reply(&q, PLDM_SUCCESS, NULL, 0);
}

/* --- bringing the device into a state --- */

static void start(void)
{
	mctp_init(&mctp);
	mctp_set_eid(&mctp, DEVICE);
	assert_int_equal(mctp_set_mtu(&mctp, 512), 0);
	store_reset();
	pldm_fw_init(&fw, &mctp, NULL, &store_config);
	for (int i = 0; i < IMAGE; i++)
		image[i] = (uint8_t)(i * 7 + i / 256);
	wait_ms(10);
}

static void reach(enum pldm_fw_state state)
{
	start();
	if (state == PLDM_FW_IDLE)
		return;
	assert_int_equal(request_update(PART, 1), 0);
	if (state == PLDM_FW_LEARN_COMPONENTS)
		return;
	assert_int_equal(pass(PLDM_START, offer(0x0101, 0)), 0);
	assert_int_equal(fw.state, PLDM_FW_LEARN_COMPONENTS);
	assert_int_equal(pass(PLDM_END, offer(0x0102, 0)), 0);
	if (state == PLDM_FW_READY_XFER)
		return;
	store.pending_calls = state == PLDM_FW_DOWNLOAD ? 0 : 3;
	assert_int_equal(update(offer(0x0101, 0)).code, 0);
	wait_ms(1);
	if (state == PLDM_FW_DOWNLOAD)
		return;
	serve_image();
	complete(PLDM_FW_TRANSFER_COMPLETE, 0);
	if (state == PLDM_FW_VERIFY)
		return;
	complete(PLDM_FW_VERIFY_COMPLETE, 0);
	if (state == PLDM_FW_APPLY)
		return;
	complete(PLDM_FW_APPLY_COMPLETE, 0);
	activate(true);
}

/* --- tests --- */

static void update_replaces_component(void **state)
{
	struct pldm_fw_status s;

	(void)state;
	reach(PLDM_FW_APPLY);
	complete(PLDM_FW_APPLY_COMPLETE, 0);
	s = status();
	assert_int_equal(s.state, PLDM_FW_READY_XFER);
	assert_int_equal(s.previous, PLDM_FW_APPLY);
	assert_int_equal(s.aux, PLDM_FW_NO_OPERATION);
	assert_memory_equal(store.image, image, IMAGE);
	assert_int_equal(store.applied, 1);
	assert_string_equal(store.active[0], "1.0");
	activate(true);
	s = status();
	assert_int_equal(s.state, PLDM_FW_ACTIVATE);
	for (int i = 0; i < 4; i++)
		wait_ms(1);
	s = status();
	assert_int_equal(s.state, PLDM_FW_IDLE);
	assert_int_equal(s.previous, PLDM_FW_ACTIVATE);
	assert_int_equal(s.reason, PLDM_FW_ACTIVATED);
	assert_string_equal(store.active[0], "1.1");
	assert_string_equal(store.active[1], "2.0");
	assert_true(store.self_contained);
	assert_int_equal(store.cancelled, 0);
}

/* The answer to each command in each state, from the agent of the update. */
static void each_state_accepts_its_commands_only(void **state)
{
	enum {
		OK = 0,
		NOT = 0x80,
		ALREADY = 0x81,
		WRONG = 0x84,
		FEW = 0x85,
		BUSY = 0x86
	};
	static const struct {
		uint8_t command, codes[PLDM_FW_STATES];
		uint8_t next[PLDM_FW_STATES]; /* state if accepted */
	} table[] = {
		{ PLDM_FW_QUERY_DEVICE_IDENTIFIERS,
		  { 0 },
		  { 0, 1, 2, 3, 4, 5, 6 } },
		{ PLDM_FW_GET_FIRMWARE_PARAMETERS,
		  { 0 },
		  { 0, 1, 2, 3, 4, 5, 6 } },
		{ PLDM_FW_REQUEST_UPDATE,
		  { OK, ALREADY, ALREADY, ALREADY, ALREADY, ALREADY, ALREADY },
		  { PLDM_FW_LEARN_COMPONENTS } },
		{ PLDM_FW_PASS_COMPONENT_TABLE,
		  { NOT, OK, WRONG, WRONG, WRONG, WRONG, WRONG },
		  { 0, PLDM_FW_READY_XFER } },
		{ PLDM_FW_UPDATE_COMPONENT,
		  { NOT, WRONG, OK, WRONG, WRONG, WRONG, WRONG },
		  { 0, 0, PLDM_FW_DOWNLOAD } },
		{ PLDM_FW_ACTIVATE_FIRMWARE,
		  { NOT, WRONG, FEW, WRONG, WRONG, WRONG, WRONG },
		  { 0 } },
		{ PLDM_FW_GET_STATUS, { 0 }, { 0, 1, 2, 3, 4, 5, 6 } },
		{ PLDM_FW_CANCEL_UPDATE_COMPONENT,
		  { NOT, NOT, NOT, OK, OK, OK, NOT },
		  { 0, 0, 0, 2, 2, 2 } },
		{ PLDM_FW_CANCEL_UPDATE,
		  { NOT, OK, OK, OK, OK, OK, BUSY },
		  { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		for (uint8_t s = 0; s < PLDM_FW_STATES; s++) {
			uint8_t data[64], got;
			size_t len = 0;

			reach((enum pldm_fw_state)s);
			assert_int_equal(fw.state, s);
			if (table[i].command == PLDM_FW_REQUEST_UPDATE)
				len = encode_request(data, PART, 1);
			if (table[i].command == PLDM_FW_PASS_COMPONENT_TABLE)
				len = encode_pass(data, PLDM_START_AND_END,
						  offer(0x0101, 0));
			if (table[i].command == PLDM_FW_UPDATE_COMPONENT)
				len = encode_update(data, offer(0x0101, 0));
			if (table[i].command == PLDM_FW_ACTIVATE_FIRMWARE)
				data[len++] = 1;
			got = command(table[i].command, data, len, NULL);
			if (got != table[i].codes[s])
				fail_msg("command %02x in state %u: %02x",
					 table[i].command, s, got);
			assert_int_equal(fw.state, got ? s : table[i].next[s]);
			assert_int_equal(store.cancelled,
					 !got && s >= PLDM_FW_DOWNLOAD &&
						 table[i].next[s] != s);
			if (fw.state != PLDM_FW_ACTIVATE)
				continue;
			for (int t = 0; t < 4; t++)
				wait_ms(1);
			assert_int_equal(store.activated, 1);
		}
}

static void other_endpoint_cannot_change_update(void **state)
{
	uint8_t data[64];

	(void)state;
	reach(PLDM_FW_LEARN_COMPONENTS);
	assert_int_equal(command_from(OTHER, PLDM_FW_PASS_COMPONENT_TABLE, data,
				      encode_pass(data, PLDM_START_AND_END,
						  offer(0x0101, 0)),
				      NULL),
			 PLDM_ERROR_NOT_READY);
	assert_int_equal(command_from(OTHER, PLDM_FW_REQUEST_UPDATE, data,
				      encode_request(data, PART, 1), NULL),
			 PLDM_FW_ALREADY_IN_UPDATE_MODE);
	assert_int_equal(command_from(OTHER, PLDM_FW_GET_STATUS, NULL, 0, NULL),
			 0);
	assert_int_equal(fw.state, PLDM_FW_LEARN_COMPONENTS);
	/* It ends the update of an agent that is gone. */
	assert_int_equal(
		command_from(OTHER, PLDM_FW_CANCEL_UPDATE, NULL, 0, NULL), 0);
	assert_int_equal(fw.state, PLDM_FW_IDLE);
}

static void malformed_command_changes_nothing(void **state)
{
	static const uint8_t codes[] = {
		PLDM_FW_QUERY_DEVICE_IDENTIFIERS,
		PLDM_FW_GET_FIRMWARE_PARAMETERS,
		PLDM_FW_REQUEST_UPDATE,
		PLDM_FW_PASS_COMPONENT_TABLE,
		PLDM_FW_UPDATE_COMPONENT,
		PLDM_FW_ACTIVATE_FIRMWARE,
		PLDM_FW_GET_STATUS,
		PLDM_FW_CANCEL_UPDATE_COMPONENT,
		PLDM_FW_CANCEL_UPDATE,
	};
	static const uint8_t in[] = { 0,
				      0,
				      0,
				      PLDM_FW_LEARN_COMPONENTS,
				      PLDM_FW_READY_XFER,
				      PLDM_FW_READY_XFER,
				      0,
				      PLDM_FW_DOWNLOAD,
				      PLDM_FW_DOWNLOAD };
	uint8_t data[65];

	(void)state;
	for (size_t i = 0; i < sizeof(codes); i++) {
		size_t len = codes[i] == PLDM_FW_ACTIVATE_FIRMWARE;

		reach((enum pldm_fw_state)in[i]);
		data[0] = 1;
		if (codes[i] == PLDM_FW_REQUEST_UPDATE)
			len = encode_request(data, PART, 1);
		if (codes[i] == PLDM_FW_PASS_COMPONENT_TABLE)
			len = encode_pass(data, PLDM_END, offer(0x0101, 0));
		if (codes[i] == PLDM_FW_UPDATE_COMPONENT)
			len = encode_update(data, offer(0x0101, 0));
		for (size_t n = 0; n <= len + 1; n++) {
			if (n == len)
				continue;
			assert_int_equal(command(codes[i], data, n, NULL),
					 PLDM_ERROR_INVALID_LENGTH);
			assert_int_equal(fw.state, in[i]);
		}
	}
}

static void undefined_values_are_refused(void **state)
{
	uint8_t data[64], byte = 2;
	struct pldm_fw_offer o;
	size_t len;

	(void)state;
	reach(PLDM_FW_IDLE);
	assert_int_equal(request_update(PLDM_FW_TRANSFER_MIN - 1, 1),
			 PLDM_ERROR_INVALID_DATA);
	len = encode_request(data, PART, 1);
	data[4] = data[5] = 0; /* no components */
	assert_int_equal(command(PLDM_FW_REQUEST_UPDATE, data, len, NULL),
			 PLDM_ERROR_INVALID_DATA);
	len = encode_request(data, PART, 1);
	data[9] = PLDM_FW_STRING_TYPES;
	assert_int_equal(command(PLDM_FW_REQUEST_UPDATE, data, len, NULL),
			 PLDM_ERROR_INVALID_DATA);
	reach(PLDM_FW_LEARN_COMPONENTS);
	for (uint8_t flag = 0; flag < 16; flag++) {
		if (flag == PLDM_START || flag == PLDM_MIDDLE ||
		    flag == PLDM_END || flag == PLDM_START_AND_END)
			continue;
		len = encode_pass(data, flag, offer(0x0101, 0));
		assert_int_equal(
			command(PLDM_FW_PASS_COMPONENT_TABLE, data, len, NULL),
			PLDM_ERROR_INVALID_DATA);
	}
	reach(PLDM_FW_READY_XFER);
	assert_int_equal(command(PLDM_FW_ACTIVATE_FIRMWARE, &byte, 1, NULL),
			 PLDM_ERROR_INVALID_DATA);
	o = *offer(0x0101, 0);
	o.size = 0;
	assert_int_equal(update(&o).code, PLDM_FW_INFORMATION_MISMATCH);
}

static void versions_are_compared(void **state)
{
	struct pldm_fw_offer o;

	(void)state;
	reach(PLDM_FW_LEARN_COMPONENTS);
	o = *offer(0x0101, 0);
	o.stamp = 5;
	assert_int_equal(pass(PLDM_START, &o), PLDM_FW_STAMP_IDENTICAL);
	o.stamp = 4;
	assert_int_equal(pass(PLDM_MIDDLE, &o), PLDM_FW_STAMP_LOWER);
	o.stamp = PLDM_FW_NO_STAMP;
	assert_int_equal(pass(PLDM_MIDDLE, &o), PLDM_FW_CAN_UPDATE);
	o.version = store_text("1.0");
	assert_int_equal(pass(PLDM_MIDDLE, &o), PLDM_FW_VERSION_IDENTICAL);
	o.component.identifier = 0x0999;
	assert_int_equal(pass(PLDM_MIDDLE, &o),
			 PLDM_FW_COMPONENT_NOT_SUPPORTED);
	o.component.identifier = 0x0101;
	o.component.index = 1;
	assert_int_equal(pass(PLDM_END, &o), PLDM_FW_COMPONENT_NOT_SUPPORTED);
	/* now the same with UpdateComponent */
	o.component.index = 0;
	assert_int_equal(update(&o).code, PLDM_FW_VERSION_IDENTICAL);
	o.stamp = 4;
	assert_int_equal(update(&o).code, PLDM_FW_STAMP_LOWER);
	o.component.identifier = 0x0102; /* was not passed */
	assert_int_equal(update(&o).code, PLDM_FW_INFORMATION_MISMATCH);
	o.component.identifier = 0x0101;
	store.offered = PLDM_FW_SECURITY_RESTRICTION;
	o.options = 0xff;
	assert_int_equal(update(&o).code, PLDM_FW_SECURITY_RESTRICTION);
	assert_int_equal(fw.state, PLDM_FW_READY_XFER);
	store.offered = 0;
	assert_int_equal(update(&o).options, PLDM_FW_OPTION_FORCE);
	assert_int_equal(fw.state, PLDM_FW_DOWNLOAD);
	assert_int_equal(status().options, PLDM_FW_OPTION_FORCE);
}

static void last_part_is_padded(void **state)
{
	struct request q;

	(void)state;
	start();
	assert_int_equal(request_update(33, 1), 0);
	assert_int_equal(pass(PLDM_START_AND_END, offer(0x0101, 0)), 0);
	assert_int_equal(update(offer(0x0101, 0)).code, 0);
	for (uint32_t at = 0; at < IMAGE; at += 33) {
		q = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
		assert_int_equal(q.offset, at);
		assert_int_equal(q.length, IMAGE - at < 33 ? 32 : 33);
		assert_int_equal(status().percent, at * 100 / IMAGE);
		reply_data(&q);
	}
	complete(PLDM_FW_TRANSFER_COMPLETE, 0);
	assert_memory_equal(store.image, image, IMAGE);
}

/* Parts arrive in any order, one is lost, and one is malformed. */
static void window_of_parts_is_reassembled(void **state)
{
	struct request q[5];

	(void)state;
	start();
	assert_int_equal(request_update(PART / 4, 200), 0);
	assert_int_equal(pass(PLDM_START_AND_END, offer(0x0101, 0)), 0);
	assert_int_equal(update(offer(0x0101, 0)).code, 0);
	for (int i = 0; i < PLDM_FW_WINDOW; i++) {
		q[i] = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
		assert_int_equal(q[i].offset, i * PART / 4);
	}
	assert_false(receive(&q[4]));
	reply(&q[3], PLDM_SUCCESS, image, 7);
	reply_data(&q[2]);
	reply_data(&q[1]);
	assert_int_equal(store.received, 0);
	reply_data(&q[0]);
	assert_int_equal(store.received, 3 * PART / 4);
	serve_image();
	complete(PLDM_FW_TRANSFER_COMPLETE, 0);
	assert_memory_equal(store.image, image, IMAGE);
}

static void lost_part_is_requested_again_when_overtaken(void **state)
{
	struct request q[PLDM_FW_WINDOW], next;

	(void)state;
	start();
	assert_int_equal(request_update(PART / 8, 8), 0);
	assert_int_equal(pass(PLDM_START_AND_END, offer(0x0101, 0)), 0);
	assert_int_equal(update(offer(0x0101, 0)).code, 0);
	for (int i = 0; i < PLDM_FW_WINDOW; i++)
		q[i] = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
	for (int i = 1; i < PLDM_FW_WINDOW; i++)
		reply_data(&q[i]);
	/* no time has passed */
	assert_true(receive(&next));
	assert_int_equal(next.offset, 0);
}

static void agent_can_delay_data(void **state)
{
	struct request q;

	(void)state;
	reach(PLDM_FW_DOWNLOAD);
	q = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
	reply(&q, PLDM_FW_RETRY_REQUEST_FW_DATA, NULL, 0);
	wait_ms(PLDM_FW_RETRY_MS - 1);
	assert_false(receive(&q));
	wait_ms(1);
	q = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
	assert_int_equal(q.offset, 0);
	reply(&q, PLDM_ERROR_NOT_READY, NULL, 0);
	q = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
	assert_int_equal(q.offset, 0);
	reply_data(&q);
	assert_int_equal(store.received, PART);
}

static void refused_data_ends_transfer(void **state)
{
	static const uint8_t codes[] = { PLDM_ERROR, PLDM_FW_DATA_OUT_OF_RANGE,
					 PLDM_FW_INVALID_TRANSFER_LENGTH,
					 PLDM_FW_COMMAND_NOT_EXPECTED };
	struct request q;

	(void)state;
	for (size_t i = 0; i < sizeof(codes); i++) {
		reach(PLDM_FW_DOWNLOAD);
		q = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
		reply(&q, codes[i], NULL, 0);
		complete(PLDM_FW_TRANSFER_COMPLETE, PLDM_FW_TRANSFER_ABORTED);
		assert_int_equal(status().aux, PLDM_FW_FAILED);
		assert_int_equal(status().aux_status, PLDM_FW_TRANSFER_ABORTED);
		assert_int_equal(fw.state, PLDM_FW_DOWNLOAD);
		wait_ms(PLDM_FW_RETRY_MS);
		assert_false(receive(&q));
		assert_int_equal(
			command(PLDM_FW_CANCEL_UPDATE_COMPONENT, NULL, 0, NULL),
			0);
		assert_int_equal(store.cancelled, 1);
	}
}

static void agent_that_cancels_gets_no_more_requests(void **state)
{
	struct request q;

	(void)state;
	reach(PLDM_FW_DOWNLOAD);
	q = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
	reply(&q, PLDM_FW_CANCEL_PENDING, NULL, 0);
	wait_ms(PLDM_FW_RETRY_MS);
	assert_false(receive(&q));
	reach(PLDM_FW_VERIFY);
	q = expect_request(PLDM_FW_VERIFY_COMPLETE);
	reply(&q, PLDM_FW_CANCEL_PENDING, NULL, 0);
	wait_ms(PLDM_FW_RETRY_MS);
	assert_false(receive(&q));
	assert_int_equal(store.applied, 0);
}

static void malformed_data_fails_at_last(void **state)
{
	struct request q;

	(void)state;
	reach(PLDM_FW_DOWNLOAD);
	for (int i = 0; i <= PLDM_FW_BAD_PARTS; i++) {
		q = expect_request(PLDM_FW_REQUEST_FIRMWARE_DATA);
		reply(&q, PLDM_SUCCESS, image, i % 2 ? PART + 1 : 0);
		wait_ms(PLDM_REQUEST_TOP);
	}
	complete(PLDM_FW_TRANSFER_COMPLETE, PLDM_FW_TRANSFER_CORRUPT);
	assert_int_equal(store.received, 0);
}

/* Each operation of the storage fails: the agent hears it, and cancels. */
static void failed_operations_wait_for_cancel(void **state)
{
	static const uint8_t requests[] = { PLDM_FW_TRANSFER_COMPLETE,
					    PLDM_FW_VERIFY_COMPLETE,
					    PLDM_FW_APPLY_COMPLETE };
	struct request q;

	(void)state;
	for (int i = 0; i < 3; i++) {
		reach(PLDM_FW_DOWNLOAD);
		store.write_result =
			i == 0 ? PLDM_FW_TRANSFER_STORAGE_ERROR : 0;
		store.verify_result = i == 1 ? PLDM_FW_VERIFY_FAILED : 0;
		store.apply_result = i == 2 ? PLDM_FW_APPLY_MEMORY_ERROR : 0;
		serve_image();
		for (int k = 0; k < i; k++)
			complete(requests[k], 0);
		q = expect_request(requests[i]);
		assert_int_not_equal(q.result, 0);
		assert_int_equal(q.methods, 0);
		reply(&q, PLDM_SUCCESS, NULL, 0);
		assert_int_equal(fw.state, PLDM_FW_DOWNLOAD + i);
		assert_int_equal(status().aux, PLDM_FW_FAILED);
		assert_int_equal(status().aux_status, q.result);
		assert_int_equal(store.applied, 0);
		assert_int_equal(
			command(PLDM_FW_CANCEL_UPDATE_COMPONENT, NULL, 0, NULL),
			0);
		assert_int_equal(store.cancelled, 1);
		assert_int_equal(fw.state, PLDM_FW_READY_XFER);
		/* The update of the component can start again. */
		store.write_result = 0;
		assert_int_equal(update(offer(0x0101, 0)).code, 0);
	}
}

static void applied_component_survives_cancel(void **state)
{
	struct request q;

	(void)state;
	reach(PLDM_FW_APPLY);
	store.apply_result = PLDM_FW_APPLY_OTHER_METHODS;
	store.methods = PLDM_FW_METHOD_AC_POWER_CYCLE;
	q = expect_request(PLDM_FW_APPLY_COMPLETE);
	assert_int_equal(q.result, PLDM_FW_APPLY_OTHER_METHODS);
	assert_int_equal(q.methods, PLDM_FW_METHOD_AC_POWER_CYCLE);
	assert_int_equal(store.applied, 1);
	assert_int_equal(
		command(PLDM_FW_CANCEL_UPDATE_COMPONENT, NULL, 0, NULL), 0);
	assert_int_equal(store.cancelled, 0);
	activate(false);
	assert_false(store.self_contained);
}

static void progress_of_storage_is_reported(void **state)
{
	(void)state;
	reach(PLDM_FW_VERIFY);
	wait_ms(1);
	assert_int_equal(status().percent, 50);
	assert_int_equal(status().aux, PLDM_FW_IN_PROGRESS);
	complete(PLDM_FW_VERIFY_COMPLETE, 0);
	assert_int_equal(status().percent, PLDM_FW_PERCENT_UNKNOWN);
	reach(PLDM_FW_ACTIVATE);
	wait_ms(1);
	assert_int_equal(status().percent, 10);
}

static void failed_activation_is_reported(void **state)
{
	struct pldm_fw_status s;

	(void)state;
	reach(PLDM_FW_ACTIVATE);
	store.activation_result = 1;
	for (int i = 0; i < 5; i++)
		wait_ms(1);
	s = status();
	assert_int_equal(s.state, PLDM_FW_IDLE);
	assert_int_equal(s.aux, PLDM_FW_ACTIVATION_FAILED);
	assert_int_equal(request_update(PART, 1), 0);
	assert_int_equal(status().aux, PLDM_FW_NO_OPERATION);
}

static void activation_code_of_storage_is_returned(void **state)
{
	uint8_t byte = 1;

	(void)state;
	reach(PLDM_FW_APPLY);
	complete(PLDM_FW_APPLY_COMPLETE, 0);
	store.activate_code = PLDM_FW_SELF_CONTAINED_ACTIVATION_NOT_PERMITTED;
	assert_int_equal(command(PLDM_FW_ACTIVATE_FIRMWARE, &byte, 1, NULL),
			 PLDM_FW_SELF_CONTAINED_ACTIVATION_NOT_PERMITTED);
	assert_int_equal(fw.state, PLDM_FW_READY_XFER);
	store.activate_code = PLDM_FW_ACTIVATION_NOT_REQUIRED;
	assert_int_equal(command(PLDM_FW_ACTIVATE_FIRMWARE, &byte, 1, NULL),
			 PLDM_FW_ACTIVATION_NOT_REQUIRED);
	assert_int_equal(fw.state, PLDM_FW_ACTIVATE);
}

/* FD_T1: in each state, the device waits for the agent for this long. */
static void silent_agent_ends_update(void **state)
{
	struct pldm_fw_status s;

	(void)state;
	for (uint8_t i = PLDM_FW_LEARN_COMPONENTS; i <= PLDM_FW_APPLY; i++) {
		reach((enum pldm_fw_state)i);
		for (uint32_t t = 0; t < PLDM_FW_IDLE_MS - 1000; t += 500) {
			wait_ms(500);
			drop_requests();
			assert_int_equal(fw.state, i);
		}
		for (int t = 0; t < 8; t++) {
			wait_ms(500);
			drop_requests();
		}
		s = status();
		assert_int_equal(s.state, PLDM_FW_IDLE);
		assert_int_equal(s.previous, i);
		assert_int_equal(s.reason, 2 + i);
		assert_int_equal(store.cancelled,
				 i == PLDM_FW_DOWNLOAD || i == PLDM_FW_VERIFY);
		assert_int_equal(request_update(PART, 1), 0);
	}
}

static void slow_storage_is_no_timeout(void **state)
{
	(void)state;
	reach(PLDM_FW_VERIFY);
	store.calls = 400;
	for (int i = 0; i < 399; i++)
		wait_ms(1000);
	assert_int_equal(fw.state, PLDM_FW_VERIFY);
	complete(PLDM_FW_VERIFY_COMPLETE, 0);
	assert_int_equal(fw.state, PLDM_FW_APPLY);
}

/* The response to a command was lost: the agent repeats it, with its instance
 * ID. */
static void repeated_command_gets_its_first_response(void **state)
{
	uint8_t data[64], first[16], byte = 1;
	struct rd r;
	size_t len;

	(void)state;
	reach(PLDM_FW_IDLE);
	for (int i = 0; i < 3; i++) {
		len = encode_request(data, PART, 1);
		assert_int_equal(command_from(AGENT, PLDM_FW_REQUEST_UPDATE,
					      data, len, &r),
				 0);
		assert_int_equal(rd_remaining(&r), 3);
	}
	instance++;
	/* Another instance ID, and later: not the same command. */
	assert_int_equal(
		command_from(AGENT, PLDM_FW_REQUEST_UPDATE, data, len, NULL),
		PLDM_FW_ALREADY_IN_UPDATE_MODE);
	instance--;
	wait_ms(PLDM_FW_REPEAT_MS);
	assert_int_equal(
		command_from(AGENT, PLDM_FW_REQUEST_UPDATE, data, len, NULL),
		PLDM_FW_ALREADY_IN_UPDATE_MODE);
	len = encode_pass(data, PLDM_START_AND_END, offer(0x0101, 0));
	for (int i = 0; i < 2; i++)
		assert_int_equal(command_from(AGENT,
					      PLDM_FW_PASS_COMPONENT_TABLE,
					      data, len, NULL),
				 0);
	len = encode_update(data, offer(0x0101, 0));
	assert_int_equal(
		command_from(AGENT, PLDM_FW_UPDATE_COMPONENT, data, len, &r),
		0);
	memcpy(first, r.p, rd_remaining(&r));
	wait_ms(1);
	serve_image();
	assert_int_equal(
		command_from(AGENT, PLDM_FW_UPDATE_COMPONENT, data, len, &r),
		0);
	assert_int_equal(rd_remaining(&r), 8);
	assert_memory_equal(first, r.p, 8);
	/* The device has not started again. */
	assert_int_equal(store.received, IMAGE);
	complete(PLDM_FW_TRANSFER_COMPLETE, 0);
	complete(PLDM_FW_VERIFY_COMPLETE, 0);
	complete(PLDM_FW_APPLY_COMPLETE, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(command_from(AGENT, PLDM_FW_ACTIVATE_FIRMWARE,
					      &byte, 1, NULL),
				 0);
		wait_ms(1);
	}
	assert_int_equal(store.activated, 1);
}

static void reset_of_transport_keeps_update(void **state)
{
	(void)state;
	reach(PLDM_FW_DOWNLOAD);
	mctp_reset(&mctp);
	wait_ms(PLDM_REQUEST_TOP);
	serve_image();
	complete(PLDM_FW_TRANSFER_COMPLETE, 0);
	assert_memory_equal(store.image, image, IMAGE);
}

static void inventory_describes_device(void **state)
{
	struct pldm_fw_parameters p;
	struct pldm_fw_descriptor d;
	struct pldm_fw_image_set s;
	struct rd r;

	(void)state;
	reach(PLDM_FW_IDLE);
	assert_int_equal(command(PLDM_FW_QUERY_DEVICE_IDENTIFIERS, NULL, 0, &r),
			 0);
	assert_int_equal(rd_le32(&r), 12);
	assert_int_equal(rd_u8(&r), 2);
	assert_int_equal(pldm_fw_read_descriptor(&r, &d), 0);
	assert_int_equal(d.type, PLDM_FW_PCI_VENDOR);
	assert_memory_equal(d.data, "\xde\xcc", 2);
	assert_int_equal(pldm_fw_read_descriptor(&r, &d), 0);
	assert_int_equal(d.type, PLDM_FW_PCI_DEVICE);
	assert_true(rd_done(&r));
	memcpy(store.pending[1], "2.1", 4);
	assert_int_equal(command(PLDM_FW_GET_FIRMWARE_PARAMETERS, NULL, 0, &r),
			 0);
	assert_int_equal(pldm_fw_read_image_set(&r, &s), 0);
	assert_int_equal(s.components, 2);
	assert_memory_equal(s.active.text, "1.0", 3);
	assert_int_equal(s.pending.len, 0);
	assert_int_equal(pldm_fw_read_parameters(&r, &p), 0);
	assert_int_equal(p.component.identifier, 0x0101);
	assert_int_equal(p.active.stamp, 5);
	assert_int_equal(pldm_fw_read_parameters(&r, &p), 0);
	assert_memory_equal(p.active.text.text, "2.0", 3);
	assert_memory_equal(p.pending.text.text, "2.1", 3);
	assert_int_equal(p.methods, 6);
	assert_true(rd_done(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(update_replaces_component),
		cmocka_unit_test(each_state_accepts_its_commands_only),
		cmocka_unit_test(other_endpoint_cannot_change_update),
		cmocka_unit_test(malformed_command_changes_nothing),
		cmocka_unit_test(undefined_values_are_refused),
		cmocka_unit_test(versions_are_compared),
		cmocka_unit_test(last_part_is_padded),
		cmocka_unit_test(window_of_parts_is_reassembled),
		cmocka_unit_test(lost_part_is_requested_again_when_overtaken),
		cmocka_unit_test(agent_can_delay_data),
		cmocka_unit_test(refused_data_ends_transfer),
		cmocka_unit_test(agent_that_cancels_gets_no_more_requests),
		cmocka_unit_test(malformed_data_fails_at_last),
		cmocka_unit_test(failed_operations_wait_for_cancel),
		cmocka_unit_test(applied_component_survives_cancel),
		cmocka_unit_test(progress_of_storage_is_reported),
		cmocka_unit_test(failed_activation_is_reported),
		cmocka_unit_test(activation_code_of_storage_is_returned),
		cmocka_unit_test(silent_agent_ends_update),
		cmocka_unit_test(slow_storage_is_no_timeout),
		cmocka_unit_test(repeated_command_gets_its_first_response),
		cmocka_unit_test(reset_of_transport_keeps_update),
		cmocka_unit_test(inventory_describes_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
