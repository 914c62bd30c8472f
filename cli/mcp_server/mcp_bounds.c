/* SPDX-License-Identifier: Apache-2.0 */
/* What the server may use, from its options. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sha256.h"
#include "cli/board/board_target.h"
#include "cli/cli.h"
#include "cli/mcp_server/mcp.h"

static void add_to_digest(struct sha256 *s, const char *word)
{
	sha256_update(s, word, strlen(word) + 1);
}

static void set_label(struct mcp_bounds *b)
{
	uint8_t digest[SHA256_SIZE];
	struct sha256 s;
	char user[32];

	snprintf(user, sizeof(user), "%lu", (unsigned long)getuid());
	sha256_init(&s);
	add_to_digest(&s, user);
	for (int i = 0; i < b->roots.count; i++)
		add_to_digest(&s, b->roots.root[i].real.at);
	sha256_final(&s, digest);
	for (size_t i = 0; i < SHA256_SIZE; i++)
		snprintf(&b->label[2 * i], 3, "%02x", digest[i]);
}

static bool is_installed(const char *program)
{
	const char *path = getenv("PATH");
	struct text t = { 0 };
	bool found = false;

	while (path && *path && !found) {
		size_t n = strcspn(path, ":");

		t.len = 0;
		text_add(&t, path, n);
		text_addf(&t, "/%s", program);
		found = access(t.at, X_OK) == 0;
		path += n + (path[n] == ':');
	}
	text_free(&t);
	return found;
}

static int allow_root(struct cli *c, struct mcp_bounds *b, const char *folder)
{
	struct text why = { 0 };
	enum mcp_allowed allowed = mcp_roots_allow(&b->roots, folder, &why);
	int status = EXIT_OK;

	if (allowed == MCP_REFUSED)
		status = cli_fail_usage(c,
					"cannot use --root %s: %s. Name the "
					"folder of your project, for example "
					"--root ~/src/linux",
					folder, why.at);
	else if (allowed == MCP_MISSING)
		status =
			cli_fail(c, "cannot use --root %s: %s", folder, why.at);
	text_free(&why);
	return status;
}

int mcp_bounds_set(struct cli *c, struct mcp_bounds *b)
{
	int status = EXIT_OK;

	if (!cli_option_given(c, "root"))
		return cli_fail_usage(c, "--root is missing. Name the folder "
					 "that the server may use, for example "
					 "--root ~/src/linux");
	for (int i = 0; i < cli_option_count(c, "root") && !status; i++)
		status = allow_root(c, b, cli_option_nth(c, "root", i));
	b->any_container = cli_option_given(c, "allow-any-container");
	b->board = cli_option_text(c, "board");
	if (!b->board || !strcmp(b->board, BOARD_HOST))
		b->board = BOARD_USER "@" BOARD_HOST;
	b->engine = cli_option_text(c, "engine");
	if (!b->engine)
		b->engine = is_installed("docker") || !is_installed("podman")
				    ? "docker"
				    : "podman";
	set_label(b);
	return status;
}
