/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for the USB/IP client without bulk transfers: import, device lists
 * (a child process is the server), and control transfers through usbhost.h. */
#include "fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* --- importing --- */

static void import_sends_busid(void **state)
{
	static const uint8_t head[] = { 0x01, 0x11, 0x80, 0x03, 0, 0, 0,
					0,    '3',  '-',  '4',	0, 0 };
	static uint8_t data[DATA_SIZE];
	static struct usbhost_transfer t; /* pending until close */

	(void)state;
	t = transfer(0x81, data, sizeof(data));
	assert_memory_equal(received, head, sizeof(head));
	for (size_t i = sizeof(head); i < IMPORT_REQUEST; i++)
		assert_int_equal(received[i], 0);
	assert_int_equal(submit(&t), ERR_OK);
	assert_int_equal(poll_now(), ERR_OK);
	assert_int_equal(receive(), USBIP_HEADER_SIZE);
	assert_memory_equal(received + 8, "\x00\x03\x00\x04", 4);
}

/* Import from a server that sends these len bytes and shuts down. */
static void expect_import_error(const void *reply, size_t len, const char *why)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	server = ends[0];
	if (len)
		send_bytes(reply, len);
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	error[0] = '\0';
	assert_null(usbip_client_import(ends[1], "3-4", error, sizeof(error)));
	if (!strstr(error, why))
		fail_msg("\"%s\" does not contain \"%s\"", error, why);
	close(server);
}

static void import_errors_name_their_cause(void **state)
{
	static const uint8_t ok[USBIP_OP_HEADER_SIZE + USBIP_DEVICE_SIZE] = {
		0x01, 0x11, 0, 3, 0, 0, 0, 0
	};

	(void)state;
	expect_import_error("\x01\x11\x00\x03\x00\x00\x00\x01", 8, "in use");
	expect_import_error("\x01\x11\x00\x03\x00\x00\x00\x04", 8,
			    "no such device");
	expect_import_error("\x01\x06\x00\x03\x00\x00\x00\x00", 8,
			    "1.0.6, not 1.1.1");
	expect_import_error("\x01\x11\x00\x05\x00\x00\x00\x00", 8,
			    "not a USB/IP server");
	expect_import_error("HTTP/1.1 400 Bad Request", 24,
			    "not a USB/IP server");
	for (size_t len = 0; len < sizeof(ok); len++)
		expect_import_error(ok, len, "closed the connection");
}

/* --- lists --- */

/* Serve one connection in a child process: read the request, send this reply.
 */
static pid_t serve_once(const void *reply, size_t len, char *port, size_t cap)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t child;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (void *)&a, &size), 0);
	snprintf(port, cap, "%u", ntohs(a.sin_port));
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		uint8_t request[USBIP_OP_HEADER_SIZE];
		int peer = accept(fd, NULL, NULL);

		if (recv(peer, request, sizeof(request), MSG_WAITALL) !=
			    (ssize_t)sizeof(request) ||
		    memcmp(request, "\x01\x11\x80\x05\0\0\0\0", 8) != 0)
			_exit(1);
		(void)!send(peer, reply, len, MSG_NOSIGNAL);
		_exit(0);
	}
	close(fd);
	return child;
}

static int list(const void *reply, size_t len, struct usbip_device **devices)
{
	char port[16];
	pid_t child = serve_once(reply, len, port, sizeof(port));
	int status, n;

	error[0] = '\0';
	n = usbip_client_list("127.0.0.1", port, devices, error, sizeof(error));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return n;
}

/* Encode a list of `devices` with `interfaces` each; return its length. */
static size_t encode_list(uint8_t *reply, size_t cap, uint32_t devices,
			  uint8_t interfaces)
{
	const struct usbip_op op = { USBIP_VERSION, USBIP_OP_REP_DEVLIST, 0 };
	struct wr w = wr_init(reply, cap);

	usbip_wire_op_encode(&op, wr_space(&w, USBIP_OP_HEADER_SIZE));
	wr_be32(&w, devices);
	for (uint32_t i = 0; i < devices; i++) {
		struct usbip_device d = { .vendor = 0xccde };

		snprintf(d.busid, sizeof(d.busid), "1-%u", (uint8_t)(i + 1));
		d.interfaces = interfaces;
		usbip_wire_device_encode(&d, wr_space(&w, USBIP_DEVICE_SIZE));
		for (uint8_t k = 0; k < interfaces; k++)
			wr_be32(&w, 0x14000100U + ((uint32_t)k << 16));
	}
	assert_true(wr_ok(&w));
	return wr_len(&w);
}

static void reads_device_list(void **state)
{
	static uint8_t reply[4096];
	struct usbip_device *d;
	size_t len = encode_list(reply, sizeof(reply), 2, 3);

	(void)state;
	assert_int_equal(list(reply, len, &d), 2);
	assert_string_equal(d[0].busid, "1-1");
	assert_string_equal(d[1].busid, "1-2");
	assert_int_equal(d[1].vendor, 0xccde);
	assert_int_equal(d[1].interfaces, 3);
	assert_int_equal(d[1].interface[2].class, 0x14);
	assert_int_equal(d[1].interface[2].subclass, 2);
	free(d);
	len = encode_list(reply, sizeof(reply), 0, 0);
	assert_int_equal(list(reply, len, &d), 0);
	free(d);
	/* A device has more interfaces than the limit: the client still finds
	 * the next device. */
	len = encode_list(reply, sizeof(reply), 2, 255);
	assert_int_equal(list(reply, len, &d), 2);
	assert_int_equal(d[0].interfaces, USBIP_INTERFACES_MAX);
	assert_string_equal(d[1].busid, "1-2");
	free(d);
}

