/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme ns: lists, creates, deletes, attaches and detaches namespaces. */
#include <stdio.h>

#include "base/wire.h"
#include "cli/device/nvme_verb.h"
#include "cli/units.h"
#include "cli/verbs.h"
#include "nvme_mi/nvme_wire.h"

/* A namespace in the list. */
struct row {
	uint32_t nsid;
	uint64_t blocks, bytes; /* size; capacity in bytes */
	uint32_t block;		/* size of a block, bytes */
	uint8_t format;
	bool shared;
	uint16_t controllers[NVME_CONTROLLER_LIST_MAX];
	uint16_t controller_count;
};

static void decode_namespace(const uint8_t *page, struct row *r)
{
	struct rd d = rd_init(page, NVME_PAGE);
	uint8_t shift;

	r->blocks = rd_le64(&d);
	r->format = page[NVME_NAMESPACE_AT_FORMATTED_LBA_SIZE] & 0xf;
	shift = page[NVME_NAMESPACE_AT_LBA_FORMAT_0 +
		     r->format * NVME_LBA_FORMAT_SIZE +
		     NVME_LBA_FORMAT_AT_DATA_SIZE];
	r->block = shift < 32 ? UINT32_C(1) << shift : 0;
	r->bytes = r->block && r->blocks <= UINT64_MAX / r->block
			   ? r->blocks * r->block
			   : 0;
	r->shared = page[NVME_NAMESPACE_AT_SHARING] & NVME_NAMESPACE_SHARED;
}

static int read_row(const struct nvme_host *h, uint16_t controller,
		    struct row *r)
{
	static uint8_t page[NVME_PAGE];
	struct nvme_identify i = { .controller = controller,
				   .cns = NVME_IDENTIFY_ALLOCATED_NAMESPACE,
				   .nsid = r->nsid };
	struct rd d;
	int err = nvme_identify(h, &i, page);

	if (err)
		return err;
	decode_namespace(page, r);
	i.cns = NVME_IDENTIFY_ATTACHED_CONTROLLER_LIST;
	err = nvme_identify(h, &i, page);
	if (err)
		return err;
	d = rd_init(page, sizeof(page));
	r->controller_count = rd_le16(&d);
	if (r->controller_count > NVME_CONTROLLER_LIST_MAX)
		r->controller_count = NVME_CONTROLLER_LIST_MAX;
	for (uint16_t n = 0; n < r->controller_count; n++)
		r->controllers[n] = rd_le16(&d);
	return 0;
}

static void print_row(const struct row *r)
{
	char size[UNITS_TEXT];

	printf("%-6u %9s %14llu %6u %6u  %-6s ", r->nsid,
	       units_bytes(r->bytes, size), (unsigned long long)r->blocks,
	       r->block, r->format, r->shared ? "yes" : "no");
	for (uint16_t n = 0; n < r->controller_count; n++)
		printf(n ? ",%u" : "%u", r->controllers[n]);
	puts(r->controller_count ? "" : "-");
}

static struct json_object *row_json(const struct row *r, uint32_t index)
{
	struct json_object *o = json_object_new_object();
	struct json_object *list = json_object_new_array();

	cli_add_number(o, "index", index);
	cli_add_number(o, "nsid", r->nsid);
	cli_add_number(o, "bytes", r->bytes);
	cli_add_number(o, "blocks", r->blocks);
	cli_add_number(o, "block_size", r->block);
	cli_add_number(o, "format", r->format);
	cli_add_bool(o, "shared", r->shared);
	for (uint16_t n = 0; n < r->controller_count; n++)
		json_object_array_add(list,
				      json_object_new_int(r->controllers[n]));
	json_object_object_add(o, "controllers", list);
	return o;
}

/* Show each namespace of the list in `page`. `list` NULL: print a table. */
static int show_rows(struct cli *c, const struct nvme_host *h,
		     uint16_t controller, const uint8_t *page,
		     struct json_object *list)
{
	static struct row r;
	struct rd d = rd_init(page, NVME_PAGE);
	uint32_t index = 0;

