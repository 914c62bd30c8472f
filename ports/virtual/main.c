/* usbnvme: the device as a process. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ports/virtual/control.h"
#include "ports/virtual/dcd_virtual.h"
#include "ports/virtual/options.h"
#include "ports/virtual/supervisor.h"
#include "ports/virtual/virtual.h"
#include "posix/loop.h"
#include "posix/model_ini.h"
#include "posix/state_file.h"
#include "usbserve/usbip_export.h"
#include "usbserve/usbip_server.h"

enum { TICK_MS = 100, EXIT_USAGE = 2, ERROR_SIZE = 512 };

static volatile sig_atomic_t stopped;
static uint32_t started_ms;
static struct options options;
static struct subsystem model;
static struct control control;
static struct loop loop;
static struct usbip_server server;
static struct usbip_export export;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static void set_signals(void)
{
	struct sigaction a = { .sa_handler = stop };

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	a.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &a, NULL);
}

/* Milliseconds since the program started. */
static uint32_t now_ms(void)
{
	return loop_now_ms() - started_ms;
}

/* What is new in the log, to stderr; `who` in front of each line. */
static void show_log(struct log_sink *sink, const char *who)
{
	char text[4096];
	size_t n;
	bool fresh = true;

	while ((n = log_sink_pull(sink, text, sizeof(text))) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (fresh)
				fputs(who, stderr);
			putc(text[i], stderr);
			fresh = text[i] == '\n';
		}
	}
	fflush(stderr);
}

static struct device *start_device(unsigned int number)
{
	uint8_t uid[DEVICE_ID_SIZE];
	struct device *d;

