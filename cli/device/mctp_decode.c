/* SPDX-License-Identifier: Apache-2.0 */
/* tether mctp decode: prints the MCTP messages of a capture file or of bytes in
 * hex, one a line. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "capture/capture.h"
#include "capture/packet_file.h"
#include "cli/cli.h"
#include "cli/verbs.h"
#include "host/message_text.h"
#include "mctp/mctp.h"
#include "mctp_usb/mctp_usb.h"
#include "posix/parse.h"

enum { EIDS = 256, HEX_MAX = 1 << 17, NS_PER_MS = 1000000 };

/* What the bytes in hex are. */
enum form { FORM_AUTO, FORM_PACKET, FORM_MESSAGE, FORM_USB };

struct decoder {
	struct cli *cli;
	struct mctp_tap tap;
	/* Reassembles the messages of all endpoints: before each packet, this
	 * endpoint gets the EID of the packet's destination. */
	struct mctp mctp;
	/* The packet that is being decoded. */
	uint64_t time_ns; /* 0: not known */
	const char *comment;
	bool outgoing, printed;
	uint64_t messages;
	/* Titles of NVMe-MI requests, by their source and tag. */
	char title[EIDS][MCTP_TAGS][MESSAGE_TEXT_TITLE];
};

/* --- output --- */

static struct json_object *field_value(const struct message_text_field *f)
{
	char hex[2 + 16 + 1];

	switch (f->kind) {
	case MESSAGE_TEXT_NUMBER:
		return json_object_new_int64((int64_t)f->number);
	case MESSAGE_TEXT_HEX:
		snprintf(hex, sizeof(hex), "0x%0*" PRIx64, f->digits,
			 f->number);
		return json_object_new_string(hex);
	default:
		return json_object_new_string(f->text);
	}
}

static void add_text(struct json_object *o, const struct message_text *t)
{
	struct json_object *fields = json_object_new_object();

	cli_add_text(o, "protocol", t->protocol);
	cli_add_text(o, "title", t->title);
	cli_add_bool(o, "response", t->response);
	if (t->malformed)
		cli_add_bool(o, "malformed", true);
	for (unsigned int i = 0; i < t->fields; i++)
		json_object_object_add(fields, t->field[i].key,
				       field_value(&t->field[i]));
	json_object_object_add(o, "fields", fields);
}

static struct json_object *start_json(const struct decoder *d)
{
	struct json_object *o = json_object_new_object();

	if (d->time_ns)
		json_object_object_add(
			o, "time",
			json_object_new_double((double)d->time_ns / 1e9));
	return o;
}

static void finish_json(const struct decoder *d, struct json_object *o)
{
	if (d->comment && *d->comment)
		cli_add_text(o, "comment", d->comment);
	cli_print_json(o);
}

static void print_time(const struct decoder *d)
{
	time_t seconds = (time_t)(d->time_ns / 1000000000);
	struct tm tm;
	char text[16];

	if (d->time_ns && localtime_r(&seconds, &tm) &&
	    strftime(text, sizeof(text), "%H:%M:%S", &tm))
		printf("%s.%06u  ", text,
		       (unsigned int)(d->time_ns % 1000000000 / 1000));
}

static void print_comment(const struct decoder *d)
{
	if (d->comment && *d->comment)
		printf("  [%s]", d->comment);
	putchar('\n');
}

/* msg: NULL if the message came without a packet header. */
static void print_message(const struct decoder *d, const struct mctp_msg *msg,
			  const struct message_text *t)
{
	char line[MESSAGE_TEXT_LINE];
	struct json_object *o;

	if (d->cli->json) {
		o = start_json(d);
		if (msg) {
			cli_add_number(o, "source", msg->src);
			cli_add_number(o, "destination", msg->dest);
			cli_add_number(o, "tag", msg->tag);
			cli_add_bool(o, "tag_owner", msg->to);
			cli_add_number(o, "size", msg->len);
		}
		add_text(o, t);
		finish_json(d, o);
		return;
	}
	print_time(d);
	if (msg)
		printf("%3u > %-3u  tag %u%s  ", msg->src, msg->dest, msg->tag,
		       msg->to ? "*" : " ");
	printf("%-7s  %s", t->protocol, message_text_line(t, line));
	print_comment(d);
}

