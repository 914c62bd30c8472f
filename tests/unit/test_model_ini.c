/* SPDX-License-Identifier: Apache-2.0 */
#include "cm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "drive/drive.h"
#include "drive_file/model_ini.h"

static struct drive s;
static char error[512];

static int parse(const char *text)
{
	error[0] = '\0';
	return model_ini_parse(&s, text, strlen(text), "m.ini", error,
			       sizeof(error));
}

#define MINIMUM                                                                \
	"[port 0]\ntype = pcie\n"                                              \
	"[controller 0]\nport = 0\n"                                           \
	"[endpoint]\nport = 0\n"

/* The minimal model. The controller is last, so that a test can append keys. */
#define CONTROLLER                                                             \
	"[port 0]\ntype = pcie\n"                                              \
	"[endpoint]\nport = 0\n"                                               \
	"[controller 0]\nport = 0\n"

static void accepts_every_key(void **state)
{
	(void)state;
	assert_int_equal(
		parse("[subsystem]\n"
		      "model = Great Drive\nserial = SN 1\nfirmware = 1.2\n"
		      "oui = 00-1b-C5\npci-vendor = 1b36\npci-device = 0x0010\n"
		      "pci-subvendor = abcd\npci-subdevice = 0001\n"
		      "instance = 000102030405060708090a0b0c0d0e0F\n"
		      "[port 0]\ntype = pcie\n"
		      "[port 1]\ntype = twowire\nfrequency = 400k\n"
		      "[controller 0]\nport = 0\ntemperature = 300\n"
		      "enabled = false\nattached = 1, 3\n"
		      "[controller 1]\nport = 0\n"
		      "[namespace 1]\nblocks = 1000\n"
		      "[namespace 3]\nblocks = 0x10\n"
		      "[endpoint]\nport = 1\n"),
		ERR_OK);
	assert_string_equal(s.identity.model, "Great Drive");
	assert_string_equal(s.identity.serial, "SN 1");
	assert_string_equal(s.firmware.running, "1.2");
	assert_memory_equal(s.identity.oui, "\x00\x1b\xc5", 3);
	assert_int_equal(s.identity.pci_vendor, 0x1b36);
	assert_int_equal(s.identity.pci_device, 0x0010);
	assert_int_equal(s.identity.pci_subvendor, 0xabcd);
	assert_int_equal(s.identity.pci_subdevice, 1);
	assert_int_equal(s.identity.instance[15], 15);
	assert_int_equal(s.ports, 2);
	assert_int_equal(s.port[1].frequency_max, DRIVE_FREQUENCY_400_KHZ);
	assert_int_equal(s.controllers, 2);
	assert_int_equal(s.controller[0].temperature, 300);
	assert_false(s.controller[0].enabled);
	assert_true(s.controller[1].enabled);
	assert_true(drive_controller_has_namespace(&s.controller[0], 1));
	assert_false(drive_controller_has_namespace(&s.controller[0], 2));
	assert_true(drive_controller_has_namespace(&s.controller[0], 3));
	assert_int_equal(s.namespace[2].blocks, 16);
	assert_int_equal(drive_capacity(&s), 1016 * 512);
	assert_int_equal(s.endpoint_port, 1);
}

