/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/virtual/supervisor.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

enum {
	INFO_MAX =
		USBIP_DEVICE_SIZE + USBIP_INTERFACES_MAX * USBIP_INTERFACE_SIZE,
	RESTART_MS = 1000, /* shortest time between two starts */
};

int supervisor_announce(int channel, const struct usbip_device *info)
{
	uint8_t data[INFO_MAX], *p = data + USBIP_DEVICE_SIZE;

	if (info->interfaces > USBIP_INTERFACES_MAX)
		return ERR_INVALID;
	usbip_wire_device_encode(info, data);
	for (uint8_t i = 0; i < info->interfaces; i++) {
		usbip_wire_interface_encode(&info->interface[i], p);
		p += USBIP_INTERFACE_SIZE;
	}
	return send(channel, data, (size_t)(p - data), MSG_NOSIGNAL) < 0
		       ? ERR_IO
		       : ERR_OK;
}

int supervisor_decode(struct usbip_device *info, const uint8_t *data,
		      size_t len)
{
	const uint8_t *p = data + USBIP_DEVICE_SIZE;

	if (len < USBIP_DEVICE_SIZE)
		return ERR_INVALID;
	memset(info, 0, sizeof(*info));
	usbip_wire_device_decode(info, data);
	/* The encoders trust `interfaces`: it must be what was received. */
	if (info->interfaces > USBIP_INTERFACES_MAX ||
	    len != USBIP_DEVICE_SIZE +
			    (size_t)info->interfaces * USBIP_INTERFACE_SIZE)
		return ERR_INVALID;
	for (uint8_t i = 0; i < info->interfaces; i++) {
		usbip_wire_interface_decode(&info->interface[i], p);
		p += USBIP_INTERFACE_SIZE;
	}
	return ERR_OK;
}

static void read_announcement(struct child *c)
{
	uint8_t data[INFO_MAX];
	struct usbip_device info;
	/* MSG_TRUNC: the length of the message, even if it does not fit. */
	ssize_t n = recv(c->channel.fd, data, sizeof(data),
			 MSG_DONTWAIT | MSG_TRUNC);

	if (n <= 0)
		return;
	if (supervisor_decode(&info, data, (size_t)n)) {
		log_write(c->supervisor->log, LOG_LEVEL_ERROR,
			  "device 1-%u sent a malformed announcement",
			  c->number + 1);
		return;
	}
	c->info = info;
}

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(sizeof(int))];
};

static int send_socket(int channel, int fd)
{
	union control control = { .space = { 0 } };
	char byte = 0;
	struct iovec v = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	return sendmsg(channel, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? ERR_IO
								     : ERR_OK;
}

int supervisor_receive(int channel, int *fd)
{
	union control control = { .space = { 0 } };
	char byte;
	struct iovec v = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *h;
	ssize_t n = recvmsg(channel, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	*fd = -1;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? ERR_OK : ERR_IO;
	if (!n)
		return ERR_IO;
	h = CMSG_FIRSTHDR(&m);
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(h), sizeof(*fd));
	return ERR_OK;
}

/* Reap a child whose channel was closed. */
static void reap_child(struct child *c)
{
	int status = 0;

	loop_remove(c->supervisor->loop, &c->channel);
	close(c->channel.fd);
	c->info.busid[0] = '\0';
	if (waitpid(c->pid, &status, 0) == c->pid && WIFSIGNALED(status))
		log_write(c->supervisor->log, LOG_LEVEL_ERROR,
			  "device 1-%u was killed by signal %d. Restarting it",
			  c->number + 1, WTERMSIG(status));
	else
		log_write(c->supervisor->log, LOG_LEVEL_ERROR,
			  "device 1-%u exited with status %d. Restarting it",
			  c->number + 1, WEXITSTATUS(status));
	c->pid = 0;
}

static void channel_ready(void *ctx, uint32_t events)
{
	struct child *c = ctx;

	if (events & EPOLLIN)
		read_announcement(c);
	if (events & (EPOLLHUP | EPOLLERR))
		reap_child(c);
}

/* Run the child. Does not return. */
static void run_child(struct supervisor *s, unsigned int number, int channel)
{
	/* End the child with the parent, even if the parent is killed. EOF on
	 * the channel is not enough, because siblings also hold its other
	 * end. */
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (unsigned int i = 0; i < s->count; i++)
		if (s->child[i].pid)
			close(s->child[i].channel.fd);
	loop_close(s->loop);
	_exit(s->run(s->ctx, number, channel));
}

static int start_child(struct child *c)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return ERR_IO;
	c->started_ms = clock_now_ms();
	c->pid = fork();
	if (c->pid < 0) {
		c->pid = 0;
		close(ends[0]);
		close(ends[1]);
		return ERR_IO;
	}
	if (!c->pid) {
		close(ends[0]);
		run_child(c->supervisor, c->number, ends[1]);
	}
	close(ends[1]);
	c->channel = (struct loop_source){ ends[0], channel_ready, c };
	return loop_add(c->supervisor->loop, &c->channel, EPOLLIN);
}

int supervisor_start(struct supervisor *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		struct child *c = &s->child[i];

		memset(c, 0, sizeof(*c));
		c->supervisor = s;
		c->number = i;
		if (start_child(c))
			return ERR_IO;
	}
	return ERR_OK;
}

void supervisor_poll(struct supervisor *s, uint32_t now_ms)
{
	for (unsigned int i = 0; i < s->count; i++) {
		struct child *c = &s->child[i];

		if (!c->pid && now_ms - c->started_ms >= RESTART_MS &&
		    start_child(c))
			log_write(s->log, LOG_LEVEL_ERROR,
				  "cannot start device 1-%u: %s", c->number + 1,
				  strerror(errno));
	}
}

void supervisor_stop(struct supervisor *s)
{
	for (unsigned int i = 0; i < s->count; i++)
		if (s->child[i].pid)
			kill(s->child[i].pid, SIGTERM);
	for (unsigned int i = 0; i < s->count; i++)
		if (s->child[i].pid)
			(void)waitpid(s->child[i].pid, NULL, 0);
}

const struct usbip_device *supervisor_device(void *ctx, unsigned int i)
{
	struct supervisor *s = ctx;

	return s->child[i].pid && s->child[i].info.busid[0] ? &s->child[i].info
							    : NULL;
}

void supervisor_import(void *ctx, unsigned int i, int fd)
{
	struct supervisor *s = ctx;

	if (send_socket(s->child[i].channel.fd, fd))
		log_write(s->log, LOG_LEVEL_WARN,
			  "cannot pass the connection to device 1-%u: %s",
			  i + 1, strerror(errno));
	close(fd);
}
