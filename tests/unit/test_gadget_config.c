/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of the folder gadget: configuration, FIFO assignment, saved state and
 * lists of steps. */
#include "cm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/config_file.h"
#include "gadget/fifo.h"
#include "gadget/saved_state.h"
#include "posix/atomic_file.h"

static struct config c;
static char error[512];

static int parse(const char *text)
{
	error[0] = '\0';
	return config_parse(&c, text, strlen(text), "t.conf", error,
			    sizeof(error));
}

static void uses_defaults_without_a_file(void **unused)
{
	(void)unused;
	assert_int_equal(parse(""), ERR_OK);
	assert_int_equal(c.functions, FUNCTION_ECM);
	assert_int_equal(c.address, 0xc0a80702);
	assert_int_equal(c.host_address, 0xc0a80701);
	assert_int_equal(c.prefix, 24);
	assert_string_equal(c.gadget, "g1");
	assert_false(config_os_descriptors(&c));
	assert_int_equal(
		config_load(&c, "/nonexistent/t.conf", error, sizeof(error)),
		ERR_NOT_FOUND);
	assert_int_equal(c.functions, FUNCTION_ECM);
	assert_int_equal(config_load(&c, "/", error, sizeof(error)), ERR_IO);
	assert_non_null(strstr(error, "cannot read /"));
}

static void sets_every_key(void **unused)
{
	(void)unused;
	assert_int_equal(
		parse("[tetherd]\n"
		      "functions = ncm, acm mctp\n"
		      "address = 10.1.2.3/16\nhost-address = 10.1.9.9\n"
		      "dhcp = udhcpd\ndhcp-router = 10.1.2.3\n"
		      "dhcp-dns = none\ndhcp-lease = 60\n"
		      "udc = 49000000.usb-otg\nrole = device\ngadget = mine\n"
		      "vendor = 1234\nproduct = abCD\nmanufacturer = A B\n"
		      "product-name = Great Board\nserial = 0815\n"
		      "mac = 02:00:00:00:00:01\nhost-mac = 02:00:00:00:00:02\n"
		      "os-descriptors = off\n"),
		ERR_OK);
	assert_int_equal(c.functions,
			 FUNCTION_NCM | FUNCTION_ACM | FUNCTION_MCTP);
	assert_int_equal(c.address, 0x0a010203);
	assert_int_equal(c.prefix, 16);
	assert_int_equal(c.host_address, 0x0a010909);
	assert_int_equal(c.dhcp, DHCP_UDHCPD);
	assert_int_equal(c.router, 0x0a010203);
	assert_int_equal(c.dns, 0);
	assert_int_equal(c.lease_s, 60);
	assert_string_equal(c.udc, "49000000.usb-otg");
	assert_true(c.role_device);
	assert_string_equal(c.gadget, "mine");
	assert_int_equal(c.vendor, 0x1234);
	assert_int_equal(c.product, 0xabcd);
	assert_string_equal(c.manufacturer, "A B");
	assert_string_equal(c.product_name, "Great Board");
	assert_string_equal(c.serial, "0815");
	assert_true(c.has_mac && c.has_host_mac);
	assert_memory_equal(c.host_mac, "\x02\0\0\0\0\x02", 6);
	assert_false(config_os_descriptors(&c));
	/* The value "auto" selects the default. */
	assert_int_equal(parse("udc = auto\nserial = auto\nmac = auto\n"
			       "host-mac = auto\nos-descriptors = auto\n"
			       "dhcp-router = none\nrole = keep\n"
			       "functions = ncm\n"),
			 ERR_OK);
	assert_string_equal(c.udc, "");
	assert_string_equal(c.serial, "");
	assert_false(c.has_mac);
	assert_true(config_os_descriptors(&c));
}

static void wrong(const char *text, const char *message)
{
	int err = parse(text);

	if (!err)
		fprintf(stderr, "accepted: %s\n", text);
	assert_int_equal(err, ERR_INVALID);
	if (!strstr(error, message))
		fprintf(stderr, "got: %s\n", error);
	assert_non_null(strstr(error, message));
}

