/* SPDX-License-Identifier: Apache-2.0 */
/* Composes the command lines of calls from their arguments. */
#include "cli/mcp_server/mcp_line.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/mcp_server/mcp_mount.h"
#include "cli/platform.h"

enum { NAME = 128 };

/* --- words --- */

static const struct mcp_parameter *mcp_line_parameter(const struct mcp_line *l,
						      const char *name)
{
	const struct mcp_parameter *p = l->tool->parameter;

	while (p->name && strcmp(p->name, name) != 0)
		p++;
	return p->name ? p : NULL;
}

/* The argument of a parameter, else its default, else NULL. */
const char *mcp_line_get(const struct mcp_line *l, const char *name)
{
	const struct mcp_parameter *p = mcp_line_parameter(l, name);
	struct json_object *value;

	if (json_object_object_get_ex(l->arguments, name, &value) && value)
		return json_object_get_string(value);
	return p ? p->value : NULL;
}

bool mcp_line_refuse(struct mcp_line *l, const char *name, const char *reason)
{
	l->refused.len = 0;
	text_addf(&l->refused, "%s: %s", name, reason);
	return false;
}

void mcp_line_add(struct mcp_line *l, const char *word)
{
	struct text *kept = &l->word[l->words++];

	text_puts(kept, word);
	spawn_add(&l->args, kept->at);
}

void mcp_line_add_words(struct mcp_line *l, const char *const *words)
{
	while (*words)
		mcp_line_add(l, *words++);
}

/* Names of containers and images must not look like options. */
bool mcp_line_add_name(struct mcp_line *l, const char *name)
{
	const char *value = mcp_line_get(l, name);

	if (!value || !isalnum((unsigned char)value[0]) ||
	    strlen(value) > NAME ||
	    value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
				"STUVWXYZ0123456789_.-/:@")])
		return mcp_line_refuse(l, name,
				       "expected letters, digits and _.-/:@");
	mcp_line_add(l, value);
	return true;
}

/* --- files and folders of this host --- */

static bool refuse_path(struct mcp_line *l, const char *name, const char *path)
{
	const char *reason = strerror(errno);

	if (errno == EXDEV || errno == ELOOP)
		reason = "it is outside of the folders that this server may "
			 "use, or a link in it is absolute. Start the server "
			 "with another --root";
	else if (errno == EINVAL)
		reason = "not a regular file";
	l->refused.len = 0;
	text_addf(&l->refused, "%s: cannot use %s: %s", name, path, reason);
	return false;
}

/* Open a path and keep it for the call. Returns the descriptor, or -1 with a
 * reason in refused. */
int mcp_line_open(struct mcp_line *l, const char *name, const char *path,
		  enum mcp_kind kind)
{
	int fd = mcp_roots_open(&l->bounds->roots, path, kind);

	if (fd < 0)
		(void)refuse_path(l, name, path);
	else
		l->place[l->places++] = fd;
	return fd;
}

/* Append the name under which a program that inherits the descriptor opens
 * it. */
void mcp_line_add_inherited(struct mcp_line *l, int fd, const char *suffix)
{
	struct text t = { 0 };

	text_addf(&t, PLATFORM_FD_FOLDER "/%d%s", fd, suffix);
	mcp_line_add(l, t.at);
	text_free(&t);
}

bool mcp_line_add_file(struct mcp_line *l, const char *name)
{
	int fd = mcp_line_open(l, name, mcp_line_get(l, name), MCP_FILE);

	if (fd >= 0)
		mcp_line_add_inherited(l, fd, "");
	return fd >= 0;
}

/* --- calls --- */

static bool has_type(struct json_object *value, const char *type)
{
	if (!strcmp(type, "string"))
		return json_object_is_type(value, json_type_string) &&
		       strlen(json_object_get_string(value)) ==
			       (size_t)json_object_get_string_len(value);
	if (!json_object_is_type(value, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(value); i++)
		if (!has_type(json_object_array_get_idx(value, i), "string"))
			return false;
	return true;
}

static void clear_words(struct mcp_line *l)
{
	for (int i = 0; i < MCP_WORDS; i++)
		text_free(&l->word[i]);
	l->args.n = l->words = 0;
	while (l->mounts)
		mcp_mount_remove(&l->mount[--l->mounts]);
	while (l->places)
		close(l->place[--l->places]);
}

static bool check_arguments(struct mcp_line *l)
{
	const struct mcp_parameter *p;
	struct json_object *value;

	json_object_object_foreach(l->arguments, name, given)
	{
		p = mcp_line_parameter(l, name);
		if (!p)
			return mcp_line_refuse(l, name, "unknown parameter");
		if (!has_type(given, p->type))
			return mcp_line_refuse(
				l, name,
				strcmp(p->type, "string")
					? "expected an array of strings"
					: "expected a string");
	}
	for (p = l->tool->parameter; p->name; p++)
		if (p->required &&
		    !json_object_object_get_ex(l->arguments, p->name, &value))
			return mcp_line_refuse(l, p->name,
					       "required parameter is missing");
	return true;
}

/* Replace the command line by one that prints the id and the label of the
 * container. Close the files: the next command line opens them again. */
static void compose_question(struct mcp_line *l)
{
	static const char format[] =
		"{{.Id}} {{index .Config.Labels \"" MCP_LABEL_KEY "\"}}";

	clear_words(l);
	l->mark[0] = '\0';
	l->asks_label = true;
	mcp_line_add_words(l, (const char *const[]){
				      l->bounds->engine, "inspect", "--type",
				      "container", "--format", format, NULL });
	(void)mcp_line_add_name(l, "container");
}

bool mcp_line_compose(struct mcp_line *l, const struct mcp_tool *tool,
		      struct json_object *arguments,
		      const struct mcp_bounds *bounds)
{
	*l = (struct mcp_line){ .tool = tool,
				.arguments = arguments,
				.bounds = bounds };
	if (arguments && !json_object_is_type(arguments, json_type_object))
		return mcp_line_refuse(l, "arguments", "expected an object");
	if (arguments && !check_arguments(l))
		return false;
	for (const struct mcp_parameter *p = tool->parameter;
	     !arguments && p->name; p++)
		if (p->required)
			return mcp_line_refuse(l, p->name,
					       "required parameter is missing");
	if (!tool->compose(l))
		return false;
	if (!bounds->any_container && mcp_line_parameter(l, "container"))
		compose_question(l);
	return true;
}

bool mcp_line_compose_checked(struct mcp_line *l, const char *said)
{
	size_t n = strspn(said, "0123456789abcdef");
	const char *label = said + n + (said[n] == ' ');

	l->asks_label = false;
	if (!n || strncmp(label, l->bounds->label, MCP_LABEL - 1) != 0)
		return mcp_line_refuse(
			l, "container",
			"this server did not start it. Use "
			"start_container, or start the server with "
			"--allow-any-container");
	clear_words(l);
	text_add(&l->container, said, n);
	return l->tool->compose(l);
}

bool mcp_line_compose_end(struct mcp_line *l)
{
	struct text script = { 0 };

	if (!l->mark[0])
		return false;
	clear_words(l);
	process_mark_end_script(l->mark, &script);
	mcp_line_add_words(l, (const char *const[]){
				      l->bounds->engine, "exec",
				      l->container.len
					      ? l->container.at
					      : mcp_line_get(l, "container"),
				      "sh", "-c", script.at, NULL });
	l->mark[0] = '\0';
	text_free(&script);
	return true;
}

void mcp_line_free(struct mcp_line *l)
{
	clear_words(l);
	text_free(&l->container);
	text_free(&l->refused);
}
