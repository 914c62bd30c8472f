/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/functionfs_server.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gadget/program.h"
#include "gadget/rights.h"

#define FOLDER "/run/tether/functionfs"
enum { READY_MS = 5000, POLL_MS = 100 };

/* Open a datagram socket in the abstract namespace. `name` becomes the
 * program's NOTIFY_SOCKET. */
static int open_notify_socket(char *name, size_t cap)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(name, cap, "@tetherd-%d", (int)getpid());
	memcpy(a.sun_path + 1, name + 1, strlen(name) - 1);
	if (fd < 0 || !bind(fd, (const struct sockaddr *)&a,
			    (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
					strlen(name))))
		return fd;
	close(fd);
	return -1;
}

/* Wait for READY=1. -1 with errno: the program ended, or was ended because
 * READY_MS had passed. */
static int wait_for_ready(int fd, pid_t pid)
{
	struct pollfd p = { fd, POLLIN, 0 };
	int status;
	char text[256];
	ssize_t n;

	/* The end of the program causes no event on this socket: poll for
	 * it. */
	for (int waited = 0; waited < READY_MS; waited += POLL_MS) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			errno = WIFEXITED(status) && WEXITSTATUS(status) == 127
					? ENOENT
					: ECHILD;
			return -1;
		}
		if (poll(&p, 1, POLL_MS) <= 0)
			continue;
		n = recv(fd, text, sizeof(text) - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		if (strstr(text, "READY=1"))
			return 0;
	}
	program_end(pid);
	errno = ETIMEDOUT;
	return -1;
}

/* Start the program and wait until it is ready. Returns its pid, or -1 with
 * errno. */
static pid_t start_program(const char *program)
{
	char *argv[] = { (char *)(uintptr_t)program, "--functionfs", FOLDER,
			 NULL };
	char name[32];
	pid_t pid = -1;
	int fd = open_notify_socket(name, sizeof(name)), error;

	if (fd >= 0)
		pid = program_start(argv, name, RIGHTS_NONE);
	if (pid > 0 && wait_for_ready(fd, pid))
		pid = -1;
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return pid;
}

int functionfs_server_start(struct functionfs_server *s, const char *instance,
			    const char *program)
{
	pid_t pid;
	int error;

	functionfs_server_end(s);
	(void)mkdir("/run/tether", 0755);
	/* A tetherd that was killed leaves FunctionFS mounted. */
	while (!umount2(FOLDER, MNT_DETACH))
		;
	if ((mkdir(FOLDER, 0755) && errno != EEXIST) ||
	    mount(instance, FOLDER, "functionfs", 0, NULL))
		return -1;
	pid = start_program(program);
	if (pid > 0) {
		s->pid = pid;
		return 0;
	}
	error = errno;
	(void)umount2(FOLDER, MNT_DETACH);
	errno = error;
	return -1;
}

void functionfs_server_end(struct functionfs_server *s)
{
	if (s->pid <= 0)
		return;
	program_end(s->pid);
	s->pid = 0;
	(void)umount2(FOLDER, MNT_DETACH);
}