static void rejects_wrong_values_with_line_number(void **unused)
{
	char text[400];

	(void)unused;
	wrong("\nspeed = 1\n",
	      "t.conf:2: unknown key \"speed\" (allowed: functions, auto-wait, "
	      "address");
	wrong("[x]\nudc = a\n",
	      "t.conf:2: unknown section [x] (allowed: [tetherd])");
	wrong("udc = a\nudc = b\n",
	      "t.conf:2: key udc is given twice, first in "
	      "line 1");
	wrong("functions = rndis\n", "t.conf:1: unknown function \"rndis\" "
				     "(allowed: auto, ecm, ncm, acm, mctp");
	wrong("functions =\n", "functions is empty (allowed: auto, ecm");
	wrong("functions = ecm ecm\n", "function ecm is given twice");
	wrong("functions = ecm, ncm\n", "ecm and ncm are both the network");
	wrong("functions = mctpmctpmctp\n", "unknown function");
	wrong("address = 192.168.7.2\n", "with a prefix length of 8 to 30");
	wrong("address = 192.168.7.2/31\n", "with a prefix length of 8 to 30");
	wrong("address = 192.168.7.2/7\n", "with a prefix length of 8 to 30");
	wrong("address = 192.168.7.256/24\n",
	      "no address with a prefix length");
	wrong("address = 192.168.7.2/24x\n", "no address with a prefix length");
	wrong("address = 1111111111111111111111.1/24\n",
	      "no address with a prefix length");
	wrong("host-address = none\n", "is no IPv4 address");
	wrong("dhcp-dns = x\n", "\"x\" is no IPv4 address, and not none");
	wrong("dhcp = yes\n", "allowed: builtin, udhcpd, none");
	wrong("dhcp = built\n", "allowed: builtin, udhcpd, none");
	wrong("dhcp-lease = 59\n", "is not 60 to 604800 seconds");
	wrong("dhcp-lease = -1\n", "is not 60 to 604800");
	wrong("dhcp-lease = 604801\n", "is not 60 to 604800");
	wrong("udc = ../x\n", "no name of 1 to 63");
	wrong("gadget = a/b\n", "no name of 1 to 63");
	wrong("gadget = .\n", "no name of 1 to 63");
	wrong("gadget =\n", "no name of 1 to 63");
	wrong("role = host\n", "unknown role \"host\" (allowed: keep, device)");
	wrong("vendor = 12345\n", "is not 4 hex digits");
	wrong("product = 12\n", "is not 4 hex digits");
	wrong("product = 0x12\n", "is not 4 hex digits");
	wrong("serial = \xc3\xa4\n", "is not 1 to 63 ASCII");
	wrong("manufacturer =\n", "is not 1 to 63 ASCII");
	wrong("mac = 02:00:00:00:00\n", "a unicast MAC address");
	wrong("mac = 01:00:00:00:00:01\n", "a unicast MAC address");
	wrong("mac = 00:00:00:00:00:00\n", "a unicast MAC address");
	wrong("mac = 02:00:00:00:00:01:02\n", "a unicast MAC address");
	wrong("mac = 02:00:00:00:00:01\nhost-mac = 02:00:00:00:00:01\n",
	      "host-mac (of the host) must differ");
	wrong("os-descriptors = yes\n", "allowed: auto, on, off");
	wrong("address = 192.168.8.2/24\n",
	      "t.conf: host-address is not in the subnet of address");
	wrong("host-address = 192.168.7.2\n",
	      "host-address (of the host) must differ");
	wrong("host-address = 192.168.7.255\n",
	      "host-address is the network address");
	wrong("address = 192.168.7.0/24\n", "address is the network address");
	wrong("address = 127.0.0.2/8\nhost-address = 127.0.0.1\n",
	      "not a unicast address");
	wrong("nonsense\n", "t.conf:1: the line is neither");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	wrong(text, "t.conf:1: the line is longer");
	assert_int_equal(config_parse(&c, "udc = a\0b\n", 10, "t.conf", error,
				      sizeof(error)),
			 ERR_INVALID);
	assert_non_null(strstr(error, "zero byte"));
}

/* --- FIFOs --- */

static const struct fifos stock_fifos = {
	true, 512, 32, { 256, 16, 16, 16, 16, 16, 16, 16 }, 8, 952
};
static const struct fifos patched_fifos = {
	true, 512, 32, { 128, 128, 64, 16, 16, 16, 16, 16 }, 8, 952
};