	while ((r.nsid = rd_le32(&d)) && rd_ok(&d)) {
		if (read_row(h, controller, &r))
			return nvme_verb_fail(c, "Identify");
		if (list)
			json_object_array_add(list, row_json(&r, index));
		else if (!index)
			puts("NSID        SIZE         BLOCKS  BLOCK FORMAT  "
			     "SHARED CONTROLLERS");
		if (!list)
			print_row(&r);
		index++;
	}
	if (!list && !index)
		puts("no namespaces. `tether nvme ns create` creates one");
	return EXIT_OK;
}

static int run_list(struct cli *c)
{
	static uint8_t page[NVME_PAGE];
	bool all = cli_option_given(c, "all");
	struct nvme_identify i = {
		.cns = all ? NVME_IDENTIFY_ALLOCATED_NAMESPACE_LIST
			   : NVME_IDENTIFY_ACTIVE_NAMESPACE_LIST,
	};
	struct json_object *o, *list = NULL;
	struct nvme_host h;
	int status = nvme_verb_open_controller(c, &h, &i.controller);

	if (status)
		return status;
	if (nvme_identify(&h, &i, page))
		return nvme_verb_fail(c, "Identify");
	if (c->json)
		list = json_object_new_array();
	status = show_rows(c, &h, i.controller, page, list);
	if (!list)
		return status;
	if (status) {
		json_object_put(list);
		return status;
	}
	o = json_object_new_object();
	cli_add_text(o, "structure",
		     all ? "allocated namespaces" : "active namespaces");
	json_object_object_add(o, "namespaces", list);
	cli_print_json(o);
	return EXIT_OK;
}

/* Convert a size in bytes to blocks of the format, rounded up. 0 after an
 * error was printed. */
static uint64_t bytes_to_blocks(struct cli *c, const struct nvme_host *h,
				const struct nvme_new_namespace *n,
				uint64_t bytes)
{
	static uint8_t page[NVME_PAGE];
	/* NSID FFFFFFFFh: what all namespaces have in common */
	const struct nvme_identify i = { .controller = n->controller,
					 .cns = NVME_IDENTIFY_NAMESPACE,
					 .nsid = NVME_NSID_ALL };
	uint8_t shift;

	if (nvme_identify(h, &i, page)) {
		(void)nvme_verb_fail(c, "reading the LBA formats");
		return 0;
	}
	shift = page[NVME_NAMESPACE_AT_LBA_FORMAT_0 +
		     n->format * NVME_LBA_FORMAT_SIZE +
		     NVME_LBA_FORMAT_AT_DATA_SIZE];
	if (n->format > page[NVME_NAMESPACE_AT_LBA_FORMATS] || shift < 9 ||
	    shift > 31) {
		(void)cli_fail(c, "the drive has no LBA format %u", n->format);
		return 0;
	}
	return (bytes >> shift) + !!(bytes & ((UINT64_C(1) << shift) - 1));
}

static int read_size(struct cli *c, const struct nvme_host *h,
		     const char *option, const struct nvme_new_namespace *n,
		     uint64_t *blocks)
{
	bool in_bytes;

	*blocks = cli_option_blocks(c, option, &in_bytes);
	if (in_bytes)
		*blocks = bytes_to_blocks(c, h, n, *blocks);
	return *blocks ? EXIT_OK : EXIT_FAILED;
}

static int run_create(struct cli *c)
{
	struct nvme_new_namespace n = {
		.format = (uint8_t)cli_option_number(c, "format"),
		.shared = cli_option_given(c, "shared"),
	};
	struct nvme_host h;
	uint32_t nsid;
	char line[32];
	int status;

	if (!cli_option_given(c, "size"))
		return cli_fail_usage(c, "no size. Add --size, as in "
					 "--size 500GB");
	status = nvme_verb_open_controller(c, &h, &n.controller);
	if (!status)
		status = read_size(c, &h, "size", &n, &n.size);
	n.capacity = n.size;
	if (!status && cli_option_given(c, "capacity"))
		status = read_size(c, &h, "capacity", &n, &n.capacity);
	if (status)
		return status;
	if (nvme_create_namespace(&h, &n, &nsid))
		return nvme_verb_fail(c, "Namespace Management");
	snprintf(line, sizeof(line), "namespace %u", nsid);
	nvme_verb_print_number(c, "nsid", nsid, line);
	return EXIT_OK;
}

