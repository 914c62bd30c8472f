/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/wire.h"

static const struct {
	const char *name, *text;
} reasons[] = {
	{ "drop-short", "shorter than the header and the type byte" },
	{ "drop-version", "the header version is not 1" },
	{ "drop-dest", "the destination is another EID" },
	{ "drop-source", "the source EID is reserved or broadcast" },
	{ "drop-broadcast", "broadcast, but not a control message" },
	{ "drop-no-start", "no start packet came before" },
	{ "drop-sequence", "wrong sequence number" },
	{ "drop-unit", "the size differs from the start packet's" },
	{ "drop-too-long", "the message is too long" },
	{ "drop-no-slot", "too many messages are being reassembled" },
	{ "drop-restart", "an unfinished message was dropped for this packet" },
	{ "drop-timeout", "no packet of the message for 6 s" },
	{ "drop-type", "no service for this message type" },
	{ "drop-no-request", "a response without a request" },
	{ "drop-busy", "the service still sends a response" },
	{ "usb-drop-id", "the transfer has a header without 1AB4h" },
	{ "usb-drop-length", "the transfer has a header with a wrong length" },
	{ "usb-drop-truncated", "the transfer ended inside a packet" },
	{ "serial-drop-version", "the frame has another version" },
	{ "serial-drop-length", "the frame differs from its byte count" },
	{ "serial-drop-fcs", "wrong frame check sequence" },
	{ "nvme-mi-drop-integrity", "wrong message integrity check" },
	{ "nvme-mi-drop-no-request", "not an NVMe-MI request" },
	{ "control-drop-no-request", "not a control request" },
	{ "control-drop-discovered", "the endpoint is already discovered" },
	{ "pldm-drop-header", "malformed PLDM header" },
	{ "pldm-drop-no-request", "not a PLDM request" },
	{ "vendor-drop-unknown", "not a message of echo or bench" },
};

const char *capture_drop_text(const char *name)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (!strcmp(reasons[i].name, name))
			return reasons[i].text;
	return NULL;
}

static uint64_t now_ns(const struct capture *c)
{
	struct timespec t;

	if (c->now_ns)
		return c->now_ns(c->clock_ctx);
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* The comment of a dropped packet, or "". */
static void describe_drop(const char *name, char *comment, size_t cap)
{
	const char *text = name ? capture_drop_text(name) : NULL;

	if (!name)
		comment[0] = '\0';
	else
		snprintf(comment, cap, "dropped: %s%s%s%s", text ? text : name,
			 text ? " (" : "", text ? name : "", text ? ")" : "");
}

void capture_packet(struct capture *c, const struct mctp_tap_packet *p)
{
	uint8_t sll[CAPTURE_SLL_SIZE];
	char comment[PCAPNG_COMMENT];
	struct wr w = wr_init(sll, sizeof(sll));

	if (c->file.error)
		return;
	wr_be16(&w, p->sent ? CAPTURE_SLL_OUTGOING : 0);
	wr_be16(&w, CAPTURE_ARPHRD_MCTP);
	wr_fill(&w, 0, CAPTURE_SLL_AT_PROTOCOL - wr_len(&w)); /* no address */
	wr_be16(&w, p->unframed ? 0 : CAPTURE_PROTOCOL_MCTP);
	describe_drop(p->drop, comment, sizeof(comment));
	pcapng_packet(
		&c->file,
		&(struct pcapng_packet){
			.interface = c->interface,
			.time_ns = now_ns(c),
			.direction = p->sent ? PCAPNG_OUTBOUND : PCAPNG_INBOUND,
			.part = { sll, p->head, p->body },
			.len = { sizeof(sll), p->head_len, p->len },
			.comment = comment,
		});
}

static void store_tapped(void *ctx, const struct mctp_tap_packet *p)
{
	capture_packet(ctx, p);
}

/* Take standard output for the capture. Returns its descriptor. */
static int take_stdout(char *error, size_t cap)
{
	int fd;

	if (isatty(STDOUT_FILENO)) {
		snprintf(error, cap,
			 "--pcap -: standard output is a terminal. Connect a "
			 "pipe, as in | wireshark -k -i -");
		return -1;
	}
	(void)fflush(stdout);
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
		snprintf(error, cap, "--pcap -: cannot use standard output: %s",
			 strerror(errno));
		return -1;
	}
	return fd;
}

static int open_file(const char *path, char *error, size_t cap)
{
	/* Children of usbnvme append to the same file. */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
		      0644);

	if (fd < 0)
		snprintf(error, cap, "--pcap %s: cannot write: %s", path,
			 strerror(errno));
	return fd;
}

int capture_open(struct capture *c, const char *path, const char *application,
		 char *error, size_t cap)
{
	int fd = strcmp(path, "-") ? open_file(path, error, cap)
				   : take_stdout(error, cap);

	if (fd < 0)
		return ERR_IO;
	c->interface = 0;
	c->tap = (struct mctp_tap){ .packet = store_tapped, .ctx = c };
	c->now_ns = NULL;
	pcapng_start(&c->file, fd, application);
	return ERR_OK;
}

void capture_interface(struct capture *c, const char *name)
{
	pcapng_interface(&c->file, PCAPNG_LINUX_SLL, name, "MCTP");
}

int capture_flush(struct capture *c)
{
	return c->file.used ? pcapng_flush(&c->file) : ERR_OK;
}

int capture_close(struct capture *c)
{
	return pcapng_close(&c->file);
}

const char *capture_error(const struct capture *c)
{
	return strerror(c->file.error);
}
