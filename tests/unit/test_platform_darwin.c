/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of cli/platform_darwin.c with substitutes for macOS: diskutil and ioreg
 * are scripts with fixed output. The tests cover the parsing of this output,
 * but not the output of a real Mac. */
#include "cm.h"

#include <errno.h>
#include <fcntl.h>
#include <mach-o/dyld.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/disk.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/platform.h"
#include "posix/advice.h"

static char folder[] = "/tmp/test_platform_darwinXXXXXX";
static const char *mounted;
static int ioctl_error; /* errno; 0: it succeeds */
static int synchronized;
static char opened[64]; /* path of the last disk that was opened */

/* The executable file, a path that contains a link. */
int _NSGetExecutablePath(char *path, uint32_t *size)
{
	snprintf(path, *size, "%s/link", folder);
	return 0;
}

int getmntinfo(struct statfs **all, int flags)
{
	static struct statfs list[2];

	assert_int_equal(flags, MNT_NOWAIT);
	snprintf(list[0].f_mntfromname, sizeof(list[0].f_mntfromname),
		 "/dev/disk3s1s1");
	snprintf(list[1].f_mntfromname, sizeof(list[1].f_mntfromname), "%s",
		 mounted);
	*all = list;
	return 2;
}

/* Replaces the C library's ioctl(): a disk of 31 GB. */
int ioctl(int fd, unsigned long request, ...)
{
	const uint32_t block = 512;
	const uint64_t blocks = 60547072;
	va_list args;
	void *to;

	(void)fd;
	va_start(args, request);
	to = va_arg(args, void *);
	va_end(args);
	if (ioctl_error) {
		errno = ioctl_error;
		return -1;
	}
	if (request == DKIOCGETBLOCKSIZE)
		memcpy(to, &block, sizeof(block));
	else if (request == DKIOCGETBLOCKCOUNT)
		memcpy(to, &blocks, sizeof(blocks));
	else if (request == DKIOCSYNCHRONIZE)
		synchronized += !((dk_synchronize_t *)to)->length;
	else
		fail();
	return 0;
}

/* Replaces the C library's open(): record disks. None of them exists. */
int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (strstr(path, "disk"))
		snprintf(opened, sizeof(opened), "%s", path);
	return openat(AT_FDCWD, path, flags, mode);
}

/* Write a program that expects these arguments and prints this output. */
static void write_program(const char *name, const char *arguments,
			  const char *output)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f,
		"#!/bin/sh\n[ \"$*\" = '%s' ] || exit 1\n"
		"cat <<'EOF'\n%s\nEOF\n",
		arguments, output);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

/* --- disks --- */

#define PLIST(whole, removable)                                                \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist "                  \
	"version=\"1.0\">\n"                                                   \
	"<dict>\n\t<key>Internal</key>\n\t<false/>\n"                          \
	"\t<key>Removable</key>\n\t<" removable "/>\n"                         \
	"\t<key>RemovableMedia</key>\n\t<" removable "/>\n"                    \
	"\t<key>RemovableMediaOrExternalDevice</key>\n\t<true/>\n"             \
	"\t<key>WholeDisk</key>\n\t<" whole "/>\n</dict>\n</plist>"

static void diskutil_decides_kind_of_disk(void **state)
{
	(void)state;
	write_program("diskutil", "info -plist /dev/disk4",
		      PLIST("true", "true"));
	assert_int_equal(platform_disk("/dev/disk4", 0),
			 PLATFORM_DISK_REMOVABLE);
	/* an external drive without removable media counts as built in */
	write_program("diskutil", "info -plist /dev/disk4",
		      PLIST("true", "false"));
	assert_int_equal(platform_disk("/dev/disk4", 0),
			 PLATFORM_DISK_BUILT_IN);
	write_program("diskutil", "info -plist /dev/disk4s1",
		      PLIST("false", "true"));
	assert_int_equal(platform_disk("/dev/disk4s1", 0), PLATFORM_DISK_PART);
}

static void disk_is_built_in_without_diskutil(void **state)
{
	(void)state;
	/* diskutil fails, prints nothing, or does not exist */
	assert_int_equal(platform_disk("/dev/disk9", 0),
			 PLATFORM_DISK_BUILT_IN);
	write_program("diskutil", "info -plist /dev/disk4", "");
	assert_int_equal(platform_disk("/dev/disk4", 0),
			 PLATFORM_DISK_BUILT_IN);
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(platform_disk("/dev/disk4", 0),
			 PLATFORM_DISK_BUILT_IN);
}

