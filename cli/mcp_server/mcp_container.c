/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mcp_server/mcp_container.h"

#include <string.h>
#include <sys/stat.h>

#include "cli/mcp_server/mcp_line.h"
#include "cli/mcp_server/mcp_mount.h"
#include "cli/platform.h"

/* --- volumes --- */

/* Append the name under which the container engine finds an open file or
 * folder. If this process may mount, the name is a mount of the descriptor in a
 * folder that only root can enter. Otherwise the engine resolves a name once
 * more and may find another folder, so the first process of the container
 * checks what it finds at `inside`. */
static void add_source(struct mcp_line *l, int fd, struct text *t,
		       const char *inside, struct text *expect)
{
	struct text *mount = &l->mount[l->mounts];
	struct stat s;

	if (mcp_mount_add(fd, mount)) {
		l->mounts++;
		text_puts(t, mount->at);
		return;
	}
	if (fstat(fd, &s) || !platform_fd_path(fd, t)) {
		text_puts(t, "/dev/null/unknown"); /* the engine refuses it */
		return;
	}
	text_addf(expect, "%.*s\n%llu:%llu\n", (int)strcspn(inside, ":"),
		  inside, (unsigned long long)s.st_dev,
		  (unsigned long long)s.st_ino);
}

/* Append -v HOST:INSIDE[:OPTIONS]. `inside` begins with the colon. */
static bool add_mount(struct mcp_line *l, const char *name, int fd,
		      const char *inside, struct text *expect)
{
	struct text source = { 0 };
	bool fine;

	add_source(l, fd, &source, inside + 1, expect);
	fine = !strchr(source.at, ':');
	if (!fine)
		(void)mcp_line_refuse(
			l, name, "containers allow no : in a folder's name");
	text_puts(&source, inside);
	if (fine) {
		mcp_line_add(l, "-v");
		mcp_line_add(l, source.at);
	}
	text_free(&source);
	return fine;
}

/* Append a volume HOST:INSIDE[:OPTIONS]. */
static bool add_volume(struct mcp_line *l, const char *volume,
		       struct text *expect)
{
	static const char name[] = "extra_volumes";
	struct text path = { 0 };
	size_t n = strcspn(volume, ":");
	int fd = -1;
	bool fine = volume[n] && volume[n + 1] == '/';

	if (!fine)
		return mcp_line_refuse(l, name,
				       "expected FOLDER:FOLDER_INSIDE[:ro]");
	text_add(&path, volume, n);
	fd = mcp_line_open(l, name, path.at, MCP_ANY);
	fine = fd >= 0 && add_mount(l, name, fd, volume + n, expect);
	text_free(&path);
	return fine;
}

/* --- containers --- */

/* Append the container: its id once the label was checked. */
static bool add_container(struct mcp_line *l)
{
	if (!l->container.len)
		return mcp_line_add_name(l, "container");
	mcp_line_add(l, l->container.at);
	return true;
}

static bool add_volumes(struct mcp_line *l, struct text *expect)
{
	int fd = mcp_line_open(l, "workspace_dir",
			       mcp_line_get(l, "workspace_dir"), MCP_FOLDER);
	struct json_object *more;

	if (fd < 0 || !add_mount(l, "workspace_dir", fd, ":/workspace", expect))
		return false;
	if (!json_object_object_get_ex(l->arguments, "extra_volumes", &more))
		return true;
	if (json_object_array_length(more) > MCP_PLACES - 1)
		return mcp_line_refuse(l, "extra_volumes",
				       "give at most eight");
	for (size_t i = 0; i < json_object_array_length(more); i++)
		if (!add_volume(l,
				json_object_get_string(
					json_object_array_get_idx(more, i)),
				expect))
			return false;
	return true;
}

/* Append the first process of the container with its arguments. */
static void add_first_process(struct mcp_line *l, const struct text *expect)
{
	mcp_line_add_words(l, (const char *const[]){
				      "sh", "-c", mcp_script_container, NULL });
	if (expect->len)
		mcp_line_add_words(
			l, (const char *const[]){ "sh", expect->at, NULL });
}

