#include "gadget/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/message.h"

static const struct sockaddr_un address = { AF_UNIX, CONTROL_SOCKET };

static void close_source(struct control *c, struct loop_source *s)
{
	if (s->fd < 0)
		return;
	loop_remove(c->loop, s);
	close(s->fd);
	s->fd = -1;
}

static size_t answer(struct control *c, const char *request)
{
	char *text = c->answer + 1;
	char error[PLAN_TEXT] = "";
	bool restore = !strcmp(request, "restore");

	c->answer[0] = '0';
	if (!strncmp(request, "status", 6))
		return 1 + status_format(c->service,
					 !strcmp(request, "status json"), text,
					 STATUS_MAX);
	if (restore || !strcmp(request, "down")) {
		if (!service_down(c->service, restore, error, sizeof(error)))
			return 1;
		c->answer[0] = '1';
		return 1 + (size_t)snprintf(text, STATUS_MAX, "%s\n", error);
	}
	c->answer[0] = '1';
	return 1 + (size_t)snprintf(text, STATUS_MAX, "no such request\n");
}

static void peer_ready(void *ctx, uint32_t events)
{
	struct control *c = ctx;
	char request[32];
	ssize_t n = recv(c->peer.fd, request, sizeof(request) - 1, 0);
	size_t len;

	(void)events;
	if (n > 0) {
		request[n] = '\0';
		len = answer(c, request);
		(void)send(c->peer.fd, c->answer, len, MSG_NOSIGNAL);
	}
	close_source(c, &c->peer);
}

/* One at a time: a peer that says nothing gives way to the next one. */
static void listener_ready(void *ctx, uint32_t events)
{
	struct control *c = ctx;
	int fd = accept4(c->listener.fd, NULL, NULL,
			 SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	close_source(c, &c->peer);
	c->peer = (struct loop_source){ fd, peer_ready, c };
	if (loop_add(c->loop, &c->peer, EPOLLIN)) {
		close(fd);
		c->peer.fd = -1;
	}
}

static int listen_there(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0);

	if (fd < 0)
		return -1;
	(void)unlink(CONTROL_SOCKET);
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    chmod(CONTROL_SOCKET, 0600) || listen(fd, 4)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

int control_open(struct control *c, struct service *s, struct loop *loop)
{
	*c = (struct control){ .service = s, .loop = loop };
	c->listener.fd = c->peer.fd = -1;
	(void)mkdir(CONTROL_FOLDER, 0755);
	c->lock = open(CONTROL_FOLDER "/lock", O_RDWR | O_CREAT | O_CLOEXEC,
		       0600);
	if (c->lock < 0)
		return ERR_IO;
	if (flock(c->lock, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
	c->listener = (struct loop_source){ listen_there(), listener_ready, c };
	if (c->listener.fd < 0 || loop_add(loop, &c->listener, EPOLLIN))
		return ERR_IO;
	return ERR_OK;
}

void control_close(struct control *c)
{
	close_source(c, &c->peer);
	close_source(c, &c->listener);
	(void)unlink(CONTROL_SOCKET);
	close(c->lock);
}

int control_ask(const char *request)
{
	char text[STATUS_MAX + 2];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ssize_t n = -1;

	if (fd >= 0 &&
	    !connect(fd, (const struct sockaddr *)&address, sizeof(address)) &&
	    send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
		n = recv(fd, text, sizeof(text) - 1, 0);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	if (text[0] != '0')
		fprintf(stderr, "tetherd: %s", text + 1);
	else
		fputs(text + 1, stdout);
	return text[0] != '0';
}
