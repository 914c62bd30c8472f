/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "emulator/emu.h"
#include "posix/parse.h"

static const char help[] =
	"usage: nucleo-emu [OPTION]...\n"
	"A Nucleo-H7S3L8 by registers, which runs the images that a board is\n"
	"flashed with. It is strict: what the part does not forgive ends it.\n"
	"\n"
	"  --flash FILE          ELF or binary for the internal flash\n"
	"  --xspi FILE           what is at the start of the external flash\n"
	"  --xspi-b FILE         what is at 16 MiB of it\n"
	"  --xspi-mode spi|opi|opi-dtr|busy  how an earlier run left the\n"
	"                        external flash (spi)\n"
	"  --elf FILE            an image put straight into RAM and started\n"
	"  --vectors ADDR        its vector table (else its first segment)\n"
	"  --uid HEX24           96-bit unique id, in the order of its bytes\n"
	"  --usbip ADDR:PORT     offer its USB device (port 0: any)\n"
	"  --usbredir unix:PATH|HOST:PORT  instead: to the virtual machine "
	"whose\n"
	"                        socket that is (docs/qemu.md)\n"
	"  --allow-remote        let ADDR be reached from other machines\n"
	"  --speed high|full     what the USB host's port can do (high)\n"
	"  --script FILE         a USB host by script, or a recorded run\n"
	"  --record FILE         write the USB host's doings as a script\n"
	"  --rtt FILE|-          print RTT channel 0\n"
	"  --leds                print the LEDs' changes\n"
	"  --button              hold B1\n"
	"  --trace usb,mmio,irq  to stderr, or to --trace-file FILE\n"
	"  --xspi-out FILE       write the external flash at the end\n"
	"  --loaded FILE         end at the entry of this ELF; 1 if memory is\n"
	"                        not what it has there\n"
	"  --max-insns N         end after so many instructions\n"
	"  --seconds S           end after so much virtual time\n"
	"  --defect WORD,...     what is broken: crystal, usb33, flash-busy,\n"
	"                        flash-read:N (docs/emulator.md)\n"
	"  --tcm-change at-once|reset|power-on  when a new TCM split counts\n"
	"                        (reset); the part's way is not known\n"
	"  --no-zlp-check        do not insist on the work-around of erratum\n"
	"                        2.21.3\n"
	"  --semihosting         serve BKPT 0xAB\n"
	"  --stats               print instructions and peripheral accesses\n"
	"  --version, --help\n"
	"\n"
	"Exit: 0 ended as it should, 1 a script's step or the program failed,\n"
	"2 usage, 3 the program did what the part does not forgive.\n";

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
	OPT_SPEED,
	OPT_SCRIPT,
	OPT_RECORD,
	OPT_RTT,
	OPT_LEDS,
	OPT_BUTTON,
	OPT_TRACE,
	OPT_TRACE_FILE,
	OPT_XSPI_OUT,
	OPT_MAX_INSNS,
	OPT_SECONDS,
	OPT_TCM_CHANGE,
	OPT_NO_ZLP_CHECK,
	OPT_SEMIHOSTING,
	OPT_STATS,
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
	{ "speed", required_argument, NULL, OPT_SPEED },
	{ "script", required_argument, NULL, OPT_SCRIPT },
	{ "record", required_argument, NULL, OPT_RECORD },
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
	{ "no-zlp-check", no_argument, NULL, OPT_NO_ZLP_CHECK },
	{ "semihosting", no_argument, NULL, OPT_SEMIHOSTING },
	{ "stats", no_argument, NULL, OPT_STATS },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static int parse_usbip(struct options *o, const char *text)
{
	o->usbip = true;
	return parse_address(text, o->address, sizeof(o->address), &o->port);
}

/* Which of some words; ERR_INVALID for none. */
static int choice(const char *text, size_t len, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == len && !strncmp(words[i], text, len))
			return i;
	return ERR_INVALID;
}

static int parse_trace(struct options *o, const char *text)
{
	static const char *const words[] = { "usb", "mmio", "irq", NULL };

	while (*text) {
		size_t len = strcspn(text, ",");
		int i = choice(text, len, words);

		if (i < 0)
			return i;
		o->trace |= 1U << i;
		text += len + (text[len] == ',');
	}
	return o->trace ? ERR_OK : ERR_INVALID;
}

