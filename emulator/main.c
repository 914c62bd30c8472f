/* SPDX-License-Identifier: Apache-2.0 */
/* nucleo-emu: a Nucleo-H7S3L8 as a process. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/log.h"
#include "emulator/board.h"
#include "emulator/loaded.h"
#include "emulator/options.h"
#include "emulator/rtt.h"
#include "emulator/script.h"
#include "emulator/usbhost.h"
#include "linux_sys/loop.h"
#include "usbserve/usbip_export.h"
#include "usbserve/usbip_server.h"
#include "usbserve/usbredir.h"

enum {
	EXIT_USAGE = 2,
	EXIT_STRICT = 3,
	ERROR_SIZE = 512,
	IMAGE_B = 16 << 20,
	FILE_MAX = 32 << 20,
	BOOT_MS = 30000
};

static volatile sig_atomic_t stopped;
static struct options options;
static struct board board;
static struct usbhost host;
static struct rtt rtt;
static struct loaded loaded;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
	board.insns_max = 0;
	emu_attend(&board.emu);
}

/* A whole file, ended by 0; NULL after a line on stderr. */
static uint8_t *read_file(const char *name, size_t *size)
{
	FILE *f = fopen(name, "rb");
	uint8_t *data = f ? malloc(FILE_MAX + 1) : NULL;

	if (data) {
		*size = fread(data, 1, FILE_MAX, f);
		data[*size] = 0;
	}
	if (!data || ferror(f)) {
		fprintf(stderr, "nucleo-emu: reading %s: %s\n", name,
			strerror(errno));
		free(data);
		data = NULL;
	}
	if (f)
		fclose(f);
	return data;
}

/* --- images --- */

static int put_flash(const char *name)
{
	char error[ERROR_SIZE];
	size_t size;
	uint8_t *image = read_file(name, &size);
	int err = ERR_IO;

	if (!image)
		return ERR_IO;
	if (elf_check(image, size)) {
		err = board_load_elf(&board, image, size, true, error,
				     sizeof(error));
		if (err)
			fprintf(stderr, "nucleo-emu: %s: %s\n", name, error);
	} else if (size && size <= FLASH_SIZE) {
		memcpy(bus_memory(&board, FLASH_BASE, FLASH_SIZE), image, size);
		err = ERR_OK;
	} else {
		fprintf(stderr, "nucleo-emu: %s: %zu bytes; the flash has %d\n",
			name, size, FLASH_SIZE);
	}
	free(image);
	return err;
}

/* As a programmer would: the file itself, byte for byte. */
static int put_xspi(const char *name, uint32_t address)
{
	size_t size;
	uint8_t *image = read_file(name, &size);
	int err;

	if (!image)
		return ERR_IO;
	err = nor_load(&board.nor, address, image, (uint32_t)size);
	if (err)
		fprintf(stderr, "nucleo-emu: %s is too large\n", name);
	elf_symbols_add(&board.symbols, image, size);
	free(image);
	return err;
}

static int put_elf(const char *name, uint32_t *vectors)
{
	char error[ERROR_SIZE];
	size_t size;
	uint8_t *image = read_file(name, &size);
	int err;

	if (!image)
		return ERR_IO;
	err = board_load_elf(&board, image, size, true, error, sizeof(error));
	if (err)
		fprintf(stderr, "nucleo-emu: %s: %s\n", name, error);
	else if (!*vectors)
		*vectors = board_elf_vectors(image, size);
	free(image);
	return err;
}

static int watch(const char *name)
{
	static uint8_t *image; /* to the end */
	size_t size;
	int err;

	image = read_file(name, &size);
	err = image ? loaded_watch(&loaded, &board, image, size) : ERR_IO;
	if (image && err)
		fprintf(stderr, "nucleo-emu: %s: no ELF program for Arm\n",
			name);
	return err;
}

static int put_images(uint32_t *vectors)
{
	int err = ERR_OK;

	if (options.flash)
		err = put_flash(options.flash);
	if (!err && options.xspi)
		err = put_xspi(options.xspi, 0);
	if (!err && options.xspi_b)
		err = put_xspi(options.xspi_b, IMAGE_B);
	if (!err && options.elf)
		err = put_elf(options.elf, vectors);
	if (!err && options.loaded)
		err = watch(options.loaded);
	return err;
}

/* --- who is at the other end of the cable --- */