static void assigns_fifos_as_dwc2_does(void **unused)
{
	struct fifo_plan p;
	char text[128];

	(void)unused;
	for (unsigned int set = 1; set <= FUNCTION_ALL; set++) {
		int bulk = __builtin_popcount(set);

		assert_int_equal(fifo_assign(&stock_fifos, set, true, &p),
				 bulk <= 1);
		assert_int_equal(fifo_assign(&patched_fifos, set, true, &p),
				 bulk <= 2);
		/* At full speed 16 words are enough. */
		assert_true(fifo_assign(&stock_fifos, set, false, &p));
	}
	(void)fifo_assign(&stock_fifos, FUNCTION_ECM | FUNCTION_ACM, true, &p);
	assert_int_equal(p.count, 4);
	assert_int_equal(p.use[0].need, 4);
	assert_int_equal(p.use[0].fifo, 2);
	assert_int_equal(p.use[1].need, 128);
	assert_int_equal(p.use[1].fifo, 1);
	assert_int_equal(p.use[2].need, 3);
	assert_int_equal(p.use[2].fifo, 3);
	assert_int_equal(p.use[3].fifo, 0);
	fifo_format_subsets(&stock_fifos, FUNCTION_ECM | FUNCTION_ACM, true,
			    text, sizeof(text));
	assert_string_equal(text, "ecm");
	fifo_format_subsets(&patched_fifos,
			    FUNCTION_NCM | FUNCTION_ACM | FUNCTION_MCTP, true,
			    text, sizeof(text));
	assert_string_equal(text, "ncm, acm | ncm, mctp");
	fifo_format_subsets(&stock_fifos, FUNCTION_ACM | FUNCTION_MCTP, true,
			    text, sizeof(text));
	assert_string_equal(text, "acm | mctp");
	fifo_format_subsets(&(struct fifos){ true, 0, 0, { 16 }, 1, 0 },
			    FUNCTION_ECM, true, text, sizeof(text));
	assert_string_equal(text, "none");
	/* If the FIFO sizes are unknown, every set of functions fits. */
	assert_true(fifo_assign(&(struct fifos){ 0 }, FUNCTION_ALL, true, &p));
	assert_int_equal(p.use[0].fifo, 0);
}

static void decodes_big_endian_cells(void **unused)
{
	uint32_t w[3];

	(void)unused;
	assert_int_equal(
		fifo_decode_cells((const uint8_t *)"\0\0\1\2\xff\0\0\0", 8, w,
				  3),
		2);
	assert_int_equal(w[0], 0x102);
	assert_int_equal(w[1], 0xff000000);
	assert_int_equal(
		fifo_decode_cells((const uint8_t *)"\0\0\1\2\xff\0\0\0", 7, w,
				  3),
		0);
	assert_int_equal(
		fifo_decode_cells((const uint8_t *)"\0\0\1\2\xff\0\0\0", 8, w,
				  1),
		1);
}

/* --- state --- */

static struct saved_state s, t;

static void saved_state_survives_store_and_load(void **unused)
{
	char folder[] = "/tmp/tether-state-XXXXXX", path[64], broken[80];

	(void)unused;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/state", folder);
	assert_int_equal(saved_state_load(&s, path), ERR_NOT_FOUND);
	s.has_host_mac = true;
	memcpy(s.host_mac, "\x02\1\2\3\4\5", 6);
	snprintf(s.migrated, sizeof(s.migrated), "g1");
	steps_add(&s.stock, STEP_MKDIR, "g1", "");
	steps_add_soft(&s.stock, STEP_WRITE, "g1/strings/0x409/product",
		       "A  B = [c]");
	assert_int_equal(saved_state_store(&s, path), ERR_OK);
	assert_int_equal(saved_state_load(&t, path), ERR_OK);
	assert_false(t.has_mac);
	assert_memory_equal(t.host_mac, s.host_mac, MAC_SIZE);
	assert_string_equal(t.migrated, "g1");
	assert_int_equal(t.stock.count, 2);
	assert_int_equal(t.stock.step[1].op, STEP_WRITE);
	assert_true(t.stock.step[1].soft);
	assert_string_equal(steps_value(&t.stock, 1), "A  B = [c]");
	/* A failed save leaves the old file unchanged. */
	snprintf(broken, sizeof(broken), "%s.new", path);
	assert_int_equal(mkdir(broken, 0700), 0);
	s.migrated[0] = '\0';
	assert_int_equal(saved_state_store(&s, path), ERR_IO);
	assert_int_equal(saved_state_load(&t, path), ERR_OK);
	assert_string_equal(t.migrated, "g1");
	rmdir(broken);
	assert_int_equal(saved_state_store(&s, path), ERR_OK);
	assert_int_equal(saved_state_load(&t, path), ERR_OK);
	assert_int_equal(t.stock.count, 0);
	unlink(path);
	rmdir(folder);
}

