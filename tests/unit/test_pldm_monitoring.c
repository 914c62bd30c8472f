/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of PLDM platform monitoring over the simulated drive: the records, the
 * sensors, and the two ways of events to their receiver. The test controls the
 * time and every message. */
#include "cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32.h"
#include "base/err.h"
#include "device/drive_platform.h"
#include "pldm/responder.h"

enum { OWN = 9, PEER = 8, STEP_MS = 50, COMPOSITE = 1, SPARE = 2, POWER = 4 };
enum { HEALTH = 5, PRESENCE = 6, CONTROLLER_1 = 0x102 };

static struct mctp m;
static struct pldm pldm;
static struct pldm_platform platform;
static struct drive drive;
static uint32_t now_ms;
static const uint8_t uid[PLDM_UID_SIZE] = { 1, 2, 3 };

/* A message of the device. */
static struct message {
	uint8_t data[1100], flags;
	size_t len;
} got;

static int setup(void **state)
{
	struct pldm_platform_ops ops = drive_platform_ops(&drive, uid, true);

	(void)state;
	now_ms = 1000;
	drive_init_default(&drive);
	drive_start(&drive);
	mctp_init(&m);
	mctp_set_eid(&m, OWN);
	assert_int_equal(mctp_set_mtu(&m, 2048), 0);
	assert_int_equal(pldm_init(&pldm, &m), 0);
	pldm_platform_init(&platform, &m, &pldm.base, &ops);
	assert_int_equal(pldm_add(&pldm, &pldm_platform_table, &platform), 0);
	pldm_poll(&pldm, now_ms);
	return 0;
}

/* Read the next message of the device. */
static bool receive(void)
{
	struct mctp_packet p;

	got.len = 0;
	if (!mctp_tx_peek(&m, &p))
		return false;
	assert_true(p.len <= sizeof(got.data));
	memcpy(got.data, p.body, p.len);
	got.len = p.len;
	got.flags = p.header[3];
	assert_int_equal(p.header[1], PEER);
	mctp_tx_consume(&m, &p);
	return true;
}

static void transmit(const uint8_t *body, size_t len, uint8_t flags)
{
	uint8_t packet[300] = { 1, OWN, PEER };

	packet[3] = (uint8_t)(MCTP_SOM | MCTP_EOM | flags);
	memcpy(packet + 4, body, len);
	mctp_rx(&m, packet, 4 + len, now_ms);
}

/* Send a request of type 02h. Returns the completion code; *r: data after it.
 * data: hexadecimal. */
static uint8_t ask(uint8_t command, const char *data, struct rd *r)
{
	uint8_t body[64] = { 1, 0x80, 2, command };
	size_t n = 4;

	for (const char *s = data; *s; s += s[2] ? 3 : 2)
		body[n++] = (uint8_t)strtoul(s, NULL, 16);
	transmit(body, n, MCTP_TAG_OWNER);
	assert_true(receive());
	assert_false(got.flags & MCTP_TAG_OWNER);
	assert_int_equal(got.data[3], command);
	*r = rd_init(got.data + 5, got.len - 5);
	return got.data[4];
}

static void pass(uint32_t ms)
{
	for (uint32_t i = 0; i < ms; i += STEP_MS) {
		now_ms += STEP_MS;
		drive_poll(&drive, now_ms);
		pldm_poll(&pldm, now_ms);
		mctp_poll(&m, now_ms);
	}
}

/* --- records --- */

struct record {
	uint8_t data[PLDM_PDR_MAX];
	size_t len;
	uint32_t next;
};

/* Read a record in parts of `part` bytes. */
static void read_record(uint32_t handle, uint16_t part, struct record *rec)
{
	uint32_t transfer = 0;
	uint8_t flag = PLDM_PDR_START;

	rec->len = 0;
	while (flag == PLDM_PDR_START || flag == PLDM_PDR_MIDDLE) {
		uint8_t body[17] = { 1, 0x80, 2, PLDM_GET_PDR };
		struct wr w = wr_init(body + 4, 13);
		struct rd r;
		uint16_t n;

		wr_le32(&w, handle);
		wr_le32(&w, transfer);
		wr_u8(&w, rec->len ? PLDM_GET_NEXT_PART : PLDM_GET_FIRST_PART);
		wr_le16(&w, part);
		wr_le16(&w, 0);
		transmit(body, sizeof(body), MCTP_TAG_OWNER);
		assert_true(receive());
		assert_int_equal(got.data[4], PLDM_SUCCESS);
		r = rd_init(got.data + 5, got.len - 5);
		rec->next = rd_le32(&r);
		transfer = rd_le32(&r);
		flag = rd_u8(&r);
		n = rd_le16(&r);
		assert_true(n <= part && n <= rd_remaining(&r));
		assert_true(n <= sizeof(rec->data) - rec->len);
		memcpy(rec->data + rec->len, r.p, n);
		rd_skip(&r, n);
		rec->len += n;
		if (flag == PLDM_PDR_END)
			assert_int_equal(rd_u8(&r),
					 pldm_crc8(0, rec->data, rec->len));
		assert_true(rd_done(&r));
		assert_int_equal(transfer != 0, flag <= PLDM_PDR_MIDDLE);
	}
}

