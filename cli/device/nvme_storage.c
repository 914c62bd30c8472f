/* SPDX-License-Identifier: Apache-2.0 */
/* tether nvme ns, format, sanitize, selftest, fw: namespaces, media and
 * firmware. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/device/nvme.h"

enum {
	IMAGE_MAX = 64 << 20,
	SANITIZE_POLL_MS = 200,
	PROGRESS_ALL = 0x10000,
	ALLOW_EXIT = 0x08 /* sanitize, dword 10 */
};

static const struct nvme_range bytes16 = { 0, UINT16_MAX };
static const struct nvme_range any_nsid = { 1, UINT32_MAX };

static int open_for(struct cli *c, struct nvme_host *h, uint16_t *controller)
{
	uint64_t n = 0;
	int status = nvme_option(c, "controller", bytes16, &n);

	*controller = (uint16_t)n;
	return status ? status : nvme_open(c, h);
}

static void told_number(const struct cli *c, const char *key, uint64_t value,
			const char *line)
{
	struct json_object *o = json_object_new_object();

	cli_add_number(o, key, value);
	nvme_tell(c, o, line);
}

/* --- ns --- */

const struct cli_choice nvme_ns_choices[] = {
	{ "all", 'a', NULL, "list: those that are not attached as well" },
	{ "size", 's', "BLOCKS", "create: its size" },
	{ "capacity", 0, "BLOCKS", "create: its capacity; its size" },
	{ "format", 'f', "N", "create: the LBA format; 0, 512 bytes" },
	{ "shared", 0, NULL, "create: for several controllers" },
	{ "controllers", 0, "IDS",
	  "attach, detach: ids with commas between them; the controller" },
	NVME_CONTROLLER,
	NVME_YES,
	NVME_CHOICES,
};

static int ns_list(struct cli *c)
{
	static uint8_t page[NVME_PAGE];
	struct nvme_identify i = { .cns = cli_value(c, "all") ? 0x10 : 0x02 };
	struct nvme_host h;
	int status = open_for(c, &h, &i.controller);

	if (status)
		return status;
	if (nvme_identify(&h, &i, page))
		return nvme_failed(c, "listing namespaces");
	nvme_show(c, nvme_identify_table(i.cns), page, sizeof(page));
	return EXIT_OK;
}

static int ns_create(struct cli *c)
{
	const struct nvme_range blocks = { 1, INT64_MAX };
	uint64_t size = 0, capacity, format = 0;
	struct nvme_new_namespace n = { .shared = cli_value(c, "shared") };
	struct nvme_host h;
	uint32_t nsid;
	char line[32];
	int status = nvme_option(c, "size", blocks, &size);

	capacity = size;
	if (!status)
		status = nvme_option(c, "capacity", blocks, &capacity);
	if (!status)
		status = nvme_option(c, "format", (struct nvme_range){ 0, 15 },
				     &format);
	if (!status && !size) {
		fprintf(stderr,
			"tether %s create: how large? say it with "
			"--size BLOCKS\n",
			c->verb);
		return EXIT_USAGE;
	}
	if (!status)
		status = open_for(c, &h, &n.controller);
	if (status)
		return status;
	n.size = size;
	n.capacity = capacity;
	n.format = (uint8_t)format;
	if (nvme_create_namespace(&h, &n, &nsid))
		return nvme_failed(c, "creating a namespace");
	snprintf(line, sizeof(line), "namespace %u", nsid);
	told_number(c, "nsid", nsid, line);
	return EXIT_OK;
}

static int ns_delete(struct cli *c)
{
	uint64_t nsid = 0;
	uint16_t controller;
	struct nvme_host h;
	char what[80];
	int status = nvme_argument(c, 0, "NSID", any_nsid, &nsid);

	snprintf(what, sizeof(what),
		 nsid == NVME_NSID_ALL
			 ? "this deletes all namespaces with their data"
			 : "this deletes namespace %u with its data",
		 (unsigned int)nsid);
	if (!status)
		status = nvme_confirm(c, what);
	if (!status)
		status = open_for(c, &h, &controller);
	if (status)
		return status;
	if (nvme_delete_namespace(&h, controller, (uint32_t)nsid))
		return nvme_failed(c, "deleting the namespace");
	told_number(c, "deleted", nsid, "deleted");
	return EXIT_OK;
}

