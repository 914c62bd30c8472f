/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cli/hostnet_darwin.c with substitutes for macOS: ioreg and
 * networksetup print files of tests/fixtures in the format of macOS 13 to 15,
 * and getifaddrs() and ioctl() are those of this file. */
#include "cm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_media.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/hostnet.h"

static char folder[] = "/tmp/test_hostnet_darwinXXXXXX";
static struct hostnet net;

/* --- substitutes --- */

/* Netmasks as macOS returns them: length, family 0, trailing zeros left out. */
static uint8_t mask24[16] = { 7, 0, 0, 0, 255, 255, 255, 0x99 };
static uint8_t mask16[16] = { 6, 0, 0, 0, 255, 255, 0x99, 0x99 };
static uint8_t mask32[16] = { 16, AF_INET, 0, 0, 255, 255, 255, 255 };

int getifaddrs(struct ifaddrs **list)
{
	static struct sockaddr_in address[3];
	static char names[3][8] = { "en7", "en8", "lo0" };
	static struct ifaddrs all[3];
	static uint8_t *const masks[] = { mask24, mask16, mask32 };

	for (uint32_t i = 0; i < 3; i++) {
		address[i].sin_family = AF_INET;
		address[i].sin_addr.s_addr = htonl(0xc0a80701 + i);
		all[i].ifa_name = names[i];
		all[i].ifa_flags = IFF_UP | IFF_RUNNING;
		all[i].ifa_addr = (struct sockaddr *)&address[i];
		all[i].ifa_netmask = (struct sockaddr *)(void *)masks[i];
		all[i].ifa_next = i < 2 ? &all[i + 1] : NULL;
	}
	*list = all;
	return 0;
}

void freeifaddrs(struct ifaddrs *list)
{
	assert_non_null(list);
}

/* en7 has a link, en8 has none, lo0 has no media. */
int ioctl(int fd, unsigned long request, ...)
{
	struct ifmediareq *m;
	va_list args;

	(void)fd;
	assert_int_equal(request, SIOCGIFMEDIA);
	va_start(args, request);
	m = va_arg(args, struct ifmediareq *);
	va_end(args);
	assert_null(m->ifm_ulist);
	if (!strcmp(m->ifm_name, "lo0")) {
		errno = EOPNOTSUPP;
		return -1;
	}
	m->ifm_status =
		IFM_AVALID | (strcmp(m->ifm_name, "en7") ? 0 : IFM_ACTIVE);
	return 0;
}

static void write_program(const char *name, const char *arguments,
			  const char *fixture)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n[ \"$*\" = '%s' ] || exit 1\nexec cat '%s/%s'\n",
		arguments, FIXTURES, fixture);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static void record(const char *tree)
{
	write_program("ioreg", "-r -l -w0 -c IOUSBHostDevice", tree);
	write_program("networksetup", "-listallhardwareports",
		      "networksetup-boards.txt");
	hostnet_read(&net);
}

/* --- tests --- */

static void netmask_of_family_0_is_read(void **state)
{
	(void)state;
	record("ioreg-boards.txt");
	assert_int_equal(net.addresses, 3);
	assert_int_equal(net.address[0].mask, 0xffffff00);
	assert_int_equal(net.address[1].mask, 0xffff0000);
	assert_int_equal(net.address[2].mask, 0xffffffff);
}

static void carrier_is_that_of_the_media(void **state)
{
	(void)state;
	record("ioreg-boards.txt");
	assert_true(net.address[0].carrier);
	assert_false(net.address[1].carrier);
	assert_true(net.address[2].carrier);
}

static void expect_usb(int n, const char *device, const char *function,
		       const char *driver, const char *interface,
		       const char *port)
{
	assert_string_equal(net.usb[n].device, device);
	assert_string_equal(net.usb[n].function, function);
	assert_string_equal(net.usb[n].driver, driver);
	assert_string_equal(net.usb[n].interface, interface);
	assert_string_equal(net.usb[n].port, port);
}

