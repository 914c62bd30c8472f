/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme identify, log-page, features: what Admin commands read, and the
 * features that they set. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cli/device/nvme.h"

enum { LOG_MAX = 16 << 20, SELECT_CAPABILITIES = 3 };

static const struct nvme_range bytes8 = { 0, UINT8_MAX };
static const struct nvme_range bytes16 = { 0, UINT16_MAX };
static const struct nvme_range bytes32 = { 0, UINT32_MAX };

/* --- identify --- */

const struct cli_choice nvme_identify_choices[] = {
	{ "cns", 0, "N", "which structure: 0 to 0xff; 1, the controller" },
	{ "nsid", 'n', "N", "the namespace, or where a list begins; 0" },
	{ "cntid", 0, "ID", "the controller that a structure is about; 0" },
	{ "csi", 0, "N", "the I/O command set; 0, NVM" },
	NVME_CONTROLLER,
	NVME_CHOICES,
};

int nvme_identify_run(struct cli *c)
{
	static uint8_t page[NVME_PAGE];
	uint64_t cns = 1, nsid = 0, cntid = 0, csi = 0, controller = 0;
	struct nvme_identify i;
	struct nvme_host h;
	int status = nvme_option(c, "cns", bytes8, &cns);

	if (!status)
		status = nvme_option(c, "nsid", bytes32, &nsid);
	if (!status)
		status = nvme_option(c, "cntid", bytes16, &cntid);
	if (!status)
		status = nvme_option(c, "csi", bytes8, &csi);
	if (!status)
		status = nvme_option(c, "controller", bytes16, &controller);
	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	i = (struct nvme_identify){
		.controller = (uint16_t)controller,
		.cns = (uint8_t)cns,
		.cntid = (uint16_t)cntid,
		.nsid = (uint32_t)nsid,
		.command_set = (uint8_t)csi,
	};
	if (nvme_identify(&h, &i, page))
		return nvme_failed(c, "identifying");
	nvme_show(c, nvme_identify_table(i.cns), page, sizeof(page));
	return EXIT_OK;
}

/* --- log-page --- */

const struct cli_choice nvme_log_choices[] = {
	{ "offset", 0, "BYTES", "where to begin, a multiple of 4; 0" },
	{ "length", 0, "BYTES",
	  "how much, a multiple of 4; the page, as far as it is known" },
	{ "lsp", 0, "N", "the page's own field; 0" },
	{ "rae", 0, NULL, "retain the page's asynchronous events" },
	{ "nsid", 'n', "N", "the namespace; 0xffffffff, all" },
	NVME_CONTROLLER,
	NVME_CHOICES,
};

static int read_log_options(struct cli *c, struct nvme_log_page *l)
{
	uint64_t offset = 0, len = 0, lsp = 0, controller = 0, id = 0;
	uint64_t nsid = NVME_NSID_ALL;
	int status = nvme_argument(c, 0, "log page", bytes8, &id);

	if (!status)
		status = nvme_option(c, "offset",
				     (struct nvme_range){ 0, INT64_MAX },
				     &offset);
	len = nvme_log_table((uint8_t)id)->size;
	if (!status && offset < len)
		len -= offset;
	if (!status)
		status = nvme_option(c, "length",
				     (struct nvme_range){ 4, LOG_MAX }, &len);
	if (!status)
		status = nvme_option(c, "lsp", (struct nvme_range){ 0, 0x7f },
				     &lsp);
	if (!status)
		status = nvme_option(c, "controller", bytes16, &controller);
	if (!status)
		status = nvme_option(c, "nsid", bytes32, &nsid);
	if (!status && (offset % 4 || len % 4)) {
		fprintf(stderr,
			"tether %s: --offset and --length are multiples of 4\n",
			c->verb);
		return EXIT_USAGE;
	}
	*l = (struct nvme_log_page){
		.controller = (uint16_t)controller,
		.id = (uint8_t)id,
		.specific = (uint8_t)lsp,
		.nsid = (uint32_t)nsid,
		.offset = offset,
		.len = (uint32_t)len,
		.retain = cli_value(c, "rae"),
	};
	return status;
}

int nvme_log_page_run(struct cli *c)
{
	struct nvme_log_page l;
	struct nvme_host h;
	uint8_t *data;
	int status = read_log_options(c, &l);

	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	data = malloc(l.len);
	if (!data)
		return cli_fail(c, "out of memory");
	if (nvme_get_log_page(&h, &l, data))
		status = nvme_failed(c, "reading the log page");
	else if (l.offset) /* a part from somewhere is bytes */
		nvme_show_bytes(c, data, l.len);
	else
		nvme_show(c, nvme_log_table(l.id), data, l.len);
	free(data);
	return status;
}

/* --- features --- */

const struct cli_choice nvme_feature_choices[] = {
	{ "select", 0, "WHICH",
	  "get: current, default, saved or capabilities; current" },
	{ "save", 0, NULL, "set: keep it without power" },
	{ "data", 0, "HEX", "set: the data of those that have some" },
	{ "dword11", 0, "N", "get: what some want to be told; 0" },
	{ "nsid", 'n', "N", "the namespace; 0, none" },
	NVME_CONTROLLER,
	NVME_CHOICES,
};

