/* SPDX-License-Identifier: Apache-2.0 */
/* The serial back end: MCTP over serial (DSP0253) at a serial port or a
 * pseudo-terminal. A port that is lost is opened again every second. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "linux_sys/notify.h"
#include "mctp_serial/mctp_serial.h"
#include "ports/process/process.h"
#include "posix/tty.h"

enum {
	CHUNK = 4096,
	PATH = 256,
	REOPEN_MS = 1000,
	RESYNC_MS = 100, /* between two resynchronizations of the host */
};

struct serial_port {
	struct loop *loop;
	struct device *device;
	const struct process_options *options;
	struct loop_source source; /* fd -1: closed */
	bool wants_out;
	int keep; /* other end of the pseudo-terminal; -1: none */
	uint32_t closed_ms, resync_ms;
	size_t out_at, out_end; /* unsent bytes in out[] */
	struct mctp_serial serial;
	uint8_t out[CHUNK];
	char path[PATH];
};

static void close_port(struct serial_port *p, const char *why)
{
	log_write(&p->device->log, LOG_LEVEL_WARN,
		  "serial: %.80s is lost: %s. Opening it again", p->path, why);
	loop_remove(p->loop, &p->source);
	close(p->source.fd);
	p->source.fd = -1;
	p->closed_ms = process_now_ms();
	p->out_at = p->out_end = 0;
	mctp_serial_reset(&p->serial);
	device_reset(p->device);
	(void)mctp_set_mtu(&p->device->mctp, MCTP_SERIAL_MTU);
}

static void receive(struct serial_port *p)
{
	uint8_t data[CHUNK];
	ssize_t n = read(p->source.fd, data, sizeof(data));

	device_set_time(p->device, process_now_ms());
	if (n > 0)
		mctp_serial_rx(&p->serial, data, (size_t)n, p->device->now_ms);
	else if (!n)
		close_port(p, "end of file");
	else if (errno != EAGAIN && errno != EINTR)
		close_port(p, strerror(errno));
}

static void port_ready(void *ctx, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(ctx);
}

/* Let a host whose receiver lost the start of a frame find it again, without
 * delaying frames that follow each other. */
static void resync_host(struct serial_port *p)
{
	uint32_t now = p->device->now_ms;

	if (now - p->resync_ms < RESYNC_MS)
		return;
	p->resync_ms = now;
	mctp_serial_resync(&p->serial);
}

/* Send until the port accepts no more. Returns whether the port accepted all
 * bytes, and some: the device may then have more to send after its next poll.
 */
static bool send_bytes(struct serial_port *p)
{
	bool sent = false;

	while (p->source.fd >= 0) {
		ssize_t n;

		if (p->out_at == p->out_end) {
			device_prepare_tx(p->device);
			resync_host(p);
			p->out_at = 0;
			p->out_end = mctp_serial_poll(&p->serial, p->out,
						      sizeof(p->out));
			if (!p->out_end)
				return sent;
		}
		n = write(p->source.fd, p->out + p->out_at,
			  p->out_end - p->out_at);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (n <= 0)
			close_port(p, n ? strerror(errno) : "no data accepted");
		else
			p->out_at += (size_t)n;
		sent = true;
	}
	return false;
}

/* Wake up when the port accepts bytes, if there are or may be some. */
static void wait_for_output(struct serial_port *p, bool more)
{
	bool wants = more || p->out_at < p->out_end;

	if (p->source.fd < 0 || wants == p->wants_out)
		return;
	p->wants_out = wants;
	loop_set(p->loop, &p->source,
		 EPOLLIN | (wants ? (uint32_t)EPOLLOUT : 0));
}

static int open_port(struct serial_port *p)
{
	int fd;

	if (!strcmp(p->options->serial, "pty")) {
		fd = tty_create_pty(p->path, sizeof(p->path), &p->keep);
	} else {
		snprintf(p->path, sizeof(p->path), "%s", p->options->serial);
		fd = tty_open(p->path, p->options->baud);
	}
	if (fd < 0)
		return ERR_IO;
	p->wants_out = false;
	p->source = (struct loop_source){ fd, port_ready, p };
	if (loop_add(p->loop, &p->source, EPOLLIN)) {
		int saved = errno;

		close(fd);
		p->source.fd = -1;
		errno = saved;
		return ERR_IO;
	}
	log_write(&p->device->log, LOG_LEVEL_INFO, "serial: serving on %.200s",
		  p->path);
	return ERR_OK;
}

static void turn(struct serial_port *p)
{
	if (p->source.fd < 0 && process_now_ms() - p->closed_ms >= REOPEN_MS &&
	    open_port(p))
		p->closed_ms = process_now_ms();
	device_set_time(p->device, process_now_ms());
	device_poll(p->device);
	wait_for_output(p, send_bytes(p));
}

/* Log the counters that are not zero. */
static void log_counters(const struct serial_port *p)
{
	for (int i = 0; i < MCTP_SERIAL_COUNTERS; i++)
		if (p->serial.counter[i])
			log_write(&p->device->log, LOG_LEVEL_DEBUG,
				  "counted %s: %lu",
				  mctp_serial_counter_name(
					  (enum mctp_serial_counter)i),
				  (unsigned long)p->serial.counter[i]);
}

int serial_run(struct process *p)
{
	static struct serial_port port;
	int status;

	port.loop = &p->loop;
	port.options = &p->options;
	port.source.fd = port.keep = -1;
	port.device = process_create_device(p, 0);
	if (!port.device)
		return 1;
	mctp_serial_init(&port.serial, &port.device->mctp);
	if (open_port(&port)) {
		fprintf(stderr, "usbnvme: --serial %s: %s\n", p->options.serial,
			strerror(errno));
		return 1;
	}
	notify("READY=1");
	while (process_turn(p, &status))
		turn(&port);
	log_counters(&port);
	process_finish(p);
	return status;
}
