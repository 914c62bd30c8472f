/* SPDX-License-Identifier: Apache-2.0 */
/* Parses the command line of nucleo-emu. */
#include "emulator/emu_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "linux_sys/option_error.h"
#include "emulator/machine/emu.h"
#include "posix/parse.h"

static const char help[] =
	"usage: nucleo-emu [OPTION]...\n"
	"Emulate a Nucleo-H7S3L8 at register level and run its firmware "
	"images.\n"
	"Use of the chip that the silicon does not tolerate ends the run.\n"
	"\n"
	"Images:\n"
	"  --flash FILE          Load an ELF file or a binary into the "
	"internal flash\n"
	"  --xspi FILE           Write FILE to the external flash at 0\n"
	"  --xspi-b FILE         Write FILE to the external flash at 16 MiB\n"
	"  --elf FILE            Load an ELF file into RAM and start it\n"
	"  --vectors ADDR        Set the vector table of --elf (first "
	"segment)\n"
	"  --xspi-out FILE       Write the external flash to FILE at the end\n"
	"\n"
	"Board:\n"
	"  --uid HEX24           Set the 96-bit unique device ID, first byte "
	"first\n"
	"  --button              Press the user button B2\n"
	"  --xspi-mode spi|opi|opi-dtr|busy\n"
	"                        Set the state that an earlier run left the "
	"external\n"
	"                        flash in (spi)\n"
	"  --defect WORD,...     Break the hardware: crystal, usb33, "
	"flash-busy,\n"
	"                        flash-read:N (docs/emulator.md)\n"
	"  --tcm-change at-once|reset|power-on\n"
	"                        Set when a new TCM split takes effect "
	"(reset)\n"
	"  --otp-locks N         Start with N locked OTP blocks, 0 to 16 (0)\n"
	"  --errata warn|error|ignore\n"
	"                        Set what a missing work-around of an erratum "
	"or "
	"an\n"
	"                        exceeded limit does (warn)\n"
	"  --unmodelled error|warn|ignore\n"
	"                        Set what the use of a register that is not "
	"modelled\n"
	"                        does (error)\n"
	"\n"
	"USB host, one of:\n"
	"  --usbip ADDR:PORT     Export the USB device by USB/IP (port 0: "
	"any)\n"
	"  --usbredir unix:PATH|HOST:PORT\n"
	"                        Connect to the usbredir socket of a virtual "
	"machine\n"
	"                        (docs/qemu.md)\n"
	"  --script FILE         Run a scripted host, or replay a record\n"
	"and:\n"
	"  --allow-remote        Allow connections to --usbip from other "
	"machines\n"
	"  --allow CIDR          With --allow-remote, accept peers of this "
	"network\n"
	"                        only. Repeat it for more\n"
	"  --speed high|full     Limit the speed of the host's port (high)\n"
	"  --record FILE         Record the host's transfers for --script\n"
	"\n"
	"Output:\n"
	"  --pcap FILE|-         Capture the MCTP packets on USB for "
	"Wireshark\n"
	"  --rtt FILE|-          Print RTT channel 0\n"
	"  --uart FILE|-|pty     Print what USART3, the virtual COM port, "
	"sends; pty: to\n"
	"                        a new pseudo-terminal, whose name is "
	"printed\n"
	"  --uart-in TEXT        Send TEXT to USART3 once its receiver is on\n"
	"  --leds                Print changes of the LEDs\n"
	"  --trace usb,mmio,irq  Print a trace to stderr\n"
	"  --trace-file FILE     Write the trace to FILE\n"
	"  --stats               Print counts of instructions and register "
	"accesses\n"
	"  --semihosting         Serve semihosting calls (BKPT 0xAB)\n"
	"  --cmdline TEXT        Command line for semihosting\n"
	"  --coverage FILE       Write the executed source lines to FILE, for "
	"lcov\n"
	"  --symbols FILE        Read names and source lines from this ELF "
	"file "
	"also\n"
	"\n"
	"Debugging:\n"
	"  --gdb PORT            Halt, and serve gdb at this port of 127.0.0.1 "
	"(0: any)\n"
	"\n"
	"End of the run:\n"
	"  --loaded FILE         End at the entry point of this ELF file and "
	"compare\n"
	"                        memory with it; exit 1 if it differs\n"
	"  --max-insns N         End after N instructions\n"
	"  --seconds S           End after S seconds of virtual time\n"
	"\n"
	"  --version             Print the version\n"
	"  -h, --help            Print this help\n"
	"\n"
	"Exit status: 0 success, 1 a file cannot be used, or a script step or "
	"the\n"
	"program failed, 2 wrong usage, 3 the program did what the silicon "
	"does not\n"
	"tolerate.\n";