static void bad(const char *text, size_t len)
{
	assert_int_equal(saved_state_parse(&t, text, len), ERR_INVALID);
	assert_int_equal(t.stock.count, 0);
	assert_false(t.has_host_mac);
}

static void rejects_damaged_saved_state(void **unused)
{
	static const char *const lines[] = {
		"mac 02:00:00:00:00\n",	   "host-mac 01:00:00:00:00:00\n",
		"migrated ../../etc\n",	   "migrated \n",
		"mkdir\thard\tg1\n",	   "mkdir\thard\tg1\t\tx\n",
		"mkdir\thard\t/etc/x\t\n", "mkdir\thard\tg1/../../x\t\n",
		"burn\thard\tg1\t\n",	   "write\tsoft\tg1/x\tno newline",
	};
	char text[4096];
	size_t len;

	(void)unused;
	bad("", 0);
	bad("tetherd 2\n", 10);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		len = (size_t)snprintf(text, sizeof(text),
				       "tetherd 1\nhost-mac "
				       "02:00:00:00:00:01\n%s",
				       lines[i]);
		bad(text, len);
	}
	bad("tetherd 1\nmigrated g\0001\n", 22);
	memset(text, 'x', sizeof(text));
	memcpy(text, "tetherd 1\n", 10);
	bad(text, sizeof(text));
	assert_int_equal(saved_state_parse(&t, "tetherd 1\n", 10), ERR_OK);
}

static void marks_steps_that_do_not_fit(void **unused)
{
	char text[STEP_TEXT + 1];

	(void)unused;
	steps_init(&s.stock);
	for (int i = 0; i < STEPS_MAX; i++)
		steps_add(&s.stock, STEP_MKDIR, "g", "");
	assert_false(s.stock.full);
	steps_add(&s.stock, STEP_MKDIR, "g", "");
	assert_true(s.stock.full);
	assert_int_equal(s.stock.count, STEPS_MAX);
	steps_init(&s.stock);
	memset(text, 'x', STEP_TEXT);
	text[STEP_TEXT] = '\0';
	steps_add(&s.stock, STEP_MKDIR, text, "");
	assert_true(s.stock.full);
	assert_int_equal(s.stock.count, 0);
	steps_init(&s.stock);
	text[STEP_TEXT - 1] = '\0';
	for (int i = 0; i < STEPS_POOL / STEP_TEXT; i++)
		steps_add(&s.stock, STEP_WRITE, text, text);
	assert_true(s.stock.full);
	steps_init(&s.stock);
	steps_add(&s.stock, STEP_WRITE, "a", "b\nc");
	assert_true(s.stock.full);
	for (unsigned int op = 0; op < STEP_OPS; op++) {
		assert_int_equal(steps_find_op(steps_op_name((enum step_op)op)),
				 op);
		assert_int_equal(steps_inverse(steps_inverse((enum step_op)op)),
				 op);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_defaults_without_a_file),
		cmocka_unit_test(sets_every_key),
		cmocka_unit_test(rejects_wrong_values_with_line_number),
		cmocka_unit_test(assigns_fifos_as_dwc2_does),
		cmocka_unit_test(decodes_big_endian_cells),
		cmocka_unit_test(saved_state_survives_store_and_load),
		cmocka_unit_test(rejects_damaged_saved_state),
		cmocka_unit_test(marks_steps_that_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
