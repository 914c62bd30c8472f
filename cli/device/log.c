/* SPDX-License-Identifier: Apache-2.0 */
/* tether log: reads the log from the CDC-ACM port of the device, through the
 * tty of the kernel's driver if there is one, else through USB. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/printable.h"
#include "base/uuid.h"
#include "base/wire.h"
#include "cli/cli.h"
#include "cli/hold.h"
#include "cli/platform.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/bus_owner.h"
#include "host/usbdesc.h"
#include "posix/advice.h"
#include "posix/clock.h"
#include "posix/output.h"
#include "posix/parse.h"
#include "posix/tty.h"
#include "vendor/vendor.h"

enum {
	TRANSFERS = 4,
	SIZE = 512,
	FIRST_MS = 1500, /* without --follow: wait for the first byte */
	QUIET_MS = 300,	 /* without --follow: silence that ends the log */
	LINE = 1024,
	TIME = 32,
};

/* USB 2.0 chapter 9, CDC 1.2 and its subclass for PSTN devices. */
enum {
	DESCRIPTOR_DEVICE = 1,
	DESCRIPTOR_CONFIGURATION = 2,
	DEVICE_DESCRIPTOR_SIZE = 18,
	ENDPOINT_IN = 0x80,
	ENDPOINT_BULK = 2,
	CLASS_CDC = 0x02,
	SUBCLASS_ACM = 0x02,
	TO_INTERFACE = 0x21, /* a class request to an interface */
	SET_LINE_CODING = 0x20,
	SET_CONTROL_LINE_STATE = 0x22,
	DTR_AND_RTS = 0x03,
	LINE_CODING_SIZE = 7, /* bit/s, stop bits, parity, data bits */
};

struct reader {
	struct cli *cli;
	bool follow;
	bool show_time;
	/* Wall-clock ms since 1970 when the device started; 0: not known. */
	int64_t started_ms;
	bool lost;     /* the device was unplugged */
	bool received; /* at least one byte */
	uint32_t last_ms;
	size_t len;
	char line[LINE];
};

/* --- times --- */

static int64_t wall_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Ask the device for the time since its start, to convert the times of its log
 * to wall-clock time. Devices of another maker do not answer. */
static void read_start(struct reader *r, struct usbhost *h)
{
	const uint8_t setup[8] = {
		VENDOR_USB_FROM_DEVICE, [1] = VENDOR_USB_LOG_TIME,
		[6] = VENDOR_USB_LOG_TIME_SIZE
	};
	uint8_t data[VENDOR_USB_LOG_TIME_SIZE];
	struct rd rd = rd_init(data, sizeof(data));

	if (!r->show_time)
		return;
	if (usbhost_control(h, setup, data, sizeof(data)) == sizeof(data))
		r->started_ms = wall_clock_ms() - rd_le32(&rd);
}

/* Format "2026-11-28 16:30:01.123", local time; with --json UTC as RFC 3339:
 * "2026-11-28T16:30:01.123Z". */
static void format_time(const struct reader *r, uint64_t ms, char text[TIME])
{
	int64_t wall = r->started_ms + (int64_t)ms;
	time_t seconds = (time_t)(wall / 1000);
	const char *format =
		r->cli->json ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S";
	struct tm tm;
	size_t len;

	if (r->cli->json)
		gmtime_r(&seconds, &tm);
	else
		localtime_r(&seconds, &tm);
	len = strftime(text, TIME, format, &tm);
	snprintf(text + len, TIME - len, ".%03d%s", (int)(wall % 1000),
		 r->cli->json ? "Z" : "");
}

/* --- lines --- */

/* Read the time in front of a line "        12 INFO  text". Returns the text
 * behind it, or NULL. */
static char *split_time(char *line, uint64_t *ms)
{
	const char *number = line;

	if (parse_next(&number, 10, UINT32_MAX, ms) || *number != ' ')
		return NULL;
	return line + (number - line) + 1;
}

/* Print both times: "2026-11-28 16:30:01.123  12.345 s  INFO  text". */
static void print_timed_line(const struct reader *r, char *line)
{
	char text[TIME] = "(time unknown)";
	uint64_t ms;
	char *rest = split_time(line, &ms);

	if (!rest) {
		puts(line);
		return;
	}
	if (r->started_ms)
		format_time(r, ms, text);
	printf("%-23s %7llu.%03llu s  %s\n", text,
	       (unsigned long long)ms / 1000, (unsigned long long)ms % 1000,
	       rest);
}

static void print_json_line(const struct reader *r, char *line)
{
	struct json_object *o = json_object_new_object();
	char *end, *level, text[TIME];
	uint64_t ms;

	level = split_time(line, &ms);
	if (level) {
		end = level + strcspn(level, " ");
		cli_add_number(o, "ms", ms);
		if (r->started_ms) {
			format_time(r, ms, text);
			cli_add_text(o, "time", text);
		}
		if (*end)
			*end++ = '\0';
		cli_add_text(o, "level", level);
		line = end + strspn(end, " ");
	}
	cli_add_text(o, "text", line);
	cli_print_json(o);
}