static int run_script(void)
{
	struct script s = { .host = &host,
			    .rtt = &rtt,
			    .name = options.script };
	size_t size;
	uint8_t *text = read_file(options.script, &size);
	int err;

	if (!text)
		return ERR_IO;
	err = script_run(&s, (const char *)text);
	if (err && *s.error)
		fprintf(stderr, "nucleo-emu: %s\n", s.error);
	free(text);
	return err;
}

static int run_alone(void)
{
	uint64_t end = EMU_NEVER;

	if (options.seconds > 0)
		end = (uint64_t)(options.seconds * 1e12);
	cpu_run(&board, end);
	if (!board.emu.failed && !board.emu.ended && board.cpu.sleeping &&
	    end == EMU_NEVER)
		fputs("nucleo-emu: the program sleeps for ever\n", stderr);
	return ERR_OK;
}

static uint64_t wall_ps(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * EMU_S + (uint64_t)t.tv_nsec * 1000;
}

static struct usbip_export export;

static void show_log(struct log_sink *sink)
{
	char text[4096];
	size_t n;

	while ((n = log_sink_pull(sink, text, sizeof(text))) > 0)
		fwrite(text, 1, n, stderr);
	fflush(stderr);
}

static bool running(void)
{
	return !stopped && !board.emu.failed && !board.emu.ended;
}

/* Let the board and its host work until the cable has something to say.
 * false: it is over. */
static bool turn(struct loop *loop, struct log_sink *sink, int *err)
{
	int wait;

	if (*err || !running())
		return false;
	show_log(sink);
	wait = usbhost_ops.run(&host);
	if (export.conn)
		usbip_conn_flush(export.conn);
	*err = loop_turn(loop, wait);
	return !*err;
}

static int serve_usbip(struct loop *loop, struct log *log,
		       struct log_sink *sink)
{
	static struct usbip_server server;
	const struct usbip_server_config config = {
		.loop = loop,
		.log = log,
		.address = options.address,
		.port = options.port,
		.allow_remote = options.allow_remote,
		.devices = 1,
		.device = usbip_export_device,
		.import = usbip_export_accept,
		.ctx = &export,
	};
	char error[ERROR_SIZE];
	int err = ERR_OK;

	export.loop = loop;
	export.log = log;
	export.ops = &usbhost_ops;
	export.device = &host;
	if (usbip_export_init(&export, 1)) {
		if (!board.emu.failed)
			fputs("nucleo-emu: the USB device does not answer\n",
			      stderr);
		return ERR_IO;
	}
	if (usbip_server_start(&server, &config, error, sizeof(error))) {
		fprintf(stderr, "nucleo-emu: %s\n", error);
		return ERR_IO;
	}
	while (turn(loop, sink, &err))
		usbip_server_poll(&server);
	if (export.conn && !board.emu.failed)
		usbip_export_close(&export);
	usbip_server_stop(&server);
	return err;
}

static int serve_usbredir(struct loop *loop, struct log *log,
			  struct log_sink *sink)
{
	static struct usbredir redir;
	char error[ERROR_SIZE];
	int err = ERR_OK;

	redir.where = options.usbredir;
	redir.config.loop = loop;
	redir.config.log = log;
	redir.config.ops = &usbhost_ops;
	redir.config.device = &host;
	if (usbredir_start(&redir, error, sizeof(error))) {
		fprintf(stderr, "nucleo-emu: --usbredir %s\n", error);
		return ERR_IO;
	}
	do
		usbredir_poll(&redir);
	while (turn(loop, sink, &err));
	if (!board.emu.failed)
		usbredir_stop(&redir);
	return err;
}

/* A real host, which the wall clock belongs to. */
static int run_live(void)
{
	static struct log log;
	struct log_sink sink;
	struct loop loop;
	uint64_t end = BOOT_MS * EMU_MS;
	int err;

	log_init(&log, LOG_LEVEL_INFO);
	log_sink_init(&sink, &log, LOG_LEVEL_TRACE);
	if (loop_init(&loop)) {
		perror("nucleo-emu: event loop");
		return ERR_IO;
	}
	/* Boot as fast as it goes. */
	while (!dwc2_attached(&board) && emu_now(&board.emu) < end && running())
		cpu_run(&board, emu_now(&board.emu) + EMU_MS);
	if (!running())
		return ERR_OK;
	host.wall_ps = wall_ps;
	host.wall_base_ps = emu_now(&board.emu) - wall_ps();
	err = options.usbredir ? serve_usbredir(&loop, &log, &sink)
			       : serve_usbip(&loop, &log, &sink);
	show_log(&sink);
	return err;
}