static void accepts_keys_of_simulation(void **state)
{
	(void)state;
	assert_int_equal(
		parse("[subsystem]\ncapacity = 1000000\n"
		      "vpd-manufacturer = Great\nvpd-product = Drive\n"
		      "media-rate = 2000\nself-test-short = 5\n"
		      "self-test-extended = 7\n" CONTROLLER
		      "too-cold = 250\ntoo-hot = 340\nspare = 9\n"
		      "spare-threshold = 10\nlife-used = 101\nfatal = true\n"
		      "[namespace 1]\nblocks = 800\nshared = false\n"
		      "block-size = 4096\n[namespace 2]\nblocks = 1\n"),
		ERR_OK);
	assert_int_equal(s.capacity, 1000000);
	assert_string_equal(s.identity.vpd_manufacturer, "Great");
	assert_string_equal(s.identity.vpd_product, "Drive");
	assert_int_equal(s.media_bytes_per_ms, 2000000);
	assert_int_equal(s.self_test_ms[0], 5);
	assert_int_equal(s.self_test_ms[1], 7);
	assert_int_equal(s.controller[0].cold_threshold, 250);
	assert_int_equal(s.controller[0].hot_threshold, 340);
	assert_int_equal(drive_controller_warnings(&s.controller[0]),
			 DRIVE_WARNING_SPARE);
	assert_int_equal(s.controller[0].life_used, 101);
	assert_true(s.controller[0].fatal);
	assert_false(s.namespace[0].shared);
	assert_int_equal(s.namespace[0].format, 1);
	assert_true(s.namespace[1].shared);
	assert_int_equal(s.namespace[1].format, 0);
}

static void accepts_firmware_slots(void **state)
{
	(void)state;
	assert_int_equal(parse("[subsystem]\nfirmware = 1.0\nslot-2 = 1.1\n"
			       "slot-3 = 12345678\nslot-active = 2\n" MINIMUM),
			 ERR_OK);
	drive_start(&s);
	assert_string_equal(drive_firmware_slot(&s, 1)->revision, "1.0");
	assert_string_equal(drive_firmware_slot(&s, 3)->revision, "12345678");
	assert_int_equal(s.firmware.active, 2);
	assert_string_equal(s.firmware.running, "1.1");
	assert_int_equal(s.firmware.next, 0);
	assert_int_equal(parse("[subsystem]\nfirmware = 1.0\n" MINIMUM),
			 ERR_OK);
	drive_start(&s);
	assert_null(drive_firmware_slot(&s, 2));
	assert_int_equal(s.firmware.active, 1);
	assert_string_equal(s.firmware.running, "1.0");
}

/* Indices 0 and 4 of the table are features 01h and 06h. */
static void accepts_feature_defaults(void **state)
{
	const struct drive_controller *c = s.controller;

	(void)state;
	assert_int_equal(parse(CONTROLLER
			       "feature-01 = 0x3\nfeature-02 = 0x20\n"
			       "feature-05 = 9\nfeature-06 = 0\n"
			       "feature-07 = 0x00070007\nfeature-08 = 0x102\n"
			       "feature-0a = 1\nfeature-0b = 0x100\n"
			       "feature-80 = 255\n[controller 1]\n"),
			 ERR_OK);
	drive_start(&s);
	assert_int_equal(c[0].features.current[0], 0x07 ^ 0x03);
	assert_int_equal(c[0].features.model[0], 0x07 ^ 0x03);
	assert_int_equal(c[0].features.saved[0], 0x07 ^ 0x03);
	assert_int_equal(c[0].features.current[4], 1 ^ 0);
	assert_int_equal(c[1].features.current[4], 0);
}

static void accepts_sections_in_any_order(void **state)
{
	(void)state;
	assert_int_equal(parse("[endpoint]\nport = 1\n"
			       "[controller 0]\nattached = 2\nport = 0\n"
			       "[namespace 2]\nblocks = 1\n"
			       "[port 1]\nfrequency = 1m\ntype = twowire\n"
			       "[port 0]\ntype = pcie\n"),
			 ERR_OK);
	assert_int_equal(s.port[1].frequency, DRIVE_FREQUENCY_1_MHZ);
}

static void wrong_at(const char *text, const char *message)
{
	assert_int_equal(parse(text), ERR_INVALID);
	if (!strstr(error, message))
		fprintf(stderr, "got: %s\n", error);
	assert_non_null(strstr(error, message));
}

