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
#include "linux_sys/sandbox.h"

#define FOLDER RUN_FOLDER_USBNVME "/functionfs"
#define READY_SOCKET RUN_FOLDER_USBNVME "/ready"
enum { READY_MS = 5000, POLL_MS = 100 };

/* Open the socket that becomes the program's NOTIFY_SOCKET. Its folder belongs
 * to root, so no other program can take the name. */
static int open_notify_socket(const struct account *a)
{
	static const struct sockaddr_un path = { AF_UNIX, READY_SOCKET };
	int one = 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)unlink(READY_SOCKET); /* of a tetherd that was killed */
	if (fd >= 0 &&
	    !setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) &&
	    !run_folder_bind(fd, &path, a->gid))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Receive a datagram. Returns whether there was one. *matches: the process
 * `pid` of that user has sent it, and it contains `word`. */
static bool receive(int fd, pid_t pid, uid_t uid, const char *word,
		    bool *matches)
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
	*matches = from.pid == pid && from.uid == uid && strstr(text, word);
	return true;
}

/* Wait for READY=1. -1 with errno: the program ended, or was ended because
 * READY_MS had passed. */
static int wait_for_ready(int fd, pid_t pid, const struct account *a)
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
		if (receive(fd, pid, a->uid, "READY=1", &ready) && ready)
			return 0;
	}
	program_end(pid, a);
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
 * errno. *notify stays open if the program was started. The program's user
 * cannot enter RUN_FOLDER: the program starts in its own folder below, and
 * finds its files from there. */
static pid_t start_program(const char *name, const struct account *a,
			   int *notify)
{
	char *argv[] = { (char *)(uintptr_t)name, "--functionfs", "functionfs",
			 NULL };
	const struct program program = {
		.argv = argv,
		.folder = RUN_FOLDER_USBNVME,
		.socket = "/proc/self/cwd/ready",
		.account = a,
		.rights = RIGHTS_NONE,
		.calls = SANDBOX_NETWORK | SANDBOX_FILES | SANDBOX_AIO |
			 SANDBOX_THREADS,
	};
	pid_t pid = -1;
	int fd = open_notify_socket(a), error;

	if (fd >= 0)
		pid = program_start(&program);
	if (pid > 0 && wait_for_ready(fd, pid, a))
		pid = -1;
	error = errno;
	if (pid > 0)
		*notify = fd;
	else
		close_notify_socket(fd);
	errno = error;
	return pid;
}

static int mount_instance(const char *instance, const struct account *a)
{
	char owner[64];

	/* A tetherd that was killed leaves FunctionFS mounted. */
	while (!umount2(FOLDER, MNT_DETACH))
		;
	snprintf(owner, sizeof(owner), "uid=%u,gid=%u", (unsigned int)a->uid,
		 (unsigned int)a->gid);
	if (mkdir(FOLDER, 0755) && errno != EEXIST)
		return -1;
	return mount(instance, FOLDER, "functionfs", 0, owner);
}

int functionfs_server_start(struct functionfs_server *s, const char *instance,
			    const char *program)
{
	pid_t pid;
	int error;

	functionfs_server_end(s);
	if (mount_instance(instance, &s->account))
		return -1;
	pid = start_program(program, &s->account, &s->notify);
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
	bool had = s->requested, matches;

	s->requested = false;
	while (s->notify > 0 && receive(s->notify, s->pid, s->account.uid,
					NOTIFY_MCTP_REQUEST, &matches))
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
	program_end(s->pid, &s->account);
	s->pid = 0;
	(void)umount2(FOLDER, MNT_DETACH);
}