enum {
	OPT_FLASH = 256,
	OPT_XSPI,
	OPT_XSPI_B,
	OPT_XSPI_MODE,
	OPT_DEFECT,
	OPT_LOADED,
	OPT_ELF,
	OPT_VECTORS,
	OPT_UID,
	OPT_USBIP,
	OPT_USBREDIR,
	OPT_ALLOW_REMOTE,
	OPT_ALLOW,
	OPT_SPEED,
	OPT_SCRIPT,
	OPT_RECORD,
	OPT_PCAP,
	OPT_RTT,
	OPT_LEDS,
	OPT_BUTTON,
	OPT_TRACE,
	OPT_TRACE_FILE,
	OPT_XSPI_OUT,
	OPT_MAX_INSNS,
	OPT_SECONDS,
	OPT_TCM_CHANGE,
	OPT_OTP_LOCKS,
	OPT_ERRATA,
	OPT_UNMODELLED,
	OPT_UART,
	OPT_UART_IN,
	OPT_SEMIHOSTING,
	OPT_STATS,
	OPT_GDB,
	OPT_COVERAGE,
	OPT_SYMBOLS,
	OPT_CMDLINE,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option table[] = {
	{ "flash", required_argument, NULL, OPT_FLASH },
	{ "xspi", required_argument, NULL, OPT_XSPI },
	{ "xspi-b", required_argument, NULL, OPT_XSPI_B },
	{ "elf", required_argument, NULL, OPT_ELF },
	{ "vectors", required_argument, NULL, OPT_VECTORS },
	{ "uid", required_argument, NULL, OPT_UID },
	{ "usbip", required_argument, NULL, OPT_USBIP },
	{ "usbredir", required_argument, NULL, OPT_USBREDIR },
	{ "allow-remote", no_argument, NULL, OPT_ALLOW_REMOTE },
	{ "allow", required_argument, NULL, OPT_ALLOW },
	{ "speed", required_argument, NULL, OPT_SPEED },
	{ "script", required_argument, NULL, OPT_SCRIPT },
	{ "record", required_argument, NULL, OPT_RECORD },
	{ "pcap", required_argument, NULL, OPT_PCAP },
	{ "rtt", required_argument, NULL, OPT_RTT },
	{ "leds", no_argument, NULL, OPT_LEDS },
	{ "button", no_argument, NULL, OPT_BUTTON },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "trace-file", required_argument, NULL, OPT_TRACE_FILE },
	{ "xspi-out", required_argument, NULL, OPT_XSPI_OUT },
	{ "max-insns", required_argument, NULL, OPT_MAX_INSNS },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "xspi-mode", required_argument, NULL, OPT_XSPI_MODE },
	{ "loaded", required_argument, NULL, OPT_LOADED },
	{ "defect", required_argument, NULL, OPT_DEFECT },
	{ "tcm-change", required_argument, NULL, OPT_TCM_CHANGE },
	{ "otp-locks", required_argument, NULL, OPT_OTP_LOCKS },
	{ "errata", required_argument, NULL, OPT_ERRATA },
	{ "unmodelled", required_argument, NULL, OPT_UNMODELLED },
	{ "uart", required_argument, NULL, OPT_UART },
	{ "uart-in", required_argument, NULL, OPT_UART_IN },
	{ "semihosting", no_argument, NULL, OPT_SEMIHOSTING },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "coverage", required_argument, NULL, OPT_COVERAGE },
	{ "symbols", required_argument, NULL, OPT_SYMBOLS },
	{ "cmdline", required_argument, NULL, OPT_CMDLINE },
	{ "gdb", required_argument, NULL, OPT_GDB },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static int parse_usbip(struct emu_options *o, const char *text)
{
	o->usbip = true;
	return parse_address(text, o->address, sizeof(o->address), &o->port);
}

/* Index of a word in a list that ends with NULL, or ERR_INVALID. */
static int find_word(const char *text, size_t len, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == len && !strncmp(words[i], text, len))
			return i;
	return ERR_INVALID;
}

