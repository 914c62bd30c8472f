/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/found.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "gadget/role.h"

enum { NESTING = 4, ENTRIES_MAX = 64, SERIAL_BYTES = 6, QW_SIGN = 7 };

/* --- files --- */

static ssize_t read_bytes(const char *path, void *out, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	while (len < cap && (n = read(fd, (char *)out + len, cap - len)) > 0)
		len += (size_t)n;
	close(fd);
	return n < 0 ? -1 : (ssize_t)len;
}

/* A line; some attributes (host_addr) have a zero byte before its end. */
static int read_text(char *out, size_t cap, const char *path)
{
	char text[FOUND_VALUE + 2];
	ssize_t n = read_bytes(path, text, sizeof(text));

	if (n < 0)
		return -1;
	errno = EILSEQ;
	if (n && text[n - 1] == '\n')
		n--;
	while (n && !text[n - 1])
		n--;
	if ((size_t)n >= cap)
		return -1;
	memcpy(out, text, (size_t)n);
	out[n] = '\0';
	for (ssize_t i = 0; i < n; i++)
		if ((unsigned char)out[i] < ' ' || out[i] == 0x7f)
			return -1;
	return (int)n;
}

int found_read(char *out, size_t cap, const char *format, ...)
{
	char path[FOUND_PATH];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	out[0] = '\0';
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	n = read_text(out, cap, path);
	if (n < 0)
		out[0] = '\0';
	return n;
}

/* --- a gadget --- */

/* A walk: absolute path for reading, and where in it the recipe's begins. */
struct walk {
	struct found_gadget *g;
	char path[FOUND_PATH];
	size_t base; /* of the path below usb_gadget */
};

static const char *relative(const struct walk *w)
{
	return w->path + w->base;
}

/* Go down by a name; returns what back() needs, 0: too long. */
static size_t enter(struct walk *w, const char *name)
{
	size_t len = strlen(w->path);
	int n = snprintf(w->path + len, sizeof(w->path) - len, "/%s", name);

	if (n < 0 || (size_t)n >= sizeof(w->path) - len) {
		w->path[len] = '\0';
		w->g->recipe.full = true;
		return 0;
	}
	return len;
}

static void back(struct walk *w, size_t len)
{
	w->path[len] = '\0';
}

/* Call visit for each entry of the folder, of one type (S_IFDIR, ...). The
 * newest come first in configfs; so they are taken in reverse. */
static void each(struct walk *w, mode_t type,
		 void (*visit)(struct walk *w, const char *name))
{
	char names[ENTRIES_MAX][CONFIG_NAME];
	DIR *d = opendir(w->path);
	struct dirent *e;
	struct stat st;
	int count = 0;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    (st.st_mode & S_IFMT) != type)
			continue;
		if (type == S_IFREG && !(st.st_mode & S_IWUSR))
			continue;
		if (count == ENTRIES_MAX || strlen(e->d_name) >= CONFIG_NAME) {
			w->g->recipe.full = true;
			continue;
		}
		memcpy(names[count++], e->d_name, strlen(e->d_name) + 1);
	}
	if (d)
		closedir(d);
	while (count--) {
		size_t len = enter(w, names[count]);

		if (!len)
			continue;
		visit(w, names[count]);
		back(w, len);
	}
}

static void each_in(struct walk *w, const char *folder, mode_t type,
		    void (*visit)(struct walk *w, const char *name))
{
	size_t len = enter(w, folder);

	if (!len)
		return;
	each(w, type, visit);
	back(w, len);
}

/* It is QW_SIGN characters. Kernels (6.1 at least) show 14, taking its size in
 * bytes for one in UTF-16's units: the rest is of what is behind it in memory,
 * on ARM the count of a lock. */
static int read_qw_sign(char *out, size_t cap, const char *path)
{
	ssize_t n = read_bytes(path, out, cap - 1);
	int len = 0, characters = 0;

	while (len < n && (unsigned char)out[len] >= ' ' && out[len] != 0x7f) {
		characters += ((unsigned char)out[len] & 0xc0) != 0x80;
		if (characters > QW_SIGN)
			break;
		len++;
	}
	out[len] = '\0';
	return len;
}