/* A packet or transfer that completes no message, because it was dropped. */
static void print_drop(const struct decoder *d, const struct mctp_tap_packet *p)
{
	const uint8_t *h = p->body;
	bool packet = !p->unframed && p->len >= MCTP_HEADER_SIZE;
	struct json_object *o;

	if (d->cli->json) {
		o = start_json(d);
		if (packet) {
			cli_add_number(o, "source", h[2]);
			cli_add_number(o, "destination", h[1]);
			cli_add_number(o, "tag", h[3] & MCTP_TAG);
			cli_add_bool(o, "tag_owner", h[3] & MCTP_TAG_OWNER);
		}
		cli_add_number(o, "size", p->len);
		cli_add_text(o, "protocol", packet ? "packet" : "bytes");
		finish_json(d, o);
		return;
	}
	print_time(d);
	if (packet)
		printf("%3u > %-3u  tag %u%s  ", h[2], h[1], h[3] & MCTP_TAG,
		       h[3] & MCTP_TAG_OWNER ? "*" : " ");
	printf("%-7s  %zu bytes", packet ? "packet" : "bytes", p->len);
	print_comment(d);
}

/* --- decoding --- */

static void describe(struct decoder *d, const struct mctp_msg *msg)
{
	struct message_text t;
	char *title = d->title[msg->to ? msg->src : msg->dest][msg->tag];

	message_text_decode(&t, msg->data, msg->len,
			    !msg->to && *title ? title : NULL);
	if (msg->to && msg->type == MCTP_TYPE_NVME_MI)
		memcpy(title, t.title, sizeof(t.title));
	print_message(d, msg, &t);
}

static void handle_message(void *ctx, const struct mctp_msg *msg)
{
	struct decoder *d = ctx;

	describe(d, msg);
	d->printed = true;
	d->messages++;
}

/* Whether a drop of the reassembling endpoint says something about the packet.
 * It has no services and no requests of its own. */
static bool is_fault(const char *drop)
{
	return drop && strcmp(drop, mctp_counter_name(MCTP_DROP_TYPE)) != 0 &&
	       strcmp(drop, mctp_counter_name(MCTP_DROP_NO_REQUEST)) != 0;
}

static void handle_packet(void *ctx, const struct mctp_tap_packet *p)
{
	struct decoder *d = ctx;
	const char *text = p->drop ? capture_drop_text(p->drop) : NULL;
	bool has_comment = d->comment && *d->comment;

	if (d->printed || (!has_comment && !is_fault(p->drop)))
		return;
	if (!has_comment)
		d->comment = text ? text : p->drop;
	print_drop(d, p);
}

static void init_decoder(struct decoder *d, struct cli *c)
{
	d->cli = c;
	d->tap = (struct mctp_tap){ .packet = handle_packet,
				    .message = handle_message,
				    .ctx = d };
	mctp_init(&d->mctp);
	mctp_set_tap(&d->mctp, &d->tap);
}

static void decode_packet(struct decoder *d, const uint8_t *data, size_t len)
{
	uint32_t now_ms = (uint32_t)(d->time_ns / NS_PER_MS);

	d->printed = false;
	mctp_poll(&d->mctp, now_ms);
	mctp_set_eid(&d->mctp, len > 1 ? data[1] : MCTP_EID_NULL);
	mctp_rx(&d->mctp, data, len, now_ms);
}

/* --- files --- */

static int decode_file(struct decoder *d, const char *name, FILE *file)
{
	static struct packet_file f;
	static struct packet_file_packet p;
	int err = packet_file_start(&f, file);

	while (!err && !cli_interrupted) {
		err = packet_file_next(&f, &p);
		if (err)
			break;
		d->time_ns = p.time_ns;
		d->comment = p.comment;
		if (p.protocol == CAPTURE_PROTOCOL_MCTP)
			decode_packet(d, p.data, p.len);
		else if (*p.comment)
			print_drop(d,
				   &(struct mctp_tap_packet){ .unframed = true,
							      .body = p.data,
							      .len = p.len });
		(void)fflush(stdout); /* the input may be a live pipe */
	}
	return err == ERR_INVALID ? cli_fail(d->cli, "%s: %s", name, f.error)
				  : EXIT_OK;
}

/* --- hex --- */

