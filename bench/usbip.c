/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measures USB/IP and compares it with bare sockets that carry the same bytes.
 * The server is a child process with a trivial device, which echoes OUT data,
 * always has IN data, or discards OUT data.
 *
 * usage: bench_usbip bare|null MS    echoes of 512 bytes per second, 32 in
 *                                    flight, over bare sockets or USB/IP
 *        bench_usbip source SIZE MS  MB/s of IN transfers of SIZE bytes
 *        bench_usbip sink SIZE MS    MB/s of OUT transfers of SIZE bytes
 *        bench_usbip hash SIZE MS    as sink; the server computes SHA-256
 *        bench_usbip bulk PORT MS    MB/s of OUT transfers to the usbnvme at
 *                                    PORT, which drops the MCTP packets (v1.0)
 *                                    because their destination is EID 200
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/sha256.h"
#include "host/usbip_client.h"
#include "posix/checksum_cpu.h"
#include "posix/parse.h"
#include "linux_sys/loop.h"
#include "usbserve/usbip_conn.h"
#include "usbserve/usbip_wire.h"

enum {
	WINDOW = 32,
	SOURCE_WINDOW = 64, /* transfers that tether keeps in flight */
	SIZE = 512,
	TRIP = 2 * USBIP_HEADER_SIZE +
	       SIZE, /* bytes of an echo in each direction */
	LARGE = 65536,
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- server process --- */

struct queue {
	struct usbserve_urb *head, *tail;
};

static struct {
	bool source, sink, hash, stopped;
	struct sha256 sha256;
	struct queue out,
		in; /* URBs that wait for a URB in the other direction */
} null;

static void push(struct queue *q, struct usbserve_urb *u)
{
	u->next = NULL;
	if (q->tail)
		q->tail->next = u;
	else
		q->head = u;
	q->tail = u;
}

static struct usbserve_urb *pop(struct queue *q)
{
	struct usbserve_urb *u = q->head;

	q->head = u->next;
	if (!q->head)
		q->tail = NULL;
	return u;
}

static void finish(struct usbserve_urb *u, uint32_t actual)
{
	u->actual = actual;
	u->status = 0;
	u->complete(u);
}

static void null_submit(void *device, struct usbserve_urb *u)
{
	(void)device;
	if (null.sink) {
		if (null.hash)
			sha256_update(&null.sha256, u->data, u->length);
		finish(u, u->length);
		return;
	}
	push(u->endpoint & 0x80 ? &null.in : &null.out, u);
	while (null.in.head && (null.out.head || null.source)) {
		struct usbserve_urb *in = pop(&null.in), *out;

		if (null.source) {
			finish(in, in->length);
			continue;
		}
		out = pop(&null.out);
		memcpy(in->data, out->data, SIZE);
		finish(out, SIZE);
		finish(in, SIZE);
	}
}

static void null_cancel(void *device, struct usbserve_urb *u)
{
	(void)device;
	(void)u;
}

static void null_reset(void *device, bool attached)
{
	(void)device;
	(void)attached;
	while (null.in.head)
		finish(pop(&null.in), 0);
	while (null.out.head)
		finish(pop(&null.out), 0);
}

static int null_run(void *device)
{
	(void)device;
	return -1;
}

static enum usbserve_speed null_speed(void *device)
{
	(void)device;
	return USBSERVE_HIGH;
}

static void mark_stopped(void *ctx)
{
	(void)ctx;
	null.stopped = true;
}

static void serve_usbip(int fd)
{
	static const struct usbserve_ops ops = {
		null_submit, null_cancel, null_reset, null_run, null_speed,
	};
	static struct usbip_device d = { .busid = "1-1",
					 .busnum = 1,
					 .devnum = 2 };
	const struct usbip_op op = { USBIP_VERSION, USBIP_OP_REP_IMPORT, 0 };
	uint8_t reply[USBIP_OP_HEADER_SIZE + USBIP_DEVICE_SIZE];
	struct loop loop;
	const struct usbip_conn_config config = {
		.loop = &loop,
		.ops = &ops,
		.devid = 0x10002,
		.closed = mark_stopped,
	};

	if (recv(fd, reply, USBIP_OP_HEADER_SIZE + USBIP_BUSID_SIZE,
		 MSG_WAITALL) <= 0 ||
	    loop_init(&loop))
		die("cannot read the import request");
	usbip_wire_op_encode(&op, reply);
	usbip_wire_device_encode(&d, reply + USBIP_OP_HEADER_SIZE);
	if (!usbip_conn_open(fd, &config, reply, sizeof(reply)))
		die("cannot open the connection");
	while (!null.stopped)
		(void)loop_turn(&loop, -1);
}

/* Echo the complete requests of each read by one write. */
static void serve_bare(int fd)
{
	static uint8_t data[2 * WINDOW * TRIP];
	size_t got = 0;

	for (;;) {
		ssize_t n = recv(fd, data + got, sizeof(data) - got, 0);
		size_t whole;

		if (n <= 0)
			return;
		got += (size_t)n;
		whole = got / TRIP * TRIP;
		for (size_t at = 0; at < whole;) {
			n = send(fd, data + at, whole - at, MSG_NOSIGNAL);
			if (n <= 0)
				return;
			at += (size_t)n;
		}
		got -= whole;
		memmove(data, data + whole, got);
	}
}

/* Run serve() in a child process; return a TCP socket connected to it. */
static int start_server(void (*serve)(int fd))
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int one = 1, fd, listener = socket(AF_INET, SOCK_STREAM, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || bind(listener, (struct sockaddr *)&a, len) ||
	    listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&a, &len))
		die("cannot listen");
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = accept(listener, NULL, NULL);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		serve(fd);
		_exit(0);
	}
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, len))
		die("cannot connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	close(listener);
	return fd;
}