static void rejects_invalid_key_with_line_number(void **state)
{
	char text[512];
	int i;

	(void)state;
	wrong_at("[what]\na = 1\n",
		 "m.ini:1: unknown section [what] (expected");
	wrong_at("[port 0]\nspeed = 1\n",
		 "m.ini:2: unknown key speed (expected type, frequency)");
	wrong_at("[port 0]\ntype = pcie\ntype = pcie\n",
		 "m.ini:3: duplicate key type");
	wrong_at("[port 0]\ntype = usb\n",
		 "m.ini:2: usb: expected pcie or twowire");
	wrong_at("[subsystem]\nslot-1 = 1\n", "slot-2, slot-3, slot-active");
	wrong_at("[subsystem]\nslot-2 = 123456789\n",
		 "m.ini:2: expected 1 to 8 ASCII characters");
	wrong_at("[subsystem]\nslot-active = 4\n",
		 "m.ini:2: 4: expected a number from 1 to 3");
	wrong_at("[subsystem]\nslot-2 = 1\nslot-active = 3\n" MINIMUM,
		 "slot-active: slot 3 is empty. Set its firmware with "
		 "slot-3 = REVISION");
	wrong_at(CONTROLLER "feature-06 = 2\n",
		 "m.ini:7: 2: this feature has only the bits 0x1");
	wrong_at(CONTROLLER "feature-07 = 0xffff0000\n",
		 "only the bits 0xff00ff");
	wrong_at(CONTROLLER "feature-01 = 0x100000000\n",
		 "a number from 0 to 4294967295");
	wrong_at(CONTROLLER "feature-06 = on\n",
		 "on: expected a number from 0");
	wrong_at(CONTROLLER "feature-04 = 1\n", "unknown key feature-04");
	wrong_at(CONTROLLER "feature-06 = 1\nfeature-06 = 1\n",
		 "duplicate key feature-06");
	wrong_at("[port 4]\ntype = pcie\n",
		 "[port 4]: expected a number from 0 to 3");
	wrong_at("[port x]\ntype = pcie\n", "expected a number from 0 to 3");
	wrong_at("[port -1]\ntype = pcie\n", "expected a number from 0 to 3");
	wrong_at("[port 0]\nfrequency = 2m\n", "100k, 400k or 1m");
	wrong_at("[controller 16]\nport = 0\n",
		 "expected a number from 0 to 15");
	wrong_at("[controller 0]\nport = 4\n", "a number from 0 to 3");
	wrong_at("[controller 0]\ntemperature = 70000\n", "0 to 65535");
	wrong_at("[controller 0]\ntemperature = -3\n", "0 to 65535");
	wrong_at("[controller 0]\ntemperature = 99999999999999999999\n",
		 "0 to 65535");
	wrong_at("[controller 0]\nenabled = yes\n", "true or false");
	wrong_at("[controller 0]\nattached = 0\n", "from 1 to 256");
	wrong_at("[controller 0]\nattached = 1 1\n", "duplicate namespace 1");
	wrong_at("[namespace 0]\nblocks = 1\n",
		 "expected a number from 1 to 256");
	wrong_at("[namespace 257]\nblocks = 1\n",
		 "expected a number from 1 to 256");
	wrong_at("[namespace 1]\nblocks = 0\n", "a number from 1 to");
	wrong_at("[subsystem]\noui = acde48\n", "ac-de-48");
	wrong_at("[subsystem]\ninstance = 00\n", "32 hex digits");
	wrong_at("[subsystem]\npci-vendor = 12345\n", "4 hex digits");
	wrong_at("[subsystem]\nserial = 123456789012345678901\n",
		 "1 to 20 ASCII");
	wrong_at("[subsystem]\nmodel = \xc3\xa4\n", "1 to 40 ASCII");
	wrong_at("[subsystem]\nmodel = a\x7f\n", "1 to 40 ASCII");
	wrong_at("[subsystem]\nmodel =\n", "1 to 40 ASCII");
	wrong_at("[port 0]\nnonsense\n", "m.ini:2: expected [section]");
	i = snprintf(text, sizeof(text), "[subsystem]\nmodel = ");
	memset(text + i, 'x', 400);
	text[i + 400] = '\0';
	wrong_at(text, "m.ini:2: line longer");
}

