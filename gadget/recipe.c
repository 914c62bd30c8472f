/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/recipe.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gadget/function.h"
#include "gadget/sysfs.h"

/* Entries of one folder, and length of a qw_sign in characters. */
enum { NESTING_MAX = 4, ENTRIES_MAX = 64, QW_SIGN = 7 };

/* A walk through the gadget's folders. */
struct walk {
	struct found_gadget *g;
	char path[SYSFS_PATH]; /* absolute path of the current entry */
	size_t base; /* offset in path of the part below usb_gadget, which
			recipes contain */
	int depth;   /* nesting inside a function */
};

static const char *recipe_path(const struct walk *w)
{
	return w->path + w->base;
}

/* Descend to an entry. Returns the length to pass to leave_entry(); 0: the path
 * is too long. */
static size_t enter_entry(struct walk *w, const char *name)
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

static void leave_entry(struct walk *w, size_t len)
{
	w->path[len] = '\0';
}

/* Call visit for each entry of the current folder that has the type (S_IFDIR,
 * ...). The entries are visited in reverse order, as configfs lists the newest
 * entry first. Read-only attributes are left out. */
static void visit_entries(struct walk *w, mode_t type,
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
		size_t len = enter_entry(w, names[count]);

		if (!len)
			continue;
		visit(w, names[count]);
		leave_entry(w, len);
	}
}

static void visit_folder(struct walk *w, const char *folder, mode_t type,
			 void (*visit)(struct walk *w, const char *name))
{
	size_t len = enter_entry(w, folder);

	if (!len)
		return;
	visit_entries(w, type, visit);
	leave_entry(w, len);
}

/* Read the first QW_SIGN characters of qw_sign, which are its value. Kernels
 * (at least 6.1) show 14 characters, because they use the size in bytes as the
 * number of UTF-16 units. The excess characters come from the memory behind the
 * value, on ARM from a lock. */
static int read_qw_sign(char *out, size_t cap, const char *path)
{
	ssize_t n = sysfs_read_bytes(path, out, cap - 1);
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

/* Leave out an attribute that cannot be read as one line: it cannot be
 * restored. */
static void add_attribute(struct walk *w, const char *name)
{
	char value[SYSFS_VALUE];
	int n;

	if (!strcmp(name, "UDC") || !strcmp(name, "ifname"))
		return;
	if (!strcmp(name, "qw_sign"))
		n = read_qw_sign(value, sizeof(value), w->path);
	else
		n = sysfs_read(value, sizeof(value), "%s", w->path);
	if (n <= 0)
		return;
	steps_add_soft(&w->g->recipe, STEP_WRITE, recipe_path(w), value);
}

static void add_strings(struct walk *w, const char *name)
{
	(void)name;
	steps_add(&w->g->recipe, STEP_MKDIR, recipe_path(w), "");
	visit_entries(w, S_IFREG, add_attribute);
}

static void add_link(struct walk *w, const char *name)
{
	char target[SYSFS_PATH];
	ssize_t n = readlink(w->path, target, sizeof(target) - 1);
	const char *at;

	(void)name;
	if (n <= 0)
		return;
	target[n] = '\0';
	at = strstr(target, "usb_gadget/");
	/* For links inside a function only the removal is known to work. */
	steps_add(&w->g->recipe, STEP_SYMLINK, recipe_path(w),
		  at ? at + strlen("usb_gadget/") : target);
}

/* Add a folder inside a function. The kernel makes os_desc and interface.*. Any
 * other folder was made by the kernel or a user, so the step that makes it is
 * soft. */
static void add_nested(struct walk *w, const char *name)
{
	if (w->depth >= NESTING_MAX)
		return;
	w->depth++;
	if (strcmp(name, "os_desc") != 0 &&
	    strncmp(name, "interface.", 10) != 0)
		steps_add_soft(&w->g->recipe, STEP_MKDIR, recipe_path(w), "");
	visit_entries(w, S_IFREG, add_attribute);
	visit_entries(w, S_IFDIR, add_nested);
	visit_entries(w, S_IFLNK, add_link);
	w->depth--;
}

static void add_function(struct walk *w, const char *name)
{
	struct found_gadget *g = w->g;
	const char *instance = strchr(name, '.');

	g->ours |= instance && !strcmp(instance + 1, FUNCTION_INSTANCE);
	steps_add(&g->recipe, STEP_MKDIR, recipe_path(w), "");
	if (!g->host_addr[0])
		(void)sysfs_read(g->host_addr, sizeof(g->host_addr),
				 "%s/host_addr", w->path);
	if (!g->ifname[0] && (sysfs_read(g->ifname, sizeof(g->ifname),
					 "%s/ifname", w->path) <= 0 ||
			      strpbrk(g->ifname, "(%/ ")))
		g->ifname[0] = '\0'; /* "(unnamed net_device)" before the
				      * first bind */
	visit_entries(w, S_IFREG, add_attribute);
	visit_entries(w, S_IFDIR, add_nested);
	visit_entries(w, S_IFLNK, add_link);
}

static void add_configuration(struct walk *w, const char *name)
{
	(void)name;
	steps_add(&w->g->recipe, STEP_MKDIR, recipe_path(w), "");
	visit_entries(w, S_IFREG, add_attribute);
	visit_folder(w, "strings", S_IFDIR, add_strings);
}

static void add_configuration_links(struct walk *w, const char *name)
{
	(void)name;
	visit_entries(w, S_IFLNK, add_link);
}

void recipe_read(struct found_gadget *g, const char *path)
{
	struct walk walk = { .g = g }, *w = &walk;
	int n = snprintf(w->path, sizeof(w->path), "%s", path);

	steps_init(&g->recipe);
	g->recipe.full = n < 0 || (size_t)n >= sizeof(w->path);
	if (g->recipe.full)
		return;
	w->base = strlen(path) - strlen(g->name);
	steps_add(&g->recipe, STEP_MKDIR, g->name, "");
	visit_entries(w, S_IFREG, add_attribute);
	visit_folder(w, "os_desc", S_IFREG, add_attribute);
	visit_folder(w, "strings", S_IFDIR, add_strings);
	visit_folder(w, "functions", S_IFDIR, add_function);
	visit_folder(w, "configs", S_IFDIR, add_configuration);
	visit_folder(w, "configs", S_IFDIR, add_configuration_links);
	visit_folder(w, "os_desc", S_IFLNK, add_link);
	(void)sysfs_read(g->udc, sizeof(g->udc), "%s/UDC", w->path);
	if (g->udc[0])
		steps_add(&g->recipe, STEP_BIND, g->name, g->udc);
}
