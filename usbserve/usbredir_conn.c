/* SPDX-License-Identifier: Apache-2.0 */
#include "usbserve/usbredir_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usbredirparser.h>

#include "base/err.h"
#include "base/log.h"
#include "linux_sys/loop.h"
#include "usbserve/enumerate.h"
#include "usbserve/usbip_wire.h"
#include "usbserve/usbredir_transfers.h"

enum {
	ADDRESS = 1,
	ENDPOINTS = 32,
	QUEUE_MAX = 256, /* answers that wait; more: stop reading requests */
};

struct usbredir_conn {
	/* The first member, so that the parser's priv points to both
	 * structs. */
	struct usbredir_transfers transfers;
	struct loop *loop;
	struct log *log;
	void (*closed)(void *ctx);
	void *ctx;
	struct loop_source source;
	bool lost;
	uint32_t wanted; /* events that the loop waits for */
};

/* --- announcing the device --- */

static void send_interfaces(struct usbredir_conn *c,
			    const struct usbip_device *d)
{
	struct usb_redir_interface_info_header h = { .interface_count =
							     d->interfaces };

	for (uint8_t i = 0; i < d->interfaces; i++) {
		h.interface[i] = i;
		h.interface_class[i] = d->interface[i].class;
		h.interface_subclass[i] = d->interface[i].subclass;
		h.interface_protocol[i] = d->interface[i].protocol;
	}
	usbredirparser_send_interface_info(c->transfers.parser, &h);
}

static void send_endpoints(struct usbredir_conn *c)
{
	struct usbserve_endpoint list[ENDPOINTS];
	struct usb_redir_ep_info_header h = { 0 };
	int n = usbserve_endpoints(c->transfers.ops, c->transfers.device, list,
				   ENDPOINTS);

	memset(h.type, usb_redir_type_invalid, sizeof(h.type));
	h.type[0] = h.type[16] = usb_redir_type_control;
	for (int i = 0; i < n; i++) {
		const struct usbserve_endpoint *e = &list[i];
		int at = (e->address & 0x80) >> 3 | (e->address & 0x0f);

		h.type[at] = e->type;
		h.interval[at] = e->interval;
		h.interface[at] = e->interface;
		h.max_packet_size[at] = e->packet;
	}
	usbredirparser_send_ep_info(c->transfers.parser, &h);
}

static void handle_hello(void *priv, struct usb_redir_hello_header *h)
{
	struct usbredir_conn *c = priv;
	struct usbip_device d = { 0 };
	struct usb_redir_device_connect_header connect;

	(void)h;
	if (usbserve_enumerate(c->transfers.ops, c->transfers.device, &d)) {
		log_write(
			c->log, LOG_LEVEL_ERROR,
			"usbredir: the device does not respond to enumeration");
		c->lost = true;
		return;
	}
	send_interfaces(c, &d);
	send_endpoints(c);
	connect = (struct usb_redir_device_connect_header){
		.speed = d.speed == USBSERVE_HIGH ? usb_redir_speed_high
						  : usb_redir_speed_full,
		.device_class = d.class,
		.device_subclass = d.subclass,
		.device_protocol = d.protocol,
		.vendor_id = d.vendor,
		.product_id = d.product,
		.device_version_bcd = d.release,
	};
	usbredirparser_send_device_connect(c->transfers.parser, &connect);
}

static void handle_reset(void *priv)
{
	struct usbredir_conn *c = priv;

	/* The reset completes the URBs in flight with -ESHUTDOWN. */
	if (usbserve_attach(c->transfers.ops, c->transfers.device, ADDRESS))
		c->lost = true;
}

static void handle_filter_reject(void *priv)
{
	struct usbredir_conn *c = priv;

	log_write(c->log, LOG_LEVEL_WARN,
		  "usbredir: the virtual machine's device filter rejects this "
		  "device");
}

/* --- the socket --- */

static void log_parser(void *priv, int level, const char *text)
{
	struct usbredir_conn *c = priv;

	if (level <= usbredirparser_warning)
		log_write(c->log, LOG_LEVEL_WARN, "%s", text);
}

/* Whether the peer reads its answers too slowly: answers would pile up. */
static bool is_congested(const struct usbredir_conn *c)
{
	return usbredirparser_has_data_to_write(c->transfers.parser) >
	       QUEUE_MAX;
}

