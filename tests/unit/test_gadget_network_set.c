/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what `functions = auto` reads and stores: the configuration, the
 * last network function, the host's state and the serial port. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gadget_rig.h"

#include "gadget/config_file.h"
#include "gadget/last_network.h"
#include "gadget/network_set.h"
#include "gadget/serial_watch.h"

static char error[512];

static int parse(const char *text)
{
	return config_parse(&config, text, strlen(text), "t.conf", error,
			    sizeof(error));
}

static void parses_auto_beside_other_functions(void **unused)
{
	(void)unused;
	assert_int_equal(parse(""), ERR_OK);
	assert_true(config.auto_network);
	assert_int_equal(config.functions, FUNCTION_ECM);
	assert_int_equal(config.auto_wait_s, 6);
	assert_int_equal(parse("functions = mctp auto, acm\nauto-wait = 60\n"),
			 ERR_OK);
	assert_true(config.auto_network);
	assert_int_equal(config.functions,
			 FUNCTION_ECM | FUNCTION_ACM | FUNCTION_MCTP);
	assert_int_equal(config.auto_wait_s, 60);
	assert_int_equal(parse("functions = ecm\n"), ERR_OK);
	assert_false(config.auto_network);
	assert_int_equal(parse("functions = acm\n"), ERR_OK);
	assert_false(config.auto_network);
	assert_int_equal(config.functions, FUNCTION_ACM);
	assert_int_equal(parse("functions = auto auto\n"), ERR_INVALID);
	assert_non_null(strstr(error, "t.conf:1: auto is given twice"));
	assert_int_equal(parse("functions = ncm, auto\n"), ERR_INVALID);
	assert_non_null(strstr(error, "remove ncm, or auto"));
	for (const char *const *bad =
		     (const char *const[]){ "1", "61", "x", "", NULL };
	     *bad; bad++) {
		char text[32];

		snprintf(text, sizeof(text), "auto-wait = %s\n", *bad);
		assert_int_equal(parse(text), ERR_INVALID);
		assert_non_null(strstr(error, "2 to 60 seconds"));
	}
}

static void switches_only_between_network_functions(void **unused)
{
	static struct reconcile r;

	(void)unused;
	assert_int_equal(parse("functions = auto, acm\n"), ERR_OK);
	r.config = config;
	assert_int_equal(network_set_switch(&r, FUNCTION_NCM), ERR_OK);
	assert_int_equal(r.config.functions, FUNCTION_NCM | FUNCTION_ACM);
	assert_true(r.config.auto_network);
	assert_int_equal(network_set_switch(&r, FUNCTION_ECM), ERR_OK);
	assert_int_equal(r.config.functions, FUNCTION_ECM | FUNCTION_ACM);
	assert_int_equal(network_set_switch(&r, FUNCTION_MCTP), ERR_INVALID);
	assert_int_equal(network_set_switch(&r, 0), ERR_INVALID);
	assert_int_equal(network_set_switch(&r, FUNCTION_ECM | FUNCTION_NCM),
			 ERR_INVALID);
	assert_int_equal(r.config.functions, FUNCTION_ECM | FUNCTION_ACM);
	assert_int_equal(parse("functions = ecm\n"), ERR_OK);
	r.config = config;
	assert_int_equal(network_set_switch(&r, FUNCTION_NCM), ERR_INVALID);
}

static const char *attribute(const char *path)
{
	const char *value = steps_find(&plan.wanted, STEP_WRITE, path);

	assert_non_null(value);
	return value;
}

