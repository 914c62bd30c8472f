/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for posix/tcp.h: its limit holds on systems whose connect()
 * ignores SO_SNDTIMEO, as on macOS. setsockopt() of this file ignores it, too.
 */
#include "cm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/usbip_connect.h"
#include "posix/tcp.h"

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return 0;
}

static struct sockaddr_in to;
static struct addrinfo one;

/* Listen on loopback. backlog 0 and one connection make a queue that is full:
 * the next connection gets no answer. */
static int listen_on_loopback(int backlog)
{
	socklen_t size = sizeof(to);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to = (struct sockaddr_in){ .sin_family = AF_INET };
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &size), 0);
	one = (struct addrinfo){ .ai_family = AF_INET,
				 .ai_addr = (struct sockaddr *)&to,
				 .ai_addrlen = sizeof(to) };
	return fd;
}

static int fill_queue(int *fill)
{
	int server = listen_on_loopback(0);
	struct pollfd p = { .fd = server, .events = POLLIN };

	*fill = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(*fill, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(poll(&p, 1, -1), 1); /* the queue has it */
	return server;
}

static void connects_without_blocking(void **state)
{
	int server = listen_on_loopback(1), fd = tcp_connect(&one, 5000);

	(void)state;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	close(server);
}

static void gives_up_on_a_host_that_does_not_answer(void **state)
{
	int fill, server = fill_queue(&fill);

	(void)state;
	assert_int_equal(tcp_connect(&one, 50), -1);
	assert_int_equal(errno, ETIMEDOUT);
	close(fill);
	close(server);
}

static void tries_the_next_address_of_a_list(void **state)
{
	int server = listen_on_loopback(1), fd;
	struct sockaddr_in closed = to;
	struct addrinfo first = one;

	(void)state;
	closed.sin_port = 0; /* refused at once */
	first.ai_addr = (struct sockaddr *)&closed;
	first.ai_next = &one;
	fd = tcp_connect(&first, 5000);
	assert_true(fd >= 0);
	close(fd);
	close(server);
	first.ai_next = NULL;
	assert_int_equal(tcp_connect(&first, 5000), -1);
	assert_int_equal(errno, ECONNREFUSED);
}

static void usbip_client_reports_the_time_out(void **state)
{
	int fill, server = fill_queue(&fill);
	char port[8], error[256] = "";

	(void)state;
	snprintf(port, sizeof(port), "%u", ntohs(to.sin_port));
	assert_true(usbip_connect_open("127.0.0.1", port, error,
				       sizeof(error)) < 0);
	assert_non_null(strstr(error, strerror(ETIMEDOUT)));
	close(fill);
	close(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_without_blocking),
		cmocka_unit_test(gives_up_on_a_host_that_does_not_answer),
		cmocka_unit_test(tries_the_next_address_of_a_list),
		cmocka_unit_test(usbip_client_reports_the_time_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
