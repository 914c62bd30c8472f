/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/process/process_options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "linux_sys/option_error.h"
#include "posix/parse.h"
#include "version.h"

static const char help[] =
	"usage: usbnvme [OPTION]...\n"
	"Run the usbnvme device as a process: MCTP over USB with an NVMe-MI\n"
	"responder, and its log over CDC-ACM. Serve it over USB/IP, unless\n"
	"--usbredir or --functionfs selects another connection.\n"
	"\n"
	"Connection to the host:\n"
	"  --usbip ADDR:PORT     Listen for USB/IP clients, port 0: any free "
	"one\n"
	"                        (default 127.0.0.1:3240)\n"
	"  --allow-remote        Accept an ADDR that other machines can reach\n"
	"  --allow CIDR          With --allow-remote, accept peers of this "
	"network\n"
	"                        only (192.0.2.0/24). Repeat it for more\n"
	"  --count N             Serve N devices over USB/IP, 1 to 64, with "
	"busids\n"
	"                        1-1 to 1-N (default 1)\n"
	"  --usbredir unix:PATH|HOST:PORT|PTY\n"
	"                        Connect to the usbredir socket or pty of a "
	"virtual\n"
	"                        machine (see docs/qemu.md)\n"
	"  --serial PATH|pty     Serve MCTP over serial (DSP0253) at a serial "
	"port,\n"
	"                        or at a new pseudo-terminal that the log "
	"names\n"
	"  --baud N              Set the rate of the serial port in bits/s\n"
	"  --functionfs DIR      Serve the MCTP function of a gadget on this\n"
	"                        machine, with FunctionFS mounted at DIR\n"
	"\n"
	"Simulated drive:\n"
	"  --model FILE          Load the NVMe subsystem from FILE (see\n"
	"                        docs/model.md)\n"
	"  --state FILE          Keep the drive's non-volatile state in FILE\n"
	"  --scenario FILE       Simulate the faults and changes in FILE (see\n"
	"                        docs/scenario.md)\n"
	"  --control PATH        Listen on PATH for tether sim\n"
	"\n"
	"USB and MCTP:\n"
	"  --dsp0283 1.0|1.1     Version of MCTP over USB (default 1.0)\n"
	"  --speed high|full     USB speed (default high)\n"
	"  --no-packing          Send one MCTP packet per USB transfer\n"
#if DEVICE_PLDM_FILE
	"  --pldm-file           Fetch the host's file by PLDM when the host "
	"sets\n"
	"                        an EID\n"
#endif
	"  --uid HEX             96-bit chip id, 24 hex digits (default: "
	"derived\n"
	"                        from the machine id)\n"
	"  --vid HEX             USB vendor id (default ccde)\n"
	"  --pid HEX             USB product id (default 0000)\n"
	"  --manufacturer TEXT   USB manufacturer string, 1 to 126 ASCII "
	"characters\n"
	"  --product TEXT        USB product string, 1 to 126 ASCII "
	"characters\n"
	"\n"
	"  --pcap FILE           Capture the MCTP packets for Wireshark; - "
	"writes\n"
	"                        them to standard output\n"
	"  --log-level LEVEL     error, warn, info, debug or trace (default "
	"info)\n"
	"  --version             Print the version\n"
	"  -h, --help            Print this help\n"
	"\n"
	"Exit status: 0 ended by a signal, 1 failure, 2 wrong usage\n";

enum {
	OPT_USBIP = 256,
	OPT_USBREDIR,
	OPT_FUNCTIONFS,
	OPT_SERIAL,
	OPT_BAUD,
	OPT_ALLOW_REMOTE,
	OPT_ALLOW,
	OPT_COUNT,
	OPT_MODEL,
	OPT_STATE,
	OPT_SCENARIO,
	OPT_CONTROL,
	OPT_UID,
	OPT_DSP0283,
	OPT_SPEED,
	OPT_NO_PACKING,
	OPT_PLDM_FILE,
	OPT_VID,
	OPT_PID,
	OPT_MANUFACTURER,
	OPT_PRODUCT,
	OPT_PCAP,
	OPT_LOG_LEVEL,
	OPT_VERSION,
	OPT_HELP,
};

