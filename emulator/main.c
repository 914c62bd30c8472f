/* SPDX-License-Identifier: Apache-2.0 */
/* nucleo-emu: loads images, connects a USB host and runs the board. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/log.h"
#include "base/wire.h"
#include "emulator/emu_board.h"
#include "emulator/emu_capture.h"
#include "emulator/emu_coverage.h"
#include "emulator/emu_options.h"
#include "emulator/gdb/gdb_server.h"
#include "emulator/load_check.h"
#include "emulator/peripheral/dwc2.h"
#include "emulator/peripheral/emu_flash.h"
#include "emulator/peripheral/gpio.h"
#include "emulator/rtt_reader.h"
#include "emulator/script.h"
#include "emulator/uart_console.h"
#include "emulator/usb/emu_host.h"
#include "linux_sys/loop.h"
#include "posix/output.h"
#include "usbserve/usbip_export.h"
#include "usbserve/usbip_server.h"
#include "usbserve/usbredir.h"

enum {
	EXIT_USAGE = 2,
	EXIT_STRICT = 3,
	ERROR_SIZE = 512,
	XSPI_B_ADDRESS = 16 << 20,
	FILE_MAX = 32 << 20,
	BOOT_MS = 30000,
	RAM_FIRST = 0x20000000, /* the SRAM region of Armv7-M */
	RAM_END = 0x40000000,
};

static volatile sig_atomic_t stopped;
static struct emu_options options;
static struct emu_board board;
static struct emu_host host;
static struct rtt_reader rtt;
static struct load_check load_check;
static struct uart_console uart;
static struct gdb_server gdb;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
	board.cpu.insns_max = 0;
	emu_request_stop(&board.machine.emu);
}

static void stop_by_gdb(void)
{
	stop(0);
}

/* Read a whole file and append a zero. Returns NULL after an error message. */
static uint8_t *read_file(const char *name, size_t *size)
{
	FILE *f = fopen(name, "rb");
	uint8_t *data = f ? malloc(FILE_MAX + 1) : NULL;

	if (data) {
		*size = fread(data, 1, FILE_MAX, f);
		data[*size] = 0;
	}
	if (!data || ferror(f)) {
		fprintf(stderr, "nucleo-emu: cannot read %s: %s\n", name,
			strerror(errno));
		free(data);
		data = NULL;
	}
	if (f)
		fclose(f);
	return data;
}

/* --- images --- */

static uint32_t word_at(const uint8_t *image, size_t at)
{
	struct rd r = rd_init(image + at, 4);

	return rd_le32(&r);
}

/* Whether a binary begins with a vector table: an initial stack pointer in RAM,
 * and a reset handler inside the image, in Thumb state. */
static bool has_vectors(const uint8_t *image, size_t size)
{
	uint32_t stack, reset;

	if (size < 8)
		return false;
	stack = word_at(image, 0);
	reset = word_at(image, 4);
	return stack % 4 == 0 && stack >= RAM_FIRST && stack < RAM_END &&
	       reset % 2 == 1 && reset - FLASH_BASE < size;
}

static int explain_flash(const char *name, size_t size)
{
	if (size > FLASH_SIZE)
		fprintf(stderr,
			"nucleo-emu: cannot load %s: it has %zu bytes, the "
			"internal flash has %d\n",
			name, size, FLASH_SIZE);
	else
		fprintf(stderr,
			"nucleo-emu: cannot load %s: it is neither an ELF "
			"program for Arm nor a binary of the internal flash, "
			"which begins with a stack pointer and the address of "
			"its reset handler\n",
			name);
	return ERR_INVALID;
}

static int load_flash(const char *name)
{
	char error[ERROR_SIZE];
	size_t size;
	uint8_t *image = read_file(name, &size);
	int err = ERR_IO;

	if (!image)
		return ERR_IO;
	if (arm_elf_check(image, size)) {
		err = emu_board_load_elf(&board, image, size, true, error,
					 sizeof(error));
		if (err)
			fprintf(stderr, "nucleo-emu: cannot load %s: %s\n",
				name, error);
	} else if (size <= FLASH_SIZE && has_vectors(image, size)) {
		memcpy(board.machine.memory.region[MEMORY_FLASH].data, image,
		       size);
		err = ERR_OK;
	} else {
		err = explain_flash(name, size);
	}
	free(image);
	return err;
}

/* The external flash gets the file byte by byte, as a programmer writes it. An
 * ELF program that runs in place is written at its addresses. */
static int load_xspi(const char *name, uint32_t address)
{
	size_t size;
	uint8_t *image = read_file(name, &size);
	int err;

	if (!image)
		return ERR_IO;
	if (!address && emu_board_is_xip(image, size))
		err = emu_board_load_xip(&board, image, size);
	else
		err = emu_nor_load(&board.nor, address, image, (uint32_t)size);
	if (err)
		fprintf(stderr,
			"nucleo-emu: cannot load %s: its %zu bytes do not fit "
			"into the external flash at 0x%x\n",
			name, size, address);
	arm_elf_symbols_add(&board.symbols, image, size);
	free(image);
	return err;
}

