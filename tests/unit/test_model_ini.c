#include "cm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "nvme_mi/subsystem.h"
#include "posix/model_ini.h"

static struct subsystem s;
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

static void every_key_is_taken(void **state)
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
	assert_string_equal(s.model, "Great Drive");
	assert_string_equal(s.serial, "SN 1");
	assert_string_equal(s.firmware, "1.2");
	assert_memory_equal(s.oui, "\x00\x1b\xc5", 3);
	assert_int_equal(s.pci_vendor, 0x1b36);
	assert_int_equal(s.pci_device, 0x0010);
	assert_int_equal(s.pci_subvendor, 0xabcd);
	assert_int_equal(s.pci_subdevice, 1);
	assert_int_equal(s.instance[15], 15);
	assert_int_equal(s.ports, 2);
	assert_int_equal(s.port[1].frequency_max, PORT_400K);
	assert_int_equal(s.controllers, 2);
	assert_int_equal(s.controller[0].temperature, 300);
	assert_false(s.controller[0].enabled);
	assert_true(s.controller[1].enabled);
	assert_true(controller_is_attached(&s.controller[0], 1));
	assert_false(controller_is_attached(&s.controller[0], 2));
	assert_true(controller_is_attached(&s.controller[0], 3));
	assert_int_equal(s.namespace[2].blocks, 16);
	assert_int_equal(subsystem_capacity(&s), 1016 * 512);
	assert_int_equal(s.endpoint, 1);
}

static void order_of_sections_is_free(void **state)
{
	(void)state;
	assert_int_equal(parse("[endpoint]\nport = 1\n"
			       "[controller 0]\nattached = 2\nport = 0\n"
			       "[namespace 2]\nblocks = 1\n"
			       "[port 1]\nfrequency = 1m\ntype = twowire\n"
			       "[port 0]\ntype = pcie\n"),
			 ERR_OK);
	assert_int_equal(s.port[1].frequency, PORT_1M);
}

static void wrong_at(const char *text, const char *message)
{
	assert_int_equal(parse(text), ERR_INVALID);
	if (!strstr(error, message))
		fprintf(stderr, "got: %s\n", error);
	assert_non_null(strstr(error, message));
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
	char text[512];
	int i;

	(void)state;
	wrong_at("[what]\na = 1\n", "m.ini:2: [what] is no section. allowed");
	wrong_at("[port 0]\nspeed = 1\n",
		 "m.ini:2: speed is no key here. allowed: type, frequency");
	wrong_at("[port 0]\ntype = pcie\ntype = pcie\n",
		 "m.ini:3: type is there twice");
	wrong_at("[port 0]\ntype = usb\n", "m.ini:2: usb: pcie or twowire");
	wrong_at("[port 4]\ntype = pcie\n", "[port 4]: numbered from 0 to 3");
	wrong_at("[port x]\ntype = pcie\n", "numbered from 0 to 3");
	wrong_at("[port -1]\ntype = pcie\n", "numbered from 0 to 3");
	wrong_at("[port 0]\nfrequency = 2m\n", "100k, 400k or 1m");
	wrong_at("[controller 16]\nport = 0\n", "numbered from 0 to 15");
	wrong_at("[controller 0]\nport = 4\n", "a number from 0 to 3");
	wrong_at("[controller 0]\ntemperature = 70000\n", "0 to 65535");
	wrong_at("[controller 0]\ntemperature = -3\n", "0 to 65535");
	wrong_at("[controller 0]\ntemperature = 99999999999999999999\n",
		 "0 to 65535");
	wrong_at("[controller 0]\nenabled = yes\n", "true or false");
	wrong_at("[controller 0]\nattached = 0\n", "from 1 to 256");
	wrong_at("[controller 0]\nattached = 1 1\n", "is there twice");
	wrong_at("[namespace 0]\nblocks = 1\n", "numbered from 1 to 256");
	wrong_at("[namespace 257]\nblocks = 1\n", "numbered from 1 to 256");
	wrong_at("[namespace 1]\nblocks = 0\n", "a number from 1 to");
	wrong_at("[subsystem]\noui = acde48\n", "ac-de-48");
	wrong_at("[subsystem]\ninstance = 00\n", "32 hex digits");
	wrong_at("[subsystem]\npci-vendor = 12345\n", "4 hex digits");
	wrong_at("[subsystem]\nserial = 123456789012345678901\n",
		 "1 to 20 ASCII");
	wrong_at("[subsystem]\nmodel = \xc3\xa4\n", "1 to 40 ASCII");
	wrong_at("[port 0]\nnonsense\n", "m.ini:2: neither");
	i = snprintf(text, sizeof(text), "[subsystem]\nmodel = ");
	memset(text + i, 'x', 400);
	text[i + 400] = '\0';
	wrong_at(text, "m.ini:2: over");
}

static void the_whole_is_checked(void **state)
{
	(void)state;
	assert_int_equal(parse(MINIMUM), ERR_OK);
	wrong_at("", "no [port N]");
	wrong_at("[port 0]\ntype = pcie\n", "no [controller N]");
	wrong_at("[port 1]\ntype = pcie\n", "[port 0] is missing");
	wrong_at("[port 0]\nfrequency = 100k\n", "[port 0] has no type");
	wrong_at("[port 0]\ntype = pcie\nfrequency = 100k\n", "which only a");
	wrong_at("[port 0]\ntype = pcie\n[controller 1]\nport = 0\n",
		 "[controller 0] is missing");
	wrong_at("[port 0]\ntype = pcie\n[controller 0]\nport = 1\n",
		 "m.ini:4: [controller 0]: port 1 is no pcie port");
	wrong_at("[port 0]\ntype = pcie\n[controller 0]\nport = 0\n",
		 "no [endpoint]");
	wrong_at("[port 0]\ntype = pcie\n[controller 0]\nport = 0\n"
		 "[endpoint]\nport = 1\n",
		 "[endpoint]: there is no port 1");
	wrong_at(MINIMUM "[controller 1]\nport = 0\nattached = 2\n",
		 "m.ini:9: [controller 1]: there is no [namespace 2]");
}

static void zero_bytes_hide_nothing(void **state)
{
	static const char text[] = MINIMUM "[port 0]\0type = junk\n";

	(void)state;
	assert_int_equal(model_ini_parse(&s, text, sizeof(text) - 1, "m", error,
					 sizeof(error)),
			 ERR_INVALID);
	assert_non_null(strstr(error, "zero byte"));
}

static void files_that_cannot_be_read(void **state)
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
	close(fd);
	unlink(path);
	assert_int_equal(model_ini_load(&s, path, error, sizeof(error)),
			 ERR_IO);
	assert_non_null(strstr(error, "cannot be read: No such file"));
	assert_int_equal(model_ini_load(&s, "/", error, sizeof(error)), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_taken),
		cmocka_unit_test(order_of_sections_is_free),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(the_whole_is_checked),
		cmocka_unit_test(zero_bytes_hide_nothing),
		cmocka_unit_test(files_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