/* What cannot be read as a line cannot be put back: left as it comes. */
static void attribute(struct walk *w, const char *name)
{
	char value[FOUND_VALUE];
	int n;

	if (!strcmp(name, "UDC") || !strcmp(name, "ifname"))
		return;
	if (!strcmp(name, "qw_sign"))
		n = read_qw_sign(value, sizeof(value), w->path);
	else
		n = found_read(value, sizeof(value), "%s", w->path);
	if (n <= 0)
		return;
	steps_add_soft(&w->g->recipe, STEP_WRITE, relative(w), value);
}

static void strings(struct walk *w, const char *name)
{
	(void)name;
	steps_add(&w->g->recipe, STEP_MKDIR, relative(w), "");
	each(w, S_IFREG, attribute);
}

static void link_found(struct walk *w, const char *name)
{
	char target[FOUND_PATH];
	ssize_t n = readlink(w->path, target, sizeof(target) - 1);
	const char *at;

	(void)name;
	if (n <= 0)
		return;
	target[n] = '\0';
	at = strstr(target, "usb_gadget/");
	/* Of functions' own links only their removal is known to work. */
	steps_add(&w->g->recipe, STEP_SYMLINK, relative(w),
		  at ? at + strlen("usb_gadget/") : target);
}

/* Folders inside a function: of the kernel's making (os_desc), or a user's,
 * which only an attempt tells. */
static void nested(struct walk *w, const char *name)
{
	static int depth;

	if (depth >= NESTING)
		return;
	depth++;
	if (strcmp(name, "os_desc") != 0 &&
	    strncmp(name, "interface.", 10) != 0)
		steps_add_soft(&w->g->recipe, STEP_MKDIR, relative(w), "");
	each(w, S_IFREG, attribute);
	each(w, S_IFDIR, nested);
	each(w, S_IFLNK, link_found);
	depth--;
}

static void function(struct walk *w, const char *name)
{
	struct found_gadget *g = w->g;
	const char *instance = strchr(name, '.');

	g->ours |= instance && !strcmp(instance + 1, GADGET_INSTANCE);
	steps_add(&g->recipe, STEP_MKDIR, relative(w), "");
	if (!g->host_addr[0])
		(void)found_read(g->host_addr, sizeof(g->host_addr),
				 "%s/host_addr", w->path);
	if (!g->ifname[0] && (found_read(g->ifname, sizeof(g->ifname),
					 "%s/ifname", w->path) <= 0 ||
			      strpbrk(g->ifname, "(%/ ")))
		g->ifname[0] = '\0'; /* it has no interface yet */
	each(w, S_IFREG, attribute);
	each(w, S_IFDIR, nested);
	each(w, S_IFLNK, link_found);
}

static void configuration(struct walk *w, const char *name)
{
	(void)name;
	steps_add(&w->g->recipe, STEP_MKDIR, relative(w), "");
	each(w, S_IFREG, attribute);
	each_in(w, "strings", S_IFDIR, strings);
}

static void configuration_links(struct walk *w, const char *name)
{
	(void)name;
	each(w, S_IFLNK, link_found);
}

/* The interface goes with its function, but its address should be gone
 * before: another's could not be set else. */
static void network(struct found_gadget *g, const struct found_env *env)
{
	char value[64], *slash;
	uint32_t address, mask;

	if (!g->ifname[0])
		return;
	if (!env->address ||
	    !env->address(env->ctx, g->ifname, value, sizeof(value)))
		value[0] = '\0';
	steps_add_soft(&g->recipe, STEP_NET_UP, g->ifname, value);
	slash = strchr(value, '/');
	if (!slash)
		return;
	*slash = '\0';
	mask = 0xffffffffU << (32 - env->config->prefix);
	g->conflicts = address_parse(value, &address) &&
		       !((address ^ env->config->address) & mask);
}