/* Ids with commas between them; *count of them. */
static int read_ids(const struct cli *c, const char *text, uint16_t *ids,
		    uint16_t *count)
{
	char word[8];
	uint64_t n;

	for (*count = 0; text; ++*count) {
		size_t len = strcspn(text, ",");

		if (*count == NVME_CONTROLLER_LIST_MAX || len >= sizeof(word))
			return EXIT_USAGE;
		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		if (!cli_number(word, 0, 0, UINT16_MAX, &n)) {
			fprintf(stderr,
				"tether %s: --controllers: %s: expected ids "
				"of 0 to 65535\n",
				c->verb, word);
			return EXIT_USAGE;
		}
		ids[*count] = (uint16_t)n;
		text = text[len] ? text + len + 1 : NULL;
	}
	return EXIT_OK;
}

static int attach(struct cli *c, bool attach)
{
	static uint16_t ids[NVME_CONTROLLER_LIST_MAX];
	uint64_t nsid = 0;
	uint16_t count = 0, controller;
	struct nvme_host h;
	int status = nvme_argument(c, 0, "NSID", any_nsid, &nsid);

	if (!status)
		status = read_ids(c, cli_value(c, "controllers"), ids, &count);
	if (!status && !attach)
		status = nvme_confirm(c, "this takes a namespace from its "
					 "host");
	if (!status)
		status = open_for(c, &h, &controller);
	if (status)
		return status;
	if (!count)
		ids[count++] = controller;
	if (nvme_attach_namespace(&h, (uint32_t)nsid, attach, ids, count))
		return nvme_failed(c, attach ? "attaching the namespace"
					     : "detaching the namespace");
	told_number(c, attach ? "attached" : "detached", nsid,
		    attach ? "attached" : "detached");
	return EXIT_OK;
}

static int ns_attach(struct cli *c)
{
	return attach(c, true);
}

static int ns_detach(struct cli *c)
{
	return attach(c, false);
}

int nvme_ns_run(struct cli *c)
{
	static const struct nvme_word words[] = {
		{ "list", 0, 0, ns_list },     { "create", 0, 0, ns_create },
		{ "delete", 1, 1, ns_delete }, { "attach", 1, 1, ns_attach },
		{ "detach", 1, 1, ns_detach }, { 0 },
	};

	return nvme_run_word(c, words);
}

/* --- format, sanitize, selftest --- */

const struct cli_choice nvme_format_choices[] = {
	{ "format", 'f', "N", "the LBA format; 0, 512 bytes" },
	{ "erase", 0, "N", "0 nothing, 1 user data, 2 by the key; 0" },
	NVME_CONTROLLER,
	NVME_YES,
	NVME_CHOICES,
};

int nvme_format_run(struct cli *c)
{
	uint64_t nsid = 0, format = 0, erase = 0;
	struct nvme_admin a = { .opcode = NVME_ADMIN_FORMAT_NVM };
	struct nvme_host h;
	char what[80];
	int status = nvme_argument(c, 0, "NSID", any_nsid, &nsid);

	if (!status)
		status = nvme_option(c, "format", (struct nvme_range){ 0, 15 },
				     &format);
	if (!status)
		status = nvme_option(c, "erase", (struct nvme_range){ 0, 7 },
				     &erase);
	snprintf(what, sizeof(what),
		 nsid == NVME_NSID_ALL
			 ? "this destroys the data of all namespaces"
			 : "this destroys the data of namespace %u",
		 (unsigned int)nsid);
	if (!status)
		status = nvme_confirm(c, what);
	if (!status)
		status = open_for(c, &h, &a.controller);
	if (status)
		return status;
	a.nsid = (uint32_t)nsid;
	a.dword10 = (uint32_t)(erase << 9 | format);
	if (nvme_admin_ask(&h, &a))
		return nvme_failed(c, "formatting");
	told_number(c, "formatted", nsid, "formatted");
	return EXIT_OK;
}

const struct cli_choice nvme_sanitize_choices[] = {
	{ "passes", 0, "N", "overwrite: how often, 1 to 16; 1" },
	{ "pattern", 0, "N", "overwrite: 32 bits; 0" },
	{ "allow-exit", 0, NULL, "if it fails, exit-failure may leave that" },
	{ "no-wait", 0, NULL, "do not wait for its end" },
	NVME_CONTROLLER,
	NVME_YES,
	NVME_CHOICES,
};

