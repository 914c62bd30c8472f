/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm serve: serves a file to the device, and reports its transfer. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/sha256.h"
#include "cli/cli.h"
#include "cli/device/pldm_report.h"
#include "cli/color.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/via.h"
#include "host/bus_owner.h"
#include "host/pldm_query.h"
#include "host/pldm_server.h"
#include "posix/checksum_cpu.h"
#include "posix/clock.h"

enum {
	RESULT_MS = 2000, /* silence after which the transfer has ended */
	BLOCK = 65536,
};

struct serve {
	struct cli *cli;
	struct pldm_server server;
	uint8_t eid;
	uint8_t sha256[SHA256_SIZE];
	char name[PLDM_NAME_MAX + 1];
	uint32_t size;
	int fd;
};

static int hash_file(struct serve *s)
{
	static uint8_t block[BLOCK];
	struct sha256 h;
	off_t at = 0;
	ssize_t n;

	sha256_init(&h);
	while ((n = pread(s->fd, block, sizeof(block), at)) > 0) {
		sha256_update(&h, block, (size_t)n);
		at += n;
	}
	sha256_final(&h, s->sha256);
	if (n < 0)
		return cli_fail(s->cli, "cannot read %s: %s",
				s->cli->argument[0], strerror(errno));
	return EXIT_OK;
}

static int open_file(struct serve *s)
{
	const char *path = s->cli->argument[0], *name = strrchr(path, '/');
	struct stat st;

	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st))
		return cli_fail(s->cli, "cannot open %s: %s", path,
				strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cli_fail(s->cli, "%s is not a regular file", path);
	if ((uint64_t)st.st_size >= UINT32_MAX)
		return cli_fail(s->cli, "%s is too large: the limit is 4 GiB",
				path);
	s->size = (uint32_t)st.st_size;
	snprintf(s->name, sizeof(s->name), "%s", name ? name + 1 : path);
	return hash_file(s);
}

/* Listen before the EID is assigned: the device then sends requests at once. */
static int start(struct serve *s)
{
	struct cli *c = s->cli;
	const struct pldm_server_config config = {
		.fd = s->fd,
		.size = s->size,
		.name = s->name,
		.part = (uint16_t)cli_option_number(c, "part"),
	};
	int result;

	if (pldm_server_init(&s->server, &config))
		return cli_fail(c, "cannot serve parts of %u bytes",
				config.part);
	result = via_open_mctp(c);
	if (result)
		return result;
	if (pldm_server_listen(&s->server, c->transport))
		return cli_fail(c, "cannot receive PLDM requests: %s",
				c->transport->error);
	s->eid = c->transport->peer;
	if (!s->eid && bus_owner_get_eid(c->transport, MCTP_EID_NULL, &s->eid))
		return cli_fail(c, "cannot read the EID: %s",
				c->transport->error);
	if (s->eid < MCTP_EID_FIRST || s->eid == BUS_OWNER_EID)
		s->eid = BUS_OWNER_FIRST;
	if (bus_owner_set_eid(c->transport, c->transport->peer, &s->eid))
		return cli_fail(c, "cannot assign an EID: %s",
				c->transport->error);
	return EXIT_OK;
}

/* Serve until the device has closed every file it opened, or is silent for the
 * time of --timeout. */
static int serve_file(struct serve *s)
{
	struct cli *c = s->cli;
	uint32_t silence = (uint32_t)cli_option_number(c, "timeout");
	uint32_t last = clock_now_ms(), requests = 0;

	while (!cli_interrupted && !pldm_server_is_done(&s->server)) {
		if (c->transport->ops->poll(c->transport, 100))
			return cli_fail(c, "cannot serve the file: %s",
					c->transport->error);
		progress_show(c, s->name, PROGRESS_BYTES,
			      s->server.served.bytes, s->size);
		if (s->server.served.requests != requests)
			last = clock_now_ms();
		requests = s->server.served.requests;
		if (clock_now_ms() - last < silence)
			continue;
		if (!requests && !pldm_report_is_supported(c, s->eid))
			return pldm_report_fail_unsupported(c);
		return cli_fail(c,
				"the device has sent no request for %u ms. "
				"%u requests were answered, %llu bytes served",
				silence, requests,
				(unsigned long long)s->server.served.bytes);
	}
	progress_end();
	return cli_interrupted ? EXIT_FAILED : EXIT_OK;
}

static int report(struct serve *s, const struct pldm_status *t)
{
	struct cli *c = s->cli;
	bool same = t->state == PLDM_FILE_DONE && t->bytes == s->size &&
		    !memcmp(t->sha256, s->sha256, SHA256_SIZE);
	char hash[PLDM_REPORT_HASH];

	pldm_report_format_hash(s->sha256, hash);
	if (c->json) {
		struct json_object *o = pldm_report_json(t);

		cli_add_number(o, "eid", s->eid);
		cli_add_number(o, "repeats", s->server.served.repeats);
		json_object_object_add(o, "match",
				       json_object_new_boolean(same));
		cli_print_json(o);
	} else if (same) {
		printf("EID %u fetched %u bytes in %u ms, %u kB/s, SHA-256 "
		       "%smatches%s: %s\n",
		       s->eid, t->bytes, t->ms, pldm_report_rate(t),
		       color_start(c, stdout, COLOR_GOOD), color_end(c, stdout),
		       hash);
	} else {
		pldm_report_print(t);
		printf("the file has SHA-256 %s\n", hash);
	}
	return same ? EXIT_OK : EXIT_FAILED;
}

