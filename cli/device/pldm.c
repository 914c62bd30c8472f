/* SPDX-License-Identifier: Apache-2.0 */
/* tether pldm: serve a file to a device, and ask how its transfer went. */
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
#include "host/bus_owner.h"
#include "host/pldm_server.h"
#include "posix/clock.h"
#include "posix/checksum_cpu.h"

enum {
	SILENCE_MS = 10000, /* without a request: it will not come any more */
	RESULT_MS = 2000,   /* for the device to see that all is closed */
	HASH_TEXT = 2 * SHA256_SIZE + 1,
	BLOCK = 65536,
};

static void hash_text(const uint8_t *hash, char text[HASH_TEXT])
{
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

static uint32_t rate(const struct pldm_status *s)
{
	return s->bytes / (s->ms ? s->ms : 1);
}

/* --- status --- */

static bool has_pldm(const struct cli *c, uint8_t eid)
{
	uint8_t types[BUS_OWNER_LIST], count = 0;

	if (bus_owner_get_types(c->transport, eid, types, &count))
		return true; /* it does not say */
	return memchr(types, MCTP_TYPE_PLDM, count);
}

static struct json_object *status_json(const struct pldm_status *s)
{
	struct json_object *o = json_object_new_object();
	struct json_object *counters = json_object_new_object();
	char hash[HASH_TEXT];

	cli_add_text(o, "state", pldm_state_name(s->state));
	if (s->state == PLDM_FILE_FAILED) {
		cli_add_text(o, "error", pldm_error_name(s->error));
		cli_add_hex(o, "type", s->type, 2);
		cli_add_hex(o, "command", s->command, 2);
		cli_add_hex(o, "code", s->code, 2);
	}
	cli_add_number(o, "host_eid", s->eid);
	cli_add_number(o, "file", s->file);
	cli_add_text(o, "name", s->name);
	cli_add_number(o, "size", s->size);
	cli_add_number(o, "part", s->part);
	cli_add_number(o, "descriptors", s->descriptors);
	cli_add_number(o, "bytes", s->bytes);
	cli_add_number(o, "ms", s->ms);
	cli_add_number(o, "kb_per_second", rate(s));
	hash_text(s->sha256, hash);
	if (s->state == PLDM_FILE_DONE)
		cli_add_text(o, "sha256", hash);
	for (int i = 0; i < PLDM_FILE_COUNTERS; i++)
		cli_add_number(counters,
			       pldm_counter_name((enum pldm_file_counter)i),
			       s->count[i]);
	json_object_object_add(o, "counters", counters);
	return o;
}

static void print_status(const struct pldm_status *s)
{
	char hash[HASH_TEXT];

	printf("state        %s\n", pldm_state_name(s->state));
	if (s->state == PLDM_FILE_FAILED)
		printf("error        %s, at type %02x command %02x, code "
		       "%02x\n",
		       pldm_error_name(s->error), s->type, s->command, s->code);
	if (s->state != PLDM_FILE_IDLE) {
		printf("host         EID %u\n", s->eid);
		printf("file         %u \"%s\", %u bytes\n", s->file, s->name,
		       s->size);
		printf("parts        of %u bytes, %u at once\n", s->part,
		       s->descriptors);
		printf("transferred  %u bytes in %u ms, %u kB/s\n", s->bytes,
		       s->ms, rate(s));
	}
	hash_text(s->sha256, hash);
	if (s->state == PLDM_FILE_DONE)
		printf("SHA-256      %s\n", hash);
	for (int i = 0; i < PLDM_FILE_COUNTERS; i++)
		printf("%-12s %u\n",
		       pldm_counter_name((enum pldm_file_counter)i),
		       s->count[i]);
}

static int status(struct cli *c)
{
	struct pldm_status s;
	uint8_t eid;
	int result = cli_open_mctp(c);

	if (result)
		return result;
	/* It gets no EID here: that would start a transfer. */
	eid = c->transport->peer;
	if (!has_pldm(c, eid))
		return cli_fail(c, "the device has no PLDM. is it switched "
				   "on, as with usbnvme --pldm-file?");
	if (pldm_status_ask(c->transport, eid, &s))
		return cli_fail(c, "asking for the transfer: %s",
				c->transport->error);
	if (c->json)
		cli_print_json(status_json(&s));
	else
		print_status(&s);
	return EXIT_OK;
}

/* --- serve --- */

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
		return cli_fail(s->cli, "reading %s: %s", s->cli->argument[0],
				strerror(errno));
	return EXIT_OK;
}

static int open_file(struct serve *s)
{
	const char *path = s->cli->argument[0], *name = strrchr(path, '/');
	struct stat st;

	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st))
		return cli_fail(s->cli, "opening %s: %s", path,
				strerror(errno));
	if (!S_ISREG(st.st_mode))
		return cli_fail(s->cli, "%s is no regular file", path);
	if ((uint64_t)st.st_size >= UINT32_MAX)
		return cli_fail(s->cli, "%s: a file is at most 4 GiB", path);
	s->size = (uint32_t)st.st_size;
	snprintf(s->name, sizeof(s->name), "%s", name ? name + 1 : path);
	return hash_file(s);
}