static int load_elf(const char *name, uint32_t *vectors)
{
	char error[ERROR_SIZE];
	size_t size;
	uint8_t *image = read_file(name, &size);
	int err;

	if (!image)
		return ERR_IO;
	err = emu_board_load_elf(&board, image, size, true, error,
				 sizeof(error));
	if (err)
		fprintf(stderr, "nucleo-emu: cannot load %s: %s\n", name,
			error);
	else if (!*vectors)
		*vectors = emu_board_elf_vectors(image, size);
	free(image);
	return err;
}

static int start_load_check(const char *name)
{
	static uint8_t *image; /* freed by check_loaded() */
	size_t size;
	int err;

	image = read_file(name, &size);
	err = image ? load_check_start(&load_check, &board, image, size)
		    : ERR_IO;
	if (image && err)
		fprintf(stderr,
			"nucleo-emu: --loaded %s: not an ELF program for Arm\n",
			name);
	return err;
}

static int load_symbols(const char *name)
{
	size_t size;
	uint8_t *image = read_file(name, &size);
	bool valid = image && arm_elf_check(image, size);

	if (valid)
		arm_elf_symbols_add(&board.symbols, image, size);
	else if (image)
		fprintf(stderr,
			"nucleo-emu: --symbols %s: not an ELF program for "
			"Arm\n",
			name);
	free(image);
	return valid ? ERR_OK : ERR_INVALID;
}

static int load_images(uint32_t *vectors)
{
	int err = ERR_OK;

	if (options.flash)
		err = load_flash(options.flash);
	if (!err && options.xspi)
		err = load_xspi(options.xspi, 0);
	if (!err && options.xspi_b)
		err = load_xspi(options.xspi_b, XSPI_B_ADDRESS);
	if (!err && options.elf)
		err = load_elf(options.elf, vectors);
	if (!err && options.loaded)
		err = start_load_check(options.loaded);
	for (unsigned int i = 0; i < options.symbols_count && !err; i++)
		err = load_symbols(options.symbols[i]);
	return err;
}

/* --- the USB host --- */

static int run_script(void)
{
	struct script s = { .board = &board,
			    .host = &host,
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
	cpu_run(&board.cpu, end);
	if (!board.machine.emu.failed && !board.machine.emu.ended &&
	    board.cpu.sleeping && end == EMU_NEVER)
		fputs("nucleo-emu: the program sleeps and no event can wake "
		      "it\n",
		      stderr);
	return ERR_OK;
}

/* The wall clock without the time that a debugger has halted the core. */
static uint64_t wall_ps(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * EMU_S + (uint64_t)t.tv_nsec * 1000 -
	       gdb.halted_ps;
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

static bool is_running(void)
{
	return !stopped && !board.machine.emu.failed &&
	       !board.machine.emu.ended;
}

/* Run the board, then serve the host once. false: the run is over. */
static bool run_once(struct loop *loop, struct log_sink *sink, int *err)
{
	int wait;

	if (*err || !is_running())
		return false;
	show_log(sink);
	emu_capture_flush(&host);
	wait = emu_host_ops.run(&host);
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
		.allow = &options.allow,
		.devices = 1,
		.device = usbip_export_device,
		.import = usbip_export_accept,
		.ctx = &export,
	};
	char error[ERROR_SIZE];
	int err = ERR_OK;

	export.loop = loop;
	export.log = log;
	export.ops = &emu_host_ops;
	export.device = &host;
	if (usbip_export_init(&export, 1)) {
		if (!board.machine.emu.failed)
			fputs("nucleo-emu: the USB device does not answer "
			      "requests for its descriptors; see --trace "
			      "usb\n",
			      stderr);
		return ERR_IO;
	}
	if (usbip_server_start(&server, &config, error, sizeof(error))) {
		fprintf(stderr, "nucleo-emu: %s\n", error);
		return ERR_IO;
	}
	while (run_once(loop, sink, &err))
		usbip_server_poll(&server);
	if (export.conn && !board.machine.emu.failed)
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
	redir.config.ops = &emu_host_ops;
	redir.config.device = &host;
	if (usbredir_start(&redir, error, sizeof(error))) {
		fprintf(stderr, "nucleo-emu: --usbredir %s\n", error);
		return ERR_IO;
	}
	do
		usbredir_poll(&redir);
	while (run_once(loop, sink, &err));
	if (!board.machine.emu.failed)
		usbredir_stop(&redir);
	return err;
}

/* Serve a real host. Virtual time follows the wall clock. */
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
	/* Until soft-connect virtual time need not follow the wall clock. */
	while (!dwc2_attached(board.dwc2) &&
	       emu_now(&board.machine.emu) < end && is_running())
		cpu_run(&board.cpu, emu_now(&board.machine.emu) + EMU_MS);
	if (!is_running())
		return ERR_OK;
	host.wall_ps = wall_ps;
	host.wall_base_ps = emu_now(&board.machine.emu) - wall_ps();
	err = options.usbredir ? serve_usbredir(&loop, &log, &sink)
			       : serve_usbip(&loop, &log, &sink);
	show_log(&sink);
	return err;
}

