/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/functionfs_server.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
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
#include "gadget/run_folder.h"
#include "linux_sys/notify.h"

#define FOLDER RUN_FOLDER "/functionfs"
#define READY_SOCKET RUN_FOLDER "/ready"
enum { READY_MS = 5000, POLL_MS = 100 };

/* Open the socket that becomes the program's NOTIFY_SOCKET. Its folder belongs
 * to root and only root can enter it, so no other program can take the name. */
static int open_notify_socket(void)
{
	static const struct sockaddr_un a = { AF_UNIX, READY_SOCKET };
	int one = 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)unlink(READY_SOCKET); /* of a tetherd that was killed */
	if (fd >= 0 &&
	    !setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) &&
	    !bind(fd, (const struct sockaddr *)&a, sizeof(a)) &&
	    !chmod(READY_SOCKET, 0600))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Receive a datagram. Returns whether there was one. *matches: the process
 * `pid` has sent it, and it contains `word`. */
static bool receive(int fd, pid_t pid, const char *word, bool *matches)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char text[256];
	struct iovec v = { text, sizeof(text) - 1 };
	struct msghdr m = {
		.msg_iov = &v,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	/* A file descriptor that a stranger attaches is closed again. */
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *h = n < 0 ? NULL : CMSG_FIRSTHDR(&m);
	struct ucred from;

	*matches = false;
	if (n < 0)
		return false;
	if (!h || h->cmsg_level != SOL_SOCKET ||
	    h->cmsg_type != SCM_CREDENTIALS ||
	    h->cmsg_len < CMSG_LEN(sizeof(from)))
		return true;
	memcpy(&from, CMSG_DATA(h), sizeof(from));
	text[n] = '\0';
	*matches = from.pid == pid && strstr(text, word);
	return true;
}

/* Wait for READY=1. -1 with errno: the program ended, or was ended because
 * READY_MS had passed. */
static int wait_for_ready(int fd, pid_t pid)
{
	struct pollfd p = { fd, POLLIN, 0 };
	bool ready;
	int status;

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
		if (receive(fd, pid, "READY=1", &ready) && ready)
			return 0;
	}
	program_end(pid);
	errno = ETIMEDOUT;
	return -1;
}

static void close_notify_socket(int fd)
{
	if (fd >= 0)
		close(fd);
	(void)unlink(READY_SOCKET);
}

/* Start the program and wait until it is ready. Returns its pid, or -1 with
 * errno. *notify stays open if the program was started. */
static pid_t start_program(const char *program, int *notify)
{
	char *argv[] = { (char *)(uintptr_t)program, "--functionfs", FOLDER,
			 NULL };
	pid_t pid = -1;
	int fd = open_notify_socket(), error;

	if (fd >= 0)
		pid = program_start(argv, READY_SOCKET, RIGHTS_NONE);
	if (pid > 0 && wait_for_ready(fd, pid))
		pid = -1;
	error = errno;
	if (pid > 0)
		*notify = fd;
	else
		close_notify_socket(fd);
	errno = error;
	return pid;
}

int functionfs_server_start(struct functionfs_server *s, const char *instance,
			    const char *program)
{
	pid_t pid;
	int error;

	functionfs_server_end(s);
	if (run_folder_make())
		return -1;
	/* A tetherd that was killed leaves FunctionFS mounted. */
	while (!umount2(FOLDER, MNT_DETACH))
		;
	if ((mkdir(FOLDER, 0755) && errno != EEXIST) ||
	    mount(instance, FOLDER, "functionfs", 0, NULL))
		return -1;
	pid = start_program(program, &s->notify);
	if (pid > 0) {
		s->pid = pid;
		return 0;
	}
	error = errno;
	(void)umount2(FOLDER, MNT_DETACH);
	errno = error;
	return -1;
}

bool functionfs_server_had_request(struct functionfs_server *s)
{
	bool had = false, matches;

	while (s->notify > 0 &&
	       receive(s->notify, s->pid, NOTIFY_MCTP_REQUEST, &matches))
		had |= matches;
	return had;
}

void functionfs_server_end(struct functionfs_server *s)
{
	if (s->notify > 0)
		close_notify_socket(s->notify);
	s->notify = 0;
	if (s->pid <= 0)
		return;
	program_end(s->pid);
	s->pid = 0;
	(void)umount2(FOLDER, MNT_DETACH);
}