/* --- client --- */

static double measure_bare(double seconds)
{
	static uint8_t data[WINDOW * TRIP];
	int fd = start_server(serve_bare);
	double start = now(), end = start + seconds;
	uint64_t trips = 0;
	size_t part = 0, todo = sizeof(data);

	while (now() < end) {
		ssize_t n;

		while (todo) {
			n = send(fd, data, todo, MSG_NOSIGNAL);
			if (n <= 0)
				die("send");
			todo -= (size_t)n;
		}
		n = recv(fd, data, sizeof(data), 0);
		if (n <= 0)
			die("recv");
		part += (size_t)n;
		todo = part / TRIP * TRIP;
		trips += part / TRIP;
		part %= TRIP;
	}
	close(fd);
	return (double)trips / (now() - start);
}

struct lane {
	struct usbhost *host;
	struct usbhost_transfer out, in;
	uint64_t *done;
	uint8_t out_data[SIZE], *in_data;
};

static void complete_out(struct usbhost_transfer *t)
{
	struct lane *l = t->ctx;

	if (t->status && t->status != USBHOST_GONE)
		die("OUT");
	if (t->status || !null.sink)
		return;
	*l->done += 1;
	(void)l->host->ops->submit(l->host, t);
}

static void complete_in(struct usbhost_transfer *t)
{
	struct lane *l = t->ctx;

	if (t->status)
		return; /* closing */
	*l->done += 1;
	if (l->out.length && !l->out.pending)
		(void)l->host->ops->submit(l->host, &l->out);
	(void)l->host->ops->submit(l->host, &l->in);
}

/* Measure transfers per second; size 0: echoes per second. */
static double measure_usbip(double seconds, uint32_t size)
{
	static struct lane lane[SOURCE_WINDOW];
	int lanes = size ? SOURCE_WINDOW : WINDOW;
	char error[256];
	struct usbhost *h = usbip_client_import(start_server(serve_usbip),
						"1-1", error, sizeof(error));
	uint64_t done = 0;
	double start, end;

	if (!h) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	for (int i = 0; i < lanes; i++) {
		struct lane *l = &lane[i];

		l->host = h;
		l->done = &done;
		l->in_data = calloc(1, LARGE);
		l->out = (struct usbhost_transfer){
			.endpoint = 0x01,
			.data = size ? l->in_data : l->out_data,
			.length = size && !null.sink ? 0
				  : size	     ? size
						     : SIZE,
			.done = complete_out,
			.ctx = l,
		};
		l->in = (struct usbhost_transfer){
			.endpoint = 0x81,
			.data = l->in_data,
			.length = size ? size : SIZE,
			.done = complete_in,
			.ctx = l,
		};
		if (!size || null.sink)
			(void)h->ops->submit(h, &l->out);
		if (!null.sink)
			(void)h->ops->submit(h, &l->in);
	}
	start = now();
	end = start + seconds;
	while (now() < end)
		if (h->ops->poll(h, 1000))
			break;
	seconds = now() - start;
	h->ops->close(h);
	return (double)done / seconds;
}

