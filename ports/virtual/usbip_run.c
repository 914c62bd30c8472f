/* SPDX-License-Identifier: Apache-2.0 */
/* The USB/IP back end: one device in this process, or several in children. */
#include <stdio.h>

#include "base/err.h"
#include "ports/process/process.h"
#include "ports/virtual/dcd_virtual.h"
#include "ports/virtual/supervisor.h"
#include "ports/virtual/virtual.h"
#include "usbserve/usbip_export.h"
#include "usbserve/usbip_server.h"

static struct usbip_server server;
static struct usbip_export export;

static struct device *start_device(struct process *p, unsigned int number)
{
	struct device *d = process_create_device(p, number);

	if (!d || virtual_start(d, &p->options, process_now_ms))
		return NULL;
	export.loop = &p->loop;
	export.log = &d->log;
	export.ops = &dcd_virtual_ops;
	return usbip_export_init(&export, number + 1) ? NULL : d;
}

static void run_device(void)
{
	(void)dcd_virtual_ops.run(NULL);
	if (export.conn)
		usbip_conn_flush(export.conn);
}

static int start_server(struct process *p, struct log *log,
			struct usbip_server_config *config)
{
	const struct process_options *o = &p->options;
	char error[PROCESS_ERROR];
	int err;

	config->loop = &p->loop;
	config->log = log;
	config->address = o->address;
	config->port = o->port;
	config->allow_remote = o->allow_remote;
	config->allow = &o->allow;
	config->devices = o->count;
	err = usbip_server_start(&server, config, error, sizeof(error));
	if (err)
		fprintf(stderr, "usbnvme: %s\n", error);
	return err;
}

/* --- one device in this process --- */

static int run_one(struct process *p)
{
	struct usbip_server_config config = { .device = usbip_export_device,
					      .import = usbip_export_accept,
					      .ctx = &export };
	struct device *d = start_device(p, 0);
	int status;

	if (!d || start_server(p, &d->log, &config))
		return 1;
	while (process_turn(p, &status)) {
		run_device();
		usbip_server_poll(&server);
	}
	usbip_export_close(&export);
	usbip_server_stop(&server);
	process_finish(p);
	return status;
}

/* --- several devices in child processes --- */

static void channel_ready(void *ctx, uint32_t events)
{
	int fd;

	(void)events;
	if (supervisor_receive(*(int *)ctx, &fd))
		process_end(); /* the parent is gone */
	else if (fd >= 0)
		usbip_export_import(&export, fd);
}

static int run_child(void *ctx, unsigned int number, int channel)
{
	struct loop_source source = { channel, channel_ready, &channel };
	struct process *p = ctx;
	int status;

	/* A restarted child inherits the parent's server. */
	if (server.config.loop)
		usbip_server_stop(&server);
	snprintf(p->log_prefix, sizeof(p->log_prefix), "1-%u: ", number + 1);
	if (loop_init(&p->loop) || loop_add(&p->loop, &source, EPOLLIN))
		return 1;
	if (!start_device(p, number) ||
	    supervisor_announce(channel, &export.info))
		return 1;
	while (process_turn(p, &status))
		run_device();
	usbip_export_close(&export);
	process_finish(p);
	return status;
}

static int run_many(struct process *p)
{
	static struct log log;
	static struct supervisor s;
	struct usbip_server_config config = { .device = supervisor_device,
					      .import = supervisor_import,
					      .ctx = &s };
	int status;

	log_init(&log, p->options.log_level);
	log_sink_init(&p->sink, &log, LOG_LEVEL_TRACE);
	s.loop = &p->loop;
	s.log = &log;
	s.count = p->options.count;
	s.run = run_child;
	s.ctx = p;
	if (supervisor_start(&s)) {
		perror("usbnvme: cannot start the devices");
		supervisor_stop(&s);
		return 1;
	}
	if (start_server(p, &log, &config)) {
		supervisor_stop(&s);
		return 1;
	}
	while (process_turn(p, &status)) {
		log_set_time(&log, process_now_ms());
		supervisor_poll(&s, clock_now_ms());
		usbip_server_poll(&server);
	}
	usbip_server_stop(&server);
	supervisor_stop(&s);
	return status;
}

int virtual_usbip_run(struct process *p)
{
	return p->options.count > 1 ? run_many(p) : run_one(p);
}
