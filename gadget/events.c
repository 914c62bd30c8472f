/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/events.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/printable.h"

enum { BUFFER = 8192, KERNEL_UEVENTS = 1 };
/* Numbers of the device /dev/kmsg, see devices.txt of the kernel. */
enum { KMSG_MAJOR = 1, KMSG_MINOR = 11 };

bool events_has_subsystem(const char *data, size_t len, const char *subsystem)
{
	static const char key[] = "SUBSYSTEM=";
	size_t want = strlen(subsystem);

	for (size_t at = 0; at < len;) {
		size_t n = strnlen(data + at, len - at);

		if (n == sizeof(key) - 1 + want &&
		    !memcmp(data + at, key, sizeof(key) - 1) &&
		    !memcmp(data + at + sizeof(key) - 1, subsystem, want))
			return true;
		at += n + 1;
	}
	return false;
}

/* The kernel gives facility 1 or higher to everything that programs write to
 * /dev/kmsg. */
static bool is_from_kernel(const char *record, size_t len)
{
	return len > 1 && record[0] >= '0' && record[0] <= '7' &&
	       record[1] == ',';
}

bool events_parse_kmsg(const char *record, size_t len, char *out, size_t cap)
{
	const char *text = memchr(record, ';', len);
	size_t n, i;

	if (!text || !cap || !is_from_kernel(record, len))
		return false;
	text++;
	n = len - (size_t)(text - record);
	for (i = 0; i < n && i < cap - 1 && text[i] != '\n'; i++)
		out[i] = printable_char(text[i]);
	out[i] = '\0';
	return i > 0;
}

enum events_fault events_find_fault(const char *text, const char *udc)
{
	static const struct {
		const char *driver, *message;
		enum events_fault fault;
	} known[] = {
		{ "dwc2", "dwc2_hsotg_ep_enable: No suitable fifo found",
		  EVENTS_FAULT_NO_FIFO },
		{ "dwc2", "dwc2_hsotg_ep_stop_xfr: timeout",
		  EVENTS_FAULT_STOPPED },
	};
	char start[EVENTS_LINE];

	for (size_t i = 0; *udc && i < sizeof(known) / sizeof(known[0]); i++) {
		int n = snprintf(start, sizeof(start), "%s %s: %s",
				 known[i].driver, udc, known[i].message);

		if (n > 0 && n < (int)sizeof(start) &&
		    !strncmp(text, start, (size_t)n))
			return known[i].fault;
	}
	return EVENTS_FAULT_NONE;
}

/* A UDC has a class device and, since Linux 5.19, one on the gadget bus. It can
 * be bound when both exist: watch for both. */
static bool is_relevant(const char *data, size_t n)
{
	return events_has_subsystem(data, n, "udc") ||
	       events_has_subsystem(data, n, "gadget") ||
	       events_has_subsystem(data, n, "usb_role");
}

static void uevent_ready(void *ctx, uint32_t events)
{
	struct events *e = ctx;
	char data[BUFFER];
	struct sockaddr_nl from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t n;

	(void)events;
	while ((n = recvfrom(e->uevent.fd, data, sizeof(data), 0,
			     (struct sockaddr *)&from, &size)) >= 0) {
		/* Any process may send to this socket: accept only the
		 * kernel's messages. */
		if (!from.nl_pid)
			e->changed |= is_relevant(data, (size_t)n);
		size = sizeof(from);
	}
	e->changed |= errno == ENOBUFS; /* the kernel dropped some */
}

static void route_ready(void *ctx, uint32_t events)
{
	struct events *e = ctx;
	char data[BUFFER];

	(void)events;
	while (recv(e->route.fd, data, sizeof(data), 0) >= 0)
		;
	e->changed = true;
}

static void kmsg_ready(void *ctx, uint32_t events)
{
	struct events *e = ctx;
	char record[BUFFER], text[EVENTS_LINE];
	enum events_fault fault;
	ssize_t n;

	(void)events;
	/* EPIPE: the kernel overwrote records before they were read. */
	while ((n = read(e->kmsg.fd, record, sizeof(record))) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		if (n < 0 ||
		    !events_parse_kmsg(record, (size_t)n, text, sizeof(text)))
			continue;
		memcpy(e->last, text, sizeof(text));
		fault = events_find_fault(text, e->udc);
		e->no_fifo |= fault == EVENTS_FAULT_NO_FIFO;
		e->stopped |= fault == EVENTS_FAULT_STOPPED;
	}
}

static int open_netlink(int protocol, uint32_t groups)
{
	const struct sockaddr_nl a = { .nl_family = AF_NETLINK,
				       .nl_groups = groups };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			protocol);

	if (fd < 0 || !bind(fd, (const struct sockaddr *)&a, sizeof(a)))
		return fd;
	close(fd);
	return -1;
}

/* -1: the kernel has no log, or this process must not read it. */
static int open_kernel_log(void)
{
	struct stat st;
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 || fstat(STDIN_FILENO, &st) || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(KMSG_MAJOR, KMSG_MINOR))
		return fd;
	fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

void events_open_log(struct events *e)
{
	memset(e, 0, sizeof(*e));
	e->uevent.fd = e->route.fd = -1;
	e->kmsg = (struct loop_source){ open_kernel_log(), kmsg_ready, e };
	if (e->kmsg.fd >= 0)
		(void)lseek(e->kmsg.fd, 0, SEEK_END);
}

int events_open(struct events *e, struct loop *loop)
{
	events_open_log(e);
	e->loop = loop;
	e->uevent = (struct loop_source){ open_netlink(NETLINK_KOBJECT_UEVENT,
						       KERNEL_UEVENTS),
					  uevent_ready, e };
	e->route = (struct loop_source){
		open_netlink(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR),
		route_ready, e
	};
	if (e->uevent.fd < 0 || e->route.fd < 0 ||
	    loop_add(loop, &e->uevent, EPOLLIN) ||
	    loop_add(loop, &e->route, EPOLLIN)) {
		events_close(e);
		return ERR_IO;
	}
	if (e->kmsg.fd >= 0)
		(void)loop_add(loop, &e->kmsg, EPOLLIN);
	return ERR_OK;
}

void events_read_log(struct events *e)
{
	if (e->kmsg.fd >= 0)
		kmsg_ready(e, 0);
}

void events_close_log(struct events *e)
{
	if (e->kmsg.fd < 0)
		return;
	loop_remove(e->loop, &e->kmsg);
	close(e->kmsg.fd);
	e->kmsg.fd = -1;
}

void events_close(struct events *e)
{
	struct loop_source *sources[] = { &e->uevent, &e->route, &e->kmsg };

	for (int i = 0; i < 3; i++) {
		if (sources[i]->fd < 0)
			continue;
		loop_remove(e->loop, sources[i]);
		close(sources[i]->fd);
		sources[i]->fd = -1;
	}
}

void events_drain(struct events *e)
{
	events_read_log(e);
	e->last[0] = '\0';
	e->no_fifo = e->stopped = false;
}

const char *events_reason(struct events *e)
{
	events_read_log(e);
	return e->last;
}