static void mounted_disk_is_busy(void **state)
{
	(void)state;
	mounted = "/dev/disk4s2";
	errno = 0;
	assert_int_equal(platform_disk_open("/dev/disk4"), -1);
	assert_int_equal(errno, EBUSY);
	assert_int_equal(platform_disk_open("/dev/disk4s2"), -1);
	assert_int_equal(errno, EBUSY);
	/* another disk is mounted, so the code tries the open, which fails */
	mounted = "/dev/disk41s2";
	assert_int_equal(platform_disk_open("/dev/disk4"), -1);
	assert_int_equal(errno, ENOENT);
}

static void disk_size_is_blocks_times_block_size(void **state)
{
	(void)state;
	assert_int_equal(platform_disk_size(0), 60547072LL * 512);
	ioctl_error = ENOTTY;
	assert_int_equal(platform_disk_size(0), -1);
	ioctl_error = 0;
}

static void sync_flushes_cache_of_the_disk(void **state)
{
	int fd = openat(AT_FDCWD, "/tmp", O_RDONLY | O_DIRECTORY);

	(void)state;
	synchronized = 0;
	assert_int_equal(platform_disk_sync(fd), 0);
	assert_int_equal(synchronized, 1);
	/* a disk without a cache, and one that fails */
	ioctl_error = ENOTSUP;
	assert_int_equal(platform_disk_sync(fd), 0);
	ioctl_error = EIO;
	assert_int_equal(platform_disk_sync(fd), -1);
	assert_int_equal(errno, EIO);
	ioctl_error = 0;
	close(fd);
	assert_int_equal(platform_disk_sync(fd), -1);
	assert_int_equal(errno, EBADF);
}

static void disk_is_read_back_without_its_cache(void **state)
{
	(void)state;
	assert_int_equal(platform_disk_open_uncached("/dev/disk4"), -1);
	assert_string_equal(opened, "/dev/rdisk4");
	opened[0] = '\0';
	assert_int_equal(platform_disk_open_uncached("card.img"), -1);
	assert_int_equal(errno, ENODEV);
	assert_string_equal(opened, "");
}

/* --- networks --- */

static void lease_is_the_packet_of_the_server(void **state)
{
	(void)state;
	write_program("ipconfig", "getpacket en7",
		      "op = BOOTREPLY\nyiaddr = 192.168.7.1\noptions:\n"
		      "dhcp_message_type (uint8): ACK 0x5");
	assert_int_equal(platform_lease("en7"), PLATFORM_LEASE_DHCP);
	/* without a lease, ipconfig prints nothing and fails */
	assert_int_equal(platform_lease("en8"), PLATFORM_LEASE_NONE);
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(platform_lease("en7"), PLATFORM_LEASE_UNKNOWN);
}

static void advice_is_for_macos(void **state)
{
	char text[ADVICE_TEXT];

	(void)state;
	assert_string_equal(advice_system, "macOS");
	assert_string_equal(
		advice_text(ADVICE_DISK_IN_USE, "/dev/disk4", text),
		"unmount it with `diskutil unmountDisk /dev/disk4`");
	assert_string_equal(advice_text(ADVICE_INTERFACE_DOWN, "en7", text),
			    "sudo ifconfig en7 up");
	assert_non_null(strstr(advice_text(ADVICE_NO_USB_DEVICE, NULL, text),
			       "Allow accessory to connect?"));
	for (int i = 0; i < ADVICE_COUNT; i++) {
		static const char *const linux_only[] = { "modprobe", "dmesg",
							  "udev",     "ip link",
							  "ip addr",  "lsblk" };

		assert_true(strlen(advice_text((enum advice)i, "X", text)) > 8);
		assert_true(strlen(text) < ADVICE_TEXT - 1);
		for (int k = 0; k < 6; k++)
			assert_null(strstr(text, linux_only[k]));
	}
}

/* --- serial ports --- */

