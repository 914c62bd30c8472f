/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme vpd, pcie: read and write Vital Product Data and the PCI
 * configuration space. */
#include <stddef.h>

#include "cli/device/nvme_verb.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

/* --- vpd --- */

static int run_vpd_read(struct cli *c)
{
	uint8_t data[NVME_MI_VPD_SIZE];
	struct nvme_host h;
	uint16_t offset = (uint16_t)cli_option_number(c, "offset");
	uint16_t len = (uint16_t)(NVME_MI_VPD_SIZE - offset);
	int status = nvme_verb_open(c, &h);

	if (status)
		return status;
	if (cli_option_given(c, "length"))
		len = (uint16_t)cli_option_number(c, "length");
	if (nvme_vpd_read(&h, offset, len, data))
		return nvme_verb_fail(c, "VPD Read");
	nvme_verb_show_bytes(c, data, len);
	return EXIT_OK;
}

static int run_vpd_write(struct cli *c)
{
	uint8_t data[NVME_MI_VPD_SIZE];
	uint16_t offset = (uint16_t)cli_option_number(c, "offset");
	uint16_t len = (uint16_t)cli_argument_bytes(c, 0, data);
	struct nvme_host h;
	int status = nvme_verb_confirm(c, "This overwrites Vital Product Data, "
					  "which has a limited number of "
					  "write cycles");

	if (!status)
		status = nvme_verb_open(c, &h);
	if (status)
		return status;
	if (nvme_vpd_write(&h, offset, data, len))
		return nvme_verb_fail(c, "VPD Write");
	nvme_verb_print_number(c, "written", len, "written");
	return EXIT_OK;
}

static const struct cli_option vpd_options[] = {
	{ "offset", 0, "BYTES", "Start here", CLI_SIZE,
	  .max = NVME_MI_VPD_SIZE - 1, .default_value = "0" },
	{ "length", 0, "BYTES", "read: Read this much, else up to byte 256",
	  CLI_SIZE, .min = 1, .max = NVME_MI_VPD_SIZE },
	NVME_VERB_YES,
	NVME_VERB_OPTIONS,
};

static const struct cli_option vpd_arguments[] = {
	{ "HEX", .help = "Bytes to write", .type = CLI_BYTES, .min = 1,
	  .max = NVME_MI_VPD_SIZE },
	{ 0 },
};

static const struct cli_word vpd_words[] = {
	{ "read", NULL, 0, 0, run_vpd_read, "Show the bytes" },
	{ "write", vpd_arguments, 1, 1, run_vpd_write, "Write bytes" },
	{ 0 },
};

const struct cli_verb device_nvme_vpd_verb = {
	.group = "nvme",
	.name = "vpd",
	.synopsis = "read | write HEX",
	.help = "Read or write Vital Product Data",
	.examples = "tether nvme vpd read\n",
	.options = vpd_options,
	.words = vpd_words,
	.min_arguments = 1,
	.device = true,
};

/* --- pcie --- */

static int run_pcie_read(struct cli *c)
{
	static uint8_t data[NVME_MI_PCIE_CONFIGURATION_SIZE];
	uint16_t offset = (uint16_t)cli_argument_number(c, 0);
	uint16_t len = sizeof(uint32_t), controller;
	struct nvme_host h;
	int status = nvme_verb_open_controller(c, &h, &controller);

	if (status)
		return status;
	if (c->arguments > 1)
		len = (uint16_t)cli_argument_number(c, 1);
	if (nvme_pcie_read(&h, controller, offset, data, len))
		return nvme_verb_fail(c, "PCIe Configuration Read");
	nvme_verb_show_bytes(c, data, len);
	return EXIT_OK;
}

static int run_pcie_write(struct cli *c)
{
	static uint8_t data[NVME_MI_PCIE_CONFIGURATION_SIZE];
	uint16_t offset = (uint16_t)cli_argument_number(c, 0);
	uint16_t len = (uint16_t)cli_argument_bytes(c, 1, data), controller;
	struct nvme_host h;
	int status = nvme_verb_confirm(c, "This writes registers of a "
					  "controller that its host may be "
					  "using");

	if (!status)
		status = nvme_verb_open_controller(c, &h, &controller);
	if (status)
		return status;
	if (nvme_pcie_write(&h, controller, offset, data, len))
		return nvme_verb_fail(c, "PCIe Configuration Write");
	nvme_verb_print_number(c, "written", len, "written");
	return EXIT_OK;
}

static const struct cli_option pcie_options[] = {
	NVME_VERB_CONTROLLER,
	NVME_VERB_YES,
	NVME_VERB_OPTIONS,
};

#define PCIE_OFFSET                                                            \
	{                                                                      \
		"OFFSET", .help = "Offset in bytes", .type = CLI_SIZE,         \
			  .max = NVME_MI_PCIE_CONFIGURATION_SIZE - 1           \
	}

static const struct cli_option pcie_read_arguments[] = {
	PCIE_OFFSET,
	{ "LENGTH", .help = "Bytes to read, else 4", .type = CLI_SIZE, .min = 1,
	  .max = NVME_MI_PCIE_CONFIGURATION_SIZE },
	{ 0 },
};

static const struct cli_option pcie_write_arguments[] = {
	PCIE_OFFSET,
	{ "HEX", .help = "Bytes to write", .type = CLI_BYTES, .min = 1,
	  .max = NVME_MI_PCIE_CONFIGURATION_SIZE },
	{ 0 },
};

static const struct cli_word pcie_words[] = {
	{ "read", pcie_read_arguments, 1, 2, run_pcie_read, "Show the bytes" },
	{ "write", pcie_write_arguments, 2, 2, run_pcie_write, "Write bytes" },
	{ 0 },
};

const struct cli_verb device_nvme_pcie_verb = {
	.group = "nvme",
	.name = "pcie",
	.synopsis = "read OFFSET [LENGTH] | write OFFSET HEX",
	.help = "Read or write the PCI configuration space",
	.examples = "tether nvme pcie read 0 64\n",
	.options = pcie_options,
	.words = pcie_words,
	.min_arguments = 1,
	.device = true,
};