static int run_delete(struct cli *c)
{
	uint32_t nsid = (uint32_t)cli_argument_number(c, 0);
	uint16_t controller;
	struct nvme_host h;
	char what[80];
	int status;

	snprintf(what, sizeof(what),
		 nsid == NVME_NSID_ALL
			 ? "This deletes all namespaces with their data"
			 : "This deletes namespace %u with its data",
		 nsid);
	status = nvme_verb_confirm(c, what);
	if (!status)
		status = nvme_verb_open_controller(c, &h, &controller);
	if (status)
		return status;
	if (nvme_delete_namespace(&h, controller, nsid))
		return nvme_verb_fail(c, "Namespace Management");
	nvme_verb_print_number(c, "deleted", nsid, "deleted");
	return EXIT_OK;
}

/* The controllers of --controllers, else that of --controller. */
static uint16_t read_controllers(const struct cli *c, uint16_t *ids)
{
	static uint64_t numbers[NVME_CONTROLLER_LIST_MAX];
	size_t count = cli_option_numbers(c, "controllers", numbers,
					  NVME_CONTROLLER_LIST_MAX);

	if (!count)
		numbers[count++] = cli_option_number(c, "controller");
	for (size_t i = 0; i < count; i++)
		ids[i] = (uint16_t)numbers[i];
	return (uint16_t)count;
}

static int attach_or_detach(struct cli *c, bool attach)
{
	static uint16_t ids[NVME_CONTROLLER_LIST_MAX];
	uint32_t nsid = (uint32_t)cli_argument_number(c, 0);
	uint16_t count = read_controllers(c, ids);
	const char *done = attach ? "attached" : "detached";
	struct nvme_host h;
	int status = nvme_verb_open(c, &h);

	if (status)
		return status;
	if (nvme_attach_namespace(&h, nsid, attach, ids, count))
		return nvme_verb_fail(c, "Namespace Attachment");
	nvme_verb_print_number(c, done, nsid, done);
	return EXIT_OK;
}

static int run_attach(struct cli *c)
{
	return attach_or_detach(c, true);
}

static int run_detach(struct cli *c)
{
	int status = nvme_verb_confirm(c, "This removes a namespace from its "
					  "host");

	return status ? status : attach_or_detach(c, false);
}

static const struct cli_option options[] = {
	{ "all", 'a', NULL, "list: Include namespaces that are not attached" },
	{ "size", 's', "SIZE", "create: Set the size", CLI_BLOCKS, .min = 1,
	  .max = INT64_MAX },
	{ "capacity", 0, "SIZE", "create: Set the capacity, else the size",
	  CLI_BLOCKS, .min = 1, .max = INT64_MAX },
	{ "format", 'f', "N", "create: Use this LBA format (0: 512 bytes)",
	  CLI_NUMBER, .max = 15, .default_value = "0" },
	{ "shared", 0, NULL, "create: Allow several controllers" },
	{ "controllers", 0, "IDS", "attach, detach: Use these controllers",
	  CLI_NUMBERS, .max = UINT16_MAX },
	NVME_VERB_CONTROLLER,
	NVME_VERB_YES,
	NVME_VERB_OPTIONS,
};

static const struct cli_option arguments[] = {
	{ "NSID", .help = "Namespace (all: for delete only)",
	  .type = CLI_NUMBER, .min = 1, .max = UINT32_MAX,
	  .names = nvme_verb_nsid_names },
	{ 0 },
};

static const struct cli_word words[] = {
	{ "list", NULL, 0, 0, run_list, "List the attached namespaces" },
	{ "create", NULL, 0, 0, run_create, "Create a namespace of --size" },
	{ "delete", arguments, 1, 1, run_delete, "Delete a namespace, or all" },
	{ "attach", arguments, 1, 1, run_attach,
	  "Attach a namespace to controllers" },
	{ "detach", arguments, 1, 1, run_detach,
	  "Detach a namespace from controllers" },
	{ 0 },
};

const struct cli_verb device_nvme_ns_verb = {
	.group = "nvme",
	.name = "ns",
	.synopsis = "list | create | delete | attach | detach",
	.help = "List, create, delete, attach or detach namespaces",
	.text = "A size with a unit (1GiB, 500GB) is rounded up to whole "
		"blocks "
		"of the format.",
	.examples = "tether nvme ns create --size 500GB --shared\n"
		    "tether nvme ns attach 2 --controllers 0,1\n",
	.options = options,
	.words = words,
	.min_arguments = 1,
	.device = true,
};