static const struct option table[] = {
	{ "usbip", required_argument, NULL, OPT_USBIP },
	{ "usbredir", required_argument, NULL, OPT_USBREDIR },
	{ "functionfs", required_argument, NULL, OPT_FUNCTIONFS },
	{ "serial", required_argument, NULL, OPT_SERIAL },
	{ "baud", required_argument, NULL, OPT_BAUD },
	{ "allow-remote", no_argument, NULL, OPT_ALLOW_REMOTE },
	{ "allow", required_argument, NULL, OPT_ALLOW },
	{ "count", required_argument, NULL, OPT_COUNT },
	{ "model", required_argument, NULL, OPT_MODEL },
	{ "state", required_argument, NULL, OPT_STATE },
	{ "scenario", required_argument, NULL, OPT_SCENARIO },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "uid", required_argument, NULL, OPT_UID },
	{ "dsp0283", required_argument, NULL, OPT_DSP0283 },
	{ "speed", required_argument, NULL, OPT_SPEED },
	{ "no-packing", no_argument, NULL, OPT_NO_PACKING },
#if DEVICE_PLDM_FILE
	{ "pldm-file", no_argument, NULL, OPT_PLDM_FILE },
#endif
	{ "vid", required_argument, NULL, OPT_VID },
	{ "pid", required_argument, NULL, OPT_PID },
	{ "manufacturer", required_argument, NULL, OPT_MANUFACTURER },
	{ "product", required_argument, NULL, OPT_PRODUCT },
	{ "pcap", required_argument, NULL, OPT_PCAP },
	{ "log-level", required_argument, NULL, OPT_LOG_LEVEL },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ 0 },
};

static int parse_id(const char *text, uint16_t *id)
{
	uint64_t value;
	int err = parse_number(text, 16, 0, 0xffff, &value);

	if (!err)
		*id = (uint16_t)value;
	return err;
}

static int parse_count(const char *text, unsigned int *count)
{
	uint64_t value;
	int err = parse_number(text, 10, 1, PROCESS_DEVICES_MAX, &value);

	if (!err)
		*count = (unsigned int)value;
	return err;
}

static int parse_baud(const char *text, uint32_t *baud)
{
	uint64_t value;
	int err = parse_number(text, 10, 1, UINT32_MAX, &value);

	if (!err)
		*baud = (uint32_t)value;
	return err;
}

/* Parse one of two words. */
static int parse_choice(const char *text, const char *first, const char *second)
{
	if (!strcmp(text, first))
		return 0;
	return strcmp(text, second) ? ERR_INVALID : 1;
}

/* Accept up to 126 ASCII characters: a string descriptor has room for 126
 * UTF-16 units. */
static int parse_string(const char *text, const char **out)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return ERR_INVALID;
	if (!len || len > (USB_DESCRIPTOR_MAX - 2) / 2)
		return ERR_INVALID;
	*out = text;
	return ERR_OK;
}

static int parse_version_or_speed(struct process_options *o, int option,
				  const char *value)
{
	int choice;

	if (option == OPT_DSP0283) {
		choice = parse_choice(value, "1.0", "1.1");
		if (choice >= 0)
			o->dsp0283 = choice ? MCTP_USB_1_1 : MCTP_USB_1_0;
	} else {
		choice = parse_choice(value, "high", "full");
		if (choice >= 0)
			o->speed = choice ? USB_SPEED_FULL : USB_SPEED_HIGH;
	}
	return choice < 0 ? ERR_INVALID : ERR_OK;
}

static void set_backend(struct process_options *o, int option,
			const char *value)
{
	switch (option) {
	case OPT_USBREDIR:
		o->usbredir = value;
		o->backend = PROCESS_USBREDIR;
		break;
	case OPT_FUNCTIONFS:
		o->functionfs = value;
		o->backend = PROCESS_FUNCTIONFS;
		break;
	default:
		o->serial = value;
		o->backend = PROCESS_SERIAL;
		break;
	}
}

static int set_option(struct process_options *o, int option, const char *value)
{
	switch (option) {
	case OPT_USBIP:
		return parse_address(value, o->address, sizeof(o->address),
				     &o->port);
	case OPT_USBREDIR:
	case OPT_FUNCTIONFS:
	case OPT_SERIAL:
		set_backend(o, option, value);
		return ERR_OK;
	case OPT_BAUD:
		return parse_baud(value, &o->baud);
	case OPT_ALLOW_REMOTE:
		o->allow_remote = true;
		return ERR_OK;
	case OPT_ALLOW:
		return cidr_add(&o->allow, value);
	case OPT_COUNT:
		return parse_count(value, &o->count);
	case OPT_MODEL:
		o->model = value;
		return ERR_OK;
	case OPT_STATE:
		o->state = value;
		return ERR_OK;
	case OPT_SCENARIO:
		o->scenario = value;
		return ERR_OK;
	case OPT_CONTROL:
		o->control = value;
		return ERR_OK;
	case OPT_PCAP:
		o->pcap = value;
		return *value ? ERR_OK : ERR_INVALID;
	case OPT_UID:
		o->uid_given = true;
		return parse_hex(value, 0, o->uid, DEVICE_ID_SIZE);
	case OPT_DSP0283:
	case OPT_SPEED:
		return parse_version_or_speed(o, option, value);
	case OPT_NO_PACKING:
		o->packing = false;
		return ERR_OK;
	case OPT_PLDM_FILE:
		o->pldm_file = true;
		return ERR_OK;
	case OPT_VID:
		return parse_id(value, &o->vendor);
	case OPT_PID:
		return parse_id(value, &o->product);
	case OPT_MANUFACTURER:
		return parse_string(value, &o->manufacturer);
	case OPT_PRODUCT:
		return parse_string(value, &o->product_name);
	default:
		return log_level_parse(value, &o->log_level);
	}
}

