/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verbs of `tether nvme` share: their options, the endpoint, how
 * decoded structures are shown, and asking before something is destroyed.
 */
#ifndef TETHER_CLI_DEVICE_NVME_H
#define TETHER_CLI_DEVICE_NVME_H

#include "cli/cli.h"
#include "host/nvme_admin.h"
#include "host/nvme_decode.h"

/* Options of all of them that have a table; they stand at its end. */
#define NVME_CHOICES                                                           \
	{ "via", 0, "VIA", "the device" },                                     \
		{ "hex", 0, NULL, "the raw bytes as well" },                   \
		{ "slot", 0, "N", "command slot, 0 or 1" },                    \
	{                                                                      \
		0                                                              \
	}
#define NVME_CONTROLLER                                                        \
	{                                                                      \
		"controller", 'c', "ID", "the controller that is asked; 0"     \
	}
#define NVME_YES                                                               \
	{                                                                      \
		"yes", 'y', NULL, "do not ask"                                 \
	}

int nvme_identify_run(struct cli *c);
int nvme_log_page_run(struct cli *c);
int nvme_features_run(struct cli *c);
int nvme_config_run(struct cli *c);
int nvme_vpd_run(struct cli *c);
int nvme_pcie_run(struct cli *c);
int nvme_reset_run(struct cli *c);
int nvme_shutdown_run(struct cli *c);
int nvme_ns_run(struct cli *c);
int nvme_format_run(struct cli *c);
int nvme_sanitize_run(struct cli *c);
int nvme_selftest_run(struct cli *c);
int nvme_fw_run(struct cli *c);
int nvme_control_run(struct cli *c);
int nvme_events_run(struct cli *c);
extern const struct cli_choice nvme_identify_choices[], nvme_log_choices[],
	nvme_feature_choices[], nvme_config_choices[], nvme_vpd_choices[],
	nvme_pcie_choices[], nvme_reset_choices[], nvme_shutdown_choices[],
	nvme_ns_choices[], nvme_format_choices[], nvme_sanitize_choices[],
	nvme_selftest_choices[], nvme_fw_choices[], nvme_control_choices[],
	nvme_events_choices[];

/** A word behind a verb: its arguments, and what runs it. */
struct nvme_word {
	const char *name;
	int least, most; /* arguments behind it */
	int (*run)(struct cli *c);
};

/** Run the word that is the first argument; c->argument is then what stands
 * behind it. words: NULL name ends them. */
int nvme_run_word(struct cli *c, const struct nvme_word *words);

/** A number of an option, or of an argument (what: its name). EXIT_USAGE: it
 * was said what is expected. Left alone when the option is not given. */
struct nvme_range {
	uint64_t min, max;
};
int nvme_option(const struct cli *c, const char *name, struct nvme_range r,
		uint64_t *value);
int nvme_argument(const struct cli *c, int n, const char *what,
		  struct nvme_range r, uint64_t *value);

/** Pairs of hex digits of an argument; *len bytes at most on entry. */
int nvme_bytes(const struct cli *c, const char *text, uint8_t *data,
	       size_t *len);

/** Open the endpoint. EXIT_OK, or what is wrong was said. */
int nvme_open(struct cli *c, struct nvme_host *h);

/** A command failed: say what, and how it ended. Returns EXIT_FAILED. */
int nvme_failed(const struct cli *c, const char *what);

/** EXIT_OK when it may be done: --yes, or a terminal said so. */
int nvme_confirm(const struct cli *c, const char *what);

/** Show data by its table, as text or JSON, with raw bytes if --hex. */
void nvme_show(const struct cli *c, const struct nvme_table *t,
	       const uint8_t *data, size_t len);

/** Show bytes: text in lines of 16, JSON in "raw". */
void nvme_show_bytes(const struct cli *c, const uint8_t *data, size_t len);

/** Print o as JSON where that is wanted, else line; o is freed. */
void nvme_tell(const struct cli *c, struct json_object *o, const char *line);

#endif