/* Fill a v1.0 transfer with two packets of 251 bytes to EID 200. */
static void fill_packets(uint8_t *data)
{
	static const uint8_t header[] = { 0x1a, 0xb4, 0, 255, 1, 200, 8, 0xc8 };

	for (int i = 0; i < 2; i++)
		memcpy(data + 255 * (ptrdiff_t)i, header, sizeof(header));
}

/* Measure bulk OUT over the path that PLDM uses, in bytes per second. */
static double measure_bulk(const char *port, double seconds)
{
	enum { LENGTH = 2 * 255, OUT_ENDPOINT = 0x01 };
	static struct lane lane[SOURCE_WINDOW];
	char error[256];
	struct usbhost *h = usbip_client_open("127.0.0.1", port, "1-1", error,
					      sizeof(error));
	uint64_t done = 0;
	double start;

	if (!h || usbhost_claim(h, 1, 0)) {
		fprintf(stderr, "%s\n", h ? h->error : error);
		exit(1);
	}
	null.sink = true;
	for (int i = 0; i < SOURCE_WINDOW; i++) {
		struct lane *l = &lane[i];

		l->host = h;
		l->done = &done;
		fill_packets(l->out_data);
		l->out = (struct usbhost_transfer){
			.endpoint = OUT_ENDPOINT,
			.data = l->out_data,
			.length = LENGTH,
			.done = complete_out,
			.ctx = l,
		};
		(void)h->ops->submit(h, &l->out);
	}
	start = now();
	while (now() < start + seconds)
		if (h->ops->poll(h, 1000))
			break;
	seconds = now() - start;
	h->ops->close(h);
	return (double)done * LENGTH / seconds;
}

/* Seconds from an argument in ms. */
static double parse_seconds(const char *text)
{
	double ms;

	if (parse_decimal(text, 1, 1e6, &ms)) {
		fprintf(stderr, "bench_usbip: %s: expected 1 to 1000000 ms\n",
			text);
		exit(2);
	}
	return ms / 1e3;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "bare")) {
		printf("%.0f\n", measure_bare(parse_seconds(argv[2])));
	} else if (argc == 3 && !strcmp(argv[1], "null")) {
		printf("%.0f\n", measure_usbip(parse_seconds(argv[2]), 0));
	} else if (argc == 4 &&
		   (!strcmp(argv[1], "source") || !strcmp(argv[1], "sink") ||
		    !strcmp(argv[1], "hash"))) {
		uint64_t number;
		uint32_t size;

		if (parse_number(argv[2], 10, 1, LARGE, &number))
			return 2;
		size = (uint32_t)number;
		null.hash = !strcmp(argv[1], "hash");
		null.sink = null.hash || !strcmp(argv[1], "sink");
		checksum_cpu_enable();
		sha256_init(&null.sha256);
		null.source = !null.sink;
		printf("%.2f\n", measure_usbip(parse_seconds(argv[3]), size) *
					 (double)size / 1e6);
	} else if (argc == 4 && !strcmp(argv[1], "bulk")) {
		printf("%.2f\n",
		       measure_bulk(argv[2], parse_seconds(argv[3])) / 1e6);
	} else {
		fputs("usage: bench_usbip bare|null MS | source|sink|hash SIZE "
		      "MS |"
		      " bulk PORT MS\n",
		      stderr);
		return 2;
	}
	return 0;
}