/* Listen first: the device asks as soon as it has its EID. */
static int start(struct serve *s)
{
	struct cli *c = s->cli;
	const struct pldm_server_config config = {
		.fd = s->fd,
		.size = s->size,
		.name = s->name,
		.part = (uint16_t)c->part,
	};
	int result;

	if (pldm_server_init(&s->server, &config)) {
		(void)cli_fail(c,
			       "--part %llu: expected a power of two, "
			       "256 to 32768",
			       (unsigned long long)c->part);
		return EXIT_USAGE;
	}
	result = cli_open_mctp(c);
	if (result)
		return result;
	if (pldm_server_listen(&s->server, c->transport))
		return cli_fail(c, "listening for PLDM: %s",
				c->transport->error);
	s->eid = c->transport->peer;
	if (!s->eid && bus_owner_get_eid(c->transport, MCTP_EID_NULL, &s->eid))
		return cli_fail(c, "asking for the EID: %s",
				c->transport->error);
	if (s->eid < MCTP_EID_FIRST || s->eid == BUS_OWNER_EID)
		s->eid = BUS_OWNER_FIRST;
	if (bus_owner_set_eid(c->transport, c->transport->peer, &s->eid))
		return cli_fail(c, "setting the EID: %s", c->transport->error);
	return EXIT_OK;
}

/* Until everything that was opened is closed, or no more is asked for. */
static int serve_file(struct serve *s)
{
	struct cli *c = s->cli;
	uint32_t silence = c->timeout_ms ? (uint32_t)c->timeout_ms : SILENCE_MS;
	uint32_t last = clock_now_ms(), requests = 0;

	while (!cli_interrupted && !pldm_server_is_done(&s->server)) {
		if (c->transport->ops->poll(c->transport, 100))
			return cli_fail(c, "serving: %s", c->transport->error);
		cli_progress(c, s->server.served.bytes, s->size);
		if (s->server.served.requests != requests)
			last = clock_now_ms();
		requests = s->server.served.requests;
		if (clock_now_ms() - last < silence)
			continue;
		cli_progress(c, 1, 1);
		if (!requests && !has_pldm(c, s->eid))
			return cli_fail(c, "the device has no PLDM. is it "
					   "switched on, as with usbnvme "
					   "--pldm-file?");
		return cli_fail(c,
				"the device has asked for nothing in %u ms. "
				"%u requests were answered, %llu bytes served",
				silence, requests,
				(unsigned long long)s->server.served.bytes);
	}
	cli_progress(c, 1, 1);
	return cli_interrupted ? EXIT_FAILED : EXIT_OK;
}

static int report(struct serve *s, const struct pldm_status *t)
{
	struct cli *c = s->cli;
	bool same = t->state == PLDM_FILE_DONE && t->bytes == s->size &&
		    !memcmp(t->sha256, s->sha256, SHA256_SIZE);
	char hash[HASH_TEXT];

	hash_text(s->sha256, hash);
	if (c->json) {
		struct json_object *o = status_json(t);

		cli_add_number(o, "eid", s->eid);
		cli_add_number(o, "repeats", s->server.served.repeats);
		json_object_object_add(o, "match",
				       json_object_new_boolean(same));
		cli_print_json(o);
	} else if (same) {
		printf("EID %u fetched %u bytes in %u ms, %u kB/s, SHA-256 "
		       "matches: %s\n",
		       s->eid, t->bytes, t->ms, rate(t), hash);
	} else {
		print_status(t);
		printf("the file has SHA-256 %s\n", hash);
	}
	return same ? EXIT_OK : EXIT_FAILED;
}

/* All that is known of a device that does not tell. */
static void print_served(const struct serve *s)
{
	struct json_object *o;

	if (!s->cli->json) {
		printf("EID %u was served %llu bytes; it does not tell what "
		       "it got\n",
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
 * Everything that was opened is closed: the transfer is through, its last
 * answer may be on its way still; or it was aborted for a new EID and starts
 * over. Only the device knows which: where it does not tell, that it asks for
 * nothing more has to do. ERR_BUSY: the file is open again.
 */
static int ask_result(struct serve *s, struct pldm_status *t)
{
	struct transport *transport = s->cli->transport;
	uint32_t last = clock_now_ms(), requests = s->server.served.requests;
	int err;

	s->server.served.opens = 0;
	do {
		err = pldm_status_ask(transport, s->eid, t);
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
		return cli_fail(s->cli, "asking for the result: %s",
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
		err = ask_result(s, &t);
	} while (err == ERR_BUSY);
	return print_result(s, err, &t);
}

/* Each transfer until Ctrl-C, with what it came to. */
static int follow(struct serve *s)
{
	struct pldm_status t;
	int result = EXIT_OK, err;

	while (!cli_interrupted) {
		if (s->cli->transport->ops->poll(s->cli->transport, 100))
			return cli_fail(s->cli, "serving: %s",
					s->cli->transport->error);
		if (!pldm_server_is_done(&s->server))
			continue;
		err = ask_result(s, &t);
		if (err == ERR_BUSY)
			continue;
		result = print_result(s, err, &t);
		if (fflush(stdout))
			return EXIT_FAILED;
	}
	return result;
}

static int serve(struct cli *c)
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
		result = c->follow ? follow(s) : serve_once(s);
	cli_close(c); /* answers under way are in s */
	if (s->fd >= 0)
		close(s->fd);
	free(s);
	return result;
}

const struct cli_verb pldm_verbs[] = {
	{ "serve", "FILE [--part N] [--timeout MS] [-f]",
	  CLI_PART | CLI_TIMEOUT | CLI_FOLLOW, 1, 1, serve,
	  "give the device an EID and the file it then fetches" },
	{ "status", "", 0, 0, 0, status, "how its last transfer went" },
	{ 0 },
};