static int parse_trace(struct emu_options *o, const char *text)
{
	static const char *const words[] = { "usb", "mmio", "irq", NULL };

	while (*text) {
		size_t len = strcspn(text, ",");
		int i = find_word(text, len, words);

		if (i < 0)
			return i;
		o->trace |= 1U << i;
		text += len + (text[len] == ',');
	}
	return o->trace ? ERR_OK : ERR_INVALID;
}

static int parse_choices(struct emu_options *o, int option, const char *text)
{
	static const char *const speeds[] = { "high", "full", NULL };
	static const char *const changes[] = { "at-once", "reset", "power-on",
					       NULL };
	static const char *const states[] = { "spi", "opi", "opi-dtr", "busy",
					      NULL };
	/* In the order of enum emu_violations. */
	static const char *const errata[] = { "error", "warn", "ignore", NULL };
	int i;

	if (option == OPT_ERRATA || option == OPT_UNMODELLED) {
		i = find_word(text, strlen(text), errata);
		*(option == OPT_ERRATA ? &o->violations : &o->unmodelled) =
			(enum emu_violations)(i < 0 ? 0 : i);
		return i < 0 ? i : ERR_OK;
	}
	if (option == OPT_SPEED) {
		i = find_word(text, strlen(text), speeds);
		o->full_speed = i == 1;
		return i < 0 ? i : ERR_OK;
	}
	if (option == OPT_XSPI_MODE) {
		i = find_word(text, strlen(text), states);
		o->xspi_initial = (enum emu_nor_initial)(i < 0 ? 0 : i);
		return i < 0 ? i : ERR_OK;
	}
	i = find_word(text, strlen(text), changes);
	if (i < 0)
		return i;
	o->tcm_change = (enum emu_flash_change)i;
	return ERR_OK;
}

static int parse_limits(struct emu_options *o, int option, const char *text)
{
	uint64_t value = 0;
	int err;

	if (option == OPT_SECONDS)
		return parse_decimal(text, 1e-6, 1e6, &o->seconds);
	if (option == OPT_OTP_LOCKS) {
		err = parse_number(text, 10, 0, 16, &value);
		o->otp_locks = (unsigned int)value;
		return err;
	}
	if (option == OPT_VECTORS) {
		err = parse_number(text, 0, 0, UINT32_MAX, &value);
		o->vectors = (uint32_t)value;
		return err;
	}
	if (option == OPT_GDB) {
		err = parse_number(text, 10, 0, UINT16_MAX, &value);
		o->gdb = true;
		o->gdb_port = (uint16_t)value;
		return err;
	}
	return parse_number(text, 10, 0, UINT64_MAX, &o->max_insns);
}

/* Where the argument of a text option is stored; NULL: another option. */
static const char **find_text(struct emu_options *o, int option)
{
	switch (option) {
	case OPT_FLASH:
		return &o->flash;
	case OPT_XSPI:
		return &o->xspi;
	case OPT_XSPI_B:
		return &o->xspi_b;
	case OPT_ELF:
		return &o->elf;
	case OPT_USBREDIR:
		return &o->usbredir;
	case OPT_SCRIPT:
		return &o->script;
	case OPT_RECORD:
		return &o->record;
	case OPT_PCAP:
		return &o->pcap;
	case OPT_RTT:
		return &o->rtt;
	case OPT_UART:
		return &o->uart;
	case OPT_UART_IN:
		return &o->uart_in;
	case OPT_TRACE_FILE:
		return &o->trace_file;
	case OPT_XSPI_OUT:
		return &o->xspi_out;
	case OPT_LOADED:
		return &o->loaded;
	case OPT_COVERAGE:
		return &o->coverage;
	case OPT_CMDLINE:
		return &o->cmdline;
	default:
		return NULL;
	}
}

static bool *find_switch(struct emu_options *o, int option)
{
	switch (option) {
	case OPT_ALLOW_REMOTE:
		return &o->allow_remote;
	case OPT_LEDS:
		return &o->leds;
	case OPT_BUTTON:
		return &o->button;
	case OPT_SEMIHOSTING:
		return &o->semihosting;
	case OPT_STATS:
		return &o->stats;
	default:
		return NULL;
	}
}

static int add_symbols(struct emu_options *o, const char *file)
{
	if (o->symbols_count == EMU_OPTIONS_SYMBOLS)
		return ERR_FULL;
	o->symbols[o->symbols_count++] = file;
	return ERR_OK;
}

