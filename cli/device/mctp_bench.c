/* SPDX-License-Identifier: Apache-2.0 */
/* tether mctp bench: measures how fast the device sends messages. */
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
	BENCH_MAX = 65535,
	SILENCE_MS = 2000, /* ends the bench */
	REQUEST_SIZE = 26,
	ANSWER_SIZE = 13,
};

struct bench {
	struct cli *cli;
	uint64_t size, count; /* of --size and --count */
	uint64_t received, dropped, wrong, bytes;
	uint32_t next;
	bool begun;		    /* the first message has arrived */
	bool ended;		    /* ignore messages from now on */
	double first, last;	    /* seconds */
	char error[CLI_ERROR];	    /* why not all messages arrived */
	uint8_t pattern[BENCH_MAX]; /* expected behind the sequence number */
};

/* Returns true if a message belongs to an earlier bench that was not stopped.
 * Until BENCH_FIRST_SEQUENCE arrives, only a sequence number that this bench
 * cannot send shows that; other messages are counted. BENCH_FIRST_SEQUENCE
 * resets the counters, because the messages counted so far may belong to the
 * earlier bench. */
static bool is_stale(struct bench *b, uint32_t sequence)
{
	if (b->begun)
		return false;
	if (sequence == BENCH_FIRST_SEQUENCE) {
		b->begun = true;
		b->received = b->dropped = b->wrong = b->bytes = 0;
		b->next = BENCH_FIRST_SEQUENCE;
	}
	return sequence - BENCH_FIRST_SEQUENCE >= b->count;
}

static void handle_data(void *ctx, uint8_t source, const uint8_t *data,
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
	if (len - 1 != b->size || memcmp(data + 1 + BENCH_DATA_MIN, b->pattern,
					 len - 1 - BENCH_DATA_MIN) != 0)
		b->wrong++;
	if (!b->received++)
		b->first = mctp_traffic_now();
	else
		b->bytes += len - 1;
}

/* Ask for `count` messages. ERR_OK: the device answered *status. */
static int request_bench(struct cli *c, uint8_t eid, uint64_t size,
			 uint64_t count, uint8_t *status)
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

	mctp_traffic_write_prefix(&w, VENDOR_BENCH);
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

static int start_bench(struct bench *b, uint8_t eid)
{
	struct cli *c = b->cli;
	uint8_t status;

	if (request_bench(c, eid, b->size, b->count, &status))
		return cli_fail(c, "cannot start the bench: %s",
				c->transport->error);
	if (status != BENCH_OK)
		return cli_fail(c,
				"the device refuses a bench of %llu bytes "
				"(status %u)",
				(unsigned long long)b->size, status);
	return EXIT_OK;
}

/* Stop the running bench by starting another one: of 0 messages or, if the
 * device refuses that, of 1 message. */
static void stop_bench(struct bench *b, uint8_t eid)
{
	struct transport *t = b->cli->transport;
	uint8_t status = BENCH_OTHER;
	int err = ERR_OK;

	b->ended = true;
	for (uint64_t count = 0; !err && status && count < 2; count++)
		err = request_bench(b->cli, eid, BENCH_DATA_MIN, count,
				    &status);
	if (err)
		snprintf(b->error, sizeof(b->error),
			 "cannot stop the device: %s", t->error);
	else if (status != BENCH_OK)
		snprintf(b->error, sizeof(b->error),
			 "the device refuses to stop (status %u). It sends "
			 "the rest of the messages",
			 status);
}

