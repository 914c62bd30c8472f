/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzzes what `tether mctp decode` reads: the capture file, the reassembly of
 * its packets, and the description of the messages. Input that is no capture is
 * described as one message. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "capture/capture.h"
#include "capture/packet_file.h"
#include "host/message_text.h"
#include "mctp/mctp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mctp endpoint;

static void expect(bool true_always)
{
	if (!true_always)
		abort();
}

static void describe(const uint8_t *data, size_t size, const char *command)
{
	static char line[MESSAGE_TEXT_LINE];
	static struct message_text text;

	message_text_decode(&text, data, size, command);
	expect(text.fields <= MESSAGE_TEXT_FIELDS);
	expect(strlen(text.title) > 0);
	expect(message_text_line(&text, line) == line);
	expect(strlen(line) >= strlen(text.title));
}

static void handle_message(void *ctx, const struct mctp_msg *msg)
{
	(void)ctx;
	describe(msg->data, msg->len, msg->to ? NULL : "command");
}

static void handle_packet(void *ctx, const struct mctp_tap_packet *p)
{
	(void)ctx;
	expect(!p->drop || capture_drop_text(p->drop));
}

static void read_capture(FILE *file)
{
	static const struct mctp_tap tap = { .packet = handle_packet,
					     .message = handle_message };
	static struct packet_file f;
	struct packet_file_packet p;

	if (packet_file_start(&f, file)) {
		expect(strlen(f.error) > 0);
		return;
	}
	mctp_init(&endpoint);
	mctp_set_tap(&endpoint, &tap);
	while (!packet_file_next(&f, &p)) {
		expect(strlen(p.comment) < sizeof(p.comment));
		mctp_set_eid(&endpoint, p.len > 1 ? p.data[1] : 0);
		mctp_rx(&endpoint, p.data, p.len, 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file;

	if (size < 4 || !packet_file_is_capture(data)) {
		describe(data, size, NULL);
		return 0;
	}
	file = fmemopen((void *)(uintptr_t)data, size, "rb");
	if (!file)
		return 0;
	read_capture(file);
	fclose(file);
	return 0;
}
