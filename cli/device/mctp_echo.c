/* SPDX-License-Identifier: Apache-2.0 */
/* tether mctp echo: sends messages to the echo service and compares them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/wire.h"
#include "cli/cli.h"
#include "cli/device/mctp_traffic.h"
#include "cli/color.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "vendor/vendor.h"

enum {
	LANES = 8, /* messages in flight: MCTP has 8 tags */
	ECHO_MAX = 65536 - VENDOR_PREFIX_SIZE,
};

struct echo {
	struct cli *cli;
	uint64_t size, count; /* of --size and --count */
	uint32_t timeout_ms;
	uint64_t retries; /* of a message */
	uint64_t sent, back, wrong, lost, retried;
	bool failed; /* the transport reported an error */
	size_t len;  /* bytes of a message with its prefix */
	uint8_t eid;
	uint8_t pattern[ECHO_MAX + VENDOR_PREFIX_SIZE];
	struct lane { /* one message in flight */
		struct transport_request r;
		struct echo *echo;
		bool busy;
		uint64_t tries;
		uint8_t *data, *answer;
	} lane[LANES];
};

/* Write the next message: each byte differs from the previous message. */
static void write_message(struct lane *l)
{
	struct wr w = wr_init(l->data, VENDOR_PREFIX_SIZE);
	const uint8_t *restrict pattern = l->echo->pattern;
	uint8_t *restrict data = l->data;
	size_t len = l->echo->len;
	uint8_t shift = (uint8_t)(l->echo->sent * 13);

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(pattern[i] + shift);
	mctp_traffic_write_prefix(&w, VENDOR_ECHO);
}

static void init_pattern(struct echo *e)
{
	for (size_t i = 0; i < sizeof(e->pattern); i++)
		e->pattern[i] = (uint8_t)(i * 7 + (i >> 8));
}

static void send_next(struct lane *l);
static void send_message(struct lane *l);

static void count_echo(struct transport_request *r)
{
	struct lane *l = r->ctx;
	struct echo *e = l->echo;

	l->busy = false;
	if (r->err == ERR_TIMEOUT && l->tries < e->retries &&
	    !cli_interrupted) {
		l->tries++;
		e->retried++;
		send_message(l);
		return;
	}
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
		send_next(l);
}

static void send_message(struct lane *l)
{
	struct echo *e = l->echo;

	l->r = (struct transport_request){
		.dest = e->eid,
		.data = l->data,
		.len = e->len,
		.timeout_ms = e->timeout_ms,
		.answer = l->answer,
		.cap = e->len,
		.done = count_echo,
		.ctx = l,
	};
	l->busy = true;
	if (e->cli->transport->ops->request(e->cli->transport, &l->r)) {
		l->busy = false;
		e->failed = true;
	}
}

static void send_next(struct lane *l)
{
	struct echo *e = l->echo;

	if (e->sent == e->count || cli_interrupted)
		return;
	write_message(l);
	e->sent++;
	l->tries = 0;
	send_message(l);
}

static bool any_busy(const struct echo *e)
{
	for (int i = 0; i < LANES; i++)
		if (e->lane[i].busy)
			return true;
	return false;
}

static int report_echo(const struct echo *e, double seconds)
{
	const struct cli *c = e->cli;
	double per_second = (double)e->back / seconds;
	bool fine = !e->failed && !e->wrong && !e->lost &&
		    (e->back == e->count || cli_interrupted);

	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_number(o, "size", e->size);
		cli_add_number(o, "sent", e->sent);
		cli_add_number(o, "back", e->back);
		cli_add_number(o, "wrong", e->wrong);
		cli_add_number(o, "lost", e->lost);
		cli_add_number(o, "retried", e->retried);
		json_object_object_add(o, "seconds",
				       json_object_new_double(seconds));
		cli_print_json(o);
	} else {
		printf("%llu echoes of %llu bytes, %s%llu wrong, %llu lost%s, ",
		       (unsigned long long)e->back, (unsigned long long)e->size,
		       color_start(c, stdout, color_of(fine)),
		       (unsigned long long)e->wrong,
		       (unsigned long long)e->lost, color_end(c, stdout));
		if (e->retries)
			printf("%llu retried, ",
			       (unsigned long long)e->retried);
		printf("%.0f per second, %.2f MB/s\n", per_second,
		       per_second * (double)e->len / 1e6);
	}
	return fine ? EXIT_OK : EXIT_FAILED;
}

static int run_echo(struct echo *e)
{
	struct cli *c = e->cli;
	double start = mctp_traffic_now();

	for (int i = 0; i < LANES; i++)
		send_next(&e->lane[i]);
	while (any_busy(e)) {
		if (c->transport->ops->poll(c->transport, 100))
			break;
		progress_show(c, c->verb, PROGRESS_MESSAGES, e->back, e->count);
	}
	progress_end();
	if (e->failed || any_busy(e))
		return cli_fail(c, "after %llu echoes: %s",
				(unsigned long long)e->back,
				c->transport->error);
	return report_echo(e, mctp_traffic_now() - start);
}

static void free_lanes(struct echo *e)
{
	for (int i = 0; i < LANES; i++) {
		free(e->lane[i].data);
		free(e->lane[i].answer);
	}
}

static bool allocate_lanes(struct echo *e)
{
	bool allocated = true;

	for (int i = 0; i < LANES; i++) {
		e->lane[i].echo = e;
		e->lane[i].data = malloc(e->len);
		e->lane[i].answer = malloc(e->len);
		allocated = allocated && e->lane[i].data && e->lane[i].answer;
	}
	return allocated;
}

static int run(struct cli *c)
{
	static struct echo e;
	int status;

	e.cli = c;
	e.size = cli_option_number(c, "size");
	e.count = cli_option_number(c, "count");
	e.timeout_ms = (uint32_t)cli_option_number(c, "timeout");
	e.retries = cli_option_number(c, "retries");
	e.len = e.size + VENDOR_PREFIX_SIZE;
	init_pattern(&e);
	status = allocate_lanes(&e) ? via_open_endpoint(c, &e.eid)
				    : cli_fail(c, "out of memory");
	if (!status)
		status = mctp_traffic_require(c, e.eid, VENDOR_ECHO);
	if (!status)
		status = run_echo(&e);
	via_close(c); /* requests in flight use the buffers */
	free_lanes(&e);
	return status;
}

static const struct cli_option options[] = {
	{ "size", 0, "BYTES", "Send messages of this size", CLI_SIZE,
	  .max = ECHO_MAX, .default_value = "64" },
	{ "count", 0, "N", "Send this many messages", CLI_NUMBER, .min = 1,
	  .max = UINT32_MAX, .default_value = "1" },
	{ "timeout", 0, "MS", "Wait this long for each echo", CLI_MILLISECONDS,
	  .min = 1, .max = 3600000, .default_value = "6000" },
	{ "retries", 0, "N", "Send a message again up to N times", CLI_NUMBER,
	  .max = 1000, .default_value = "0" },
	{ 0 },
};

const struct cli_verb device_mctp_echo_verb = {
	.group = "mctp",
	.name = "echo",
	.synopsis = "[--size BYTES] [--count N] [--retries N] [--timeout MS]",
	.help = "Send messages to the echo service and compare them",
	.text = "Uses the echo service of usbnvme (vendor messages), with 8 "
		"messages in flight.\nFails when a message is lost or comes "
		"back changed.",
	.examples = "tether mctp echo --size 4096 --count 10000\n",
	.options = options,
	.device = true,
	.run = run,
};