/* Print the results, and why messages are missing. */
static int report_bench(const struct bench *b)
{
	const struct cli *c = b->cli;
	double seconds = b->last - b->first;
	double rate = seconds > 0 ? (double)b->bytes / seconds / 1e6 : 0;

	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_number(o, "size", b->size);
		cli_add_number(o, "received", b->received);
		cli_add_number(o, "dropped", b->dropped);
		cli_add_number(o, "wrong", b->wrong);
		json_object_object_add(o, "seconds",
				       json_object_new_double(seconds));
		json_object_object_add(o, "mb_per_second",
				       json_object_new_double(rate));
		if (b->error[0])
			cli_add_text(o, "error", b->error);
		cli_print_json(o);
	} else {
		printf("%llu messages of %llu bytes, %s%llu dropped, %llu "
		       "wrong%s, %.2f MB/s\n",
		       (unsigned long long)b->received,
		       (unsigned long long)b->size,
		       color_start(c, stdout,
				   color_of(!b->dropped && !b->wrong)),
		       (unsigned long long)b->dropped,
		       (unsigned long long)b->wrong, color_end(c, stdout),
		       rate);
		if (b->error[0])
			return cli_fail(c, "%s", b->error);
	}
	return b->error[0] || b->dropped || b->wrong ? EXIT_FAILED : EXIT_OK;
}

/* Receive until all messages have arrived, or none has for SILENCE_MS. */
static int receive_bench(struct bench *b)
{
	struct cli *c = b->cli;

	b->last = mctp_traffic_now();
	while (b->received + b->dropped < b->count && !cli_interrupted &&
	       mctp_traffic_now() - b->last < SILENCE_MS / 1e3) {
		uint64_t before = b->received;

		if (c->transport->ops->poll(c->transport, 100))
			return cli_fail(c, "after %llu messages: %s",
					(unsigned long long)b->received,
					c->transport->error);
		if (b->received != before)
			b->last = mctp_traffic_now();
		progress_show(c, c->verb, PROGRESS_MESSAGES, b->received,
			      b->count);
	}
	progress_end();
	if (b->received + b->dropped < b->count && !cli_interrupted)
		snprintf(b->error, sizeof(b->error),
			 "after %llu of %llu messages, none came for %d s. "
			 "Is the device still connected, or did another "
			 "program start a bench?",
			 (unsigned long long)b->received,
			 (unsigned long long)b->count, SILENCE_MS / 1000);
	return EXIT_OK;
}

static int run(struct cli *c)
{
	static struct bench b;
	uint8_t eid;
	int status;

	b.cli = c;
	b.size = cli_option_number(c, "size");
	b.count = cli_option_number(c, "count");
	b.next = BENCH_FIRST_SEQUENCE;
	for (size_t i = 0; i < BENCH_MAX; i++)
		b.pattern[i] = (uint8_t)(i + BENCH_DATA_MIN);
	status = via_open_endpoint(c, &eid);
	if (!status)
		status = mctp_traffic_require(c, eid, VENDOR_BENCH);
	if (!status &&
	    c->transport->ops->listen(c->transport, MCTP_TYPE_VENDOR_PCI,
				      handle_data, &b))
		status = cli_fail(c, "cannot receive messages: %s",
				  c->transport->error);
	if (!status)
		status = start_bench(&b, eid);
	if (!status)
		status = receive_bench(&b);
	if (status)
		return status;
	if (cli_interrupted && b.received + b.dropped < b.count)
		stop_bench(&b, eid);
	return report_bench(&b);
}

static const struct cli_option options[] = {
	{ "size", 0, "BYTES", "Ask for messages of this size", CLI_SIZE,
	  .min = BENCH_DATA_MIN, .max = BENCH_MAX, .default_value = "4198" },
	{ "count", 0, "N", "Ask for this many messages", CLI_NUMBER, .min = 1,
	  .max = UINT32_MAX, .default_value = "10000" },
	{ 0 },
};

const struct cli_verb device_mctp_bench_verb = {
	.group = "mctp",
	.name = "bench",
	.synopsis = "[--size BYTES] [--count N]",
	.help = "Measure how fast the device sends messages",
	.text = "The device sends numbered messages; tether counts and "
		"compares "
		"them. The\ndefault size fills packets of 251 bytes.",
	.examples = "tether mctp bench --count 100000\n",
	.options = options,
	.device = true,
	.run = run,
};