static void gadget(struct walk *w, const struct found_env *env)
{
	struct found_gadget *g = w->g;

	g->taken = env->taken && !strcmp(g->name, env->taken);
	steps_add(&g->recipe, STEP_MKDIR, g->name, "");
	each(w, S_IFREG, attribute);
	each_in(w, "os_desc", S_IFREG, attribute);
	each_in(w, "strings", S_IFDIR, strings);
	each_in(w, "functions", S_IFDIR, function);
	each_in(w, "configs", S_IFDIR, configuration);
	each_in(w, "configs", S_IFDIR, configuration_links);
	each_in(w, "os_desc", S_IFLNK, link_found);
	(void)found_read(g->udc, sizeof(g->udc), "%s/UDC", w->path);
	if (g->udc[0])
		steps_add(&g->recipe, STEP_BIND, g->name, g->udc);
	network(g, env);
}

static void scan_gadgets(struct found *f, const struct found_env *env)
{
	struct walk w = { 0 };
	struct dirent *e;
	size_t len;
	DIR *d;

	snprintf(w.path, sizeof(w.path), "%s" GADGET_FOLDER, env->root);
	d = opendir(w.path);
	f->configfs = d != NULL;
	w.base = strlen(w.path) + 1;
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || e->d_type != DT_DIR)
			continue;
		if (f->gadgets == FOUND_GADGETS ||
		    strlen(e->d_name) >= CONFIG_NAME) {
			f->truncated = true;
			continue;
		}
		w.g = &f->gadget[f->gadgets++];
		/* Its lists are large, and only what is used is touched. */
		memset(w.g, 0, offsetof(struct found_gadget, recipe));
		steps_init(&w.g->recipe);
		memcpy(w.g->name, e->d_name, strlen(e->d_name) + 1);
		len = enter(&w, w.g->name);
		if (len)
			gadget(&w, env);
		back(&w, len);
	}
	if (d)
		closedir(d);
}

/* --- the rest --- */

static int by_name(const void *a, const void *b)
{
	const struct found_udc *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void scan_udcs(struct found *f, const char *root)
{
	char path[FOUND_PATH];
	struct found_udc *u;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/sys/class/udc", root);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		if (f->udcs == FOUND_UDCS || strlen(e->d_name) >= CONFIG_NAME) {
			f->truncated = true;
			continue;
		}
		u = &f->udc[f->udcs++];
		memcpy(u->name, e->d_name, strlen(e->d_name) + 1);
		(void)found_read(u->state, sizeof(u->state), "%s/%s/state",
				 path, u->name);
		(void)found_read(u->speed, sizeof(u->speed),
				 "%s/%s/current_speed", path, u->name);
		(void)found_read(u->driver, sizeof(u->driver), "%s/%s/function",
				 path, u->name);
	}
	if (d)
		closedir(d);
	qsort(f->udc, f->udcs, sizeof(f->udc[0]), by_name);
}

/* Gadgets that are modules of their own and hold a controller until they are
 * unloaded. */
static bool is_legacy(const char *module)
{
	static const char *const names[] = {
		"g_ether",  "g_ncm",	 "g_cdc",    "g_multi",
		"g_serial", "g_acm_ms",	 "g_ffs",    "g_mass_storage",
		"g_zero",   "g_audio",	 "g_midi",   "g_hid",
		"g_nokia",  "g_printer", "g_webcam", "g_dbgp",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], module))
			return true;
	return false;
}

static void take_module(struct found *f, const char *root, const char *name)
{
	struct found_module *m = &f->module[f->modules];

	if (f->modules == FOUND_MODULES) {
		f->truncated = true;
		return;
	}
	f->modules++;
	snprintf(m->name, sizeof(m->name), "%.31s", name);
	/* "(null)" where none was given. */
	if (found_read(m->host_addr, sizeof(m->host_addr),
		       "%s/sys/module/%s/parameters/host_addr", root,
		       m->name) != MAC_TEXT - 1)
		m->host_addr[0] = '\0';
}