bool mcp_container_start(struct mcp_line *l)
{
	const char *name = mcp_line_get(l, "name");
	struct text label = { 0 }, expect = { 0 };
	bool fine;

	text_addf(&label, MCP_LABEL_KEY "=%s", l->bounds->label);
	mcp_line_add_words(l, (const char *const[]){ l->bounds->engine, "run",
						     "-d", "--init", "--label",
						     label.at, "-w",
						     "/workspace", NULL });
	text_free(&label);
	if (name) {
		mcp_line_add(l, "--name");
		if (!mcp_line_add_name(l, "name"))
			return false;
	}
	fine = add_volumes(l, &expect) && mcp_line_add_name(l, "image");
	if (fine)
		add_first_process(l, &expect);
	text_free(&expect);
	return fine;
}

bool mcp_container_stop(struct mcp_line *l)
{
	mcp_line_add_words(
		l, (const char *const[]){ l->bounds->engine, "stop", NULL });
	return add_container(l);
}

bool mcp_container_status(struct mcp_line *l)
{
	static const char format[] =
		"{{.Name}} {{.State.Status}}, image {{.Config.Image}}, since "
		"{{.State.StartedAt}}, exit code {{.State.ExitCode}}";

	mcp_line_add_words(l, (const char *const[]){
				      l->bounds->engine, "inspect", "--type",
				      "container", "--format", format, NULL });
	return add_container(l);
}

/* The end of docker does not end a command in the container, so commands get a
 * mark. */
static bool add_exec(struct mcp_line *l, const char *workdir)
{
	mcp_line_add_words(
		l, (const char *const[]){ l->bounds->engine, "exec", NULL });
	if (workdir) {
		process_mark_make(l->mark);
		mcp_line_add_words(l,
				   (const char *const[]){ "-w", workdir, "-e",
							  l->mark, NULL });
	}
	return add_container(l);
}

bool mcp_container_run(struct mcp_line *l)
{
	const char *workdir = mcp_line_get(l, "workdir");

	if (workdir[0] != '/')
		return mcp_line_refuse(l, "workdir",
				       "expected an absolute path");
	if (!add_exec(l, workdir))
		return false;
	mcp_line_add_words(l, (const char *const[]){ "sh", "-c",
						     mcp_line_get(l, "command"),
						     NULL });
	return true;
}

bool mcp_container_list(struct mcp_line *l)
{
	if (!add_exec(l, NULL))
		return false;
	mcp_line_add_words(
		l, (const char *const[]){ "ls", "-lAR", "--",
					  mcp_line_get(l, "container_path"),
					  NULL });
	return true;
}

/* Append the folder that the engine's client writes to. "/." keeps docker from
 * resolving the link; the processes of podman do not inherit descriptors. */
static void add_destination(struct mcp_line *l, int fd)
{
	struct text *mount = &l->mount[l->mounts], path = { 0 };

	if (mcp_mount_add(fd, mount)) {
		l->mounts++;
		mcp_line_add(l, mount->at);
	} else if (!strcmp(l->bounds->engine, "podman") &&
		   platform_fd_path(fd, &path)) {
		mcp_line_add(l, path.at);
	} else {
		mcp_line_add_inherited(l, fd, "/.");
	}
	text_free(&path);
}

bool mcp_container_collect(struct mcp_line *l)
{
	const char *path = mcp_line_get(l, "container_path");
	int fd;

	if (path[0] != '/')
		return mcp_line_refuse(l, "container_path",
				       "expected an absolute path");
	mcp_line_add_words(
		l, (const char *const[]){ l->bounds->engine, "cp", NULL });
	if (!add_container(l))
		return false;
	/* the word of the container becomes CONTAINER:PATH */
	l->words--;
	l->args.n--;
	text_addf(&l->word[l->words], ":%s/.", path);
	spawn_add(&l->args, l->word[l->words++].at);
	fd = mcp_line_open(l, "host_path", mcp_line_get(l, "host_path"),
			   MCP_NEW_FOLDER);
	if (fd >= 0)
		add_destination(l, fd);
	return fd >= 0;
}
