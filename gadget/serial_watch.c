/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/serial_watch.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "gadget/sysfs.h"
#include "posix/parse.h"

enum { BUFFER = 4096, STAT_LINE = 512 };

/* --- open and close events --- */

void serial_watch_close(struct serial_watch *w)
{
	if (w->fd > 0)
		close(w->fd);
	memset(w, 0, sizeof(*w));
}

static void open_watch(struct serial_watch *w, const char *port)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int wd = fd < 0 ? -1 : inotify_add_watch(fd, port, IN_OPEN | IN_CLOSE);

	if (wd < 0) {
		if (fd >= 0)
			close(fd);
		return;
	}
	w->fd = fd;
	w->wd = wd;
	snprintf(w->port, sizeof(w->port), "%s", port);
}

static void count_event(struct serial_watch *w, const struct inotify_event *e)
{
	if (e->mask & IN_OPEN)
		w->opens++;
	if (e->mask & IN_CLOSE && w->opens)
		w->opens--;
	/* The port was removed: a new one may have the same name. */
	if (e->mask & IN_IGNORED)
		w->wd = 0;
}

static void read_events(struct serial_watch *w)
{
	char data[BUFFER] __attribute__((aligned(8)));
	ssize_t n;

	while ((n = read(w->fd, data, sizeof(data))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct inotify_event *e =
				(const void *)(data + at);

			count_event(w, e);
			at += (ssize_t)(sizeof(*e) + e->len);
		}
}

/* --- processes --- */

/* Skip `count` fields. NULL: there are fewer. */
static const char *skip_fields(const char *at, int count)
{
	while (count-- && at) {
		at = strchr(at, ' ');
		if (at)
			at++;
	}
	return at;
}

void serial_watch_add_process(struct serial_watch_users *u, const char *stat,
			      uint32_t tty)
{
	/* "PID (NAME) STATE PPID PGRP SESSION TTY ...": the name may contain
	 * parentheses and blanks, so its end is the last parenthesis. */
	const char *name = strchr(stat, '('), *end = strrchr(stat, ')'), *at;
	uint64_t number;

	if (!name || !end || end < name || end[1] != ' ')
		return;
	at = skip_fields(end + 2, 4);
	if (!at || parse_next(&at, 10, UINT32_MAX, &number) || number != tty)
		return;
	name++;
	if ((size_t)(end - name) >= 5 && !strncmp(end - 5, "getty", 5))
		u->getty = true;
	else
		u->others = true;
}

/* The number of a terminal in /proc/PID/stat. */
static uint32_t encode_device(dev_t d)
{
	return (minor(d) & 0xff) | major(d) << 8 | (minor(d) & ~0xffU) << 12;
}

static struct serial_watch_users find_users(const char *port)
{
	struct serial_watch_users users = { 0 };
	char path[NAME_MAX + 16], line[STAT_LINE];
	struct dirent *e;
	struct stat st;
	ssize_t n;
	DIR *d;

	if (stat(port, &st) || !S_ISCHR(st.st_mode) || !(d = opendir("/proc")))
		return users;
	while ((e = readdir(d))) {
		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", e->d_name);
		n = sysfs_read_bytes(path, line, sizeof(line) - 1);
		if (n <= 0)
			continue;
		line[n] = '\0';
		serial_watch_add_process(&users, line,
					 encode_device(st.st_rdev));
	}
	closedir(d);
	return users;
}

void serial_watch_update(struct serial_watch *w, const char *port)
{
	if (w->fd > 0)
		read_events(w);
	if (w->fd > 0 && (!w->wd || strcmp(w->port, port) != 0))
		serial_watch_close(w);
	if (w->fd <= 0)
		open_watch(w, port);
}

bool serial_watch_is_open(const struct serial_watch *w)
{
	struct serial_watch_users users = find_users(w->port);

	return users.others || (w->opens && !users.getty);
}