static void scan_modules(struct found *f, const char *root)
{
	char path[FOUND_PATH], line[512];
	FILE *in;

	snprintf(path, sizeof(path), "%s/proc/modules", root);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in)) {
		line[strcspn(line, " \n")] = '\0';
		if (is_legacy(line))
			take_module(f, root, line);
	}
	if (in)
		fclose(in);
}

const char *found_udc(const struct found *f, const struct config *c)
{
	if (c->udc[0])
		return c->udc;
	return f->udcs ? f->udc[0].name : "";
}

/* machine-id(5) asks not to be shown; a hash of it may. */
static void scan_serial(struct found *f, const char *root)
{
	static const char key[] = "tether serial";
	uint8_t digest[SHA256_SIZE];
	char path[FOUND_PATH], text[64];
	ssize_t n;

	/* The device tree's text has its zero byte. */
	snprintf(path, sizeof(path), "%s/proc/device-tree/serial-number", root);
	n = read_bytes(path, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	if (text[0] &&
	    strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.") == strlen(text)) {
		snprintf(f->serial, sizeof(f->serial), "%s", text);
		f->serial_of_board = true;
		return;
	}
	if (found_read(text, sizeof(text), "%s/etc/machine-id", root) <= 0)
		return;
	hmac_sha256(key, sizeof(key) - 1, text, strlen(text), digest);
	for (int i = 0; i < SERIAL_BYTES; i++)
		snprintf(f->serial + (size_t)2 * (size_t)i, 3, "%02X",
			 digest[i]);
}

void found_scan(struct found *f, const struct found_env *env)
{
	memset(f, 0, offsetof(struct found, gadget));
	memset(f->udc, 0, sizeof(*f) - offsetof(struct found, udc));
	scan_gadgets(f, env);
	scan_udcs(f, env->root);
	scan_modules(f, env->root);
	role_read(env->root, found_udc(f, env->config), f->udcs, f->role,
		  sizeof(f->role));
	scan_serial(f, env->root);
}

/* --- FIFOs --- */

static size_t cells(const char *node, const char *name, uint32_t *words,
		    size_t max)
{
	uint8_t bytes[4 * FIFO_TX_MAX + 4];
	char path[FOUND_PATH + 32];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", node, name);
	n = read_bytes(path, bytes, sizeof(bytes));
	return n > 0 ? fifo_cells(bytes, (size_t)n, words, max) : 0;
}

/* "49000000.usb-otg" is the node usb-otg@49000000. */
static void find_node(const char *root, const char *udc, char *node, size_t cap)
{
	static const char *const below[] = { "", "/soc", "/soc@0", "/ahb" };
	const char *dot = strchr(udc, '.');
	struct stat st;

	snprintf(node, cap, "%s/sys/class/udc/%s/device/of_node", root, udc);
	if (!stat(node, &st))
		return;
	for (size_t i = 0; dot && i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(node, cap, "%s/proc/device-tree%s/%s@%.*s", root,
			 below[i], dot + 1, (int)(dot - udc), udc);
		if (!stat(node, &st))
			return;
	}
	node[0] = '\0';
}

void found_fifos(const char *root, const char *udc, struct fifos *f)
{
	char node[FOUND_PATH], compatible[128];
	char path[FOUND_PATH + 32];
	ssize_t n;

	*f = (struct fifos){ 0 };
	find_node(root, udc, node, sizeof(node));
	if (!node[0])
		return;
	f->count = (uint8_t)cells(node, "g-tx-fifo-size", f->tx, FIFO_TX_MAX);
	(void)cells(node, "g-rx-fifo-size", &f->rx, 1);
	(void)cells(node, "g-np-tx-fifo-size", &f->np_tx, 1);
	f->known = f->count > 0;
	snprintf(path, sizeof(path), "%s/compatible", node);
	n = read_bytes(path, compatible, sizeof(compatible) - 1);
	compatible[n > 0 ? n : 0] = '\0';
	if (!strncmp(compatible, "st,stm32mp15-", 13))
		f->total = 952; /* RM0436: 3.8 Kbytes of FIFO RAM */
}
