/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the host's update agent with the firmware device, over a link that
 * loses, repeats, exchanges and shortens packets. */
#include "pldm_link.h"

#include <stdio.h>

#include "host/pldm_update.h"
#include "pldm_fw_rig.h"

enum { FIRST = 600, SECOND = 400, PART = 128 };

static struct pldm_update update;
static struct pldm_fw fw;
static struct pldm_package package;
static uint8_t *package_data;
static uint8_t images[2][FIRST];

static uint32_t rig_time(void)
{
	return rig.now_ms;
}

/* Write and parse a package with both components. */
static void make_package(bool force, const struct pldm_fw_descriptor *d,
			 uint8_t descriptors)
{
	struct pldm_package_image image[2] = { 0 };
	const struct pldm_package_plan plan = {
		.revision = 4,
		.version = "set-9",
		.year = 2026,
		.month = 2,
		.day = 1,
		.descriptor = d,
		.descriptors = descriptors,
		.image = image,
		.images = 2,
	};
	char error[PLDM_PACKAGE_ERROR];
	size_t len;

	for (int i = 0; i < 2; i++) {
		image[i] = (struct pldm_package_image){
			.component = { PLDM_FW_CLASS_FIRMWARE,
				       (uint16_t)(0x0101 + i), 0 },
			.stamp = 6,
			.force = force,
			.version = i ? "2.1" : "1.1",
			.data = images[i],
			.size = i ? SECOND : FIRST,
		};
		for (uint32_t at = 0; at < image[i].size; at++)
			images[i][at] = (uint8_t)(at * 3 + 7 * (uint32_t)i);
	}
	free(package_data);
	package_data = pldm_package_write(&plan, &len);
	assert_non_null(package_data);
	assert_int_equal(pldm_package_parse(&package, package_data, len, error),
			 0);
}

static void start(void)
{
	rig_connect();
	store_reset();
	pldm_fw_init(&fw, &rig.device, NULL, &store_config);
	assert_int_equal(pldm_add(&rig.pldm, &pldm_fw_table, &fw), 0);
	make_package(false, store_descriptor, 2);
	rig_turn();
}

static struct pldm_update_config config(void)
{
	return (struct pldm_update_config){
		.package = &package,
		.component = -1,
		.part = PART,
		.now_ms = rig_time,
	};
}

static int run(const struct pldm_update_config *c)
{
	rig.host.mctp.handlers = 0; /* the agent listens again */
	return pldm_update_run(&update, &rig.host.transport, DEVICE_EID, c);
}

static int run_plainly(void)
{
	const struct pldm_update_config c = config();

	return run(&c);
}

static bool is_updated(void)
{
	return !strcmp(store.active[0], "1.1") &&
	       !strcmp(store.active[1], "2.1") &&
	       !memcmp(store.image, images[1], SECOND) && store.applied == 2 &&
	       fw.state == PLDM_FW_IDLE;
}

/* --- a working link --- */

