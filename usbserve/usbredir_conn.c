#include "usbserve/usbredir_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usbredirparser.h>

#include "base/err.h"
#include "base/log.h"
#include "posix/loop.h"
#include "usbserve/enumerate.h"
#include "usbserve/usbip_proto.h"
#include "usbserve/usbredir_transfers.h"

enum { ADDRESS = 1, ENDPOINTS = 32 };
struct usbredir_conn {
	struct usbredir_transfers
		transfers; /* first: the parser's priv is both */
	struct usbredir_conn_config config;
	struct usbredirparser *parser;
	struct loop_source source;
	bool lost, writing;
};

/* --- the device's arrival --- */

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
	usbredirparser_send_interface_info(c->parser, &h);
}

static void send_endpoints(struct usbredir_conn *c)
{
	struct usbserve_endpoint list[ENDPOINTS];
	struct usb_redir_ep_info_header h = { 0 };
	int n = usbserve_endpoints(c->config.ops, c->config.device, list,
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
	usbredirparser_send_ep_info(c->parser, &h);
}

static void hello(void *priv, struct usb_redir_hello_header *h)
{
	struct usbredir_conn *c = priv;
	struct usbip_device d = { 0 };
	struct usb_redir_device_connect_header connect;

	(void)h;
	if (usbserve_enumerate(c->config.ops, c->config.device, &d)) {
		log_write(c->config.log, LOG_ERROR,
			  "usbredir: the device does not answer on the bus");
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
	usbredirparser_send_device_connect(c->parser, &connect);
}

static void reset(void *priv)
{
	struct usbredir_conn *c = priv;

	/* What was in flight is answered as failed. */
	if (usbserve_attach(c->config.ops, c->config.device, ADDRESS))
		c->lost = true;
}

static void filter_reject(void *priv)
{
	struct usbredir_conn *c = priv;

	log_write(c->config.log, LOG_WARN,
		  "usbredir: the virtual machine refuses this device by its "
		  "filter");
}

/* --- the socket --- */

static void log_parser(void *priv, int level, const char *text)
{
	struct usbredir_conn *c = priv;

	if (level <= usbredirparser_warning)
		log_write(c->config.log, LOG_WARN, "%s", text);
}

static int read_socket(void *priv, uint8_t *data, int count)
{
	struct usbredir_conn *c = priv;
	ssize_t n = recv(c->source.fd, data, (size_t)count, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n > 0 ? (int)n : -1;
}

static int write_socket(void *priv, uint8_t *data, int count)
{
	struct usbredir_conn *c = priv;
	ssize_t n = send(c->source.fd, data, (size_t)count,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n >= 0 ? (int)n : -1;
}

static void socket_ready(void *ctx, uint32_t events)
{
	struct usbredir_conn *c = ctx;

	if (events & ~(uint32_t)EPOLLOUT &&
	    usbredirparser_do_read(c->parser) == usbredirparser_read_io_error)
		c->lost = true;
	(void)c->config.ops->run(c->config.device);
	usbredir_conn_flush(c);
}

void usbredir_conn_flush(struct usbredir_conn *c)
{
	bool more;

	if (!c->lost && usbredirparser_has_data_to_write(c->parser) &&
	    usbredirparser_do_write(c->parser))
		c->lost = true;
	if (c->lost) {
		log_write(c->config.log, LOG_INFO, "usbredir: disconnected");
		usbredir_conn_close(c);
		return;
	}
	more = usbredirparser_has_data_to_write(c->parser);
	if (more != c->writing)
		loop_set(c->config.loop, &c->source,
			 EPOLLIN | (more ? (uint32_t)EPOLLOUT : 0));
	c->writing = more;
}

static void set_callbacks(struct usbredirparser *p)
{
	p->log_func = log_parser;
	p->read_func = read_socket;
	p->write_func = write_socket;
	p->hello_func = hello;
	p->reset_func = reset;
	p->filter_reject_func = filter_reject;
}

static bool start_parser(struct usbredir_conn *c)
{
	uint32_t caps[USB_REDIR_CAPS_SIZE] = { 0 };

	c->parser = usbredirparser_create();
	if (!c->parser)
		return false;
	c->parser->priv = c;
	c->transfers.parser = c->parser;
	c->transfers.ops = c->config.ops;
	c->transfers.device = c->config.device;
	set_callbacks(c->parser);
	usbredir_transfers_set(&c->transfers);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_connect_device_version);
	usbredirparser_caps_set_cap(caps,
				    usb_redir_cap_ep_info_max_packet_size);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_64bits_ids);
	usbredirparser_caps_set_cap(caps, usb_redir_cap_32bits_bulk_length);
	usbredirparser_init(c->parser, "tether", caps, USB_REDIR_CAPS_SIZE,
			    usbredirparser_fl_usb_host);
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
	c->config = *g;
	c->source = (struct loop_source){ fd, socket_ready, c };
	c->writing = true; /* the hello */
	if (usbserve_attach(g->ops, g->device, ADDRESS) || !start_parser(c) ||
	    loop_add(g->loop, &c->source, EPOLLIN | EPOLLOUT)) {
		g->ops->reset(g->device, false);
		if (c->parser)
			usbredirparser_destroy(c->parser);
		close(fd);
		free(c);
		return NULL;
	}
	return c;
}

void usbredir_conn_close(struct usbredir_conn *c)
{
	struct usbredir_conn_config g = c->config;

	c->transfers.ended = true;
	g.ops->reset(g.device, false);
	loop_remove(g.loop, &c->source);
	usbredirparser_destroy(c->parser);
	close(c->source.fd);
	free(c);
	g.closed(g.ctx);
}