static void checks_keys_that_depend_on_each_other(void **state)
{
	(void)state;
	assert_int_equal(parse(MINIMUM), ERR_OK);
	wrong_at("", "m.ini: no [port N]");
	wrong_at("[port 0]\ntype = pcie\n", "m.ini:2: no [controller N]");
	wrong_at("\n[port 1]\ntype = pcie\n", "m.ini:2: [port 0] is missing");
	wrong_at("[port 0]\nfrequency = 100k\n",
		 "m.ini:1: [port 0] has no type");
	wrong_at("[port 0]\ntype = pcie\nfrequency = 100k\n", "only a twowire");
	wrong_at("[port 0]\ntype = pcie\n[controller 0]\nport = 0\n"
		 "[endpoint]\n",
		 "m.ini:5: [endpoint] has no port");
	wrong_at("[port 0]\ntype = pcie\n[controller 1]\nport = 0\n",
		 "[controller 0] is missing");
	wrong_at("[port 0]\ntype = pcie\n[controller 0]\nport = 1\n",
		 "m.ini:4: [controller 0]: port 1 is not a pcie port");
	wrong_at("[port 0]\ntype = twowire\n[controller 0]\n",
		 "m.ini:3: [controller 0]: port 0 is not a pcie port");
	wrong_at("[port 0]\ntype = pcie\n[controller 0]\nport = 0\n",
		 "no [endpoint]");
	wrong_at("[port 0]\ntype = pcie\n[controller 0]\nport = 0\n"
		 "[endpoint]\nport = 1\n",
		 "[endpoint]: port 1 does not exist");
	wrong_at("[subsystem]\ncapacity = 511\n" MINIMUM
		 "[namespace 1]\nblocks = 1\n",
		 "m.ini:1: capacity is less than the 512 bytes");
	wrong_at(MINIMUM "[namespace 1]\nblocks = 9\nblock-size = 4096\n",
		 "[namespace 1]: with block-size 4096, blocks must be");
	wrong_at(CONTROLLER "attached = 1\n[controller 1]\nattached = 1\n"
			    "[namespace 1]\nblocks = 1\nshared = false\n",
		 "is not shared, but attached to 2 controllers");
	wrong_at(CONTROLLER "spare = 101\n", "0 to 100");
	wrong_at(MINIMUM "[namespace 1]\nblock-size = 1024\n",
		 "1024: expected 512 or 4096");
	wrong_at(MINIMUM "[controller 1]\nport = 0\nattached = 2\n",
		 "m.ini:9: [controller 1]: attached [namespace 2] does not");
}

static void rejects_invalid_section_with_line_number(void **state)
{
	char text[128];

	(void)state;
	/* Sections without keys. */
	wrong_at("[what]\n", "m.ini:1: unknown section [what]");
	wrong_at("\n[port 9]\n",
		 "m.ini:2: [port 9]: expected a number from 0 to 3");
	wrong_at("[port]\n", "unknown section [port]");
	wrong_at("[port0]\n", "unknown section [port0]");
	wrong_at("[ports 0]\n", "unknown section [ports 0]");
	wrong_at("[subsystem 0]\n", "unknown section [subsystem 0]");
	wrong_at("[port 0 ]\n", "expected a number from 0 to 3");
	wrong_at("[port  0]\n", "expected a number from 0 to 3");
	wrong_at("[port 0] x\n", "m.ini:1: [port 0]: unexpected text");
	wrong_at("[port 0\n", "m.ini:1: expected [section]");
	wrong_at("model = x\n", "m.ini:1: model: no [section] before");
	/* Duplicate sections with different keys. */
	wrong_at("[port 0]\ntype = twowire\n[port 0]\nfrequency = 100k\n",
		 "m.ini:3: duplicate section [port 0], first in line 1");
	wrong_at("[subsystem]\n[subsystem]\n",
		 "m.ini:2: duplicate section [subsystem]");
	wrong_at("[port 1]\n[port 01]\n", "duplicate section [port 01]");
	wrong_at("[namespace 3]\n[port 0]\ntype = pcie\n",
		 "m.ini:1: [namespace 3] has no blocks");
	/* inih would truncate this name to a valid one. */
	snprintf(text, sizeof(text), "[port %050d]\n", 9);
	wrong_at(text, "expected a number from 0 to 3");
}