static void repository_info_matches_the_records(void **state)
{
	uint32_t count = 0, size = 0, largest = 0, handle = 0;
	struct record rec;
	struct rd r;

	(void)state;
	do {
		read_record(handle, 1024, &rec);
		count++;
		size += (uint32_t)rec.len;
		largest = rec.len > largest ? (uint32_t)rec.len : largest;
		handle = rec.next;
	} while (handle);
	assert_int_equal(ask(PLDM_GET_PDR_REPOSITORY_INFO, "", &r), 0);
	rd_skip(&r, 1 + 2 * 13);
	assert_int_equal(rd_le32(&r), count);
	assert_int_equal(rd_le32(&r), size);
	assert_int_equal(rd_le32(&r), largest);
	/* locator, names, FRU, two associations, two records for each of seven
	 * sensors and for two of each controller */
	assert_int_equal(count, 5 + 2 * (7 + 2 * drive.controllers));
}

static void records_in_small_parts_equal_whole_records(void **state)
{
	struct record whole, parts;
	uint32_t handle = 0;

	(void)state;
	do {
		read_record(handle, 1024, &whole);
		for (uint16_t part = 1; part < 20; part += 6) {
			read_record(handle, part, &parts);
			assert_int_equal(parts.len, whole.len);
			assert_memory_equal(parts.data, whole.data, whole.len);
			assert_int_equal(parts.next, whole.next);
		}
		handle = whole.next;
	} while (handle);
}

/* Each length and handle of a record header is that of the record. */
static void record_headers_are_valid(void **state)
{
	struct pldm_pdr_header h;
	struct record rec;
	uint32_t handle = 1;
	struct rd r;

	(void)state;
	while (handle) {
		read_record(handle, 1024, &rec);
		r = rd_init(rec.data, rec.len);
		assert_int_equal(pldm_pdr_read_header(&r, &h), ERR_OK);
		assert_int_equal(h.handle, handle);
		handle = rec.next;
	}
}

static void full_drive_has_several_namespace_associations(void **state)
{
	struct record rec;
	uint32_t handle = 0x100, children = 0;

	(void)state;
	while (drive_namespace_create(&drive, 8, 0, true) > 0)
		;
	while (handle && handle < 0x1000) {
		read_record(handle, 1024, &rec);
		assert_int_equal(rec.len, 10 + 10 + 6 * rec.data[19]);
		if (handle > 0x100)
			children += rec.data[19];
		handle = rec.next;
	}
	assert_int_equal(children, DRIVE_NAMESPACES);
}

static void changed_record_is_not_continued(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(
		ask(PLDM_GET_PDR, "02 00 00 00 05 00 00 00 00 05 00 07 00", &r),
		PLDM_PDR_INVALID_RECORD_CHANGE_NUMBER);
}

/* --- sensors --- */

static int16_t read_temperature(void)
{
	struct rd r;

	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "01 00 00", &r), 0);
	rd_skip(&r, 6);
	return (int16_t)rd_le16(&r);
}

static void temperature_follows_the_hottest_controller(void **state)
{
	(void)state;
	drive_controller_set_temperature(&drive, 1, 273 + 41);
	assert_int_equal(read_temperature(), 41);
	drive_controller_set_temperature(&drive, 0, 273 + 43);
	assert_int_equal(read_temperature(), 43);
	drive_controller_set_temperature(&drive, 0, 260);
	drive_controller_set_temperature(&drive, 1, 260);
	assert_int_equal(read_temperature(), -13);
}

