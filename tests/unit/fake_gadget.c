/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_gadget.h"

#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gadget/sysfs.h"

/* Larger than any path here, so that the compiler does not warn of truncation.
 */
enum { PATH = 1024, LONG = 4 * PATH, DUMP = 32768 };

static void require(bool fine, const char *what)
{
	if (fine)
		return;
	fprintf(stderr, "fake gadget: %s: %s\n", what, strerror(errno));
	abort();
}

static void make_path(const char *path)
{
	char part[LONG];

	snprintf(part, sizeof(part), "%s", path);
	for (char *c = part + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		require(!mkdir(part, 0755) || errno == EEXIST, part);
		*c = '/';
	}
}

void fake_file(struct fake *f, const char *path, const void *data, size_t len)
{
	char full[LONG];
	FILE *out;

	snprintf(full, sizeof(full), "%s%s", f->root, path);
	make_path(full);
	out = fopen(full, "we");
	require(out && (!len || fwrite(data, len, 1, out) == 1), full);
	fclose(out);
}

void fake_text(struct fake *f, const char *path, const char *text)
{
	fake_file(f, path, text, strlen(text));
}

static void write_text(struct fake *f, const char *folder, const char *name,
		       const char *text)
{
	char path[2 * PATH + CONFIG_NAME];

	snprintf(path, sizeof(path), GADGET_FOLDER "/%s/%s", folder, name);
	fake_text(f, path, text);
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_all(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static bool exists(struct fake *f, const char *format, const char *path)
{
	char full[LONG], part[2 * PATH];
	struct stat st;

	snprintf(part, sizeof(part), format, path);
	snprintf(full, sizeof(full), "%s" GADGET_FOLDER "/%s", f->root, part);
	return !lstat(full, &st);
}

/* Count the directory entries of a type, without hidden entries. */
static int entries(struct fake *f, const char *path, unsigned char type)
{
	char full[2 * PATH];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(full, sizeof(full), "%s" GADGET_FOLDER "/%s", f->root, path);
	d = opendir(full);
	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.' && e->d_type == type;
	if (d)
		closedir(d);
	return n;
}

static int links_to(struct fake *f, const char *gadget, const char *folder,
		    const char *target)
{
	char path[2 * PATH], full[LONG], to[PATH];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s" GADGET_FOLDER "/%s/%s", f->root,
		 gadget, folder);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		ssize_t len;

		snprintf(full, sizeof(full), "%s/%s", path, e->d_name);
		len = readlink(full, to, sizeof(to) - 1);
		to[len > 0 ? len : 0] = '\0';
		n += len > 0 && strstr(to, target) &&
		     !strcmp(strstr(to, target), target);
	}
	if (d)
		closedir(d);
	return n;
}

/* --- default folders and attributes --- */