static void print_line(struct reader *r)
{
	r->line[r->len] = '\0';
	r->len = 0;
	if (r->cli->json)
		print_json_line(r, r->line);
	else if (r->show_time)
		print_timed_line(r, r->line);
	else
		puts(r->line);
	fflush(stdout);
}

static void append(struct reader *r, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = (char)data[i];

		if (c == '\n' || r->len == LINE - 1)
			print_line(r);
		/* A device must not send control codes to the terminal. */
		if (c != '\n' && c != '\r')
			r->line[r->len++] = printable_char(c);
	}
	r->last_ms = clock_now_ms();
	r->received = true;
}

/* Without --follow the log ends after a silence. With it, also when the reader
 * of a pipe has gone: no further message may come for the write to fail. */
static bool is_reading(const struct reader *r)
{
	return !r->lost && !cli_interrupted && !output_is_lost() &&
	       (r->follow || clock_now_ms() - r->last_ms <
				     (r->received ? QUIET_MS : FIRST_MS));
}

/* --- through the kernel's driver --- */

static int fail_to_open(struct reader *r, const char *path, int error)
{
	char advice[ADVICE_TEXT];

	if (error != EACCES)
		return cli_fail(r->cli, "cannot open %s: %s", path,
				strerror(error));
	return cli_fail(r->cli, "cannot open %s: %s. To fix it, %s", path,
			strerror(error),
			advice_text(ADVICE_SERIAL_PERMISSION, NULL, advice));
}

