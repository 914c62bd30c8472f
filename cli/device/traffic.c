/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/device/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/wire.h"
#include "cli/cli.h"
#include "vendor/vendor.h"

enum {
	WINDOW = 8, /* echoes at once: the tags there are */
	ECHO_SIZE = 64,
	ECHO_MAX = 65536 - VENDOR_PREFIX_SIZE,
	BENCH_SIZE = 17 * 247 - 1, /* fills packets of MTU 251 */
	BENCH_COUNT = 10000,
	BENCH_MAX = 65535,
	SILENCE_MS = 2000, /* then no more is to come */
	REQUEST_SIZE = 26,
	ANSWER_SIZE = 13,
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put_prefix(struct wr *w, uint8_t service)
{
	wr_u8(w, MCTP_TYPE_VENDOR_PCI);
	wr_be16(w, VENDOR_PCI_ID);
	wr_u8(w, service);
}

/* --- echo --- */

struct echo {
	struct cli *cli;
	uint64_t sent, back, wrong, lost;
	bool failed;
	size_t len;
	uint8_t eid;
	uint8_t pattern[ECHO_MAX + VENDOR_PREFIX_SIZE];
	struct lane {
		struct transport_request r;
		struct echo *echo;
		bool busy;
		uint8_t *data, *answer;
	} lane[WINDOW];
};

/* Each message differs from the last in every byte. */
static void fill(struct lane *l)
{
	struct wr w = wr_init(l->data, VENDOR_PREFIX_SIZE);
	const uint8_t *restrict pattern = l->echo->pattern;
	uint8_t *restrict data = l->data;
	size_t len = l->echo->len;
	uint8_t shift = (uint8_t)(l->echo->sent * 13);

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(pattern[i] + shift);
	put_prefix(&w, VENDOR_ECHO);
}

static void make_pattern(struct echo *e)
{
	for (size_t i = 0; i < sizeof(e->pattern); i++)
		e->pattern[i] = (uint8_t)(i * 7 + (i >> 8));
}

static void start_lane(struct lane *l);

static void echoed(struct transport_request *r)
{
	struct lane *l = r->ctx;
	struct echo *e = l->echo;

	l->busy = false;
	if (r->err == ERR_TIMEOUT)
		e->lost++;
	else if (r->err && r->err != ERR_LENGTH)
		e->failed = true;
	else if (r->err || r->got != r->len ||
		 memcmp(r->answer, r->data, r->len) != 0)
		e->wrong++;
	else
		e->back++;
	if (!e->failed)
		start_lane(l);
}

static void start_lane(struct lane *l)
{
	struct echo *e = l->echo;

	if (e->sent == e->cli->count || cli_interrupted)
		return;
	fill(l);
	e->sent++;
	l->r = (struct transport_request){
		.dest = e->eid,
		.data = l->data,
		.len = e->len,
		.timeout_ms = TRANSPORT_REQUEST_MS,
		.answer = l->answer,
		.cap = e->len,
		.done = echoed,
		.ctx = l,
	};
	l->busy = true;
	if (e->cli->transport->ops->request(e->cli->transport, &l->r)) {
		l->busy = false;
		e->failed = true;
	}
}

static bool any_busy(const struct echo *e)
{
	for (int i = 0; i < WINDOW; i++)
		if (e->lane[i].busy)
			return true;
	return false;
}

static int report_echo(const struct echo *e, double seconds)
{
	const struct cli *c = e->cli;
	double per_second = (double)e->back / seconds;
	bool fine = !e->failed && !e->wrong && !e->lost &&
		    (e->back == c->count || cli_interrupted);

	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_number(o, "size", c->size);
		cli_add_number(o, "sent", e->sent);
		cli_add_number(o, "back", e->back);
		cli_add_number(o, "wrong", e->wrong);
		cli_add_number(o, "lost", e->lost);
		json_object_object_add(o, "seconds",
				       json_object_new_double(seconds));
		cli_print_json(o);
	} else {
		printf("%llu echoes of %llu bytes, %llu wrong, %llu lost, "
		       "%.0f per second, %.2f MB/s\n",
		       (unsigned long long)e->back, (unsigned long long)c->size,
		       (unsigned long long)e->wrong,
		       (unsigned long long)e->lost, per_second,
		       per_second * (double)e->len / 1e6);
	}
	return fine ? EXIT_OK : EXIT_FAILED;
}