static void package_updates_both_components(void **state)
{
	(void)state;
	start();
	assert_int_equal(run_plainly(), ERR_OK);
	assert_true(is_updated());
	assert_true(update.activated && !update.at_reset);
	assert_int_equal(store.activated, 1);
	assert_true(store.self_contained);
	assert_int_equal(update.count, 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(update.component[i].phase,
				 PLDM_UPDATE_APPLIED);
	assert_int_equal(update.bytes, FIRST + SECOND);
	assert_int_equal(update.repeats, 0);
}

static void one_component_is_selected(void **state)
{
	struct pldm_update_config c;

	(void)state;
	start();
	c = config();
	c.component = 1;
	assert_int_equal(run(&c), ERR_OK);
	assert_string_equal(store.active[0], "1.0");
	assert_string_equal(store.active[1], "2.1");
	c.component = 2;
	assert_int_equal(run(&c), ERR_NOT_FOUND);
}

static void activation_follows_the_configuration(void **state)
{
	struct pldm_update_config c;

	(void)state;
	start();
	c = config();
	c.activation = PLDM_UPDATE_ACTIVATE_AT_RESET;
	assert_int_equal(run(&c), ERR_OK);
	assert_false(store.self_contained);
	assert_true(update.at_reset);
	start();
	c.activation = PLDM_UPDATE_ACTIVATE_NOT;
	assert_int_equal(run(&c), ERR_OK);
	assert_int_equal(store.applied, 2);
	assert_int_equal(store.activated, 0);
	assert_int_equal(fw.state, PLDM_FW_IDLE);
}

static void same_version_needs_force(void **state)
{
	struct pldm_update_config c;

	(void)state;
	start();
	store.stamp = 6;
	assert_int_equal(run_plainly(), ERR_INVALID);
	assert_non_null(strstr(update.error, "stamp_identical"));
	assert_non_null(strstr(update.error, "--force"));
	assert_int_equal(update.component[0].phase, PLDM_UPDATE_REFUSED);
	assert_int_equal(fw.state, PLDM_FW_IDLE);
	assert_int_equal(store.applied, 0);
	c = config();
	c.force = true;
	assert_int_equal(run(&c), ERR_OK);
	assert_true(is_updated());
	start();
	store.stamp = 7;
	make_package(true, store_descriptor, 2);
	assert_int_equal(run_plainly(), ERR_OK);
}

static void package_for_another_device_is_refused(void **state)
{
	static const struct pldm_fw_descriptor other[] = {
		{ PLDM_FW_PCI_VENDOR, 2, (const uint8_t *)"\xde\xcc" },
		{ PLDM_FW_PCI_DEVICE, 2, (const uint8_t *)"\x35\x12" },
	};
	uint32_t before;

	(void)state;
	start();
	make_package(false, other, 2);
	before = fw.repeat.valid;
	assert_int_equal(run_plainly(), ERR_NOT_FOUND);
	assert_int_equal(fw.repeat.valid, before);
	/* A record with some of the descriptors of the device matches. */
	make_package(false, other, 1);
	assert_int_equal(run_plainly(), ERR_OK);
}

static void failed_operations_are_reported(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		static const char *const words[] = { "transfer", "verification",
						     "storing" };

		start();
		store.write_result =
			i == 0 ? PLDM_FW_TRANSFER_STORAGE_ERROR : 0;
		store.verify_result = i == 1 ? PLDM_FW_VERIFY_FAILED : 0;
		store.apply_result = i == 2 ? PLDM_FW_APPLY_MEMORY_ERROR : 0;
		assert_int_equal(run_plainly(), ERR_INVALID);
		assert_non_null(strstr(update.error, words[i]));
		assert_int_equal(update.component[0].phase, PLDM_UPDATE_FAILED);
		assert_int_equal(fw.state, PLDM_FW_IDLE);
		assert_int_equal(store.applied, 0);
		assert_int_equal(store.cancelled, 1);
		assert_string_equal(store.active[0], "1.0");
	}
	start();
	store.activation_result = 1;
	assert_int_equal(run_plainly(), ERR_INVALID);
	assert_false(update.activated);
}

static void update_of_another_agent_is_ended_by_force_only(void **state)
{
	struct pldm_update_config c;

	(void)state;
	start();
	fw.requester.dest = 50;
	pldm_fw_enter(&fw, PLDM_FW_READY_XFER);
	assert_int_equal(run_plainly(), ERR_BUSY);
	assert_int_equal(fw.state, PLDM_FW_READY_XFER);
	c = config();
	c.force = true;
	assert_int_equal(run(&c), ERR_OK);
	assert_true(is_updated());
}

static bool interrupt(struct pldm_update *u, void *ctx)
{
	(void)ctx;
	return u->component[0].sent > FIRST / 2;
}

static void interrupted_update_leaves_update_mode(void **state)
{
	struct pldm_update_config c;

	(void)state;
	start();
	c = config();
	c.tick = interrupt;
	c.part = 32;
	assert_int_equal(run(&c), ERR_CANCELLED);
	assert_int_equal(fw.state, PLDM_FW_IDLE);
	assert_int_equal(fw.reason, PLDM_FW_CANCELLED);
	assert_int_equal(store.cancelled, 1);
	assert_int_equal(run_plainly(), ERR_OK);
	assert_true(is_updated());
}

/* --- faults --- */

static uint64_t target;
static int (*fault)(uint8_t *packet, size_t *len);

static int damage(uint64_t number, uint8_t *packet, size_t *len)
{
	return number == target ? fault(packet, len) : 1;
}

static int lose(uint8_t *packet, size_t *len)
{
	(void)packet;
	(void)len;
	return 0;
}

static int repeat(uint8_t *packet, size_t *len)
{
	(void)packet;
	(void)len;
	return 2;
}

static int shorten(uint8_t *packet, size_t *len)
{
	(void)packet;
	if (*len > MCTP_HEADER_SIZE + 1)
		--*len;
	return 1;
}

static int halve(uint8_t *packet, size_t *len)
{
	(void)packet;
	*len = MCTP_HEADER_SIZE + (*len - MCTP_HEADER_SIZE + 1) / 2;
	return 1;
}

static void require_update(const char *what)
{
	int err = run_plainly();

	if (err || !is_updated())
		fail_msg("packet %u %s: %d, %s", (unsigned)target, what, err,
			 update.error);
	/* The device runs no component twice, and forgets none. */
	assert_int_equal(store.activated, 1);
	assert_int_equal(store.cancelled, 0);
}