static int read_tty(struct reader *r, const char *path)
{
	uint8_t data[SIZE];
	char error[CLI_ERROR];
	int fd;

	/* Two readers of a tty would each get a part of the log. */
	if (hold_take(r->cli, path + strlen("/dev/"), error))
		return cli_fail(r->cli, "%s", error);
	fd = tty_open(path, 0);
	if (fd < 0)
		return fail_to_open(r, path, errno);
	while (is_reading(r)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (poll(&p, 1, 50) <= 0)
			continue;
		n = read(fd, data, sizeof(data));
		if (n > 0)
			append(r, data, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			r->lost = true;
	}
	close(fd);
	return r->lost ? cli_fail(r->cli, "cannot read the log: %s is gone",
				  path)
		       : EXIT_OK;
}

/* Open the USB device beside its kernel drivers, which keep it. */
static void read_start_by_serial(struct reader *r, const char *serial)
{
	char error[CLI_ERROR];
	struct libusb_host_device *list;
	struct usbhost *h = NULL;
	int n = r->show_time ? libusb_host_list(&list, error, sizeof(error))
			     : -1;

	for (int i = 0; i < n && !h; i++)
		if (!strcmp(list[i].serial, serial))
			h = libusb_host_open(&list[i], error, sizeof(error));
	if (n >= 0)
		free(list);
	if (!h)
		return;
	read_start(r, h);
	h->ops->close(h);
}

/* Find the port of a device behind the kernel's MCTP: the first 12 digits of
 * the endpoint's UUID are the serial number of the USB device. */
static int read_by_uuid(struct reader *r)
{
	char text[UUID_TEXT], serial[13], path[64], advice[ADVICE_TEXT];
	uint8_t uuid[UUID_SIZE];
	int present, status = via_open_mctp(r->cli);
	struct transport *t = r->cli->transport;

	if (status)
		return status;
	if (bus_owner_get_uuid(t, t->peer, uuid))
		return cli_fail(r->cli, "cannot read the UUID: %s", t->error);
	uuid_format(uuid, text);
	/* "63928d5a-39f1-..." */
	snprintf(serial, sizeof(serial), "%.8s%.4s", text, text + 9);
	if (!platform_serial_port(serial, path, sizeof(path), &present)) {
		read_start_by_serial(r, serial);
		return read_tty(r, path);
	}
	if (!present)
		return cli_fail(r->cli,
				"no USB device of this machine has the serial "
				"number %s, so there is no port to read its "
				"log from",
				serial);
	return cli_fail(r->cli, "the USB device %s has no serial port here: %s",
			serial,
			advice_text(ADVICE_NO_SERIAL_PORT, NULL, advice));
}

/* --- through USB --- */

static void handle_data(struct usbhost_transfer *t)
{
	struct reader *r = t->ctx;

	if (t->status) {
		r->lost = true;
		return;
	}
	append(r, t->data, t->actual);
	if (r->cli->host->ops->submit(r->cli->host, t))
		r->lost = true;
}

/* Open the port like a terminal program: set 115200 8N1, raise DTR and RTS. */
static void open_port(struct cli *c, uint8_t interface)
{
	uint8_t coding[LINE_CODING_SIZE];
	struct wr w = wr_init(coding, sizeof(coding));
	const uint8_t set_coding[8] = { [0] = TO_INTERFACE,
					[1] = SET_LINE_CODING,
					[4] = interface,
					[6] = LINE_CODING_SIZE };
	const uint8_t set_state[8] = { [0] = TO_INTERFACE,
				       [1] = SET_CONTROL_LINE_STATE,
				       [2] = DTR_AND_RTS,
				       [4] = interface };

	wr_le32(&w, 115200);
	wr_u8(&w, 0); /* 1 stop bit */
	wr_u8(&w, 0); /* no parity */
	wr_u8(&w, 8);

	/* A device that refuses these requests still logs. */
	(void)usbhost_control(c->host, set_coding, coding, sizeof(coding));
	(void)usbhost_control(c->host, set_state, NULL, 0);
}

static void ignore_transfer(struct usbhost_transfer *t)
{
	(void)t;
}

static int find_port(struct cli *c, uint8_t *in)
{
	uint8_t data[1024];
	static struct usbdesc d;
	const struct usbdesc_interface *control, *port = NULL;
	const struct usbdesc_endpoint *e = NULL;
	int status,
		n = usbhost_get_descriptor(c->host, DESCRIPTOR_CONFIGURATION, 0,
					   data, sizeof(data));

	if (n < 0)
		return cli_fail(c, "cannot read the descriptors: %s",
				c->host->error);
	if (usbdesc_configuration(&d, data, (size_t)n))
		return cli_fail(c, "the device's descriptors are invalid");
	control = usbdesc_find(&d, CLASS_CDC, SUBCLASS_ACM, -1);
	if (control)
		port = usbdesc_cdc_data(&d, control);
	if (port)
		e = usbdesc_endpoint(port, ENDPOINT_IN, ENDPOINT_BULK);
	if (!e)
		return cli_fail(c, "the device has no CDC-ACM port for a log. "
				   "`tether usb` lists its interfaces");
	status = via_hold_function(c, "log");
	if (status)
		return status;
	while (usbhost_claim(c->host, d.configuration, control->number) ||
	       usbhost_claim(c->host, d.configuration, port->number))
		if (!hold_retry(c))
			return cli_fail(c, "cannot claim the port: %s",
					c->host->error);
	*in = e->address;
	open_port(c, control->number);
	return EXIT_OK;
}

static int read_port(struct reader *r)
{
	static uint8_t data[TRANSFERS][SIZE];
	static struct usbhost_transfer transfer[TRANSFERS];
	struct usbhost *h = r->cli->host;
	uint8_t in = 0;
	int status = find_port(r->cli, &in);

	if (status)
		return status;
	for (int i = 0; i < TRANSFERS; i++) {
		transfer[i] = (struct usbhost_transfer){
			.endpoint = in,
			.data = data[i],
			.length = SIZE,
			.done = handle_data,
			.ctx = r,
		};
		if (h->ops->submit(h, &transfer[i]))
			r->lost = true;
	}
	while (is_reading(r))
		if (h->ops->poll(h, 50))
			r->lost = true;
	if (r->lost)
		status = cli_fail(r->cli, "cannot read the log: %s", h->error);
	r->lost = true; /* submit no transfer again */
	for (int i = 0; i < TRANSFERS; i++)
		transfer[i].done = ignore_transfer;
	h->ops->cancel_all(h);
	return status;
}

/* Find the tty of the opened USB device, if there is one. */
static bool find_tty(struct cli *c, char *path, size_t cap)
{
	char serial[LIBUSB_HOST_SERIAL];
	struct usbdesc d;
	uint8_t data[DEVICE_DESCRIPTOR_SIZE];
	int present;

	if (!c->local ||
	    usbhost_get_descriptor(c->host, DESCRIPTOR_DEVICE, 0, data,
				   sizeof(data)) != DEVICE_DESCRIPTOR_SIZE ||
	    usbdesc_device(&d, data, sizeof(data)))
		return false;
	usbhost_get_string(c->host, d.serial, serial, sizeof(serial));
	return serial[0] && !platform_serial_port(serial, path, cap, &present);
}

static int run_log(struct cli *c)
{
	static struct reader r;
	struct via v;
	char path[64];
	int status;

	r = (struct reader){ .cli = c,
			     .follow = cli_option_given(c, "follow"),
			     .show_time = cli_option_given(c, "time"),
			     .last_ms = clock_now_ms() };
	if (!via_parse(c, &v))
		return EXIT_USAGE;
	if (v.kind == VIA_MCTP) {
		status = read_by_uuid(&r);
	} else {
		status = via_open_usb(c);
		if (!status) {
			read_start(&r, c->host);
			status = find_tty(c, path, sizeof(path))
					 ? read_tty(&r, path)
					 : read_port(&r);
		}
	}
	if (r.len)
		print_line(&r);
	return status;
}

static const struct cli_option options[] = {
	{ "follow", 'f', NULL, "Print new messages until Ctrl-C" },
	{ "time", 't', NULL, "Print the wall-clock time of each message" },
	{ 0 },
};

const struct cli_verb device_log_verb = {
	.name = "log",
	.synopsis = "[--follow] [--time]",
	.help = "Print the log of a device",
	.text = "Reads the CDC-ACM port. Without --follow, ends after 0.3 s "
		"without a message,\nor after 1.5 s if none comes at all.\n"
		"A line starts with the milliseconds since the device "
		"started. With --time it\nstarts with the local time, then "
		"the seconds since the device started.",
	.examples = "tether log --follow --time\n"
		    "tether log --via usb:ccde:0000 --json\n",
	.options = options,
	.device = true,
	.run = run_log,
};