static void present_state_follows_the_thresholds(void **state)
{
	struct rd r;

	(void)state;
	drive_controller_set_temperature(&drive, 0, 273 + 50);
	assert_int_equal(ask(PLDM_SET_SENSOR_THRESHOLDS,
			     "01 00 03 31 00 00 00 00 00 fb ff 00 00 00 00",
			     &r),
			 PLDM_SUCCESS);
	assert_int_equal(drive.controller[1].hot_threshold, 273 + 49);
	assert_int_equal(drive.controller[1].cold_threshold, 273 - 5);
	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "01 00 00", &r), 0);
	assert_int_equal(r.p[3], PLDM_STATE_UPPER_WARNING);
	assert_int_equal(ask(PLDM_RESTORE_SENSOR_THRESHOLDS, "01 00", &r), 0);
	assert_int_equal(drive.controller[1].hot_threshold,
			 drive.controller[1].hot_default);
	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "01 00 00", &r), 0);
	assert_int_equal(r.p[3], PLDM_STATE_NORMAL);
	assert_int_equal(r.p[4], PLDM_STATE_UPPER_WARNING);
}

static void spare_at_its_threshold_is_normal(void **state)
{
	struct rd r;

	(void)state;
	drive_controller_set_spare(&drive, 0,
				   drive.controller[0].spare_threshold);
	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "02 00 00", &r), 0);
	assert_int_equal(r.p[3], PLDM_STATE_NORMAL);
	drive_controller_set_spare(
		&drive, 0, (uint8_t)(drive.controller[0].spare_threshold - 1));
	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "02 00 00", &r), 0);
	assert_int_equal(r.p[3], PLDM_STATE_LOWER_WARNING);
}

static void power_follows_the_power_state(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "04 00 00", &r), 0);
	assert_int_equal(r.p[6] | r.p[7] << 8, 2500);
	for (uint16_t i = 0; i < drive.controllers; i++)
		drive_feature_set(&drive, i, DRIVE_FEATURE_POWER_MANAGEMENT, 1,
				  false);
	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "04 00 00", &r), 0);
	assert_int_equal(r.p[6] | r.p[7] << 8, 1500);
}

static void disabled_sensor_has_no_reading(void **state)
{
	struct rd r;

	(void)state;
	assert_int_equal(ask(PLDM_SET_NUMERIC_SENSOR_ENABLE, "01 00 01 00", &r),
			 0);
	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "01 00 00", &r), 0);
	assert_int_equal(r.p[1], PLDM_OPERATIONAL_DISABLED);
	assert_int_equal(r.p[3], PLDM_STATE_UNKNOWN);
	assert_int_equal(r.p[6] | r.p[7], 0);
}

static void health_follows_warnings_and_fatal_errors(void **state)
{
	static const struct {
		uint8_t warnings;
		bool fatal;
		uint8_t health;
	} cases[] = {
		{ 0, false, PLDM_HEALTH_NORMAL },
		{ DRIVE_WARNING_BACKUP, false, PLDM_HEALTH_NON_CRITICAL },
		{ DRIVE_WARNING_READ_ONLY, false, PLDM_HEALTH_CRITICAL },
		{ DRIVE_WARNING_BACKUP, true, PLDM_HEALTH_FATAL },
	};
	struct rd r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		drive_controller_set_warnings(&drive, 1, cases[i].warnings);
		drive_controller_set_fatal(&drive, 0, cases[i].fatal);
		assert_int_equal(
			ask(PLDM_GET_STATE_SENSOR_READINGS, "05 00 00 00", &r),
			0);
		assert_int_equal(r.p[2], cases[i].health);
	}
}

static void drive_without_power_is_not_present(void **state)
{
	struct rd r;

	(void)state;
	drive_power_off(&drive);
	assert_int_equal(ask(PLDM_GET_STATE_SENSOR_READINGS, "06 00 00 00", &r),
			 0);
	assert_int_equal(r.p[1], PLDM_OPERATIONAL_ENABLED);
	assert_int_equal(r.p[2], PLDM_PRESENCE_NOT_PRESENT);
	assert_int_equal(ask(PLDM_GET_SENSOR_READING, "01 00 00", &r), 0);
	assert_int_equal(r.p[1], PLDM_OPERATIONAL_UNAVAILABLE);
}

/* --- asynchronous events --- */

static void enable(const char *mode)
{
	char data[24];
	struct rd r;

	snprintf(data, sizeof(data), "%s 00 08", mode);
	assert_int_equal(ask(PLDM_SET_EVENT_RECEIVER, data, &r), 0);
}

