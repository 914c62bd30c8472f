/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A verb of tether: one constant struct with its arguments, options, texts and
 * handler. The parser, the help, the completions and the option lists of the
 * manual pages all read this struct.
 */
#ifndef TETHER_CLI_VERB_H
#define TETHER_CLI_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;
struct parse_name;
struct text;

/** What a value may be. The parser checks values before the handler runs. */
enum cli_type {
	CLI_FLAG,	  /* no value */
	CLI_TEXT,	  /* any text */
	CLI_NUMBER,	  /* decimal, or hexadecimal behind 0x; min to max */
	CLI_HEX,	  /* hexadecimal with or without 0x; min to max */
	CLI_SIZE,	  /* a number of bytes, or a size with a unit: 4KiB */
	CLI_BLOCKS,	  /* a number of blocks, or a size with a unit */
	CLI_KELVIN,	  /* a number, or a temperature as 85C or 358K */
	CLI_SECONDS,	  /* a number of seconds */
	CLI_MILLISECONDS, /* a number of milliseconds */
	CLI_BYTES,	  /* pairs of hexadecimal digits; min to max bytes */
	CLI_NUMBERS,	  /* numbers with commas between them; min to max */
	CLI_CHOICE,	  /* one of `choices` */
	CLI_FILE,	  /* path of a file */
	CLI_FOLDER,	  /* path of a folder */
	CLI_HOST,	  /* a board: its name, or [USER@]ADDRESS */
};

/**
 * An option, or an argument of a verb. A table ends with a NULL name.
 *
 * For an argument `name` is the word that the usage line shows, and `letter`
 * and `value` stay empty.
 */
struct cli_option {
	const char *name;  /* "size" */
	char letter;	   /* 's': -s as well; 0: no letter */
	const char *value; /* name of the value in help, NULL for flags */
	const char *help;  /* imperative, at most 60 characters */
	enum cli_type type;
	uint64_t min, max;	    /* range of numbers, or count of bytes */
	const char *default_value;  /* if the option is not given */
	const char *const *choices; /* for CLI_CHOICE, NULL at the end */
	/* For numbers: names that stand for them, NULL: none. */
	const struct parse_name *names;
	bool repeats;	   /* may be given several times */
	bool power_of_two; /* numbers: other values are refused */
};

/** For the `choices` of an option: CLI_CHOICES("get", "set"). */
#define CLI_CHOICES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/** Where options may stand. */
enum cli_order {
	CLI_ANYWHERE,  /* also between the arguments */
	CLI_BEFORE,    /* the first argument ends the options */
	CLI_TWO_LISTS, /* anywhere; "--" begins a second list of arguments */
};

enum {
	CLI_ARGUMENTS = 4096, /* of a verb, at most */
	CLI_NAME = 64,	      /* bytes of "GROUP VERB WORD" */
};

/** A word that must follow the verb, as `create` in `tether nvme ns create`.
 * A table ends with a NULL name. */
struct cli_word {
	const char *name;
	const struct cli_option *arguments; /* behind the word, may be NULL */
	int min_arguments, max_arguments;
	int (*run)(struct cli *c);
	const char *help; /* imperative, at most 56 characters */
};

struct cli_verb {
	const char *group; /* "nvme" in `tether nvme health`; NULL: none */
	const char *name;
	const char *synopsis; /* of the usage line, behind the name */
	const char *help;     /* one imperative line, at most 56 characters */
	const char *text;     /* more lines for `tether help`, or NULL */
	const char *examples; /* command lines, each ended by \n */
	const struct cli_option *options; /* own options, may be NULL */
	/* Types of the arguments. The last row is for all further arguments.
	 * NULL: any text. */
	const struct cli_option *arguments;
	int min_arguments, max_arguments;
	/* The first argument must be one of these words. The table of the word
	 * describes the other arguments. */
	const struct cli_word *words;
	enum cli_order order;
	bool device;  /* reaches a device through --via */
	bool packets; /* exchanges MCTP packets, although without --via */
	int (*run)(struct cli *c);
};

/** For a verb or a word: the types of its arguments, and how many it takes. */
#define CLI_TAKES(types, min, max)                                             \
	.arguments = (types), .min_arguments = (min), .max_arguments = (max)

/** The name in front of several verbs. A table ends with a NULL name. */
struct cli_group {
	const char *name;
	const char *help;
};

/** All verbs in the order of the help, NULL at the end, and their groups. */
extern const struct cli_verb *const cli_verbs[];
extern const size_t cli_device_verb_count; /* device verbs come first */
extern const struct cli_group cli_groups[];

/** Options of every verb (--via and --wait: of verbs with `device`, --pcap: of
 * verbs with `device` or `packets`). They stand before or behind the verb. */
extern const struct cli_option cli_global_options[];
enum {
	CLI_GLOBAL_VIA,
	CLI_GLOBAL_WAIT,
	CLI_GLOBAL_PCAP,
	CLI_GLOBAL_JSON,
	CLI_GLOBAL_COLOR,
	CLI_GLOBAL_HELP
};

/** Find a verb; group may be NULL. Returns NULL if there is none. */
const struct cli_verb *cli_find_verb(const char *group, const char *name);
const struct cli_group *cli_find_group(const char *name);

/** The present name of a verb that was renamed, or NULL. */
const char *cli_find_new_name(const char *old_name);

/** Whether an option applies to a verb: --via, --wait and --pcap are for
 * devices. */
bool cli_global_applies(const struct cli_option *o, const struct cli_verb *v);

/** Write "GROUP VERB" into CLI_NAME bytes. Returns name. */
char *cli_verb_name(const struct cli_verb *v, char *name);

/** Whether an option is followed by a value. */
bool cli_option_has_value(const struct cli_option *o);

/** Append "HELP (RANGE; default VALUE; repeatable)". */
void cli_describe_option(const struct cli_option *o, struct text *t);

/* --- values --- */

enum { CLI_RANGE = 1024 };

/** Check a value against the option's type and range. */
bool cli_value_is_valid(const struct cli_option *o, const char *text);

/** Write the allowed values ("1 to 16", "short, long or abort") into CLI_RANGE
 * bytes, or "" if any text is allowed. Returns range. */
char *cli_value_range(const struct cli_option *o, char *range);

/** The number of a checked value. */
uint64_t cli_value_number(const struct cli_option *o, const char *text);

/** The index of a checked value among the choices. */
int cli_value_choice(const struct cli_option *o, const char *text);

#endif