static int read_socket(void *priv, uint8_t *data, int count)
{
	struct usbredir_conn *c = priv;
	ssize_t n;

	if (is_congested(c))
		return 0; /* as if the socket had no data */
	n = recv(c->source.fd, data, (size_t)count, MSG_DONTWAIT);
	if (n < 0 && errno == ENOTSOCK) /* a terminal */
		n = read(c->source.fd, data, (size_t)count);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n > 0 ? (int)n : -1;
}

static int write_socket(void *priv, uint8_t *data, int count)
{
	struct usbredir_conn *c = priv;
	ssize_t n = send(c->source.fd, data, (size_t)count,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno == ENOTSOCK)
		n = write(c->source.fd, data, (size_t)count);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n >= 0 ? (int)n : -1;
}

static void socket_ready(void *ctx, uint32_t events)
{
	struct usbredir_conn *c = ctx;

	if (events & ~(uint32_t)EPOLLOUT && !is_congested(c) &&
	    usbredirparser_do_read(c->transfers.parser) ==
		    usbredirparser_read_io_error)
		c->lost = true;
	(void)c->transfers.ops->run(c->transfers.device);
	usbredir_conn_flush(c);
}

void usbredir_conn_flush(struct usbredir_conn *c)
{
	uint32_t wanted = 0;

	if (!c->lost && usbredirparser_has_data_to_write(c->transfers.parser) &&
	    usbredirparser_do_write(c->transfers.parser))
		c->lost = true;
	if (c->lost) {
		log_write(c->log, LOG_LEVEL_INFO, "usbredir: disconnected");
		usbredir_conn_close(c);
		return;
	}
	if (!is_congested(c))
		wanted |= EPOLLIN;
	if (usbredirparser_has_data_to_write(c->transfers.parser))
		wanted |= EPOLLOUT;
	if (wanted != c->wanted)
		loop_set(c->loop, &c->source, wanted);
	c->wanted = wanted;
}

/* Ignore the peer's rules, which say which devices it accepts. The peer itself
 * refuses other devices with filter_reject. */
static void handle_filter(void *priv, struct usbredirfilter_rule *rules,
			  int count)
{
	(void)priv;
	(void)count;
	free(rules);
}

static void handle_disconnect_ack(void *priv)
{
	(void)priv;
}

static void set_callbacks(struct usbredirparser *p)
{
	p->log_func = log_parser;
	p->read_func = read_socket;
	p->write_func = write_socket;
	p->hello_func = handle_hello;
	p->reset_func = handle_reset;
	p->filter_reject_func = handle_filter_reject;
	p->filter_filter_func = handle_filter;
	p->device_disconnect_ack_func = handle_disconnect_ack;
}

static bool start_parser(struct usbredir_conn *c)
{
	uint32_t caps[USB_REDIR_CAPS_SIZE] = { 0 };

	c->transfers.parser = usbredirparser_create();
	if (!c->transfers.parser)
		return false;
	c->transfers.parser->priv = c;
	set_callbacks(c->transfers.parser);
	usbredir_transfers_set(&c->transfers);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_connect_device_version);
	usbredirparser_caps_set_cap(caps,
				    usb_redir_cap_ep_info_max_packet_size);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_32bits_bulk_length);
	usbredirparser_init(c->transfers.parser, "tether", caps,
			    USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
	return true;
}

struct usbredir_conn *usbredir_conn_open(int fd,
					 const struct usbredir_conn_config *g)
{
	struct usbredir_conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return NULL;
	}
	c->transfers.ops = g->ops;
	c->transfers.device = g->device;
	c->loop = g->loop;
	c->log = g->log;
	c->closed = g->closed;
	c->ctx = g->ctx;
	c->source = (struct loop_source){ fd, socket_ready, c };
	c->wanted = EPOLLIN | EPOLLOUT; /* the hello packet is queued */
	if (usbserve_attach(g->ops, g->device, ADDRESS) || !start_parser(c) ||
	    loop_add(g->loop, &c->source, c->wanted)) {
		g->ops->reset(g->device, false);
		if (c->transfers.parser)
			usbredirparser_destroy(c->transfers.parser);
		close(fd);
		free(c);
		return NULL;
	}
	return c;
}

void usbredir_conn_close(struct usbredir_conn *c)
{
	void (*closed)(void *ctx) = c->closed;
	void *ctx = c->ctx;

	c->transfers.ended = true;
	c->transfers.ops->reset(c->transfers.device, false);
	loop_remove(c->loop, &c->source);
	usbredirparser_destroy(c->transfers.parser);
	close(c->source.fd);
	free(c);
	closed(ctx);
}