/* A host keeps its adapter, and Windows reads the descriptors again. */
static void both_sets_have_the_same_mac_addresses(void **unused)
{
	char mac[64], host_mac[64], bcd[64];

	(void)unused;
	begin(UDC);
	config.functions = FUNCTION_ECM | FUNCTION_ACM;
	make_plan();
	snprintf(mac, sizeof(mac), "%s",
		 attribute("g1/functions/ecm.tether/dev_addr"));
	snprintf(host_mac, sizeof(host_mac), "%s",
		 attribute("g1/functions/ecm.tether/host_addr"));
	snprintf(bcd, sizeof(bcd), "%s", attribute("g1/bcdDevice"));
	assert_int_equal(apply(&plan.steps), 0);
	config.functions = FUNCTION_NCM | FUNCTION_ACM;
	make_plan();
	assert_string_equal(mac, attribute("g1/functions/ncm.tether/dev_addr"));
	assert_string_equal(host_mac,
			    attribute("g1/functions/ncm.tether/host_addr"));
	assert_string_not_equal(bcd, attribute("g1/bcdDevice"));
	assert_int_equal(plan.networks, FUNCTION_ECM | FUNCTION_NCM);
	/* The switch removes the first set, and so does `down`. */
	plan_down(&steps, &found);
	assert_non_null(
		steps_find(&steps, STEP_RMDIR, "g1/functions/ecm.tether"));
	assert_int_equal(apply(&plan.steps), 0);
	make_plan();
	assert_int_equal(plan.result, PLAN_UNCHANGED);
	fake_free(&fake);
}

/* --- the last network function --- */

static void expect_last(const char *path, const char *content, int err,
			enum function expected)
{
	enum function last = FUNCTION_MCTP;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(content, f);
	fclose(f);
	assert_int_equal(last_network_load(&last, path), err);
	assert_int_equal(last, expected);
}

static void remembers_the_last_network_function(void **unused)
{
	char folder[] = "/tmp/tether-network-XXXXXX", path[64], broken[80];
	enum function last = FUNCTION_NCM;

	(void)unused;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/network", folder);
	assert_int_equal(last_network_load(&last, path), ERR_NOT_FOUND);
	assert_int_equal(last, FUNCTION_ECM);
	assert_int_equal(last_network_store(FUNCTION_NCM, path), ERR_OK);
	assert_int_equal(last_network_load(&last, path), ERR_OK);
	assert_int_equal(last, FUNCTION_NCM);
	/* A failed store leaves the old content. */
	snprintf(broken, sizeof(broken), "%s.new", path);
	assert_int_equal(mkdir(broken, 0700), 0);
	assert_int_equal(last_network_store(FUNCTION_ECM, path), ERR_IO);
	assert_int_equal(last_network_load(&last, path), ERR_OK);
	assert_int_equal(last, FUNCTION_NCM);
	assert_int_equal(rmdir(broken), 0);
	expect_last(path, "ecm\n", ERR_OK, FUNCTION_ECM);
	expect_last(path, "", ERR_INVALID, FUNCTION_ECM);
	expect_last(path, "ncm", ERR_INVALID, FUNCTION_ECM); /* cut */
	expect_last(path, "ncm\nx", ERR_INVALID, FUNCTION_ECM);
	expect_last(path, "acm\n", ERR_INVALID, FUNCTION_ECM);
	expect_last(path, "ncm\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n",
		    ERR_INVALID, FUNCTION_ECM);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(last_network_load(&last, path), ERR_IO);
	rmdir(path);
	rmdir(folder);
}

/* --- the host --- */

static void set_host(const char *speed, const char *usb_state,
		     const char *suspended)
{
	fake_text(&fake, "/sys/class/udc/" UDC "/current_speed", speed);
	fake_text(&fake, "/sys/class/udc/" UDC "/state", usb_state);
	fake_text(&fake, "/sys/class/udc/" UDC "/device/gadget/suspended",
		  suspended);
}

static void expect_host(bool attached, bool configured, bool suspended)
{
	struct udc_host h;

	udc_read_host(&h, fake.root, UDC);
	assert_int_equal(h.attached, attached);
	assert_int_equal(h.configured, configured);
	assert_int_equal(h.suspended, suspended);
}

