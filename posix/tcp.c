/* SPDX-License-Identifier: Apache-2.0 */
#include "posix/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "posix/clock.h"

/* Wait until a connection is established. Returns 0 or an errno. */
static int wait_connected(int fd, uint32_t start_ms, uint32_t limit_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int n, error = 0;

	do {
		uint32_t spent = clock_now_ms() - start_ms;

		if (spent >= limit_ms)
			return ETIMEDOUT;
		n = poll(&p, 1, (int)(limit_ms - spent));
	} while (n == 0 || (n < 0 && errno == EINTR));
	if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return errno;
	return error;
}

/* Try one address. Returns 0 with the socket in *fd, or an errno. */
static int connect_one(const struct addrinfo *a, uint32_t start_ms,
		       uint32_t limit_ms, int *fd)
{
	int error = 0;

	*fd = socket(a->ai_family, SOCK_STREAM, 0);
	if (*fd < 0)
		return errno;
	if (fcntl(*fd, F_SETFD, FD_CLOEXEC) ||
	    fcntl(*fd, F_SETFL, O_NONBLOCK) ||
	    connect(*fd, a->ai_addr, a->ai_addrlen))
		error = errno;
	/* An interrupted connect() continues like one in progress. */
	if (error == EINPROGRESS || error == EINTR)
		error = wait_connected(*fd, start_ms, limit_ms);
	if (error)
		close(*fd);
	return error;
}

int tcp_connect(const struct addrinfo *list, uint32_t limit_ms)
{
	uint32_t start_ms = clock_now_ms();
	int fd = -1, error = ETIMEDOUT;

	for (; list && error; list = list->ai_next) {
		if (clock_now_ms() - start_ms >= limit_ms)
			break;
		error = connect_one(list, start_ms, limit_ms, &fd);
	}
	if (!error)
		return fd;
	errno = error;
	return -1;
}