/* --- the end --- */

static int write_xspi(void)
{
	FILE *f = fopen(options.xspi_out, "wb");
	bool ok = f && fwrite(board.nor.data, 1, NOR_SIZE, f) == NOR_SIZE;

	if (f && fclose(f))
		ok = false;
	if (!ok)
		fprintf(stderr, "nucleo-emu: writing %s: %s\n",
			options.xspi_out, strerror(errno));
	return ok ? ERR_OK : ERR_IO;
}

static void show_stats(const struct emu *e)
{
	fprintf(stderr,
		"stats: %llu instructions, %llu peripheral accesses, "
		"%.6f s, %u resets\n",
		(unsigned long long)e->insns, (unsigned long long)e->mmio,
		(double)emu_now(e) / 1e12, board.resets);
	if (e->attached_insns)
		fprintf(stderr,
			"stats: soft-connect after %llu instructions, %llu of "
			"them in wait loops\n",
			(unsigned long long)e->attached_insns,
			(unsigned long long)e->attached_waited);
}

static int check_loaded(void)
{
	char error[ERROR_SIZE];
	int err = loaded_check(&loaded, error, sizeof(error));

	if (err && !board.emu.failed)
		fprintf(stderr, "nucleo-emu: --loaded %s: %s\n", options.loaded,
			error);
	free((void *)loaded.image);
	return err;
}

static int finish(int err)
{
	if (rtt.board)
		rtt_poll(&rtt);
	if (options.stats)
		show_stats(&board.emu);
	if (host.record)
		fclose(host.record);
	if (options.xspi_out && write_xspi())
		err = ERR_IO;
	if (options.loaded && check_loaded())
		err = ERR_INTEGRITY;
	if (board.emu.failed) {
		fprintf(stderr, "nucleo-emu: %s\n", board.emu.error);
		return EXIT_STRICT;
	}
	if (err)
		return 1;
	return board.emu.ended ? board.emu.status : 0;
}

static int open_outputs(void)
{
	FILE *f = NULL;

	if (options.trace_file) {
		board.emu.trace_file = fopen(options.trace_file, "w");
		if (!board.emu.trace_file) {
			perror(options.trace_file);
			return ERR_IO;
		}
	}
	board.emu.trace = options.trace;
	if (options.record) {
		host.record = fopen(options.record, "w");
		if (!host.record) {
			perror(options.record);
			return ERR_IO;
		}
	}
	if (options.rtt && strcmp(options.rtt, "-") != 0) {
		f = fopen(options.rtt, "w");
		if (!f) {
			perror(options.rtt);
			return ERR_IO;
		}
	}
	rtt_start(&rtt, &board, options.rtt && !f ? stdout : f);
	return ERR_OK;
}

int main(int argc, char **argv)
{
	uint32_t vectors;
	int err;

	/* 1. What is wanted. */
	switch (options_parse(&options, argc, argv)) {
	case OPTIONS_DONE:
		return 0;
	case OPTIONS_WRONG:
		return EXIT_USAGE;
	case OPTIONS_RUN:
		break;
	}
	/* 2. A board, with what is soldered and plugged to it. */
	if (board_open(&board, true))
		return 1;
	loop_signals(stop);
	memcpy(board.uid, options.uid, UID_SIZE);
	board.gpio.button = options.button;
	board.gpio.show = options.leds;
	board.flash.change = options.tcm_change;
	board.defects = options.defects;
	board.dwc2.zlp_unchecked = options.no_zlp_check;
	board.cpu.semihosting = options.semihosting;
	board.insns_max = options.max_insns;
	usbhost_init(&host, &board, options.full_speed);
	vectors = options.vectors;
	if (put_images(&vectors) || open_outputs())
		return 1;
	/* 3. Power. */
	board_power_on(&board, options.elf ? vectors : FLASH_BASE);
	nor_left_as(&board, options.xspi_left);
	/* 4. Until the host at the cable is done. */
	if (options.script)
		err = run_script();
	else if (options.usbip || options.usbredir)
		err = run_live();
	else
		err = run_alone();
	err = finish(err);
	board_close(&board);
	return err;
}