/* The report for a device without a status command. */
static void print_served(const struct serve *s)
{
	struct json_object *o;

	if (!s->cli->json) {
		printf("EID %u was served %llu bytes; it reports no status\n",
		       s->eid, (unsigned long long)s->server.served.bytes);
		return;
	}
	o = json_object_new_object();
	cli_add_number(o, "eid", s->eid);
	cli_add_number(o, "served", s->server.served.bytes);
	cli_print_json(o);
}

static bool is_over(const struct pldm_status *t)
{
	return t->state == PLDM_FILE_DONE || t->state == PLDM_FILE_FAILED;
}

/*
 * After all files are closed, read the result of the transfer. Either the
 * transfer has ended and its last response is still in flight, or the device
 * has aborted the transfer because of a new EID and starts again. Only the
 * status of the device shows which. For a device without a status command,
 * RESULT_MS without a request means the end. Returns ERR_BUSY if the device has
 * opened the file again.
 */
static int read_result(struct serve *s, struct pldm_status *t)
{
	struct transport *transport = s->cli->transport;
	uint32_t last = clock_now_ms(), requests = s->server.served.requests;
	int err;

	s->server.served.opens = 0;
	do {
		err = pldm_query_status(transport, s->eid, t);
		if (err ? err != ERR_UNSUPPORTED && err != ERR_TIMEOUT
			: is_over(t))
			return err;
		(void)transport->ops->poll(transport, 10);
		if (s->server.served.opens)
			return ERR_BUSY;
		if (s->server.served.requests != requests)
			last = clock_now_ms();
		requests = s->server.served.requests;
	} while (!cli_interrupted && clock_now_ms() - last < RESULT_MS);
	return err;
}

static int print_result(struct serve *s, int err, const struct pldm_status *t)
{
	if (!err)
		return report(s, t);
	if (err != ERR_UNSUPPORTED && err != ERR_TIMEOUT)
		return cli_fail(s->cli, "cannot read the result: %s",
				s->cli->transport->error);
	print_served(s);
	return EXIT_OK;
}

static int serve_once(struct serve *s)
{
	struct pldm_status t;
	int result, err;

	do {
		result = serve_file(s);
		if (result)
			return result;
		err = read_result(s, &t);
	} while (err == ERR_BUSY);
	return print_result(s, err, &t);
}

/* Serve until Ctrl-C, and print the result of each transfer. */
static int serve_forever(struct serve *s)
{
	struct pldm_status t;
	int result = EXIT_OK, err;

	while (!cli_interrupted) {
		if (s->cli->transport->ops->poll(s->cli->transport, 100))
			return cli_fail(s->cli, "cannot serve the file: %s",
					s->cli->transport->error);
		if (!pldm_server_is_done(&s->server))
			continue;
		err = read_result(s, &t);
		if (err == ERR_BUSY)
			continue;
		result = print_result(s, err, &t);
		if (fflush(stdout))
			return EXIT_FAILED;
	}
	return result;
}

static int run(struct cli *c)
{
	struct serve *s = calloc(1, sizeof(*s));
	int result;

	if (!s)
		return cli_fail(c, "out of memory");
	checksum_cpu_enable();
	s->cli = c;
	s->fd = -1;
	result = open_file(s);
	if (!result)
		result = start(s);
	if (!result)
		result = cli_option_given(c, "follow") ? serve_forever(s)
						       : serve_once(s);
	via_close(c); /* responses in flight use s */
	if (s->fd >= 0)
		close(s->fd);
	free(s);
	return result;
}

static const struct cli_option options[] = {
	{ "part", 0, "BYTES", "Limit the part size", CLI_SIZE, .min = 256,
	  .max = 32768, .power_of_two = true },
	{ "timeout", 0, "MS", "End after this long without a request",
	  CLI_MILLISECONDS, .min = 1, .max = 3600000,
	  .default_value = "10000" },
	{ "follow", 'f', NULL, "Serve until Ctrl-C, print each transfer" },
	{ 0 },
};

static const struct cli_option arguments[] = {
	{ "FILE", .help = "File to serve, below 4 GiB", .type = CLI_FILE },
	{ 0 },
};

const struct cli_verb device_pldm_serve_verb = {
	.group = "pldm",
	.name = "serve",
	.synopsis = "FILE [--part BYTES] [--timeout MS] [--follow]",
	.help = "Serve a file that the device fetches",
	.text = "Assigns an EID to the device, which then reads the file. "
		"Compares the SHA-256\nof both ends where the device reports "
		"it.",
	.examples = "tether pldm serve firmware.bin\n",
	.options = options,
	CLI_TAKES(arguments, 1, 1),
	.device = true,
	.run = run,
};
