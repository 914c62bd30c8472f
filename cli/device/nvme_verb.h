/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared by the verbs of `tether nvme`: options, opening the endpoint, asking
 * before data is destroyed, and printing decoded structures.
 */
#ifndef TETHER_CLI_DEVICE_NVME_VERB_H
#define TETHER_CLI_DEVICE_NVME_VERB_H

#include "cli/cli.h"
#include "host/nvme_admin.h"
#include "host/nvme_decode.h"

/* Rows of option tables. NVME_VERB_OPTIONS is for all verbs that use
 * nvme_verb_open(), and ends the table. */
#define NVME_VERB_OPTIONS                                                      \
	{ "hex", 0, NULL, "Print the raw bytes as well" },                     \
		{ "slot",                                                      \
		  0,                                                           \
		  "N",                                                         \
		  "Use this command slot",                                     \
		  CLI_NUMBER,                                                  \
		  .max = 1,                                                    \
		  .default_value = "0" },                                      \
	{                                                                      \
		0                                                              \
	}
#define NVME_VERB_CONTROLLER                                                   \
	{                                                                      \
		"controller", 'c', "ID",                                       \
			"Send the command to this controller", CLI_NUMBER,     \
			.max = UINT16_MAX, .default_value = "0"                \
	}
#define NVME_VERB_YES                                                          \
	{                                                                      \
		"yes", 'y', NULL, "Do not ask for confirmation"                \
	}
#define NVME_VERB_NSID_ALL "0xffffffff" /* default of --nsid: all */

/** Names of namespace identifiers: "all". */
extern const struct parse_name nvme_verb_nsid_names[];

/** Open the endpoint. Returns EXIT_OK, or an exit code after printing an error.
 */
int nvme_verb_open(struct cli *c, struct nvme_host *h);

/** Like nvme_verb_open(); *controller is the value of --controller. */
int nvme_verb_open_controller(struct cli *c, struct nvme_host *h,
			      uint16_t *controller);

/** Print that `what` ("reading VPD") failed, with the transport's error.
 * Returns EXIT_FAILED. */
int nvme_verb_fail(const struct cli *c, const char *what);

/** Ask for confirmation. `what` is a sentence: "This deletes ...". Returns
 * EXIT_OK with --yes, or after the user has agreed on the terminal. */
int nvme_verb_confirm(const struct cli *c, const char *what);

/** Print data decoded by a table, as text or JSON. The bytes are printed as
 * well with --hex, or if the table has no fields. */
void nvme_verb_show(const struct cli *c, const struct nvme_table *t,
		    const uint8_t *data, size_t len);

/** Read a log page of at most NVME_PAGE bytes from the controller of
 * --controller, and print it decoded. Returns an exit code. */
int nvme_verb_show_log(struct cli *c, uint8_t id, size_t len);

/** Print bytes: as lines of 16, or in the JSON member "raw". */
void nvme_verb_show_bytes(const struct cli *c, const uint8_t *data, size_t len);

/** Print o with --json, else line. o is freed in both cases. */
void nvme_verb_print(const struct cli *c, struct json_object *o,
		     const char *line);

/** Print a JSON object with one number, or a line. */
void nvme_verb_print_number(const struct cli *c, const char *key,
			    uint64_t value, const char *line);

#endif