static void make_gadget(struct fake *f, const char *g)
{
	static const char *const names[] = {
		"idVendor",	"idProduct",	   "bcdUSB",
		"bDeviceClass", "bDeviceSubClass", "bDeviceProtocol",
		"bcdDevice"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		write_text(f, g, names[i], "0x00\n");
	write_text(f, g, "UDC", "\n");
	write_text(f, g, "os_desc/use", "0\n");
	write_text(f, g, "os_desc/b_vendor_code", "0x00\n");
	write_text(f, g, "os_desc/qw_sign", "\n");
	write_text(f, g, "configs/.keep", "");
	write_text(f, g, "functions/.keep", "");
	write_text(f, g, "strings/.keep", "");
}

static int make_function(struct fake *f, const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	if (!strncmp(name, "ecm.", 4) || !strncmp(name, "ncm.", 4) ||
	    !strncmp(name, "rndis.", 6)) {
		write_text(f, path, "dev_addr", "aa:aa:aa:aa:aa:aa\n");
		write_text(f, path, "host_addr", "be:be:be:be:be:be\n");
		write_text(f, path, "qmult", "5\n");
		write_text(f, path, "ifname", "(unnamed net_device)\n");
		if (name[0] == 'n')
			write_text(f, path,
				   "os_desc/interface.ncm/compatible_id", "\n");
		if (name[0] == 'r')
			write_text(f, path,
				   "os_desc/interface.rndis/compatible_id",
				   "\n");
		if (name[0] == 'r')
			write_text(f, path,
				   "os_desc/interface.rndis/sub_compatible_id",
				   "\n");
	} else if (!strncmp(name, "acm.", 4)) {
		write_text(f, path, "port_num", "0\n");
	} else if (!strncmp(name, "ffs.", 4) || !strncmp(name, "zzz.", 4)) {
		write_text(f, path, "ready", "1\n");
	} else {
		errno = ENOENT;
		return -1;
	}
	return 0;
}

static int make_folder(struct fake *f, const char *path)
{
	if (exists(f, "%s", path)) {
		errno = EEXIST;
		return -1;
	}
	if (!strchr(path, '/'))
		make_gadget(f, path);
	else if (strstr(path, "/functions/"))
		return make_function(f, path);
	else if (strstr(path, "configs/") && strstr(path, "strings/"))
		write_text(f, path, "configuration", "\n");
	else if (strstr(path, "/strings/"))
		for (int i = 0; i < 3; i++)
			write_text(f, path,
				   (const char *[]){ "serialnumber",
						     "manufacturer",
						     "product" }[i],
				   "\n");
	else {
		write_text(f, path, "MaxPower", "500\n");
		write_text(f, path, "bmAttributes", "0x80\n");
		write_text(f, path, "strings/.keep", "");
	}
	return 0;
}

static void copy_gadget_name(const char *path, char *gadget)
{
	snprintf(gadget, CONFIG_NAME, "%.*s", (int)strcspn(path, "/"), path);
}

static int refuse(int error)
{
	errno = error;
	return -1;
}

static int remove_folder(struct fake *f, const char *path)
{
	char gadget[CONFIG_NAME], part[PATH], full[2 * PATH];

	copy_gadget_name(path, gadget);
	if (!exists(f, "%s", path))
		return refuse(ENOENT);
	if (!strchr(path, '/'))
		for (int i = 0; i < 3; i++) {
			snprintf(part, sizeof(part), "%s/%s", path,
				 (const char *[]){ "configs", "functions",
						   "strings" }[i]);
			if (entries(f, part, DT_DIR))
				return refuse(ENOTEMPTY);
		}
	if (strstr(path, "/functions/") &&
	    links_to(f, gadget, "configs/c.1", strstr(path, "functions/")))
		return refuse(EBUSY);
	if (strstr(path, "/configs/") && !strstr(path, "strings/")) {
		snprintf(part, sizeof(part), "%s/strings", path);
		if (entries(f, path, DT_LNK) || entries(f, part, DT_DIR))
			return refuse(ENOTEMPTY);
		if (links_to(f, gadget, "os_desc", strstr(path, "configs/")))
			return refuse(EBUSY);
	}
	snprintf(full, sizeof(full), "%s" GADGET_FOLDER "/%s", f->root, path);
	remove_all(full);
	return 0;
}

/* --- the controller --- */

static void read_udc(struct fake *f, const char *gadget, char *udc)
{
	if (sysfs_read(udc, CONFIG_NAME, "%s" GADGET_FOLDER "/%s/UDC", f->root,
		       gadget) < 0)
		udc[0] = '\0';
}

static void name_interface(struct fake *f, const char *gadget)
{
	static const char *const functions[] = { "rndis.0", "ncm.0",
						 "ecm.tether", "ncm.tether" };
	char path[PATH];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/functions/%s/ifname", gadget,
			 functions[i]);
		if (exists(f, "%s", path)) {
			snprintf(path, sizeof(path), "%s/functions/%s", gadget,
				 functions[i]);
			write_text(f, path, "ifname", "usb0\n");
		}
	}
}

static int bind_gadget(struct fake *f, const char *gadget, const char *udc)
{
	char path[PATH], text[CONFIG_NAME + 32];

	read_udc(f, gadget, text);
	if (text[0])
		return refuse(EBUSY);
	snprintf(path, sizeof(path), "%s/configs/c.1", gadget);
	if (!entries(f, path, DT_LNK))
		return refuse(EBUSY);
	if (sysfs_read(text, sizeof(text), "%s/sys/class/udc/%s/function",
		       f->root, udc) != 0)
		return refuse(EBUSY);
	/* Linux 4.19, 5.x and 7.x use different names for the driver. */
	snprintf(text, sizeof(text), "%s%s\n",
		 (const char *[]){ "configfs-gadget", "configfs-gadget.",
				   "" }[f->kernel % 3],
		 f->kernel % 3 ? gadget : "");
	snprintf(path, sizeof(path), "/sys/class/udc/%s/function", udc);
	fake_text(f, path, text);
	write_text(f, gadget, "UDC", udc);
	name_interface(f, gadget);
	return 0;
}

