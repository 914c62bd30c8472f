/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/run_folder.h"

#define LOCK_PATH RUN_FOLDER "/lock"

static const struct sockaddr_un address = { AF_UNIX, RUN_FOLDER_SOCKET };

static void close_source(struct control_socket *c, struct loop_source *s)
{
	if (s->fd < 0)
		return;
	loop_remove(c->loop, s);
	close(s->fd);
	s->fd = -1;
}

/* Execute a request. Returns the length of c->answer. */
static size_t execute(struct control_socket *c, const char *request)
{
	char *text = c->answer + 1;
	char error[PLAN_TEXT] = "";
	bool restore = !strcmp(request, "restore");

	c->answer[0] = '0';
	if (!strncmp(request, "status", 6))
		return 1 + service_status_format(
				   c->service, !strcmp(request, "status json"),
				   text, SERVICE_STATUS_MAX);
	if (restore || !strcmp(request, "down")) {
		if (!service_down(c->service, restore, error, sizeof(error)))
			return 1;
		c->answer[0] = '1';
		return 1 + (size_t)snprintf(text, SERVICE_STATUS_MAX, "%s\n",
					    error);
	}
	c->answer[0] = '1';
	return 1 + (size_t)snprintf(text, SERVICE_STATUS_MAX,
				    "unknown request. The running tetherd "
				    "may be another version\n");
}

static void close_peer(struct control_socket *c)
{
	close_source(c, &c->peer);
	(void)loop_add(c->loop, &c->listener, EPOLLIN);
}

static void peer_ready(void *ctx, uint32_t events)
{
	struct control_socket *c = ctx;
	char request[32];
	ssize_t n = recv(c->peer.fd, request, sizeof(request) - 1, 0);
	size_t len;

	(void)events;
	if (n > 0) {
		request[n] = '\0';
		len = execute(c, request);
		(void)send(c->peer.fd, c->answer, len, MSG_NOSIGNAL);
	}
	close_peer(c);
}

static void listener_ready(void *ctx, uint32_t events)
{
	struct control_socket *c = ctx;
	int fd = accept4(c->listener.fd, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	c->peer = (struct loop_source){ fd, peer_ready, c };
	if (loop_add(c->loop, &c->peer, EPOLLIN)) {
		close(fd);
		c->peer.fd = -1;
		return;
	}
	c->peer_ms = clock_now_ms() + CONTROL_SOCKET_PEER_MS;
	loop_remove(c->loop, &c->listener);
}

int control_socket_timeout(const struct control_socket *c)
{
	int32_t left = (int32_t)(c->peer_ms - clock_now_ms());

	if (c->peer.fd < 0)
		return -1;
	return left > 0 ? left : 0;
}

void control_socket_turn(struct control_socket *c)
{
	if (!control_socket_timeout(c))
		close_peer(c);
}

static int open_listener(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	if (fd < 0)
		return -1;
	(void)unlink(RUN_FOLDER_SOCKET);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    chmod(RUN_FOLDER_SOCKET, 0600) || listen(fd, 4)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* Whether a tetherd listens, or can be about to. */
static bool is_served(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool served = fd >= 0 && !connect(fd, (const struct sockaddr *)&address,
					  sizeof(address));

	if (fd >= 0)
		close(fd);
	return served;
}

/* Take the lock. If nobody listens, its owner starts or ends: wait then. The
 * root process of a tetherd that was killed still ends its children. */
static int take_lock(int fd)
{
	const struct timespec step = { 0, 20 * 1000000L };
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	for (int ms = 0; fcntl(fd, F_OFD_SETLK, &l); ms += 20) {
		if (errno != EAGAIN && errno != EACCES)
			return ERR_IO;
		if (ms >= CONTROL_SOCKET_START_MS || is_served())
			return ERR_BUSY;
		nanosleep(&step, NULL);
	}
	return ERR_OK;
}

int control_socket_lock(struct control_socket *c)
{
	c->listener.fd = c->peer.fd = -1;
	if (run_folder_make())
		return ERR_IO;
	c->lock = open(LOCK_PATH, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (c->lock < 0)
		return ERR_IO;
	return take_lock(c->lock);
}

int control_socket_open(struct control_socket *c, struct service *s,
			struct loop *loop)
{
	int err;

	*c = (struct control_socket){ .service = s, .loop = loop };
	err = control_socket_lock(c);
	if (err)
		return err;
	c->listener =
		(struct loop_source){ open_listener(), listener_ready, c };
	if (c->listener.fd < 0 || loop_add(loop, &c->listener, EPOLLIN))
		return ERR_IO;
	return ERR_OK;
}

void control_socket_close(struct control_socket *c)
{
	close_source(c, &c->peer);
	close_source(c, &c->listener);
	close(c->lock);
}

/* Whether another tetherd has the lock. Only query the lock: taking it could
 * make a tetherd fail that is starting. */
static bool is_locked(void)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(LOCK_PATH, O_RDWR | O_CLOEXEC);
	bool locked =
		fd >= 0 && !fcntl(fd, F_OFD_GETLK, &l) && l.l_type != F_UNLCK;

	if (fd >= 0)
		close(fd);
	return locked;
}

static ssize_t ask_once(const char *request, char *text, size_t cap)
{
	const struct timeval limit = { CONTROL_SOCKET_ANSWER_S, 0 };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ssize_t n = -1;
	int error;

	if (fd >= 0 &&
	    !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) &&
	    !connect(fd, (const struct sockaddr *)&address, sizeof(address)) &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
		n = recv(fd, text, cap, 0);
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return n;
}

int control_socket_ask(const char *request)
{
	const struct timespec step = { 0, 50 * 1000000L };
	char text[SERVICE_STATUS_MAX + 2];
	int error;
	ssize_t n;

	for (int ms = 0;; ms += 50) {
		n = ask_once(request, text, sizeof(text) - 1);
		if (n > 0)
			break;
		error = n < 0 ? errno : 0;
		if (error == EACCES)
			return CONTROL_SOCKET_DENIED;
		if (!is_locked())
			return CONTROL_SOCKET_NOT_RUNNING;
		if (ms >= CONTROL_SOCKET_START_MS || error == EAGAIN)
			return CONTROL_SOCKET_NO_ANSWER;
		nanosleep(&step, NULL);
	}
	text[n] = '\0';
	if (text[0] != '0')
		fprintf(stderr, "tetherd: %s", text + 1);
	else
		fputs(text + 1, stdout);
	return text[0] != '0';
}