static int sanitize_action(const struct cli *c, uint32_t *action)
{
	static const char *const names[] = { "exit-failure", "block",
					     "overwrite", "crypto" };

	for (uint32_t i = 0; i < 4; i++)
		if (!strcmp(c->argument[0], names[i])) {
			*action = i + 1;
			return EXIT_OK;
		}
	fprintf(stderr,
		"tether %s: %s: expected block, overwrite, crypto or "
		"exit-failure\n",
		c->verb, c->argument[0]);
	return EXIT_USAGE;
}

/* Log page 81h tells how far it is; status 2: it is under way. */
static int wait_sanitized(struct cli *c, const struct nvme_host *h,
			  uint16_t controller)
{
	struct nvme_log_page l = {
		.controller = controller,
		.id = 0x81,
		.nsid = NVME_NSID_ALL,
		.len = 512,
		.retain = true,
	};
	const struct nvme_table *t = nvme_log_table(l.id);
	static uint8_t page[512];
	struct nvme_value progress, status;

	do {
		poll(NULL, 0, SANITIZE_POLL_MS);
		if (nvme_get_log_page(h, &l, page))
			return nvme_failed(c, "asking how far it is");
		(void)nvme_value(&t->fields[0], page, sizeof(page), &progress);
		(void)nvme_value(&t->fields[1], page, sizeof(page), &status);
		cli_progress(c, progress.number, PROGRESS_ALL);
	} while (status.number == 2 && !cli_interrupted);
	if (status.number == 3)
		return cli_fail(c, "sanitizing failed");
	return EXIT_OK;
}

int nvme_sanitize_run(struct cli *c)
{
	uint64_t passes = 1, pattern = 0;
	uint32_t action = 0;
	struct nvme_admin a = { .opcode = NVME_ADMIN_SANITIZE };
	struct nvme_host h;
	bool wait = !cli_value(c, "no-wait");
	int status = sanitize_action(c, &action);

	if (!status)
		status = nvme_option(c, "passes", (struct nvme_range){ 1, 16 },
				     &passes);
	if (!status)
		status = nvme_option(c, "pattern",
				     (struct nvme_range){ 0, UINT32_MAX },
				     &pattern);
	if (!status)
		status = nvme_confirm(c, "this destroys all data of the NVM "
					 "subsystem");
	if (!status)
		status = open_for(c, &h, &a.controller);
	if (status)
		return status;
	a.dword10 = (uint32_t)(passes & 0x0f) << 4 | action;
	if (cli_value(c, "allow-exit"))
		a.dword10 |= ALLOW_EXIT;
	a.dword11 = (uint32_t)pattern;
	if (nvme_admin_ask(&h, &a))
		return nvme_failed(c, "sanitizing");
	wait = wait && action > 1;
	if (wait)
		status = wait_sanitized(c, &h, a.controller);
	if (!status)
		told_number(c, "action", action,
			    wait ? "sanitized" : "started");
	return status;
}

const struct cli_choice nvme_selftest_choices[] = {
	{ "nsid", 'n', "N", "the namespace; 0xffffffff, all" },
	NVME_CONTROLLER,
	NVME_CHOICES,
};

int nvme_selftest_run(struct cli *c)
{
	const char *word = c->argument[0];
	uint64_t nsid = NVME_NSID_ALL;
	struct nvme_admin a = { .opcode = NVME_ADMIN_DEVICE_SELF_TEST };
	struct nvme_host h;
	int status;

	if (!strcmp(word, "short"))
		a.dword10 = 1;
	else if (!strcmp(word, "extended"))
		a.dword10 = 2;
	else if (!strcmp(word, "abort"))
		a.dword10 = 15;
	else if (strcmp(word, "log") != 0) {
		fprintf(stderr,
			"tether %s: %s: expected short, extended, abort or "
			"log\n",
			c->verb, word);
		return EXIT_USAGE;
	}
	status = nvme_option(c, "nsid", (struct nvme_range){ 0, UINT32_MAX },
			     &nsid);
	if (!status)
		status = open_for(c, &h, &a.controller);
	if (status)
		return status;
	if (!a.dword10) {
		static uint8_t page[564];
		const struct nvme_log_page l = {
			.controller = a.controller,
			.id = 6,
			.nsid = NVME_NSID_ALL,
			.len = sizeof(page),
		};

		if (nvme_get_log_page(&h, &l, page))
			return nvme_failed(c, "reading the self-test log");
		nvme_show(c, nvme_log_table(l.id), page, sizeof(page));
		return EXIT_OK;
	}
	a.nsid = (uint32_t)nsid;
	if (nvme_admin_ask(&h, &a))
		return nvme_failed(c, "the self-test");
	told_number(c, "test", a.dword10,
		    a.dword10 == 15 ? "aborted"
				    : "started. `tether nvme selftest log` "
				      "tells how it goes");
	return EXIT_OK;
}