/* Expect PlatformEventMessage. Returns its instance id. */
static uint8_t expect_event(uint8_t event_class)
{
	assert_true(receive());
	assert_true(got.flags & MCTP_TAG_OWNER);
	assert_int_equal(got.data[2], PLDM_TYPE_PLATFORM);
	assert_int_equal(got.data[3], PLDM_PLATFORM_EVENT_MESSAGE);
	assert_int_equal(got.data[4], PLDM_EVENT_FORMAT);
	assert_int_equal(got.data[6], event_class);
	return got.data[1] & PLDM_INSTANCE;
}

static void respond(uint8_t code)
{
	uint8_t body[] = { 1,	 (uint8_t)(got.data[1] & PLDM_INSTANCE),
			   2,	 PLDM_PLATFORM_EVENT_MESSAGE,
			   code, 0 };

	transmit(body, code ? 5 : 6, got.flags & MCTP_TAG);
}

static void no_receiver_no_events(void **state)
{
	(void)state;
	drive_controller_set_temperature(&drive, 0, 400);
	pass(3000);
	assert_false(receive());
	enable("01"); /* changes before are no events */
	pass(3000);
	assert_false(receive());
}

static void crossed_threshold_is_reported_once(void **state)
{
	(void)state;
	enable("01");
	drive_controller_set_temperature(&drive, 1, 400);
	pass(200);
	expect_event(PLDM_EVENT_SENSOR); /* composite temperature */
	assert_int_equal(got.data[7], COMPOSITE);
	assert_int_equal(got.data[9], PLDM_SENSOR_EVENT_NUMERIC);
	assert_int_equal(got.data[10], PLDM_STATE_UPPER_WARNING);
	assert_int_equal(got.data[11], PLDM_STATE_NORMAL);
	assert_int_equal(got.data[12], PLDM_SINT16);
	assert_int_equal(got.data[13] | got.data[14] << 8, 400 - 273);
	assert_int_equal(got.len, 15);
	respond(0);
	pass(200);
	expect_event(PLDM_EVENT_SENSOR); /* health */
	assert_int_equal(got.data[7], HEALTH);
	assert_int_equal(got.data[9], PLDM_SENSOR_EVENT_STATE);
	assert_int_equal(got.data[11], PLDM_HEALTH_NON_CRITICAL);
	assert_int_equal(got.data[12], PLDM_HEALTH_NORMAL);
	respond(0);
	pass(200);
	expect_event(PLDM_EVENT_SENSOR);
	assert_int_equal(got.data[7] | got.data[8] << 8, CONTROLLER_1);
	respond(0);
	pass(5000);
	assert_false(receive());
	assert_int_equal(platform.events.count, 0);
}

/* Wait for the next message. */
static void wait_for_event(void)
{
	for (int i = 0; i < 200; i++) {
		struct mctp_packet p;

		if (mctp_tx_peek(&m, &p))
			return;
		pass(STEP_MS);
	}
}

static void event_is_repeated_with_its_instance_id(void **state)
{
	uint8_t instance;

	(void)state;
	enable("01");
	drive_controller_set_spare(&drive, 0, 1);
	wait_for_event();
	instance = expect_event(PLDM_EVENT_SENSOR);
	for (int i = 1; i < PLDM_EVENT_TRIES; i++) {
		wait_for_event();
		assert_int_equal(expect_event(PLDM_EVENT_SENSOR), instance);
		assert_int_equal(got.data[7], SPARE);
	}
	wait_for_event(); /* given up: the health event is next */
	assert_int_not_equal(expect_event(PLDM_EVENT_SENSOR), instance);
	assert_int_equal(got.data[7], HEALTH);
	assert_int_equal(platform.events.dropped, 1);
}

static void refused_event_is_not_repeated(void **state)
{
	(void)state;
	enable("01");
	drive_controller_set_spare(&drive, 0, 1);
	pass(200);
	expect_event(PLDM_EVENT_SENSOR);
	respond(PLDM_ERROR);
	pass(200);
	expect_event(PLDM_EVENT_SENSOR);
	assert_int_equal(got.data[7], HEALTH);
}

static void event_survives_a_reset_of_the_transport(void **state)
{
	(void)state;
	enable("01");
	drive_controller_set_spare(&drive, 0, 1);
	pass(200);
	expect_event(PLDM_EVENT_SENSOR);
	pldm_reset(&pldm);
	mctp_reset(&m);
	pass(200);
	expect_event(PLDM_EVENT_SENSOR);
	assert_int_equal(got.data[7], SPARE);
}