static const char tree[] =
	"+-o Hub@01100000  <class IOUSBHostDevice, id 0x1, registered>\n"
	"  | {\n  |   \"idVendor\" = 1027\n  | }\n"
	"  +-o usbnvme@01110000  <class IOUSBHostDevice, id 0x2, registered>\n"
	"  | | {\n  | |   \"USB Serial Number\" = \"63928d5a39f1\"\n  | | }\n"
	"  | +-o IOUSBHostInterface@0  <class IOUSBHostInterface, id 0x3>\n"
	"  |   +-o IOSerialBSDClient  <class IOSerialBSDClient, id 0x4>\n"
	"  |       \"IOCalloutDevice\" = \"/dev/cu.usbmodem11101\"\n"
	"  |       \"IODialinDevice\" = \"/dev/tty.usbmodem11101\"\n"
	"  +-o Mute@01120000  <class IOUSBHostDevice, id 0x5, registered>\n"
	"  | | {\n  | |   \"kUSBSerialNumberString\" = \"MUTE\"\n  | | }\n"
	"  +-o Adapter@01130000  <class IOUSBHostDevice, id 0x6, registered>\n"
	"    | {\n    |   \"idVendor\" = 1659\n    | }\n"
	"    +-o IOSerialBSDClient  <class IOSerialBSDClient, id 0x7>\n"
	"          \"IOCalloutDevice\" = \"/dev/cu.usbserial-1130\"";

static void port_belongs_to_device_with_serial_number(void **state)
{
	char path[64];
	int present;

	(void)state;
	write_program("ioreg", "-r -l -w0 -c IOUSBHostDevice", tree);
	assert_int_equal(platform_serial_port("63928d5a39f1", path,
					      sizeof(path), &present),
			 ERR_OK);
	assert_string_equal(path, "/dev/cu.usbmodem11101");
	assert_true(present);
	/* a device without a port must not get the port of the next device */
	assert_int_equal(
		platform_serial_port("MUTE", path, sizeof(path), &present),
		ERR_NOT_FOUND);
	assert_true(present);
	assert_int_equal(platform_serial_port("63928d5a39f2", path,
					      sizeof(path), &present),
			 ERR_NOT_FOUND);
	assert_false(present);
	assert_int_equal(
		platform_serial_port("63928d5a39f1", path, 8, &present),
		ERR_NOT_FOUND);
}

static void no_port_is_found_without_ioreg(void **state)
{
	char path[64];
	int present = 1;

	(void)state;
	assert_int_equal(setenv("PATH", "/nowhere", 1), 0);
	assert_int_equal(
		platform_serial_port("MUTE", path, sizeof(path), &present),
		ERR_NOT_FOUND);
	assert_false(present);
}

static int before(void **state)
{
	char path[64];

	(void)state;
	mounted = "/dev/disk3s5";
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", folder);
	return setenv("PATH", path, 1);
}

static int begin(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static void program_is_named_without_links(void **state)
{
	char link[64], path[64];

	(void)state;
	snprintf(link, sizeof(link), "%s/link", folder);
	assert_int_equal(symlink("/dev/..", link), 0);
	assert_true(platform_program(path, sizeof(path)));
	assert_string_equal(path, "/");
	assert_false(platform_program(path, 1));
	assert_int_equal(unlink(link), 0);
	assert_false(platform_program(path, sizeof(path)));
}

static int end(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/diskutil", folder);
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/ioreg", folder);
	(void)unlink(path);
	snprintf(path, sizeof(path), "%s/ipconfig", folder);
	(void)unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(diskutil_decides_kind_of_disk, before),
		cmocka_unit_test_setup(disk_is_built_in_without_diskutil,
				       before),
		cmocka_unit_test_setup(mounted_disk_is_busy, before),
		cmocka_unit_test_setup(disk_size_is_blocks_times_block_size,
				       before),
		cmocka_unit_test(sync_flushes_cache_of_the_disk),
		cmocka_unit_test(disk_is_read_back_without_its_cache),
		cmocka_unit_test_setup(lease_is_the_packet_of_the_server,
				       before),
		cmocka_unit_test(advice_is_for_macos),
		cmocka_unit_test_setup(
			port_belongs_to_device_with_serial_number, before),
		cmocka_unit_test_setup(no_port_is_found_without_ioreg, before),
		cmocka_unit_test(program_is_named_without_links),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
