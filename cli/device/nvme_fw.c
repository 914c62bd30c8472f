/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme fw: downloads and commits firmware images, shows the slots. */
#include <stdlib.h>

#include "cli/device/image.h"
#include "cli/device/nvme_verb.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "host/nvme_flags.h"
#include "nvme_mi/nvme_wire.h"

enum { IMAGE_MAX_MIB = 64 };

struct download {
	const struct cli *c;
	uint32_t len; /* of the image, bytes */
};

static void show_progress(void *ctx, uint32_t done)
{
	const struct download *d = ctx;

	progress_show(d->c, d->c->verb, PROGRESS_BYTES, done, d->len);
}

/* Read an image, padded with zeros to a multiple of 4 bytes. */
static int read_image(struct cli *c, const char *path, uint8_t **data,
		      uint32_t *len)
{
	size_t size = 0;
	int status = image_read(c, path, IMAGE_MAX_MIB, data, &size);

	*len = (uint32_t)((size + 3) & ~(size_t)3);
	return status;
}

static int run_download(struct cli *c)
{
	struct download d = { .c = c };
	struct nvme_image i = { .progress = show_progress, .ctx = &d };
	struct nvme_host h;
	uint8_t *data = NULL;
	int status = read_image(c, c->argument[0], &data, &i.len);

	if (status)
		return status;
	i.data = data;
	d.len = i.len;
	status = nvme_verb_open_controller(c, &h, &i.controller);
	if (!status && nvme_firmware_download(&h, &i))
		status = nvme_verb_fail(c, "Firmware Image Download");
	if (!status)
		nvme_verb_print_number(c, "downloaded", i.len,
				       "downloaded. `tether nvme fw commit` "
				       "stores the image in a slot");
	free(data);
	return status;
}

static int run_commit(struct cli *c)
{
	uint32_t slot = (uint32_t)cli_option_number(c, "fw-slot");
	uint32_t action = (uint32_t)cli_option_number(c, "action");
	struct nvme_admin a = {
		.opcode = NVME_ADMIN_FIRMWARE_COMMIT,
		.dword10 = action << NVME_FIRMWARE_COMMIT_ACTION_SHIFT | slot,
	};
	struct nvme_host h;
	int status = nvme_verb_confirm(c, "This changes the firmware that the "
					  "drive runs");

	if (!status)
		status = nvme_verb_open_controller(c, &h, &a.controller);
	if (status)
		return status;
	if (nvme_admin_ask(&h, &a))
		return nvme_verb_fail(c, "Firmware Commit");
	nvme_verb_print_number(c, "slot", slot,
			       action == NVME_FIRMWARE_ACTIVATE_IMMEDIATELY
				       ? "active"
				       : "committed. `tether nvme fw log` "
					 "shows the slots");
	return EXIT_OK;
}

static int run_log(struct cli *c)
{
	return nvme_verb_show_log(c, NVME_LOG_FIRMWARE_SLOT_INFORMATION,
				  NVME_LOG_FIRMWARE_SLOT_INFORMATION_SIZE);
}

static const struct cli_option options[] = {
	{ "fw-slot", 's', "N", "commit: Use this slot (0: the drive chooses)",
	  CLI_NUMBER, .max = NVME_FIRMWARE_COMMIT_SLOT, .default_value = "0" },
	{ "action", 'a', "ACTION", "commit: Set the commit action", CLI_NUMBER,
	  .max = NVME_FIRMWARE_ACTIVATE_IMMEDIATELY,
	  .default_value = "store-and-activate-at-reset",
	  .names = nvme_flags_commit_action },
	NVME_VERB_CONTROLLER,
	NVME_VERB_YES,
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "FILE", .help = "Firmware image", .type = CLI_FILE },
	{ 0 },
};

static const struct cli_word words[] = {
	{ "download", arguments, 1, 1, run_download,
	  "Send an image to the drive" },
	{ "commit", NULL, 0, 0, run_commit,
	  "Store or activate the downloaded image" },
	{ "log", NULL, 0, 0, run_log, "Show the firmware slots" },
	{ 0 },
};

const struct cli_verb device_nvme_fw_verb = {
	.group = "nvme",
	.name = "fw",
	.synopsis = "download FILE | commit | log",
	.help = "Download and commit firmware, or show its slots",
	.text = "Commit actions store the image, or activate a slot at the "
		"next "
		"reset or\nimmediately. Their numbers are 0 to 3.",
	.examples = "tether nvme fw download image.bin\n"
		    "tether nvme fw commit --fw-slot 2 --action activate-now "
		    "--yes\n",
	.options = options,
	.words = words,
	.min_arguments = 1,
	.device = true,
};