static void accepts_indentation_and_comments(void **state)
{
	(void)state;
	assert_int_equal(parse("\xef\xbb\xbf[endpoint] ; where it is\r\n"
			       "\tport=1\r\n"
			       "# a comment\n"
			       "  [port 0]\n"
			       "    type : pcie\n"
			       "[controller 0]\n"
			       "\n"
			       " [port 1] # the other\n"
			       "  type = twowire ; slow\n"
			       "  frequency = 400k"),
			 ERR_OK);
	assert_int_equal(s.endpoint_port, 1);
	assert_int_equal(s.port[1].frequency, DRIVE_FREQUENCY_400_KHZ);
	assert_int_equal(s.controllers, 1);
	assert_int_equal(s.controller[0].temperature, 293);
}

static void minimal_model_is_the_drive_of_the_vectors(void **state)
{
	static struct drive expected;

	(void)state;
	drive_init_default(&expected);
	assert_int_equal(model_ini_load(&s, MODELS_DIR "/minimal.ini", error,
					sizeof(error)),
			 ERR_OK);
	s.state_version = expected.state_version; /* counts the set-up */
	assert_memory_equal(&s, &expected, sizeof(s));
}

static void default_model_has_names_and_free_capacity(void **state)
{
	const uint64_t tb = UINT64_C(1000000000000);

	(void)state;
	assert_int_equal(parse(model_ini_default), ERR_OK);
	assert_string_equal(s.identity.model,
			    "tether Simulated NVMe SSD 3.84TB");
	assert_string_equal(s.identity.serial, "TS384A000001");
	assert_int_equal(s.identity.pci_vendor, 0x1b36);
	assert_int_equal(s.controllers, 2);
	assert_true(drive_controller_has_namespace(&s.controller[0], 1));
	assert_in_range(drive_capacity(&s), 3 * tb, 4 * tb);
	assert_true(drive_capacity(&s) - drive_capacity_allocated(&s) > tb);
	assert_int_equal(drive_controller_warnings(&s.controller[0]), 0);
}

static void accepts_ranges_of_namespaces(void **state)
{
	char text[8192] = MINIMUM;
	size_t len = strlen(text);

	(void)state;
	for (int i = 1; i <= DRIVE_NAMESPACES; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"[namespace %d]\nblocks = 1\n", i);
	snprintf(text + len, sizeof(text) - len,
		 "[controller 1]\nattached = 1 3-5,200-256\n"
		 "[controller 2]\nattached =\n");
	assert_int_equal(parse(text), ERR_OK);
	for (uint32_t i = 1; i <= DRIVE_NAMESPACES; i++) {
		assert_int_equal(
			drive_controller_has_namespace(&s.controller[1], i),
			i == 1 || (i >= 3 && i <= 5) || i >= 200);
		assert_false(
			drive_controller_has_namespace(&s.controller[2], i));
	}
	wrong_at("[controller 0]\nattached = 5-3\n",
		 "3: expected a number from 5");
	wrong_at("[controller 0]\nattached = 1-\n", "from 1 to 256");
	wrong_at("[controller 0]\nattached = -3\n", "from 1 to 256");
	wrong_at("[controller 0]\nattached = 1-2-3\n", "from 1 to 256");
	wrong_at("[controller 0]\nattached = 1-257\n", "from 1 to 256");
	wrong_at("[controller 0]\nattached = 2 1-3\n", "duplicate namespace 2");
	wrong_at("[controller 0]\n"
		 "attached = 1000000000000000000000000000000000000\n",
		 "from 1 to 256");
}

