/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface for the handlers of verbs: the parsed command line, the typed
 * values of options and arguments, and the output functions. A handler returns
 * the exit code of the program.
 */
#ifndef TETHER_CLI_CLI_H
#define TETHER_CLI_CLI_H

#include <json-c/json.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/verb.h"

struct text;
struct transport;
struct transport_observer;
struct usbhost;

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };
enum {
	CLI_GIVEN = 64,
	CLI_ERROR = 512,
	CLI_HELD = 8,
	CLI_HELD_PATH = 256,
	CLI_PLACE = 32
};

/** The choices of --color, in their order. */
enum cli_color_choice { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };

/** A parsed command line, and the device that the verb uses. */
struct cli {
	const struct cli_verb *definition;
	const char *verb; /* "mctp echo", for messages */
	const char *via;  /* --via, or NULL */
	const char *pcap; /* --pcap, or NULL */
	bool json;
	bool quiet; /* cli_fail() prints nothing: for attempts */
	enum cli_color_choice color;
	bool version; /* --version stands before the verb */
	/* Arguments, without the verb and its word. */
	int arguments;
	char *const *argument;
	const struct cli_option *argument_types;
	/* Arguments behind "--" of a verb with CLI_TWO_LISTS. */
	int rest;
	char *const *behind;
	/* Options in the order given: read them by cli_option_*(). */
	int given_count;
	struct {
		const struct cli_option *option;
		const char *value; /* "" for flags */
	} given[CLI_GIVEN];
	/* Opened and closed by the functions of cli/via.h. */
	struct usbhost *host;
	bool local;	       /* host is a USB device of this machine */
	char place[CLI_PLACE]; /* of a local device: "1-2.1"; else "" */
	struct transport *transport;
	/* Sees the packets of each transport, for --pcap; NULL: nobody. */
	const struct transport_observer *observer;
	/* Private to cli/hold.c. */
	struct {
		uint64_t until_ms; /* when waiting for devices ends; 0: unset */
		bool announced;
		int count;
		struct {
			int fd;
			char path[CLI_HELD_PATH];
		} lock[CLI_HELD];
	} hold;
	/* Private to the parser. */
	int (*run)(struct cli *c);
	char name[CLI_NAME];
};

/** The program, used to run tether again: the path of its executable file, or
 * if that is not known the word by which tether was called. */
extern const char *cli_program;

/** Set cli_program. `called` is argv[0]. */
void cli_find_program(const char *called);

/** Find a folder at one of these places, relative to the folder of the program:
 * beside its executable file, or beside the path by which tether was called
 * (which may be a link). is_right() decides. On success the path is in *path,
 * which was empty. */
bool cli_find_beside(const char *const *places, size_t count,
		     bool (*is_right)(const char *folder), struct text *path);

/** Set to 1 by SIGINT, SIGTERM and SIGHUP. A verb with a signal handler of its
 * own sets 2. Loops then end at the next message and report the results so far.
 */
extern volatile sig_atomic_t cli_interrupted;

/** Install the signal handlers of the process. */
void cli_handle_signals(void);

/* --- command line --- */

/** Whether --json stands anywhere among the words, before an argument "--".
 * Errors before the command line is parsed depend on it. */
bool cli_wants_json(int argc, char *const *argv);

/** Parse the global options in front of the verb. Returns the index of the
 * first word that is not a global option, or a negative value after printing
 * the error. *help is set if --help is given. */
int cli_parse_global(struct cli *c, int argc, char **argv, bool *help);

/** Parse the words after the verb, which is argv[0]. argv is reordered:
 * arguments come first. Returns EXIT_OK, or EXIT_USAGE after printing the
 * error. If --help is given, *help is set and the words after it are not
 * parsed. */
int cli_parse(struct cli *c, const struct cli_verb *verb, int argc, char **argv,
	      bool *help);

/** Print the help of a verb with all its options. */
void cli_print_help(const struct cli_verb *verb);

/** Print the verbs of a group, one per line. NULL: the verbs without a group.
 */
void cli_print_group(const char *group);

/** Print the help of tether itself. */
void cli_print_overview(void);

/*
 * Values of options. The name must be in the verb's table or be a global
 * option; another name fails an assertion. If an option is given several times,
 * its last value counts.
 */

bool cli_option_given(const struct cli *c, const char *name);

/** How often the option was given, and its value number n (from 0). */
int cli_option_count(const struct cli *c, const char *name);
const char *cli_option_nth(const struct cli *c, const char *name, int n);

/** Returns the given text, else the default, else NULL. */
const char *cli_option_text(const struct cli *c, const char *name);

/** Returns the given number, else the default, else 0. */
uint64_t cli_option_number(const struct cli *c, const char *name);

/** Returns the number of a CLI_BLOCKS option, 0 if it is not given. *in_bytes:
 * the value has a unit and counts bytes, not blocks. */
uint64_t cli_option_blocks(const struct cli *c, const char *name,
			   bool *in_bytes);

/** Returns the index of the given value among the choices, else that of the
 * default, else -1. */
int cli_option_choice(const struct cli *c, const char *name);

/** Decode the given bytes into data, which has room for the option's maximum.
 * Returns the number of bytes. */
size_t cli_option_bytes(const struct cli *c, const char *name, uint8_t *data);

/** Decode a list of at most cap numbers. Returns the number of entries. */
size_t cli_option_numbers(const struct cli *c, const char *name,
			  uint64_t *numbers, size_t cap);

/** The type of argument n in a table of arguments. */
const struct cli_option *cli_argument_type(const struct cli_option *table,
					   int n);

/** Values of arguments, by the verb's or word's table of arguments. */
uint64_t cli_argument_number(const struct cli *c, int n);
int cli_argument_choice(const struct cli *c, int n);
size_t cli_argument_bytes(const struct cli *c, int n, uint8_t *data);

/** Check argument n against a type that depends on other arguments. Returns
 * EXIT_OK, or EXIT_USAGE after printing the allowed values. */
int cli_check_argument(const struct cli *c, const struct cli_option *type,
		       int n);

/* --- output --- */

/** Print an error as text to stderr, or with --json as {"error": ...} to
 * stdout. Returns EXIT_FAILED. */
int cli_fail(const struct cli *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Like cli_fail(), for a text of any length. */
int cli_fail_text(const struct cli *c, const char *text);

/** Print an error of the command line like cli_fail(), with the verb in front:
 * "tether mctp echo: ...", or with --json {"error": ..., "usage": ...}. Returns
 * EXIT_USAGE. */
int cli_fail_usage(const struct cli *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** Report that there is no such verb in a group, or for NULL no such verb or
 * group, and suggest the most similar one. Returns EXIT_USAGE. */
int cli_fail_verb(const struct cli *c, const char *group, const char *word);

/** Print a JSON value on one line, and free it. */
void cli_print_json(struct json_object *o);

/** Add a member to a JSON object. Keys are snake_case. */
void cli_add_number(struct json_object *o, const char *key, uint64_t value);
void cli_add_text(struct json_object *o, const char *key, const char *value);
void cli_add_bool(struct json_object *o, const char *key, bool value);

/** Add a number as a string of at least `digits` hexadecimal digits. */
void cli_add_hex(struct json_object *o, const char *key, uint64_t value,
		 int digits);

#endif