static enum form guess_form(const uint8_t *data, size_t len)
{
	if (len >= MCTP_USB_HEADER_SIZE && data[0] == 0x1a && data[1] == 0xb4)
		return FORM_USB;
	return len > MCTP_HEADER_SIZE && data[0] == MCTP_VERSION ? FORM_PACKET
								 : FORM_MESSAGE;
}

/* Decode the packets of a USB transfer. */
static void decode_transfer(struct decoder *d, const uint8_t *data, size_t len)
{
	size_t at = 0;

	while (len - at > MCTP_USB_HEADER_SIZE) {
		size_t n = (size_t)(data[at + 2] << 8 | data[at + 3]);

		if (n <= MCTP_USB_HEADER_SIZE || n > len - at)
			break;
		d->comment = NULL;
		decode_packet(d, data + at + MCTP_USB_HEADER_SIZE,
			      n - MCTP_USB_HEADER_SIZE);
		at += n;
	}
	if (at < len) {
		d->comment = "no whole packet";
		print_drop(d, &(struct mctp_tap_packet){ .unframed = true,
							 .body = data + at,
							 .len = len - at });
	}
}

static int decode_hex(struct decoder *d, const uint8_t *data, size_t len)
{
	enum form form = (enum form)cli_option_choice(d->cli, "as");
	struct message_text t;

	switch (form == FORM_AUTO ? guess_form(data, len) : form) {
	case FORM_USB:
		decode_transfer(d, data, len);
		break;
	case FORM_PACKET:
		decode_packet(d, data, len);
		break;
	default:
		message_text_decode(&t, data, len, NULL);
		print_message(d, NULL, &t);
		return EXIT_OK;
	}
	if (!d->messages && !d->comment)
		return cli_fail(d->cli, "the packet does not complete a "
					"message. Give all packets of the "
					"message in a capture file");
	return EXIT_OK;
}

/* Append the bytes of a word such as 1ab4 or 1a:b4. */
static bool append_hex(const char *word, uint8_t *data, size_t *len)
{
	uint8_t bytes[2];
	char digits[5];

	for (; *word; word += *word != '\0') {
		if (*word == ':')
			continue;
		snprintf(digits, sizeof(digits), "00%.2s", word);
		if (strlen(digits) < 4 || *len == HEX_MAX ||
		    parse_hex(digits, 0, bytes, sizeof(bytes)))
			return false;
		data[(*len)++] = bytes[1];
		word++;
	}
	return true;
}

static int run(struct cli *c)
{
	static struct decoder d;
	static uint8_t data[HEX_MAX];
	const char *name = c->argument[0];
	bool hex = true;
	FILE *file;
	size_t len = 0;
	int status;

	init_decoder(&d, c);
	file = strcmp(name, "-") ? fopen(name, "rb") : stdin;
	if (file) {
		status = decode_file(&d, name, file);
		if (file != stdin)
			fclose(file);
		return status;
	}
	for (int i = 0; i < c->arguments && hex; i++)
		hex = append_hex(c->argument[i], data, &len);
	if (hex && len)
		return decode_hex(&d, data, len);
	return cli_fail(c, "%s: not a file (%s), and not bytes in hex", name,
			strerror(errno));
}

static const struct cli_option options[] = {
	{ "as", 0, "FORM", "Decode the HEX bytes as", CLI_CHOICE,
	  .choices = CLI_CHOICES("auto", "packet", "message", "usb"),
	  .default_value = "auto" },
	{ 0 },
};

const struct cli_verb device_mctp_decode_verb = {
	.group = "mctp",
	.name = "decode",
	.synopsis = "FILE | HEX... [--as FORM]",
	.help = "Print the messages of a capture or of bytes in hex",
	.text = "FILE is a pcapng or pcap file of an MCTP interface, as "
		"--pcap, tcpdump or\nWireshark write it; - reads it from "
		"standard input. HEX is an MCTP packet, a\nmessage from its "
		"type byte on, or a USB transfer. A star marks the owner of\n"
		"the tag.",
	.examples = "tether --pcap trace.pcapng nvme health\n"
		    "tether mctp decode trace.pcapng\n"
		    "tether mctp decode 0109 08c8 0080 0a\n",
	.options = options,
	.min_arguments = 1,
	.max_arguments = CLI_ARGUMENTS,
	.run = run,
};