static const char *find_name(int option)
{
	for (const struct option *t = table; t->name; t++)
		if (t->val == option)
			return t->name;
	return "";
}

static const char *describe_values(int option)
{
	switch (option) {
	case OPT_USBIP:
		return "an address and port, as 127.0.0.1:3240 or [::1]:3240";
	case OPT_ALLOW:
		return "a network, as 192.0.2.0/24 or 2001:db8::/32, at most "
		       "16";
	case OPT_COUNT:
		return "1 to 64";
	case OPT_PCAP:
		return "the name of a file, or - for standard output";
	case OPT_BAUD:
		return "bits per second, as 115200";
	case OPT_UID:
		return "24 hex digits";
	case OPT_DSP0283:
		return "1.0 or 1.1";
	case OPT_SPEED:
		return "high or full";
	case OPT_VID:
	case OPT_PID:
		return "hex, 0 to ffff";
	case OPT_LOG_LEVEL:
		return "error, warn, info, debug or trace";
	default:
		return "1 to 126 ASCII characters";
	}
}

static enum process_options_result
check_combination(const struct process_options *o)
{
	if (o->count > 1 && (o->state || o->control)) {
		fputs("usbnvme: --state and --control need a single device, "
		      "without --count\n",
		      stderr);
		return PROCESS_OPTIONS_INVALID;
	}
	if (o->count > 1 && o->pcap && !strcmp(o->pcap, "-")) {
		fputs("usbnvme: --pcap - needs a single device, without "
		      "--count. Give the name of a file\n",
		      stderr);
		return PROCESS_OPTIONS_INVALID;
	}
	if (o->backend == PROCESS_FUNCTIONFS && !o->functionfs) {
		fputs("usbnvme: this build needs --functionfs DIR, where "
		      "FunctionFS is mounted\n",
		      stderr);
		return PROCESS_OPTIONS_INVALID;
	}
	if (!!o->usbredir + !!o->functionfs + !!o->serial > 1) {
		fputs("usbnvme: --usbredir, --functionfs and --serial exclude "
		      "each other: a device has one host\n",
		      stderr);
		return PROCESS_OPTIONS_INVALID;
	}
	if (o->backend != PROCESS_USBIP && o->count > 1) {
		fputs("usbnvme: --count is for USB/IP only. Start one usbnvme "
		      "per device\n",
		      stderr);
		return PROCESS_OPTIONS_INVALID;
	}
	return PROCESS_OPTIONS_OK;
}

enum process_options_result process_options_parse(struct process_options *o,
						  int argc, char **argv)
{
	int option;

	*o = (struct process_options){
		.backend = TETHER_VIRTUAL ? PROCESS_USBIP : PROCESS_FUNCTIONFS,
		.address = "127.0.0.1",
		.port = 3240,
		.count = 1,
		.speed = USB_SPEED_HIGH,
		.packing = true,
		.log_level = LOG_LEVEL_INFO,
		.vendor = 0xccde,
		.manufacturer = "Code Construct",
		.product_name = "usbnvme-" TETHER_VERSION,
	};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "h", table, NULL)) != -1) {
		if (option == OPT_HELP || option == 'h') {
			fputs(help, stdout);
			return PROCESS_OPTIONS_EXIT;
		}
		if (option == OPT_VERSION) {
			puts("usbnvme " TETHER_VERSION " " TETHER_GIT);
			return PROCESS_OPTIONS_EXIT;
		}
		if (option == '?') {
			option_error_report("usbnvme", argv, table);
			return PROCESS_OPTIONS_INVALID;
		}
		if (set_option(o, option, optarg)) {
			fprintf(stderr, "usbnvme: --%s %s: expected %s\n",
				find_name(option), optarg,
				describe_values(option));
			return PROCESS_OPTIONS_INVALID;
		}
	}
	if (optind < argc) {
		fprintf(stderr,
			"usbnvme: unexpected argument \"%s\". See usbnvme "
			"--help\n",
			argv[optind]);
		return PROCESS_OPTIONS_INVALID;
	}
	return check_combination(o);
}