static int run_echo(struct echo *e)
{
	struct cli *c = e->cli;
	double start = now();

	for (int i = 0; i < WINDOW; i++)
		start_lane(&e->lane[i]);
	while (any_busy(e)) {
		if (c->transport->ops->poll(c->transport, 100))
			break;
		cli_progress(c, e->back, c->count);
	}
	cli_progress(c, 1, 1);
	if (e->failed || any_busy(e))
		return cli_fail(c, "after %llu echoes: %s",
				(unsigned long long)e->back,
				c->transport->error);
	return report_echo(e, now() - start);
}

int mctp_echo(struct cli *c)
{
	static struct echo e;
	bool memory = true;
	int status;

	if (!(c->given & CLI_SIZE))
		c->size = ECHO_SIZE;
	if (!(c->given & CLI_COUNT))
		c->count = 1;
	if (c->size > ECHO_MAX) {
		(void)cli_fail(c, "--size %llu: at most %d",
			       (unsigned long long)c->size, ECHO_MAX);
		return EXIT_USAGE;
	}
	e.cli = c;
	e.len = c->size + VENDOR_PREFIX_SIZE;
	make_pattern(&e);
	for (int i = 0; i < WINDOW; i++) {
		e.lane[i].echo = &e;
		e.lane[i].data = malloc(e.len);
		e.lane[i].answer = malloc(e.len);
		memory = memory && e.lane[i].data && e.lane[i].answer;
	}
	status = memory ? cli_open_endpoint(c, &e.eid)
			: cli_fail(c, "out of memory");
	if (!status)
		status = run_echo(&e);
	cli_close(c); /* what is under way uses the buffers */
	for (int i = 0; i < WINDOW; i++) {
		free(e.lane[i].data);
		free(e.lane[i].answer);
	}
	return status;
}

/* --- bench --- */

struct bench {
	struct cli *cli;
	uint64_t received, dropped, wrong, bytes;
	uint32_t next;
	bool begun;		    /* the first message has come */
	bool ended;		    /* what comes now is not counted */
	double first, last;	    /* seconds */
	char why[CLI_ERROR];	    /* it is not as it should be */
	uint8_t pattern[BENCH_MAX]; /* what comes behind the sequence */
};

/* Of a bench before this one, which nobody ended: until the first message, what
 * this one cannot have sent; then what was counted before it. */
static bool is_stale(struct bench *b, uint32_t sequence)
{
	if (b->begun)
		return false;
	if (sequence == BENCH_FIRST_SEQUENCE) {
		b->begun = true;
		b->received = b->dropped = b->wrong = b->bytes = 0;
		b->next = BENCH_FIRST_SEQUENCE;
	}
	return sequence - BENCH_FIRST_SEQUENCE >= b->cli->count;
}

static void take_data(void *ctx, uint8_t source, const uint8_t *data,
		      size_t len)
{
	struct bench *b = ctx;
	struct rd r = rd_init(data, len);
	uint32_t sequence;

	(void)source;
	rd_skip(&r, 1);
	if (rd_be16(&r) != VENDOR_PCI_ID || rd_u8(&r) != VENDOR_BENCH ||
	    rd_le16(&r) != BENCH_MAGIC_DATA)
		return;
	sequence = rd_le32(&r);
	if (!rd_ok(&r) || b->ended || is_stale(b, sequence))
		return;
	b->dropped += sequence - b->next;
	b->next = sequence + 1;
	if (len - 1 != b->cli->size ||
	    memcmp(data + 1 + BENCH_DATA_MIN, b->pattern,
		   len - 1 - BENCH_DATA_MIN) != 0)
		b->wrong++;
	if (!b->received++)
		b->first = now();
	else
		b->bytes += len - 1;
}

/* ERR_OK: it answered, *status is what. */
static int ask_bench(struct cli *c, uint8_t eid, uint64_t size, uint64_t count,
		     uint8_t *status)
{
	uint8_t message[REQUEST_SIZE], answer[ANSWER_SIZE] = { 0 };
	struct wr w = wr_init(message, sizeof(message));
	struct transport_request q = {
		.dest = eid,
		.data = message,
		.len = sizeof(message),
		.answer = answer,
		.cap = sizeof(answer),
	};
	int err;

	put_prefix(&w, VENDOR_BENCH);
	wr_le16(&w, BENCH_MAGIC_COMMAND);
	wr_u8(&w, BENCH_VERSION);
	wr_u8(&w, BENCH_REQUEST);
	wr_le32(&w, 1);
	wr_le32(&w, 0);
	wr_le16(&w, (uint16_t)size);
	wr_le64(&w, count);
	err = transport_ask(c->transport, &q);
	*status = q.got == ANSWER_SIZE ? answer[ANSWER_SIZE - 1] : BENCH_OTHER;
	return err;
}