static int parse_choices(struct options *o, int option, const char *text)
{
	static const char *const speeds[] = { "high", "full", NULL };
	static const char *const changes[] = { "at-once", "reset", "power-on",
					       NULL };
	static const char *const left[] = { "spi", "opi", "opi-dtr", "busy",
					    NULL };
	int i;

	if (option == OPT_SPEED) {
		i = choice(text, strlen(text), speeds);
		o->full_speed = i == 1;
		return i < 0 ? i : ERR_OK;
	}
	if (option == OPT_XSPI_MODE) {
		i = choice(text, strlen(text), left);
		o->xspi_left = (enum nor_left)(i < 0 ? 0 : i);
		return i < 0 ? i : ERR_OK;
	}
	i = choice(text, strlen(text), changes);
	if (i < 0)
		return i;
	o->tcm_change = (enum flash_change)i;
	return ERR_OK;
}

static int parse_limits(struct options *o, int option, const char *text)
{
	uint64_t value = 0;
	int err;

	if (option == OPT_SECONDS)
		return parse_decimal(text, 1e-6, 1e6, &o->seconds);
	if (option == OPT_VECTORS) {
		err = parse_number(text, 0, 0, UINT32_MAX, &value);
		o->vectors = (uint32_t)value;
		return err;
	}
	return parse_number(text, 10, 0, UINT64_MAX, &o->max_insns);
}

/* Options whose argument is kept as it is. */
static const char **text_of(struct options *o, int option)
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
	case OPT_RTT:
		return &o->rtt;
	case OPT_TRACE_FILE:
		return &o->trace_file;
	case OPT_XSPI_OUT:
		return &o->xspi_out;
	case OPT_LOADED:
		return &o->loaded;
	default:
		return NULL;
	}
}

static bool *switch_of(struct options *o, int option)
{
	switch (option) {
	case OPT_ALLOW_REMOTE:
		return &o->allow_remote;
	case OPT_LEDS:
		return &o->leds;
	case OPT_BUTTON:
		return &o->button;
	case OPT_NO_ZLP_CHECK:
		return &o->no_zlp_check;
	case OPT_SEMIHOSTING:
		return &o->semihosting;
	case OPT_STATS:
		return &o->stats;
	default:
		return NULL;
	}
}

static int take(struct options *o, int option, const char *value)
{
	const char **text = text_of(o, option);
	bool *flag = switch_of(o, option);

	if (text) {
		*text = value;
		return ERR_OK;
	}
	if (flag) {
		*flag = true;
		return ERR_OK;
	}
	switch (option) {
	case OPT_UID:
		return parse_hex(value, 0, o->uid, UID_SIZE);
	case OPT_USBIP:
		return parse_usbip(o, value);
	case OPT_TRACE:
		return parse_trace(o, value);
	case OPT_DEFECT:
		return defects_parse(&o->defects, value);
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

static const char *allowed(int option)
{
	switch (option) {
	case OPT_USBIP:
		return "an address and a port, as in 127.0.0.1:3240";
	case OPT_UID:
		return "24 hex digits";
	case OPT_SPEED:
		return "high or full";
	case OPT_TRACE:
		return "usb, mmio, irq, or some of them with commas between";
	case OPT_TCM_CHANGE:
		return "at-once, reset or power-on";
	case OPT_XSPI_MODE:
		return "spi, opi, opi-dtr or busy";
	case OPT_DEFECT:
		return "none, crystal, usb33, flash-busy, flash-read:N, or "
		       "some of them with commas between";
	default:
		return "a number";
	}
}

static enum options_result check(const struct options *o)
{
	if (!o->flash && !o->elf) {
		fputs("nucleo-emu: nothing to run. give --flash FILE or --elf "
		      "FILE; see --help\n",
		      stderr);
		return OPTIONS_WRONG;
	}
	if (o->usbip + !!o->usbredir + !!o->script > 1) {
		fputs("nucleo-emu: --usbip, --usbredir and --script are each "
		      "the USB host. give one of them\n",
		      stderr);
		return OPTIONS_WRONG;
	}
	return OPTIONS_RUN;
}

enum options_result options_parse(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){
		.uid = { 0x41, 0x00, 0x2a, 0x00, 0x13, 0x51, 0x33, 0x31, 0x35,
			 0x39, 0x30, 0x30 },
		.tcm_change = FLASH_AT_RESET,
		.defects.flash_read = UINT64_MAX,
		.max_insns = UINT64_MAX,
		.port = 3240,
	};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == OPT_HELP) {
			fputs(help, stdout);
			return OPTIONS_DONE;
		}
		if (option == OPT_VERSION) {
			puts("nucleo-emu " TETHER_VERSION);
			return OPTIONS_DONE;
		}
		if (option == '?') /* getopt said what */
			return OPTIONS_WRONG;
		if (take(o, option, optarg)) {
			fprintf(stderr, "nucleo-emu: --%s %s: expected %s\n",
				name_of(option), optarg, allowed(option));
			return OPTIONS_WRONG;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "nucleo-emu: %s is no option. see --help\n",
			argv[optind]);
		return OPTIONS_WRONG;
	}
	return check(o);
}
