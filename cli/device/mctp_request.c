/* SPDX-License-Identifier: Apache-2.0 */
/* tether mctp request: sends any MCTP message and prints its response. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc32c.h"
#include "base/err.h"
#include "base/wire.h"
#include "cli/cli.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "posix/parse.h"

enum { MESSAGE_MAX = 65536, CHECK_SIZE = 4 };

struct request {
	struct cli *c;
	struct transport_request r;
	bool check; /* append and verify the integrity check of NVMe-MI */
	uint8_t message[MESSAGE_MAX + CHECK_SIZE], answer[MESSAGE_MAX];
};

/* Decode the arguments: pairs of hex digits, spaces and colons between them. */
static int read_hex(struct request *q, uint8_t first_byte)
{
	struct cli *c = q->c;
	size_t len;

	q->message[0] = first_byte;
	q->r.len = 1;
	for (int i = 0; i < c->arguments; i++) {
		int err = parse_hex_bytes(c->argument[i], " :",
					  q->message + q->r.len,
					  MESSAGE_MAX - q->r.len, &len);

		if (err && c->argument[i][0])
			return cli_fail_usage(
				c,
				err == ERR_FULL
					? "%.40s...: a message has at most "
					  "65536 bytes"
					: "%.80s: expected pairs of hex digits",
				c->argument[i]);
		q->r.len += err ? 0 : len;
	}
	return EXIT_OK;
}

/* NVMe-MI's message integrity check: CRC-32C of the message, behind it. */
static void append_check(struct request *q)
{
	struct wr w = wr_init(q->message + q->r.len, CHECK_SIZE);

	wr_le32(&w, crc32c(0, q->message, q->r.len));
	q->r.len += CHECK_SIZE;
}

static int remove_check(struct request *q)
{
	struct rd r;

	if (q->r.got <= CHECK_SIZE)
		return cli_fail(q->c, "the response has no integrity check");
	q->r.got -= CHECK_SIZE;
	r = rd_init(q->answer + q->r.got, CHECK_SIZE);
	if (rd_le32(&r) != crc32c(0, q->answer, q->r.got))
		return cli_fail(q->c,
				"the response's integrity check is wrong");
	return EXIT_OK;
}

static void print_response(const struct cli *c,
			   const struct transport_request *r)
{
	size_t len = r->got;
	char *text = malloc(2 * len + 1);

	if (!text)
		return;
	text[0] = '\0';
	for (size_t i = 1; i < len; i++)
		snprintf(text + 2 * (i - 1), 3, "%02x", r->answer[i]);
	if (c->json) {
		struct json_object *o = json_object_new_object();

		cli_add_number(o, "eid", r->source);
		cli_add_hex(o, "type", r->answer[0], 2);
		cli_add_text(o, "data", text);
		cli_print_json(o);
	} else {
		puts(text);
	}
	free(text);
}

static int exchange(struct request *q)
{
	struct cli *c = q->c;
	int status;

	if (q->check)
		append_check(q);
	status = via_open_endpoint(c, &q->r.dest);
	if (status)
		return status;
	if (transport_ask(c->transport, &q->r))
		return cli_fail(c, "%s", c->transport->error);
	return q->check ? remove_check(q) : EXIT_OK;
}

static int run(struct cli *c)
{
	static struct request q;
	uint8_t type = (uint8_t)cli_option_number(c, "type");
	bool ic = cli_option_given(c, "ic");
	int status;

	if (!cli_option_given(c, "type"))
		return cli_fail_usage(c, "no message type. Add --type, in hex");
	q.c = c;
	q.check =
		ic && type == MCTP_TYPE_NVME_MI && !cli_option_given(c, "raw");
	q.r = (struct transport_request){
		.data = q.message,
		.answer = q.answer,
		.cap = sizeof(q.answer),
		.timeout_ms = (uint32_t)cli_option_number(c, "timeout"),
	};
	status = read_hex(&q, (uint8_t)(type | (ic ? MCTP_IC : 0)));
	if (!status)
		status = exchange(&q);
	if (!status)
		print_response(c, &q.r);
	return status;
}

static const struct cli_option options[] = {
	{ "type", 0, "HEX", "Send this message type", CLI_HEX, .max = 0x7f },
	{ "ic", 0, NULL,
	  "Set the integrity check bit; NVMe-MI: add the check" },
	{ "raw", 0, NULL, "With --ic: the HEX bytes contain the check" },
	{ "timeout", 0, "MS", "Wait this long for the response",
	  CLI_MILLISECONDS, .min = 1, .max = 3600000, .default_value = "2000" },
	{ 0 },
};

const struct cli_verb device_mctp_request_verb = {
	.group = "mctp",
	.name = "request",
	.synopsis = "--type HEX [OPTION]... [HEX]...",
	.help = "Send any message and print its response in hex",
	.text = "HEX is the message behind its type byte, with spaces or "
		"colons between bytes.\nThe response is printed without its "
		"type byte. With --ic and type 4 the\nintegrity check is "
		"added, verified and not printed.",
	.examples = "tether mctp request --type 0 80 02\n",
	.options = options,
	.device = true,
	.max_arguments = CLI_ARGUMENTS,
	.run = run,
};