static int unbind_gadget(struct fake *f, const char *gadget)
{
	char udc[CONFIG_NAME], path[PATH];

	read_udc(f, gadget, udc);
	if (!udc[0])
		return refuse(ENODEV);
	snprintf(path, sizeof(path), "%s/sys/class/udc/%s", f->root, udc);
	if (!access(path, F_OK)) {
		snprintf(path, sizeof(path), "/sys/class/udc/%s/function", udc);
		fake_text(f, path, "");
	}
	write_text(f, gadget, "UDC", "\n");
	return 0;
}

static int execute(struct fake *f, enum step_op op, const char *path,
		   const char *value)
{
	char gadget[CONFIG_NAME], udc[CONFIG_NAME];

	copy_gadget_name(path, gadget);
	read_udc(f, gadget, udc);
	switch (op) {
	case STEP_MKDIR:
		return make_folder(f, path);
	case STEP_RMDIR:
		return remove_folder(f, path);
	case STEP_BIND:
		return bind_gadget(f, path, value);
	case STEP_UNBIND:
		return unbind_gadget(f, path);
	case STEP_PAUSE:
		return 0;
	case STEP_NET_DOWN:
		f->address[0] = '\0';
		return 0;
	case STEP_NET_UP:
		snprintf(f->address, sizeof(f->address), "%s", value);
		return 0;
	case STEP_SYMLINK:
		if (udc[0])
			return refuse(EINVAL);
		if (!exists(f, "%s", value))
			return refuse(ENOENT);
		break;
	case STEP_WRITE:
		if (strstr(path, "/functions/")) {
			char name[PATH];

			snprintf(name, sizeof(name), "%s",
				 strstr(path, "functions/"));
			name[10 + strcspn(name + 10, "/")] = '\0';
			if (links_to(f, gadget, "configs/c.1", name))
				return refuse(EBUSY);
		}
		break;
	default:
		break;
	}
	return configfs_step(&f->real, op, path, value);
}

static int fake_step(void *ctx, enum step_op op, const char *path,
		     const char *value)
{
	struct fake *f = ctx;

	f->steps++;
	if (f->stop_at && f->steps >= f->stop_at)
		return 0;
	if (f->fail_at && f->steps == f->fail_at)
		return refuse(f->error);
	return execute(f, op, path, value);
}

/* --- systems --- */

void fake_udc(struct fake *f, const char *udc, bool there)
{
	char path[PATH];

	snprintf(path, sizeof(path), "%s/sys/class/udc/%s", f->root, udc);
	if (!there) {
		remove_all(path);
		return;
	}
	snprintf(path, sizeof(path), "/sys/class/udc/%s/state", udc);
	fake_text(f, path, "not attached\n");
	snprintf(path, sizeof(path), "/sys/class/udc/%s/current_speed", udc);
	fake_text(f, path, "UNKNOWN\n");
	snprintf(path, sizeof(path), "/sys/class/udc/%s/function", udc);
	fake_text(f, path, "");
}