static void rejects_truncated_and_oversized_list(void **state)
{
	static uint8_t reply[4096];
	struct usbip_device *d;
	size_t len = encode_list(reply, sizeof(reply), 2, 3);

	(void)state;
	for (size_t cut = 0; cut < len; cut += 7) {
		assert_int_equal(list(reply, cut, &d), ERR_IO);
		assert_non_null(strstr(error, "closed the connection"));
	}
	memset(reply + 8, 0xff, 4); /* number of devices */
	assert_int_equal(list(reply, len, &d), ERR_IO);
	assert_non_null(strstr(error, "4294967295 devices"));
	reply[7] = 1; /* status */
	assert_int_equal(list(reply, len, &d), ERR_IO);
	assert_non_null(strstr(error, "status 1"));
}

static void reports_refused_connection_with_advice(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct usbip_device *d;
	char port[16];

	(void)state;
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (void *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (void *)&a, &size), 0);
	snprintf(port, sizeof(port), "%u", ntohs(a.sin_port));
	assert_int_equal(
		usbip_client_list("127.0.0.1", port, &d, error, sizeof(error)),
		ERR_IO);
	assert_non_null(strstr(error, "nothing listens"));
	assert_non_null(strstr(error, "Start usbnvme"));
	assert_null(usbip_client_open("127.0.0.1", port, "1-1", error,
				      sizeof(error)));
	close(fd);
}

/* --- control --- */

static void control_reads_descriptors(void **state)
{
	uint8_t data[18];
	struct usbip_urb u = { 0 };

	(void)state;
	send_ret_submit(1, 0, 3, "abc", 3);
	assert_int_equal(usbhost_get_descriptor(host, 1, 0, data, 18), 3);
	assert_memory_equal(data, "abc", 3);
	assert_int_equal(receive(), USBIP_HEADER_SIZE);
	assert_int_equal(usbip_wire_urb_decode(&u, received), ERR_OK);
	assert_int_equal(u.endpoint, 0);
	assert_int_equal(u.direction, USBIP_DIR_IN);
	assert_memory_equal(u.submit.setup, "\x80\x06\x00\x01\x00\x00\x12\x00",
			    8);
	assert_int_equal(u.submit.length, 18);
}

static void control_reports_cause_of_failure(void **state)
{
	uint8_t data[18];

	(void)state;
	send_ret_submit(1, -USBIP_EPIPE, 0, NULL, 0);
	assert_int_equal(usbhost_get_descriptor(host, 1, 0, data, 18), ERR_IO);
	assert_non_null(strstr(host->error, "stalled"));
	send_ret_submit(2, 0, 0, NULL, 0);
	assert_int_equal(usbhost_claim(host, 1, 0), ERR_OK);
	/* The configuration is set already: no request is sent. */
	assert_int_equal(usbhost_claim(host, 1, 2), ERR_OK);
	assert_int_equal(shutdown(server, SHUT_WR), 0);
	assert_int_equal(usbhost_claim(host, 2, 0), ERR_IO);
	assert_non_null(strstr(host->error, "closed the connection"));
}

static void converts_strings_to_ascii(void **state)
{
	static const struct {
		const char *descriptor;
		size_t len;
		const char *text;
	} cases[] = {
		{ "\x08\x03H\0i\0!\0", 8, "Hi!" },
		{ "\x08\x03H\0\x1b\0\xe9\0", 8, "H??" }, /* ESC, e acute */
		{ "\x06\x03\x20\x20X\0", 6, "?X" },
		{ "\xff\x03H\0i\0", 6, "Hi" }, /* bLength too long */
		{ "\x04\x03H\0i\0", 6, "H" },  /* bLength too short */
		{ "\x05\x03H\0i", 5, "H" },    /* odd length */
		{ "\x02\x03", 2, "" },
		{ "\x02", 1, "" },
		{ "", 0, "" },
	};
	char text[32], small[3];

	(void)state;
	for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		send_ret_submit(i + 1, 0, (uint32_t)cases[i].len,
				cases[i].descriptor, cases[i].len);
		usbhost_get_string(host, 1, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
	send_ret_submit(10, 0, 8, "\x08\x03H\0i\0!\0", 8);
	usbhost_get_string(host, 1, small, sizeof(small));
	assert_string_equal(small, "Hi");
	usbhost_get_string(host, 0, text, sizeof(text)); /* no request */
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(import_sends_busid),
		cmocka_unit_test(import_errors_name_their_cause),
		cmocka_unit_test(reads_device_list),
		cmocka_unit_test(rejects_truncated_and_oversized_list),
		cmocka_unit_test(reports_refused_connection_with_advice),
		ON(control_reads_descriptors),
		ON(control_reports_cause_of_failure),
		ON(converts_strings_to_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