static void events_of_a_sensor_can_be_disabled(void **state)
{
	struct rd r;

	(void)state;
	enable("01");
	assert_int_equal(ask(PLDM_SET_NUMERIC_SENSOR_ENABLE, "02 00 00 01", &r),
			 0);
	drive_controller_set_spare(&drive, 0, 1);
	pass(200);
	expect_event(PLDM_EVENT_SENSOR);
	assert_int_equal(got.data[7], HEALTH); /* not SPARE */
}

static void lost_power_is_reported_by_operational_events(void **state)
{
	bool present = false, unavailable = false;

	(void)state;
	enable("01");
	drive_power_off(&drive);
	pass(200);
	while (receive()) {
		if (got.data[7] == PRESENCE && !got.data[8])
			present = got.data[9] == PLDM_SENSOR_EVENT_STATE &&
				  got.data[11] == PLDM_PRESENCE_NOT_PRESENT;
		if (got.data[7] == COMPOSITE && !got.data[8])
			unavailable =
				got.data[9] == PLDM_SENSOR_EVENT_OPERATIONAL &&
				got.data[10] == PLDM_OPERATIONAL_UNAVAILABLE;
		respond(0);
		pass(200);
	}
	assert_true(present || platform.events.dropped);
	assert_true(unavailable || platform.events.dropped);
}

static void heartbeat_comes_at_its_interval(void **state)
{
	struct rd r;
	uint8_t sequence = 0;

	(void)state;
	assert_int_equal(ask(PLDM_SET_EVENT_RECEIVER, "03 00 08 02 00", &r), 0);
	for (int i = 0; i < 3; i++) {
		pass(1700);
		assert_false(receive());
		pass(400);
		expect_event(PLDM_EVENT_HEARTBEAT);
		assert_int_equal(got.data[8], sequence++);
		respond(0);
	}
}

/* --- polling --- */

static uint16_t poll_event(uint8_t *sensor)
{
	struct rd r;
	uint16_t id;
	uint32_t len;
	const uint8_t *data;

	assert_int_equal(ask(PLDM_POLL_FOR_PLATFORM_EVENT_MESSAGE,
			     "01 01 00 00 00 00 00 00", &r),
			 0);
	rd_skip(&r, 1); /* TID */
	id = rd_le16(&r);
	if (!id)
		return id;
	assert_int_equal(rd_le32(&r), 0);
	assert_int_equal(rd_u8(&r), PLDM_PDR_START_AND_END);
	rd_skip(&r, 1); /* class */
	len = rd_le32(&r);
	assert_true(len && len <= rd_remaining(&r));
	data = r.p;
	rd_skip(&r, len);
	assert_int_equal(rd_le32(&r), crc32_ieee(0, data, len));
	assert_true(rd_done(&r));
	*sensor = data[0];
	return id;
}

static uint8_t acknowledge(uint16_t id, uint16_t *next)
{
	char data[32];
	struct rd r;
	uint8_t code;

	snprintf(data, sizeof(data), "01 02 00 00 00 00 %02x %02x", id & 0xff,
		 id >> 8);
	code = ask(PLDM_POLL_FOR_PLATFORM_EVENT_MESSAGE, data, &r);
	rd_skip(&r, 1);
	*next = rd_le16(&r);
	return code;
}

static void polled_event_stays_until_it_is_acknowledged(void **state)
{
	uint8_t sensor = 0;
	uint16_t first, second, next;

	(void)state;
	enable("02");
	drive_controller_set_spare(&drive, 0, 1);
	pass(200);
	assert_false(receive()); /* nothing is sent */
	first = poll_event(&sensor);
	assert_int_equal(poll_event(&sensor), first);
	assert_int_equal(sensor, SPARE);
	assert_int_equal(acknowledge(first, &next), 0);
	assert_int_equal(next, PLDM_EVENT_ACKNOWLEDGED); /* more are waiting */
	/* a repeated acknowledgement removes no second event */
	assert_int_equal(acknowledge(first, &next), 0);
	second = poll_event(&sensor);
	assert_int_not_equal(second, first);
	assert_int_equal(sensor, HEALTH);
	assert_int_equal(acknowledge((uint16_t)(second + 1), &next),
			 PLDM_PLATFORM_INVALID_EVENT_ID);
	assert_int_equal(acknowledge(second, &next), 0);
	assert_int_equal(next, PLDM_EVENT_NONE);
	assert_int_equal(poll_event(&sensor), PLDM_EVENT_NONE);
}

/* --- changes of the repository --- */