static void reads_what_the_controller_reports_of_the_host(void **unused)
{
	struct udc_host h;

	(void)unused;
	begin(UDC);
	expect_host(false, false, false); /* no attributes */
	set_host("UNKNOWN\n", "powered\n", "0\n");
	expect_host(false, false, false);
	set_host("high-speed\n", "not attached\n", "0\n");
	expect_host(false, false, false);
	set_host("high-speed\n", "addressed\n", "0\n");
	expect_host(true, false, false);
	set_host("full-speed\n", "configured\n", "0\n");
	expect_host(true, true, false);
	set_host("high-speed\n", "configured\n", "1\n");
	expect_host(true, true, true);
	set_host("high-speed\n", "suspended\n", "0\n");
	expect_host(true, false, true);
	/* The place of the attribute on newer kernels counts first. */
	fake_text(&fake, "/sys/class/udc/" UDC "/gadget/suspended", "0\n");
	set_host("high-speed\n", "configured\n", "1\n");
	expect_host(true, true, false);
	udc_read_host(&h, fake.root, "");
	assert_false(h.attached);
	udc_read_host(&h, fake.root, "gone");
	assert_false(h.attached);
	fake_free(&fake);
}

/* --- the serial port --- */

static void counts_programs_that_opened_the_port(void **unused)
{
	char port[] = "/tmp/tether-port-XXXXXX";
	struct serial_watch w = { 0 };
	int a, b, first = mkstemp(port);

	(void)unused;
	assert_true(first >= 0);
	close(first);
	serial_watch_update(&w, port);
	assert_false(serial_watch_is_open(&w));
	a = open(port, O_RDONLY);
	serial_watch_update(&w, port);
	assert_true(serial_watch_is_open(&w));
	b = open(port, O_RDWR);
	serial_watch_update(&w, port);
	close(a);
	serial_watch_update(&w, port);
	assert_true(serial_watch_is_open(&w));
	close(b);
	serial_watch_update(&w, port);
	assert_false(serial_watch_is_open(&w));
	/* The port is removed while it is open, and created again. */
	a = open(port, O_RDONLY);
	unlink(port);
	close(a);
	serial_watch_update(&w, port);
	assert_false(serial_watch_is_open(&w));
	a = open(port, O_RDWR | O_CREAT, 0600);
	assert_true(a >= 0);
	serial_watch_update(&w, port);
	b = open(port, O_RDONLY);
	serial_watch_update(&w, port);
	assert_true(serial_watch_is_open(&w));
	close(a);
	close(b);
	unlink(port);
	serial_watch_close(&w);
}

static void tells_a_waiting_getty_from_a_session(void **unused)
{
	enum { TTY = 0xeb03 };
	static const struct {
		const char *stat;
		bool getty, others;
	} cases[] = {
		{ "7 (agetty) S 1 7 7 60163 7 0", true, false },
		{ "7 (getty) S 1 7 7 60163 7 0", true, false },
		{ "7 (sh) S 1 7 7 60163 7 0", false, true },
		{ "7 (not a getty) (x) S 1 7 7 60163 7 0", false, true },
		{ "7 (agetty) S 1 7 7 60164 7 0", false, false },
		{ "7 (a) 60163 (b) S 1 7 7 0 -1 0", false, false },
		{ "7 (sh) S 1 7 7", false, false },
		{ "7 sh S 1 7 7 60163", false, false },
		{ "7 (sh)", false, false },
		{ "7 )sh( S 1 7 7 60163", false, false },
		{ "", false, false },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct serial_watch_users u = { 0 };

		serial_watch_add_process(&u, cases[i].stat, TTY);
		assert_int_equal(u.getty, cases[i].getty);
		assert_int_equal(u.others, cases[i].others);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_auto_beside_other_functions),
		cmocka_unit_test(switches_only_between_network_functions),
		cmocka_unit_test(both_sets_have_the_same_mac_addresses),
		cmocka_unit_test(remembers_the_last_network_function),
		cmocka_unit_test(reads_what_the_controller_reports_of_the_host),
		cmocka_unit_test(counts_programs_that_opened_the_port),
		cmocka_unit_test(tells_a_waiting_getty_from_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
