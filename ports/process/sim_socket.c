/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/process/sim_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "drive_file/sim_set.h"
#include "drive_file/simulator.h"

static void drop_client(struct sim_socket *c)
{
	if (c->client.fd < 0)
		return;
	loop_remove(c->loop, &c->client);
	close(c->client.fd);
	c->client.fd = -1;
}

/* Carry out one line. ERR_*: `error` has a sentence. */
static int run_line(struct sim_socket *c, char *error, size_t cap)
{
	const char *line = c->line;

	/* "set KEY=VALUE" is an action, too. */
	if (!strncmp(line, SIM_COMMAND_DO, strlen(SIM_COMMAND_DO)))
		line += strlen(SIM_COMMAND_DO);
	else if (strncmp(line, SIM_COMMAND_SET, strlen(SIM_COMMAND_SET)) != 0) {
		snprintf(error, cap,
			 "%.80s: expected get [KEY], set KEY=VALUE or do "
			 "ACTION",
			 line);
		return ERR_INVALID;
	}
	return simulator_do(c->simulator, line, c->now_ms(), error, cap);
}

/* "get" and "get KEY". Returns false for another line. */
static bool run_get(struct sim_socket *c, char *values, size_t cap, int *err)
{
	const char *key = c->line + strlen(SIM_COMMAND_GET);

	if (strncmp(c->line, SIM_COMMAND_GET, strlen(SIM_COMMAND_GET)) != 0 ||
	    (*key && *key != ' '))
		return false;
	*err = sim_set_list(c->simulator->drive, key + (*key == ' '), values,
			    cap);
	return true;
}

static void reply(struct sim_socket *c)
{
	static char error[SIM_REPLY_MAX - 16], text[SIM_REPLY_MAX];
	int err;

	if (run_get(c, error, sizeof(error), &err))
		snprintf(text, sizeof(text),
			 err ? SIM_REPLY_ERROR "%s\n" : "%s" SIM_REPLY_OK "\n",
			 error);
	else if (run_line(c, error, sizeof(error)))
		snprintf(text, sizeof(text), SIM_REPLY_ERROR "%s\n", error);
	else
		snprintf(text, sizeof(text), SIM_REPLY_OK "\n");
	/* Do not wait for a peer that does not read its reply. */
	(void)send(c->client.fd, text, strlen(text),
		   MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Receive until a line is complete, reply to it, and close the connection. */
static void client_ready(void *ctx, uint32_t events)
{
	struct sim_socket *c = ctx;
	ssize_t n = recv(c->client.fd, c->line + c->len,
			 sizeof(c->line) - 1 - c->len, MSG_DONTWAIT);
	char *end;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		c->len += (size_t)n;
		c->line[c->len] = '\0';
		end = strchr(c->line, '\n');
		if (!end && c->len < sizeof(c->line) - 1)
			return;
		if (end)
			*end = '\0';
		reply(c);
	}
	drop_client(c);
}

static void listener_ready(void *ctx, uint32_t events)
{
	struct sim_socket *c = ctx;
	int fd = accept4(c->listener.fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	drop_client(c); /* an idle client must not block others */
	c->client = (struct loop_source){ fd, client_ready, c };
	c->len = 0;
	if (loop_add(c->loop, &c->client, EPOLLIN)) {
		close(fd);
		c->client.fd = -1;
	}
}

static int listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stat st;
	int fd, err;

	if (strlen(path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	if (!stat(path, &st) && S_ISSOCK(st.st_mode))
		(void)unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	fchmod(fd, 0600); /* before bind() makes the socket reachable */
	if (!bind(fd, (struct sockaddr *)&a, sizeof(a)) && !listen(fd, 8))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

int sim_socket_start(struct sim_socket *c, struct loop *loop, const char *path)
{
	c->loop = loop;
	c->path = path;
	c->client.fd = -1;
	c->listener =
		(struct loop_source){ listen_at(path), listener_ready, c };
	if (c->listener.fd < 0)
		return ERR_IO;
	return loop_add(loop, &c->listener, EPOLLIN);
}

void sim_socket_stop(struct sim_socket *c)
{
	drop_client(c);
	loop_remove(c->loop, &c->listener);
	close(c->listener.fd);
	(void)unlink(c->path);
}