static int select_of(const struct cli *c, uint8_t *select)
{
	static const char *const names[] = { "current", "default", "saved",
					     "capabilities" };
	const char *text = cli_value(c, "select");

	*select = 0;
	for (uint8_t i = 0; text && i < 4; i++)
		if (!strcmp(text, names[i])) {
			*select = i;
			return EXIT_OK;
		}
	if (!text)
		return EXIT_OK;
	fprintf(stderr,
		"tether %s: --select %s: expected current, default, saved or "
		"capabilities\n",
		c->verb, text);
	return EXIT_USAGE;
}

static int common_options(struct cli *c, struct nvme_feature *f)
{
	uint64_t id = 0, nsid = 0, controller = 0, dword11 = 0;
	int status = nvme_argument(c, 0, "feature", bytes8, &id);

	if (!status)
		status = nvme_option(c, "nsid", bytes32, &nsid);
	if (!status)
		status = nvme_option(c, "controller", bytes16, &controller);
	if (!status)
		status = nvme_option(c, "dword11", bytes32, &dword11);
	*f = (struct nvme_feature){
		.controller = (uint16_t)controller,
		.id = (uint8_t)id,
		.nsid = (uint32_t)nsid,
		.dword11 = (uint32_t)dword11,
	};
	return status;
}

static void show_feature(const struct cli *c, const struct nvme_feature *f)
{
	struct json_object *o = json_object_new_object();
	char data[3 * 64 + 1] = "", line[320];

	for (uint32_t i = 0; i < f->data_len && i < 64; i++)
		snprintf(data + (size_t)2 * i, 3, "%02x", f->data[i]);
	cli_add_number(o, "feature", f->id);
	cli_add_text(o, "name", nvme_feature_name(f->id));
	cli_add_number(o, "value", f->value);
	if (f->select == SELECT_CAPABILITIES) {
		json_object_object_add(
			o, "saveable",
			json_object_new_boolean((f->value & 1) != 0));
		json_object_object_add(
			o, "namespace_specific",
			json_object_new_boolean((f->value & 2) != 0));
		json_object_object_add(
			o, "changeable",
			json_object_new_boolean((f->value & 4) != 0));
		snprintf(line, sizeof(line), "%02x %s  %s%s%s", f->id,
			 nvme_feature_name(f->id),
			 f->value & 4 ? "changeable" : "fixed",
			 f->value & 1 ? ", saveable" : "",
			 f->value & 2 ? ", by namespace" : "");
	} else {
		if (data[0])
			cli_add_text(o, "data", data);
		snprintf(line, sizeof(line), "%02x %s  0x%08x%s%s", f->id,
			 nvme_feature_name(f->id), f->value,
			 data[0] ? "  " : "", data);
	}
	nvme_tell(c, o, line);
}

static int get_feature(struct cli *c)
{
	static uint8_t data[NVME_PAGE];
	struct nvme_feature f;
	struct nvme_host h;
	int status = common_options(c, &f);

	if (!status)
		status = select_of(c, &f.select);
	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	f.data = data;
	f.data_len =
		f.select == SELECT_CAPABILITIES ? 0 : nvme_feature_size(f.id);
	if (f.id == 0x81)
		f.dword11 |= 1; /* the extended one */
	if (nvme_get_feature(&h, &f))
		return nvme_failed(c, "getting the feature");
	show_feature(c, &f);
	return EXIT_OK;
}

static int set_feature(struct cli *c)
{
	static uint8_t data[NVME_PAGE];
	const char *hex = cli_value(c, "data");
	struct json_object *o;
	struct nvme_feature f;
	struct nvme_host h;
	uint64_t value = 0;
	size_t len = sizeof(data);
	int status = common_options(c, &f);

	if (!status)
		status = nvme_argument(c, 1, "value", bytes32, &value);
	if (!status && hex)
		status = nvme_bytes(c, hex, data, &len);
	if (!status)
		status = nvme_open(c, &h);
	if (status)
		return status;
	f.dword11 = (uint32_t)value;
	f.save = cli_value(c, "save");
	f.data = data;
	f.data_len = hex ? (uint32_t)len : 0;
	if (nvme_set_feature(&h, &f))
		return nvme_failed(c, "setting the feature");
	o = json_object_new_object();
	cli_add_number(o, "feature", f.id);
	cli_add_number(o, "value", f.dword11);
	json_object_object_add(o, "saved", json_object_new_boolean(f.save));
	nvme_tell(c, o, f.save ? "set and saved" : "set");
	return EXIT_OK;
}

int nvme_features_run(struct cli *c)
{
	static const struct nvme_word words[] = {
		{ "get", 1, 1, get_feature },
		{ "set", 2, 2, set_feature },
		{ 0 },
	};

	return nvme_run_word(c, words);
}