static void new_namespace_modifies_its_association(void **state)
{
	(void)state;
	enable("01");
	assert_true(drive_namespace_create(&drive, 8, 0, true) > 0);
	pass(1200);
	expect_event(PLDM_EVENT_REPOSITORY_CHANGE);
	assert_int_equal(got.data[7], PLDM_CHANGE_HANDLES);
	assert_int_equal(got.data[8], 1);
	assert_int_equal(got.data[9], PLDM_RECORDS_MODIFIED);
	assert_int_equal(got.data[10], 1);
	assert_int_equal(got.data[11] | got.data[12] << 8, 0x101);
	respond(0);
	assert_int_equal(drive_namespace_delete(&drive, DRIVE_NSID_ALL), 0);
	pass(1200);
	expect_event(PLDM_EVENT_REPOSITORY_CHANGE);
	assert_int_equal(got.data[9], PLDM_RECORDS_DELETED);
	respond(0);
	assert_true(drive_namespace_create(&drive, 8, 0, true) > 0);
	pass(1200);
	expect_event(PLDM_EVENT_REPOSITORY_CHANGE);
	assert_int_equal(got.data[9], PLDM_RECORDS_ADDED);
	respond(0);
	pass(3000);
	assert_false(receive());
}

static void second_change_refreshes_the_repository(void **state)
{
	(void)state;
	enable("02");
	assert_true(drive_namespace_create(&drive, 8, 0, true) > 0);
	pass(1200);
	assert_true(drive_namespace_create(&drive, 8, 0, true) > 0);
	pass(1200);
	assert_int_equal(platform.events.count, 1);
	assert_int_equal(platform.events.queue[0].data[0],
			 PLDM_CHANGE_REFRESH_ALL);
}

static void full_queue_keeps_the_change_of_the_repository(void **state)
{
	bool kept = false;

	(void)state;
	enable("02");
	assert_true(drive_namespace_create(&drive, 8, 0, true) > 0);
	pass(1200);
	for (int i = 0; i < 2 * PLDM_EVENTS; i++) {
		drive_controller_set_spare(&drive, 0, i % 2 ? 100 : 1);
		pass(200);
	}
	assert_int_equal(platform.events.count, PLDM_EVENTS);
	for (uint8_t i = 0; i < PLDM_EVENTS; i++)
		kept |= platform.events.queue[i].event_class ==
			PLDM_EVENT_REPOSITORY_CHANGE;
	assert_true(kept);
	assert_true(platform.events.dropped > 0);
}

static void changed_threshold_changes_record_and_signature(void **state)
{
	struct record before, after;
	uint32_t signature;
	struct rd r;

	(void)state;
	read_record(0x1000, 1024, &before);
	assert_int_equal(ask(PLDM_GET_PDR_REPOSITORY_SIGNATURE, "", &r), 0);
	signature = rd_le32(&r);
	drive_controller_set_thresholds(&drive, 0, 270, 340);
	read_record(0x1000, 1024, &after);
	assert_int_equal(after.data[6], before.data[6] + 1); /* change number */
	assert_int_equal(ask(PLDM_GET_PDR_REPOSITORY_SIGNATURE, "", &r), 0);
	assert_int_not_equal(rd_le32(&r), signature);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(repository_info_matches_the_records),
		TEST(records_in_small_parts_equal_whole_records),
		TEST(record_headers_are_valid),
		TEST(full_drive_has_several_namespace_associations),
		TEST(changed_record_is_not_continued),
		TEST(temperature_follows_the_hottest_controller),
		TEST(present_state_follows_the_thresholds),
		TEST(spare_at_its_threshold_is_normal),
		TEST(power_follows_the_power_state),
		TEST(disabled_sensor_has_no_reading),
		TEST(health_follows_warnings_and_fatal_errors),
		TEST(drive_without_power_is_not_present),
		TEST(no_receiver_no_events),
		TEST(crossed_threshold_is_reported_once),
		TEST(event_is_repeated_with_its_instance_id),
		TEST(refused_event_is_not_repeated),
		TEST(event_survives_a_reset_of_the_transport),
		TEST(events_of_a_sensor_can_be_disabled),
		TEST(lost_power_is_reported_by_operational_events),
		TEST(heartbeat_comes_at_its_interval),
		TEST(polled_event_stays_until_it_is_acknowledged),
		TEST(new_namespace_modifies_its_association),
		TEST(second_change_refreshes_the_repository),
		TEST(full_queue_keeps_the_change_of_the_repository),
		TEST(changed_threshold_changes_record_and_signature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