static void finds_network_functions_with_driver_and_interface(void **state)
{
	(void)state;
	record("ioreg-boards.txt");
	assert_true(net.usb_known);
	assert_int_equal(net.usbs, 3);
	/* the interface is below the data interface */
	expect_usb(0, "1-1.1:1.0", "CDC-ECM", "AppleUSBECMControl", "en7",
		   "usbnvme board");
	/* the data driver is below the control interface */
	expect_usb(1, "20-2:2.0", "CDC-NCM", "AppleUSBNCMControl", "en8", "");
	expect_usb(2, "20-3:1.0", "RNDIS", "", "", "");
}

static void names_driver_of_each_interface(void **state)
{
	char driver[HOSTNET_NAME], interface[HOSTNET_NAME];

	(void)state;
	record("ioreg-boards.txt");
	assert_true(hostnet_driver(&net, "1-1.1:1.2", driver, interface));
	assert_string_equal(driver, "AppleUSBACMControl");
	assert_string_equal(interface, "");
	/* a program has the interface open: no driver is bound */
	assert_true(hostnet_driver(&net, "1-1.1:1.4", driver, interface));
	assert_string_equal(driver, "");
	/* an interface behind the devices of a hub belongs to the hub */
	assert_true(hostnet_driver(&net, "1-1:1.0", driver, interface));
	assert_false(hostnet_driver(&net, "1-1.1:1.5", driver, interface));
	assert_string_equal(driver, "");
}

static void interface_without_name_is_not_created_yet(void **state)
{
	(void)state;
	record("ioreg-locked.txt");
	assert_int_equal(net.usbs, 1);
	expect_usb(0, "1-1:1.0", "CDC-NCM", "AppleUSBNCMControl", "", "");
}

static void nothing_is_known_without_ioreg(void **state)
{
	char driver[HOSTNET_NAME], interface[HOSTNET_NAME];

	(void)state;
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	hostnet_read(&net);
	assert_false(net.usb_known);
	assert_int_equal(net.usbs, 0);
	assert_false(hostnet_driver(&net, "1-1.1:1.0", driver, interface));
	assert_false(hostnet_driver(NULL, "1-1.1:1.0", driver, interface));
	assert_int_equal(net.addresses, 3);
}

/* Output that is cut or strange gives fewer interfaces, never a crash. */
static void survives_every_cut_of_the_output(void **state)
{
	static char tree[32768];
	char path[256];
	FILE *f = fopen(FIXTURES "/ioreg-boards.txt", "r");
	size_t len;

	(void)state;
	assert_non_null(f);
	len = fread(tree, 1, sizeof(tree) - 1, f);
	fclose(f);
	for (size_t cut = 1; cut < len; cut += len / 40) {
		snprintf(path, sizeof(path), "%s/cut", folder);
		f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(tree, 1, cut, f), cut);
		fclose(f);
		snprintf(path, sizeof(path), "%s/ioreg", folder);
		f = fopen(path, "w");
		assert_non_null(f);
		fprintf(f, "#!/bin/sh\nexec cat %s/cut\n", folder);
		fclose(f);
		assert_int_equal(chmod(path, 0755), 0);
		hostnet_read(&net);
		assert_true(net.usbs <= 3);
	}
}

static int before(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", folder);
	return setenv("PATH", path, 1);
}

static int begin(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
	static const char *const names[] = { "ioreg", "networksetup", "cut" };
	char path[128];

	(void)state;
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

#define WITH_PATH(f) cmocka_unit_test_setup(f, before)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PATH(netmask_of_family_0_is_read),
		WITH_PATH(carrier_is_that_of_the_media),
		WITH_PATH(finds_network_functions_with_driver_and_interface),
		WITH_PATH(names_driver_of_each_interface),
		WITH_PATH(interface_without_name_is_not_created_yet),
		WITH_PATH(nothing_is_known_without_ioreg),
		WITH_PATH(survives_every_cut_of_the_output),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