void fake_init(struct fake *f, const char *udc)
{
	static const char serial[] = "002600343237510F39383538";

	static int kernel;

	*f = (struct fake){ .error = EIO, .kernel = kernel++ };
	/* The tests create some 100000 folders, so use memory if possible. */
	snprintf(f->root, sizeof(f->root), "%s/tether-gadget-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	require(mkdtemp(f->root), "a folder");
	f->real.root = f->root;
	f->doer = (struct step_doer){ fake_step, f };
	fake_text(f, GADGET_FOLDER "/.keep", "");
	fake_text(f, "/sys/class/udc/.keep", "");
	fake_text(f, "/proc/modules", "libcomposite 65536 1 - Live 0x0\n");
	fake_file(f, "/proc/device-tree/serial-number", serial, sizeof(serial));
	if (*udc)
		fake_udc(f, udc, true);
}

void fake_free(struct fake *f)
{
	remove_all(f->root);
}

void fake_stock(struct fake *f, enum fake_stock which, const char *udc)
{
	bool ncm = which == FAKE_NCM;
	char path[PATH];
	const char *function =
		ncm ? "g1/functions/ncm.0" : "g1/functions/rndis.0";

	require(!make_folder(f, "g1") && !make_folder(f, "g1/strings/0x409") &&
			!make_folder(f, function) &&
			!make_folder(f, "g1/configs/c.1") &&
			!make_folder(f, "g1/configs/c.1/strings/0x409"),
		"the stock gadget");
	write_text(f, "g1", "idVendor", "0x1d6b\n");
	write_text(f, "g1", "idProduct", "0x0104\n");
	write_text(f, "g1", "bcdUSB", "0x0200\n");
	write_text(f, "g1", "bDeviceClass", "0xef\n");
	write_text(f, "g1", "bDeviceSubClass", "0x02\n");
	write_text(f, "g1", "bDeviceProtocol", "0x01\n");
	write_text(f, "g1", "bcdDevice", "0x0100\n");
	write_text(f, "g1/strings/0x409", "manufacturer",
		   "STMicroelectronics\n");
	write_text(f, "g1/strings/0x409", "product", "STM32MP1\n");
	write_text(f, "g1/strings/0x409", "serialnumber",
		   which == FAKE_THUD ? "0\n" : "002600343237510F39383538\n");
	write_text(f, "g1", "os_desc/use", "1\n");
	write_text(f, "g1", "os_desc/b_vendor_code", "0xbc\n");
	write_text(f, "g1", "os_desc/qw_sign", "MSFT100\n");
	/* The kernel prints a zero byte before the newline. */
	snprintf(path, sizeof(path), GADGET_FOLDER "/%s/host_addr", function);
	fake_file(f, path, "7a:22:33:44:55:66\0\n", 19);
	write_text(f, function,
		   ncm ? "os_desc/interface.ncm/compatible_id"
		       : "os_desc/interface.rndis/compatible_id",
		   ncm ? "WINNCM\n" : "RNDIS\n");
	if (!ncm)
		write_text(f, function,
			   "os_desc/interface.rndis/sub_compatible_id",
			   "5162001\n");
	write_text(f, "g1/configs/c.1/strings/0x409", "configuration",
		   ncm ? "Config 1: NCM\n" : "Config 1: RNDIS\n");
	require(!execute(f, STEP_SYMLINK,
			 ncm ? "g1/configs/c.1/ncm.0"
			     : "g1/configs/c.1/rndis.0",
			 function) &&
			!execute(f, STEP_SYMLINK, "g1/os_desc/c.1",
				 "g1/configs/c.1") &&
			!execute(f, STEP_BIND, "g1", udc),
		"the stock gadget's links");
	snprintf(f->address, sizeof(f->address),
		 which == FAKE_THUD ? "192.168.7.2/24" : "192.168.7.1/24");
}

/* --- queries --- */

static char *lines[512];
static size_t line_count, prefix_len;

static int dump_one(const char *path, const struct stat *st, int type,
		    struct FTW *ftw)
{
	char line[2 * PATH], value[PATH] = "";
	const char *name = path + ftw->base;
	ssize_t n;

	(void)st;
	if (!strcmp(name, ".keep"))
		return 0;
	if (type == FTW_F && strcmp(name, "ifname") != 0)
		(void)sysfs_read(value, sizeof(value), "%s", path);
	if (type == FTW_SL) {
		n = readlink(path, value, sizeof(value) - 1);
		value[n > 0 ? n : 0] = '\0';
	}
	snprintf(line, sizeof(line), "%s=%s", path + prefix_len, value);
	require(line_count < sizeof(lines) / sizeof(lines[0]), "lines");
	lines[line_count++] = strdup(line);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char *fake_dump(struct fake *f)
{
	char path[PATH], *out = calloc(1, DUMP);
	size_t len = 0;

	snprintf(path, sizeof(path), "%s" GADGET_FOLDER, f->root);
	prefix_len = strlen(path);
	line_count = 0;
	(void)nftw(path, dump_one, 16, FTW_PHYS);
	qsort(lines, line_count, sizeof(lines[0]), compare);
	for (size_t i = 0; i < line_count; i++) {
		len += (size_t)snprintf(out + len, DUMP - len, "%s\n",
					lines[i]);
		require(len < DUMP, "the dump's size");
		free(lines[i]);
	}
	return out;
}

bool fake_address(void *ctx, const char *ifname, char *out, size_t cap)
{
	struct fake *f = ctx;

	snprintf(out, cap, "%s", f->address);
	return f->address[0] && !strcmp(ifname, "usb0");
}

void fake_scan(struct fake *f, struct found *found, const struct config *c)
{
	const struct found_env env = { f->root, c, fake_address, f,
				       f->taken_over };

	found_scan(found, &env);
}