static void rejects_malformed_numbers(void **state)
{
	(void)state;
	assert_int_equal(parse(MINIMUM "[namespace 010]\nblocks = 0010\n"),
			 ERR_OK);
	assert_int_equal(s.namespace[9].blocks, 10); /* not octal */
	assert_int_equal(
		parse(MINIMUM "[namespace 1]\nblocks = 140737488355327\n"),
		ERR_OK);
	wrong_at(MINIMUM "[namespace 1]\nblocks = 140737488355328\n",
		 "1 to 140737488355327");
	wrong_at("[namespace 1]\nblocks = 0x\n", "a number from");
	wrong_at("[namespace 1]\nblocks = 1 2\n", "a number from");
	wrong_at("[namespace 1]\nblocks = +1\n", "a number from");
	wrong_at("[namespace 1]\nblocks =\n", "a number from");
	wrong_at("[subsystem]\npci-vendor = \x11\x12\x13\x14\n",
		 ": expected 4 hex digits"); /* as 1234 but for a bit */
	wrong_at("[subsystem]\noui = ac-de-4\n", "ac-de-48");
	wrong_at("[subsystem]\noui = ac-de-48-00\n", "ac-de-48");
	wrong_at("[subsystem]\ninstance = "
		 "000102030405060708090a0b0c0d0e0f00\n",
		 "32 hex digits");
}

static void truncates_long_errors(void **state)
{
	char small[8];

	(void)state;
	assert_int_equal(
		model_ini_parse(&s, "[x]", 3, "m.ini", small, sizeof(small)),
		ERR_INVALID);
	assert_string_equal(small, "m.ini:1");
}

static void rejects_zero_bytes(void **state)
{
	static const char text[] = MINIMUM "[port 0]\0type = junk\n";

	(void)state;
	assert_int_equal(model_ini_parse(&s, text, sizeof(text) - 1, "m", error,
					 sizeof(error)),
			 ERR_INVALID);
	assert_non_null(strstr(error, "zero byte"));
}

static void reports_unreadable_files(void **state)
{
	char path[] = "/tmp/tether-model-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, MINIMUM, strlen(MINIMUM)), strlen(MINIMUM));
	assert_int_equal(model_ini_load(&s, path, error, sizeof(error)),
			 ERR_OK);
	assert_int_equal(ftruncate(fd, (1 << 20) + 1), 0);
	assert_int_equal(model_ini_load(&s, path, error, sizeof(error)),
			 ERR_INVALID);
	assert_non_null(strstr(error, "larger than 1 MiB"));
	close(fd);
	unlink(path);
	assert_int_equal(model_ini_load(&s, path, error, sizeof(error)),
			 ERR_IO);
	assert_non_null(strstr(error, ": No such file"));
	assert_int_equal(model_ini_load(&s, "/", error, sizeof(error)), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts_every_key),
		cmocka_unit_test(accepts_keys_of_simulation),
		cmocka_unit_test(accepts_firmware_slots),
		cmocka_unit_test(accepts_feature_defaults),
		cmocka_unit_test(accepts_sections_in_any_order),
		cmocka_unit_test(rejects_invalid_key_with_line_number),
		cmocka_unit_test(checks_keys_that_depend_on_each_other),
		cmocka_unit_test(rejects_invalid_section_with_line_number),
		cmocka_unit_test(accepts_indentation_and_comments),
		cmocka_unit_test(minimal_model_is_the_drive_of_the_vectors),
		cmocka_unit_test(default_model_has_names_and_free_capacity),
		cmocka_unit_test(accepts_ranges_of_namespaces),
		cmocka_unit_test(rejects_malformed_numbers),
		cmocka_unit_test(truncates_long_errors),
		cmocka_unit_test(rejects_zero_bytes),
		cmocka_unit_test(reports_unreadable_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
