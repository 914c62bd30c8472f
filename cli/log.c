/* tether log: the device's log, from its CDC-ACM port. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/cli.h"
#include "host/usbdesc.h"
#include "posix/loop.h"

enum {
	TRANSFERS = 4,
	SIZE = 512,
	QUIET_MS = 300, /* without -f: this long nothing, and it is all */
	LINE = 1024,
};

struct reader {
	struct cli *cli;
	bool lost;
	uint32_t last_ms;
	size_t len;
	char line[LINE];
};

/* "        12 INFO  text": time, level and text for machines. */
static void print_json_line(char *line)
{
	struct json_object *o = json_object_new_object();
	char *end, *level;
	unsigned long ms = strtoul(line, &end, 10);

	if (end != line && *end == ' ') {
		level = end + 1;
		end = level + strcspn(level, " ");
		cli_add_number(o, "ms", ms);
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
		print_json_line(r->line);
	else
		puts(r->line);
	fflush(stdout);
}

static void received(struct usbhost_transfer *t)
{
	struct reader *r = t->ctx;

	if (t->status) {
		r->lost = true;
		return;
	}
	for (uint32_t i = 0; i < t->actual; i++) {
		char c = (char)t->data[i];

		if (c == '\n' || r->len == LINE - 1)
			print_line(r);
		/* What a device sends is not for the terminal to obey. */
		if (c != '\n' && c != '\r')
			r->line[r->len++] =
				(char)(c < ' ' || c > '~' ? '?' : c);
	}
	r->last_ms = loop_now_ms();
	if (r->cli->host->ops->submit(r->cli->host, t))
		r->lost = true;
}

/* As a terminal does at open: 115200 8N1, DTR and RTS up. */
static void open_line(struct cli *c, uint8_t interface)
{
	uint8_t coding[7] = { 0x00, 0xc2, 0x01, 0x00, 0, 0, 8 };
	const uint8_t set_coding[8] = { 0x21, 0x20, 0, 0, interface, 0, 7, 0 };
	const uint8_t set_state[8] = { 0x21, 0x22, 3, 0, interface, 0, 0, 0 };

	/* A device that refuses them logs all the same. */
	(void)usbhost_control(c->host, set_coding, coding, sizeof(coding));
	(void)usbhost_control(c->host, set_state, NULL, 0);
}

static int find_port(struct cli *c, uint8_t *in)
{
	uint8_t data[1024];
	static struct usbdesc d;
	const struct usbdesc_interface *control, *port = NULL;
	const struct usbdesc_endpoint *e = NULL;
	int n = usbhost_get_descriptor(c->host, 2, 0, data, sizeof(data));

	if (n < 0)
		return cli_fail(c, "reading the descriptors: %s",
				c->host->error);
	if (usbdesc_configuration(&d, data, (size_t)n))
		return cli_fail(c, "the device's descriptors are not in order");
	control = usbdesc_find(&d, 0x02, 0x02, -1);
	if (control)
		port = usbdesc_cdc_data(&d, control);
	if (port)
		e = usbdesc_endpoint(port, 0x80, 2);
	if (!e)
		return cli_fail(c, "the device has no CDC-ACM port for a log. "
				   "`tether usb` shows what it has");
	if (usbhost_configure(c->host, d.configuration))
		return cli_fail(c, "configuring the device: %s",
				c->host->error);
	*in = e->address;
	open_line(c, control->number);
	return EXIT_OK;
}

int log_run(struct cli *c)
{
	static uint8_t data[TRANSFERS][SIZE];
	static struct usbhost_transfer transfer[TRANSFERS];
	static struct reader r;
	uint8_t in;
	int status = cli_open_host(c);

	if (!status)
		status = find_port(c, &in);
	if (status)
		return status;
	r.cli = c;
	r.last_ms = loop_now_ms();
	for (int i = 0; i < TRANSFERS; i++) {
		transfer[i] = (struct usbhost_transfer){
			.endpoint = in,
			.data = data[i],
			.length = SIZE,
			.done = received,
			.ctx = &r,
		};
		if (c->host->ops->submit(c->host, &transfer[i]))
			r.lost = true;
	}
	while (!r.lost && !cli_interrupted &&
	       (c->follow || loop_now_ms() - r.last_ms < QUIET_MS))
		if (c->host->ops->poll(c->host, 50))
			r.lost = true;
	if (r.len)
		print_line(&r);
	return r.lost ? cli_fail(c, "reading the log: %s", c->host->error)
		      : EXIT_OK;
}