static uint64_t count_packets(void)
{
	start();
	assert_int_equal(run_plainly(), ERR_OK);
	return rig.packets;
}

static void update_survives_damage_of_any_packet(void **state)
{
	static const struct {
		int (*fn)(uint8_t *packet, size_t *len);
		const char *name;
	} faults[] = { { lose, "lost" },
		       { repeat, "repeated" },
		       { shorten, "shortened" },
		       { halve, "halved" } };
	uint64_t packets = count_packets();

	(void)state;
	assert_true(packets > 40);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		for (target = 0; target < packets; target++) {
			start();
			fault = faults[i].fn;
			rig.damage = damage;
			require_update(faults[i].name);
		}
}

static void update_survives_exchange_of_any_packets(void **state)
{
	uint64_t packets = count_packets();

	(void)state;
	for (target = 1; target < packets; target++) {
		start();
		rig.swap = target;
		require_update("after the next one");
	}
}

static uint64_t second;

static bool drop_two(uint64_t number, bool to_device)
{
	(void)to_device;
	return number == target || number == second;
}

static void update_survives_loss_of_any_two_packets(void **state)
{
	uint64_t packets = count_packets();

	(void)state;
	for (target = 0; target < packets; target++)
		for (second = target + 1; second < packets + 8; second += 3) {
			start();
			rig.drop = drop_two;
			require_update("and another one lost");
		}
}

/* The link is dead from packet `target` on. The device runs the old firmware,
 * or the new one after its activation, and ends the update. */
static bool drop_rest(uint64_t number, bool to_device)
{
	(void)to_device;
	return number >= target;
}

static void dead_link_leaves_old_or_new_firmware(void **state)
{
	uint64_t packets = count_packets();

	(void)state;
	for (target = 0; target < packets; target += 2) {
		start();
		rig.drop = drop_rest;
		(void)run_plainly();
		assert_true(!strcmp(store.active[0], "1.0") ||
			    !memcmp(store.active, (char[2][8]){ "1.1", "2.1" },
				    sizeof(store.active)));
		rig.now_ms += PLDM_FW_IDLE_MS;
		rig_turn();
		rig_turn();
		assert_int_equal(fw.state, PLDM_FW_IDLE);
		assert_false(store.receiving);
		/* The device accepts the next update. */
		rig.drop = NULL;
		if (store.active[0][2] == '0') {
			store.applied = 0;
			assert_int_equal(run_plainly(), ERR_OK);
			assert_true(is_updated());
		}
	}
}

/* --- reconnection --- */

static int polls, reconnections;

static int lose_connection(struct transport *t, int timeout_ms)
{
	if (!--polls) {
		mctp_reset(&rig.device);
		mctp_reset(&rig.host.mctp);
		snprintf(t->error, sizeof(t->error), "unplugged");
		return ERR_IO;
	}
	return rig_poll(t, timeout_ms);
}

static struct transport *connect_again(void *ctx)
{
	static struct transport_ops ops;

	(void)ctx;
	reconnections++;
	ops = *rig.host.transport.ops;
	ops.poll = rig_poll;
	ops.listen = rig_listen;
	rig.host.transport.ops = &ops;
	rig.host.mctp.handlers = 0;
	return &rig.host.transport;
}

static void lost_connection_is_opened_again(void **state)
{
	struct pldm_update_config c;
	int last = 1;

	(void)state;
	for (int n = 1; last; n++) {
		static struct transport_ops ops;

		start();
		ops = *rig.host.transport.ops;
		ops.poll = lose_connection;
		rig.host.transport.ops = &ops;
		polls = n;
		reconnections = 0;
		c = config();
		c.reconnect = connect_again;
		if (run(&c) || !is_updated())
			fail_msg("connection lost at poll %d: %s", n,
				 update.error);
		assert_int_equal(update.reconnects, (uint32_t)reconnections);
		last = reconnections;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(package_updates_both_components),
		cmocka_unit_test(one_component_is_selected),
		cmocka_unit_test(activation_follows_the_configuration),
		cmocka_unit_test(same_version_needs_force),
		cmocka_unit_test(package_for_another_device_is_refused),
		cmocka_unit_test(failed_operations_are_reported),
		cmocka_unit_test(
			update_of_another_agent_is_ended_by_force_only),
		cmocka_unit_test(interrupted_update_leaves_update_mode),
		cmocka_unit_test(update_survives_damage_of_any_packet),
		cmocka_unit_test(update_survives_exchange_of_any_packets),
		cmocka_unit_test(update_survives_loss_of_any_two_packets),
		cmocka_unit_test(dead_link_leaves_old_or_new_firmware),
		cmocka_unit_test(lost_connection_is_opened_again),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(package_data);
	return failed;
}