	virtual_device_id(&options, number, uid);
	d = virtual_start(&options, uid, &model, now_ms);
	if (!d)
		return NULL;
	export.loop = &loop;
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

/* --- one device, in this process --- */

static const struct usbip_device *only_device(void *ctx, unsigned int i)
{
	(void)ctx;
	(void)i;
	return &export.info;
}

static void import_only(void *ctx, unsigned int i, int fd)
{
	(void)ctx;
	(void)i;
	usbip_export_import(&export, fd);
}

static int start_server(struct log *log, struct supervisor *s)
{
	const struct usbip_server_config config = {
		.loop = &loop,
		.log = log,
		.address = options.address,
		.port = options.port,
		.allow_remote = options.allow_remote,
		.devices = options.count,
		.device = s ? supervisor_device : only_device,
		.import = s ? supervisor_import : import_only,
		.ctx = s,
	};
	char error[ERROR_SIZE];
	int err = usbip_server_start(&server, &config, error, sizeof(error));

	if (err)
		fprintf(stderr, "usbnvme: %s\n", error);
	else
		log_write(log, LOG_INFO, "USB/IP: %u device%s at %s port %u",
			  options.count, options.count > 1 ? "s" : "",
			  options.address, server.port);
	return err;
}

/* Keep what changed that a drive keeps. */
static void save_state(struct device *d, bool always)
{
	static uint32_t saved;
	char error[ERROR_SIZE];

	if (!options.state || (!always && d->subsystem.version == saved))
		return;
	saved = d->subsystem.version;
	if (state_save(&d->subsystem, options.state, error, sizeof(error)))
		log_write(&d->log, LOG_ERROR, "state: %s", error);
}

static int start_control(struct device *d)
{
	if (!options.control)
		return ERR_OK;
	if (control_start(&control, &loop, &d->subsystem, options.control)) {
		fprintf(stderr, "usbnvme: --control %s: %s\n", options.control,
			strerror(errno));
		return ERR_IO;
	}
	return ERR_OK;
}

static int run_one(void)
{
	struct device *d = start_device(0);
	struct log_sink sink;

	if (!d) {
		fputs("usbnvme: the device does not start\n", stderr);
		return 1;
	}
	log_sink_init(&sink, &d->log, LOG_TRACE);
	if (start_server(&d->log, NULL) || start_control(d))
		return 1;
	while (!stopped) {
		show_log(&sink, "");
		if (loop_turn(&loop, TICK_MS)) {
			perror("usbnvme: waiting for events");
			return 1;
		}
		run_device();
		save_state(d, false);
		usbip_server_poll(&server, loop_now_ms());
	}
	save_state(d, true);
	if (options.control)
		control_stop(&control);
	usbip_export_close(&export);
	usbip_server_stop(&server);
	show_log(&sink, "");
	return 0;
}

/* --- several, in children --- */

static void channel_ready(void *ctx, uint32_t events)
{
	int fd;

	(void)events;
	if (supervisor_receive(*(int *)ctx, &fd))
		stopped = 1; /* the parent is gone */
	else if (fd >= 0)
		usbip_export_import(&export, fd);
}

static int run_child(void *ctx, unsigned int number, int channel)
{
	struct loop_source source = { channel, channel_ready, &channel };
	struct log_sink sink;
	struct device *d;
	char who[16];

	(void)ctx;
	if (server.config.loop) /* a child of later: the parent's, inherited */
		usbip_server_stop(&server);
	snprintf(who, sizeof(who), "1-%u: ", number + 1);
	if (loop_init(&loop) || loop_add(&loop, &source, EPOLLIN))
		return 1;
	d = start_device(number);
	if (!d || supervisor_tell(channel, &export.info))
		return 1;
	log_sink_init(&sink, &d->log, LOG_TRACE);
	while (!stopped) {
		show_log(&sink, who);
		if (loop_turn(&loop, TICK_MS))
			return 1;
		run_device();
	}
	usbip_export_close(&export);
	return 0;
}

static int run_many(void)
{
	static struct log log;
	static struct supervisor s;
	struct log_sink sink;

	log_init(&log, options.log_level);
	log_sink_init(&sink, &log, LOG_TRACE);
	s.loop = &loop;
	s.log = &log;
	s.count = options.count;
	s.run = run_child;
	if (supervisor_start(&s)) {
		perror("usbnvme: starting the devices");
		supervisor_stop(&s);
		return 1;
	}
	if (start_server(&log, &s)) {
		supervisor_stop(&s);
		return 1;
	}
	while (!stopped) {
		show_log(&sink, "");
		if (loop_turn(&loop, TICK_MS))
			break;
		log_set_time(&log, now_ms());
		supervisor_poll(&s, loop_now_ms());
		usbip_server_poll(&server, loop_now_ms());
	}
	usbip_server_stop(&server);
	supervisor_stop(&s);
	return stopped ? 0 : 1;
}

/* The drive to be, and what it was like when it last had power. */
static int make_model(void)
{
	char error[ERROR_SIZE];

	subsystem_init_default(&model);
	if (options.model &&
	    model_ini_load(&model, options.model, error, sizeof(error))) {
		fprintf(stderr, "usbnvme: %s\n", error);
		return ERR_INVALID;
	}
	if (!options.state)
		return ERR_OK;
	switch (state_load(&model, options.state, error, sizeof(error))) {
	case ERR_OK:
	case ERR_NOT_FOUND:
		return ERR_OK;
	case ERR_IO:
		fprintf(stderr, "usbnvme: --state %s\n", error);
		return ERR_IO;
	default:
		fprintf(stderr, "usbnvme: %s\n", error);
		return ERR_OK;
	}
}

int main(int argc, char **argv)
{

	started_ms = loop_now_ms();
	/* stderr is written a log line at a time, not a character. */
	(void)setvbuf(stderr, NULL, _IOFBF, BUFSIZ);
	/* 1. What is wanted. */
	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_WRONG:
		return EXIT_USAGE;
	case OPTIONS_RUN:
		break;
	}
	/* 2. The drive to be. */
	if (make_model())
		return 1;
	/* 3. The loop. */
	set_signals();
	if (loop_init(&loop)) {
		perror("usbnvme: event loop");
		return 1;
	}
	/* 4. Devices and server, until a signal. */
	return options.count > 1 ? run_many() : run_one();
}
