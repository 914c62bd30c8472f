/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verbs of `tether` share: the command line, how to reach a device,
 * and how to print. A verb returns the program's exit code.
 */
#ifndef TETHER_CLI_CLI_H
#define TETHER_CLI_CLI_H

#include <getopt.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "host/libusb_host.h"
#include "host/transport.h"
#include "host/usbhost.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum { CLI_ARGUMENTS = 4096, CLI_CHOICES = 32, CLI_ERROR = 512 };

/* Options of verbs; a verb names those it takes. */
enum cli_option {
	CLI_COUNT = 1 << 0,
	CLI_SIZE = 1 << 1,
	CLI_TYPE = 1 << 2,
	CLI_IC = 1 << 3,
	CLI_RAW = 1 << 4,
	CLI_TIMEOUT = 1 << 5,
	CLI_FOLLOW = 1 << 6,
	CLI_EID = 1 << 7,
	CLI_MTU = 1 << 8,
	CLI_PART = 1 << 15,
	CLI_CONTROL = 1 << 9,
};

/** An option that only some verbs have; a table of them ends with a NULL
 * name. Completions and `tether help` come from these tables. */
struct cli_choice {
	const char *name;
	char letter;	   /* -l as well, 0: no letter */
	const char *value; /* its value's name in help, NULL: it has none */
	const char *help;
};

/** The command line behind the verb, and the device it is about. */
struct cli {
	const char *verb; /* "mctp echo" */
	const char *via, *control;
	bool json;
	unsigned int given; /* enum cli_option */
	uint64_t count, size, timeout_ms, eid, mtu, part;
	uint8_t type;
	bool ic, raw, follow;
	int arguments;
	char *const *argument;
	/* options of the verb's own table, in the order given */
	int chosen;
	struct {
		const char *name, *value;
	} choice[CLI_CHOICES];
	int rest; /* arguments behind "--" of a verb that has two lists */
	char *const *behind;
	/* opened by cli_open_*(), closed by cli_close() */
	struct usbhost *host;
	bool local; /* host is a USB device of this machine */
	struct transport *transport;
};

/** A verb, or a word behind one. */
struct cli_verb {
	const char *name, *arguments;
	unsigned int options; /* enum cli_option it takes */
	int least, most;      /* arguments */
	int (*run)(struct cli *c);
	const char *help;
	/* Its own options, in place of the bits and of --via. NULL: none. */
	const struct cli_choice *choices;
	enum {
		CLI_ANYWHERE,  /* options stand between arguments as well */
		CLI_BEFORE,    /* the first argument ends the options */
		CLI_TWO_LISTS, /* as the first, and -- ends the arguments */
	} order;
	const char *text; /* what `tether help VERB` adds, or NULL */
};

/* The tables of the verbs that have words behind them; NULL ends them. */
extern const struct cli_verb mctp_verbs[], nvme_verbs[], pldm_verbs[],
	sim_verbs[];
/* Verbs for boards, and those about tether itself. */
extern const struct cli_verb board_verbs[];
extern const struct cli_verb single_verbs[];

/** A name with verbs behind it. NULL ends the table. */
struct cli_group {
	const char *name;
	const struct cli_verb *verbs;
};
extern const struct cli_group groups[];

/** A verb of a table by its name, NULL: none. */
const struct cli_verb *cli_find(const struct cli_verb *verbs, const char *name);

/** How tether was called, to call it again. */
extern const char *cli_program;

/** Print the help of a verb ("mctp echo"), with all its options. */
void cli_help(const char *name, const struct cli_verb *verb);

int usb_run(struct cli *c);
int log_run(struct cli *c);

/** Set by Ctrl-C (1), and where a verb wants it by SIGTERM and SIGHUP (2):
 * work ends at the next message, with what it has so far. */
extern volatile sig_atomic_t cli_interrupted;

/* --- arguments --- */

/** Read what stands behind the verb. EXIT_OK, or EXIT_USAGE after saying
 * what is wrong; *help: --help was among it. */
int cli_parse(struct cli *c, const struct cli_verb *verb, int argc, char **argv,
	      bool *help);

/** The value of an option of the verb's own table, "" for one without value;
 * NULL: not given. The last one counts. */
const char *cli_value(const struct cli *c, const char *name);

/** The first word that is no option and no option's value, taken out of argv;
 * NULL: there is none. */
const char *cli_take_word(int *argc, char **argv);

/** Text to a number in [min, max], base 0, 10 or 16. false: it is none. */
bool cli_number(const char *text, int base, uint64_t min, uint64_t max,
		uint64_t *value);

/* --- device --- */

/** Open the device of --via. EXIT_OK; else what is wrong was printed. */
int cli_open_host(struct cli *c);

/** The same, and its MCTP. */
int cli_open_mctp(struct cli *c);

/** And an EID for it, in *eid. */
int cli_open_endpoint(struct cli *c, uint8_t *eid);
void cli_close(struct cli *c);

/* --- --via --- */

enum cli_via_kind {
	CLI_VIA_ANY, /* not given */
	CLI_VIA_USB,
	CLI_VIA_USBIP,
	CLI_VIA_MCTP
};

/** What --via names, split. What it leaves open is -1 or empty. */
struct cli_via {
	enum cli_via_kind kind;
	int vendor, product;
	char serial[LIBUSB_HOST_SERIAL];
	char host[128], port[8], busid[32];
	uint32_t network;
	uint8_t eid;
};

/** false: what is wrong with it was said. */
bool cli_parse_via(struct cli *c, struct cli_via *v);

/** A USB device that could be meant. */
struct cli_device {
	char via[192]; /* names just this one */
	uint16_t vendor, product;
	bool mctp;  /* it has MCTP, or may have: USB/IP does not tell */
	bool local; /* usb is filled in; else busid */
	char busid[32];
	struct libusb_host_device usb;
};

struct cli_devices {
	struct cli_device *device; /* malloc()ed, the caller's */
	size_t count;
};

/** The USB devices that --via leaves open: without it, those of this machine
 * and of its USB/IP server. Negative with a sentence in error, CLI_ERROR
 * bytes. */
int cli_find_devices(const struct cli_via *v, struct cli_devices *all,
		     char *error);

/** Open one of them. NULL with a sentence in error. */
struct usbhost *cli_open_device(const struct cli_via *v,
				const struct cli_device *d, char *error);

/* --- output --- */

/** Print an error for people, or as {"error": ...}. Returns EXIT_FAILED. */
int cli_fail(const struct cli *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The same for a text of any length. */
int cli_fail_text(const struct cli *c, const char *text);

/** Print and free a JSON value on a line of its own. */
void cli_print_json(struct json_object *o);

/** Add members. */
void cli_add_number(struct json_object *o, const char *key, uint64_t value);
void cli_add_text(struct json_object *o, const char *key, const char *value);
void cli_add_hex(struct json_object *o, const char *key, uint64_t value,
		 int digits);

/** How far long work is, on a terminal only and once a second only. done ==
 * all wipes it. */
void cli_progress(const struct cli *c, uint64_t done, uint64_t all);

#endif