/* --- fw --- */

const struct cli_choice nvme_fw_choices[] = {
	{ "fw-slot", 's', "N",
	  "commit: the slot, 1 to 7; 0, the drive's choice" },
	{ "action", 'a', "N",
	  "commit: 0 store, 1 store and activate at reset, 2 activate at "
	  "reset, 3 activate now; 1" },
	NVME_CONTROLLER,
	NVME_YES,
	NVME_CHOICES,
};

static void downloaded(void *ctx, uint32_t done)
{
	cli_progress(ctx, done, UINT64_MAX);
}

/* A regular file, whole, padded with zeros to a multiple of 4. */
static int read_image(struct cli *c, const char *path, uint8_t **data,
		      uint32_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat s;
	size_t got = 0;
	ssize_t n = -1;

	if (fd < 0)
		return cli_fail(c, "%s: %s", path, strerror(errno));
	if (fstat(fd, &s) || !S_ISREG(s.st_mode) || !s.st_size ||
	    s.st_size > IMAGE_MAX) {
		close(fd);
		return cli_fail(c, "%s: expected a file of 1 byte to 64 MiB",
				path);
	}
	*len = (uint32_t)((s.st_size + 3) & ~3);
	*data = calloc(1, *len);
	while (*data && got < (size_t)s.st_size &&
	       (n = read(fd, *data + got, (size_t)s.st_size - got)) > 0)
		got += (size_t)n;
	close(fd);
	if (*data && got == (size_t)s.st_size)
		return EXIT_OK;
	free(*data);
	*data = NULL;
	return cli_fail(c, "%s: reading it failed", path);
}

static int fw_download(struct cli *c)
{
	struct nvme_image i = { .told = downloaded, .ctx = c };
	struct nvme_host h;
	uint8_t *data = NULL;
	int status = read_image(c, c->argument[0], &data, &i.len);

	if (status)
		return status;
	i.data = data;
	status = open_for(c, &h, &i.controller);
	if (!status && nvme_firmware_download(&h, &i))
		status = nvme_failed(c, "downloading the image");
	if (!status)
		told_number(c, "downloaded", i.len,
			    "downloaded. `tether nvme fw commit` puts it into "
			    "a slot");
	free(data);
	return status;
}

static int fw_commit(struct cli *c)
{
	uint64_t slot = 0, action = 1;
	struct nvme_admin a = { .opcode = NVME_ADMIN_FIRMWARE_COMMIT };
	struct nvme_host h;
	int status =
		nvme_option(c, "fw-slot", (struct nvme_range){ 0, 7 }, &slot);

	if (!status)
		status = nvme_option(c, "action", (struct nvme_range){ 0, 3 },
				     &action);
	if (!status)
		status = nvme_confirm(c, "this changes the firmware that the "
					 "drive runs");
	if (!status)
		status = open_for(c, &h, &a.controller);
	if (status)
		return status;
	a.dword10 = (uint32_t)(action << 3 | slot);
	if (nvme_admin_ask(&h, &a))
		return nvme_failed(c, "committing the image");
	told_number(c, "slot", slot,
		    action == 3 ? "active"
				: "committed. `tether nvme fw log` shows the "
				  "slots");
	return EXIT_OK;
}

static int fw_log(struct cli *c)
{
	static uint8_t page[512];
	struct nvme_log_page l = {
		.id = 3,
		.nsid = NVME_NSID_ALL,
		.len = sizeof(page),
	};
	struct nvme_host h;
	int status = open_for(c, &h, &l.controller);

	if (status)
		return status;
	if (nvme_get_log_page(&h, &l, page))
		return nvme_failed(c, "reading the firmware log");
	nvme_show(c, nvme_log_table(l.id), page, sizeof(page));
	return EXIT_OK;
}

int nvme_fw_run(struct cli *c)
{
	static const struct nvme_word words[] = {
		{ "download", 1, 1, fw_download },
		{ "commit", 0, 0, fw_commit },
		{ "log", 0, 0, fw_log },
		{ 0 },
	};

	return nvme_run_word(c, words);
}