static int start_bench(struct cli *c, uint8_t eid)
{
	uint8_t status;

	if (ask_bench(c, eid, c->size, c->count, &status))
		return cli_fail(c, "asking for a bench: %s",
				c->transport->error);
	if (status != BENCH_OK)
		return cli_fail(c,
				"the device refuses a bench of %llu bytes "
				"(status %u)",
				(unsigned long long)c->size, status);
	return EXIT_OK;
}

/* A new bench ends the one that runs: one of no messages, and where the device
 * refuses that, of one. */
static void stop_bench(struct bench *b, uint8_t eid)
{
	struct transport *t = b->cli->transport;
	uint8_t status = BENCH_OTHER;
	int err = ERR_OK;

	b->ended = true;
	for (uint64_t count = 0; !err && status && count < 2; count++)
		err = ask_bench(b->cli, eid, BENCH_DATA_MIN, count, &status);
	if (err)
		snprintf(b->why, sizeof(b->why),
			 "telling the device to stop: %s", t->error);
	else if (status != BENCH_OK)
		snprintf(b->why, sizeof(b->why),
			 "the device refuses to stop (status %u): it goes on "
			 "until all is sent",
			 status);
}

/* Numbers, and where it is not all: why. */
static int report_bench(const struct bench *b)
{
	const struct cli *c = b->cli;
	double seconds = b->last - b->first;
	double rate = seconds > 0 ? (double)b->bytes / seconds / 1e6 : 0;

	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_number(o, "size", c->size);
		cli_add_number(o, "received", b->received);
		cli_add_number(o, "dropped", b->dropped);
		cli_add_number(o, "wrong", b->wrong);
		json_object_object_add(o, "seconds",
				       json_object_new_double(seconds));
		json_object_object_add(o, "mb_per_second",
				       json_object_new_double(rate));
		if (b->why[0])
			cli_add_text(o, "error", b->why);
		cli_print_json(o);
	} else {
		printf("%llu messages of %llu bytes, %llu dropped, %llu wrong, "
		       "%.2f MB/s\n",
		       (unsigned long long)b->received,
		       (unsigned long long)c->size,
		       (unsigned long long)b->dropped,
		       (unsigned long long)b->wrong, rate);
		if (b->why[0])
			return cli_fail(c, "%s", b->why);
	}
	return b->why[0] || b->dropped || b->wrong ? EXIT_FAILED : EXIT_OK;
}

/* Until all of it came, or nothing more does. */
static int receive_bench(struct bench *b)
{
	struct cli *c = b->cli;

	b->last = now();
	while (b->received + b->dropped < c->count && !cli_interrupted &&
	       now() - b->last < SILENCE_MS / 1e3) {
		uint64_t before = b->received;

		if (c->transport->ops->poll(c->transport, 100))
			return cli_fail(c, "after %llu messages: %s",
					(unsigned long long)b->received,
					c->transport->error);
		if (b->received != before)
			b->last = now();
		cli_progress(c, b->received, c->count);
	}
	cli_progress(c, 1, 1);
	if (b->received + b->dropped < c->count && !cli_interrupted)
		snprintf(b->why, sizeof(b->why),
			 "after %llu of %llu messages nothing came for %d s. "
			 "is the device still there, or did somebody else ask "
			 "for a bench?",
			 (unsigned long long)b->received,
			 (unsigned long long)c->count, SILENCE_MS / 1000);
	return EXIT_OK;
}

int mctp_bench(struct cli *c)
{
	static struct bench b;
	uint8_t eid;
	int status;

	b.cli = c;
	b.next = BENCH_FIRST_SEQUENCE;
	for (size_t i = 0; i < BENCH_MAX; i++)
		b.pattern[i] = (uint8_t)(i + BENCH_DATA_MIN);

	if (!(c->given & CLI_SIZE))
		c->size = BENCH_SIZE;
	if (!(c->given & CLI_COUNT))
		c->count = BENCH_COUNT;
	if (c->size < BENCH_DATA_MIN || c->size > BENCH_MAX) {
		(void)cli_fail(c, "--size %llu: expected %d to %d",
			       (unsigned long long)c->size, BENCH_DATA_MIN,
			       BENCH_MAX);
		return EXIT_USAGE;
	}
	status = cli_open_endpoint(c, &eid);
	if (!status &&
	    c->transport->ops->listen(c->transport, MCTP_TYPE_VENDOR_PCI,
				      take_data, &b))
		status = cli_fail(c, "%s", c->transport->error);
	if (!status)
		status = start_bench(c, eid);
	if (!status)
		status = receive_bench(&b);
	if (status)
		return status;
	if (cli_interrupted && b.received + b.dropped < c->count)
		stop_bench(&b, eid);
	return report_bench(&b);
}