static int set_option(struct emu_options *o, int option, const char *value)
{
	const char **text = find_text(o, option);
	bool *flag = find_switch(o, option);

	if (text) {
		*text = value;
		return ERR_OK;
	}
	if (flag) {
		*flag = true;
		return ERR_OK;
	}
	switch (option) {
	case OPT_SYMBOLS:
		return add_symbols(o, value);
	case OPT_UID:
		return parse_hex(value, 0, o->uid, MACHINE_UID_SIZE);
	case OPT_USBIP:
		return parse_usbip(o, value);
	case OPT_ALLOW:
		return cidr_add(&o->allow, value);
	case OPT_TRACE:
		return parse_trace(o, value);
	case OPT_DEFECT:
		return defect_parse(&o->defects, value);
	case OPT_ERRATA:
	case OPT_UNMODELLED:
	case OPT_SPEED:
	case OPT_TCM_CHANGE:
	case OPT_XSPI_MODE:
		return parse_choices(o, option, value);
	default:
		return parse_limits(o, option, value);
	}
}

static const char *name_of(int option)
{
	for (const struct option *t = table; t->name; t++)
		if (t->val == option)
			return t->name;
	return "";
}

static const char *expected_value(int option)
{
	switch (option) {
	case OPT_USBIP:
		return "an address and a port, as in 127.0.0.1:3240";
	case OPT_ALLOW:
		return "a network, as 192.0.2.0/24 or 2001:db8::/32, at most "
		       "16";
	case OPT_SYMBOLS:
		return "at most 8 files";
	case OPT_GDB:
		return "a port from 0 to 65535";
	case OPT_UID:
		return "24 hex digits";
	case OPT_SPEED:
		return "high or full";
	case OPT_TRACE:
		return "usb, mmio and irq, separated by commas";
	case OPT_ERRATA:
	case OPT_UNMODELLED:
		return "warn, error or ignore";
	case OPT_TCM_CHANGE:
		return "at-once, reset or power-on";
	case OPT_OTP_LOCKS:
		return "a number from 0 to 16";
	case OPT_XSPI_MODE:
		return "spi, opi, opi-dtr or busy";
	case OPT_DEFECT:
		return "none, or some of crystal, usb33, flash-busy and "
		       "flash-read:N, separated by commas";
	default:
		return "a number";
	}
}

static enum emu_options_result check_combination(const struct emu_options *o)
{
	if (!o->flash && !o->elf) {
		fputs("nucleo-emu: no firmware image given. Add --flash FILE "
		      "or --elf FILE, see nucleo-emu --help\n",
		      stderr);
		return EMU_OPTIONS_WRONG;
	}
	if (o->usbip + !!o->usbredir + !!o->script > 1) {
		fputs("nucleo-emu: --usbip, --usbredir and --script exclude "
		      "each other. The board has one USB port\n",
		      stderr);
		return EMU_OPTIONS_WRONG;
	}
	return EMU_OPTIONS_RUN;
}

enum emu_options_result emu_options_parse(struct emu_options *o, int argc,
					  char **argv)
{
	int option;

	*o = (struct emu_options){
		.uid = { 0x41, 0x00, 0x2a, 0x00, 0x13, 0x51, 0x33, 0x31, 0x35,
			 0x39, 0x30, 0x30 },
		.violations = EMU_VIOLATIONS_WARN,
		.tcm_change = EMU_FLASH_AT_RESET,
		.defects.flash_read = UINT64_MAX,
		.max_insns = UINT64_MAX,
		.port = 3240,
	};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		if (option == OPT_HELP || option == 'h') {
			fputs(help, stdout);
			return EMU_OPTIONS_DONE;
		}
		if (option == OPT_VERSION) {
			puts("nucleo-emu " TETHER_VERSION);
			return EMU_OPTIONS_DONE;
		}
		if (option == '?') {
			option_error_report("nucleo-emu", argv, table);
			return EMU_OPTIONS_WRONG;
		}
		if (set_option(o, option, optarg)) {
			fprintf(stderr,
				"nucleo-emu: invalid value --%s %s: expected "
				"%s\n",
				name_of(option), optarg,
				expected_value(option));
			return EMU_OPTIONS_WRONG;
		}
	}
	if (optind < argc) {
		fprintf(stderr,
			"nucleo-emu: unexpected argument \"%s\"; see "
			"nucleo-emu --help\n",
			argv[optind]);
		return EMU_OPTIONS_WRONG;
	}
	return check_combination(o);
}