/* --- the end of the run --- */

static int write_xspi(void)
{
	FILE *f = fopen(options.xspi_out, "wb");
	bool ok =
		f && fwrite(board.nor.data, 1, EMU_NOR_SIZE, f) == EMU_NOR_SIZE;

	if (f && fclose(f))
		ok = false;
	if (!ok)
		fprintf(stderr, "nucleo-emu: cannot write %s: %s\n",
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
	int err = load_check_finish(&load_check, error, sizeof(error));

	if (err && !board.machine.emu.failed)
		fprintf(stderr, "nucleo-emu: --loaded %s: %s\n", options.loaded,
			error);
	free((void *)load_check.image);
	return err;
}

static int finish(int err)
{
	if (rtt.machine)
		rtt_reader_poll(&rtt);
	if (options.stats)
		show_stats(&board.machine.emu);
	if (host.record.file)
		fclose(host.record.file);
	if (uart_console_close(&uart))
		err = ERR_IO;
	if (emu_capture_close(&host, options.pcap))
		err = ERR_IO;
	if (options.xspi_out && write_xspi())
		err = ERR_IO;
	if (options.coverage && emu_coverage_write(&options, &board.machine))
		err = ERR_IO;
	if (options.loaded && check_loaded())
		err = ERR_INTEGRITY;
	if (board.machine.emu.failed) {
		fprintf(stderr, "nucleo-emu: %s\n", board.machine.emu.error);
		return EXIT_STRICT;
	}
	if (err)
		return 1;
	return board.machine.emu.ended ? board.machine.emu.status : 0;
}

/* Open a file for writing. NULL after an error message. */
static FILE *open_output(const char *name)
{
	FILE *f = fopen(name, "w");

	if (!f)
		fprintf(stderr, "nucleo-emu: cannot write %s: %s\n", name,
			strerror(errno));
	return f;
}

static int open_outputs(void)
{
	bool to_file = options.rtt && strcmp(options.rtt, "-") != 0;
	struct emu *e = &board.machine.emu;
	FILE *f = NULL;

	e->trace = options.trace;
	if (options.trace_file) {
		e->trace_file = open_output(options.trace_file);
		if (!e->trace_file)
			return ERR_IO;
	}
	if (options.pcap && emu_capture_open(&host, options.pcap))
		return ERR_IO;
	if (options.record) {
		host.record.file = open_output(options.record);
		if (!host.record.file)
			return ERR_IO;
	}
	if (uart_console_open(&uart, &board.machine, options.uart,
			      options.uart_in))
		return ERR_IO;
	if (to_file) {
		f = open_output(options.rtt);
		if (!f)
			return ERR_IO;
	}
	rtt_reader_start(&rtt, &board.machine,
			 options.rtt && !to_file ? stdout : f);
	return ERR_OK;
}

/* Apply the options that describe the board. */
static void configure_board(void)
{
	memcpy(board.machine.uid, options.uid, MACHINE_UID_SIZE);
	board.machine.defects = options.defects;
	board.gpio->button = options.button;
	board.gpio->show = options.leds;
	board.flash->change = options.tcm_change;
	emu_flash_set_otp_locks(board.flash, options.otp_locks);
	board.machine.emu.violations = options.violations;
	board.machine.emu.unmodelled = options.unmodelled;
	board.cpu.semihost.enabled = options.semihosting;
	board.cpu.semihost.cmdline = options.cmdline;
	board.cpu.insns_max = options.max_insns;
}

int main(int argc, char **argv)
{
	uint32_t vectors;
	int err;

	/* 1. Parse the command line. */
	switch (emu_options_parse(&options, argc, argv)) {
	case EMU_OPTIONS_DONE:
		return output_finish("nucleo-emu", 0);
	case EMU_OPTIONS_WRONG:
		return EXIT_USAGE;
	case EMU_OPTIONS_RUN:
		break;
	}
	/* 2. Set up the board and plug a host in. */
	if (emu_board_open(&board, true))
		return 1;
	loop_signals(stop);
	configure_board();
	emu_host_init(&host, &board.cpu, options.full_speed);
	vectors = options.vectors;
	if (load_images(&vectors) || open_outputs() ||
	    (options.coverage && emu_coverage_start(&board.machine)))
		return 1;
	/* 3. Turn the power on. */
	emu_board_power_on(&board, options.elf ? vectors : FLASH_BASE);
	emu_nor_set_initial(&board.nor, options.xspi_initial);
	if (options.gdb &&
	    gdb_server_start(&gdb, &board.cpu, options.gdb_port, stop_by_gdb))
		return 1;
	/* 4. Run until the host, the program or a limit ends it. */
	if (options.script)
		err = run_script();
	else if (options.usbip || options.usbredir)
		err = run_live();
	else
		err = run_alone();
	err = finish(err);
	gdb_server_stop(&gdb, err);
	emu_board_close(&board);
	return output_finish("nucleo-emu", err);
}
