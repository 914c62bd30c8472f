/* SPDX-License-Identifier: Apache-2.0 */
/* tether sim: change the model of a usbnvme process while it runs. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"
#include "drive_file/sim.h"

enum { ANSWER = 1024, PATIENCE_S = 5 };

static const char *find_path(const struct cli *c)
{
	return c->control ? c->control : getenv("TETHER_CONTROL");
}

static int connect_to(const char *path)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlen(path) >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
			 sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&a, sizeof(a)))
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

/* Bytes of the answer, without its line's end; -1 with errno set. */
static ssize_t ask(int fd, const char *line, char *answer, size_t cap)
{
	size_t len = 0;
	ssize_t n;

	if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
		return -1;
	while (len < cap - 1 &&
	       (n = recv(fd, answer + len, cap - 1 - len, 0)) && n > 0)
		len += (size_t)n;
	answer[len] = '\0';
	if (!len)
		return -1;
	answer[strcspn(answer, "\n")] = '\0';
	return (ssize_t)strlen(answer);
}

static int set(struct cli *c, const char *path, const char *what)
{
	char line[SIM_LINE + 8], answer[ANSWER];
	int fd = connect_to(path);
	ssize_t n;

	if (fd < 0)
		return cli_fail(c,
				"%s: %s. is usbnvme running with --control %s?",
				path, strerror(errno), path);
	snprintf(line, sizeof(line), "set %s\n", what);
	errno = EPIPE;
	n = ask(fd, line, answer, sizeof(answer));
	close(fd);
	if (n < 0)
		return cli_fail(c, "%s: no answer: %s", path, strerror(errno));
	if (!strncmp(answer, "error: ", 7))
		return cli_fail(c, "%s: %s", what, answer + 7);
	return EXIT_OK;
}

static int sim_run(struct cli *c)
{
	const char *path = find_path(c);

	if (!path) {
		fprintf(stderr,
			"tether sim: which usbnvme? name its socket with "
			"--control PATH, also TETHER_CONTROL\n");
		return EXIT_USAGE;
	}
	for (int i = 0; i < c->arguments; i++) {
		int status;

		if (strlen(c->argument[i]) >= SIM_LINE)
			return cli_fail(c, "over %d characters", SIM_LINE - 1);
		status = set(c, path, c->argument[i]);
		if (status)
			return status;
	}
	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_number(o, "set", (uint64_t)c->arguments);
		cli_print_json(o);
	}
	return EXIT_OK;
}

const struct cli_verb sim_verbs[] = {
	{ "set", "KEY=VALUE... [--control PATH]", CLI_CONTROL, 1, CLI_ARGUMENTS,
	  sim_run, "change the model of usbnvme --control" },
	{ 0 },
};
