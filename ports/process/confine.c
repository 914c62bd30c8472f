/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "linux_sys/sandbox.h"
#include "ports/process/process.h"

enum { PATHS_MAX = 12, FOLDER = 4096 };

struct rules {
	struct sandbox_path path[PATHS_MAX];
	char folder[4][FOLDER];
	size_t n, folders;
};

static void allow(struct rules *r, const char *path, unsigned int access)
{
	r->path[r->n++] = (struct sandbox_path){ path, access };
}

/* A file that this process replaces: a new file is created in its folder. */
static void allow_folder_of(struct rules *r, const char *file)
{
	char *folder = r->folder[r->folders];
	const char *slash;

	if (!file || !strcmp(file, "-"))
		return;
	slash = strrchr(file, '/');
	snprintf(folder, FOLDER, "%.*s", slash ? (int)(slash - file + 1) : 1,
		 slash ? file : ".");
	r->folders++;
	allow(r, folder, SANDBOX_READ | SANDBOX_WRITE);
}

/* The gadget's function needs FunctionFS, and what the options name. */
static int restrict_files(const struct process_options *o)
{
	static struct rules r;

	allow(&r, o->functionfs, SANDBOX_READ | SANDBOX_WRITE);
	allow(&r, "/etc/machine-id", SANDBOX_READ);
	allow(&r, "/proc", SANDBOX_READ); /* number of processors */
	allow(&r, "/sys/devices/system/cpu", SANDBOX_READ);
	allow_folder_of(&r, o->state);
	allow_folder_of(&r, o->control);
	allow_folder_of(&r, o->pcap);
	return sandbox_restrict_files(r.path, r.n);
}

int process_confine(const struct process *p)
{
	const struct process_options *o = &p->options;
	unsigned int groups = SANDBOX_NETWORK | SANDBOX_FILES | SANDBOX_THREADS;
	int err = ERR_OK;

	if (o->backend == PROCESS_FUNCTIONFS) {
		groups |= SANDBOX_AIO;
		err = restrict_files(o);
	}
	if (!err || err == ERR_UNSUPPORTED)
		err = sandbox_filter_calls(groups);
	if (!err || err == ERR_UNSUPPORTED)
		return ERR_OK;
	fprintf(stderr, "usbnvme: cannot confine this process: %s\n",
		strerror(errno));
	return err;
}
