/* SPDX-License-Identifier: Apache-2.0 */
/* The drive of the process: loads it from the model and state files, and saves
 * its non-volatile state. */
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"
#include "drive_file/model_ini.h"
#include "drive_file/state_file.h"
#include "ports/process/process.h"

static int load_state(struct drive *d, const char *path)
{
	char error[PROCESS_ERROR];
	int err = state_file_load(d, path, error, sizeof(error));

	if (!err || err == ERR_NOT_FOUND)
		return ERR_OK;
	fprintf(stderr, "usbnvme: %s\n", error);
	/* An unusable state file was renamed: start without it. */
	return err == ERR_IO ? err : ERR_OK;
}

int process_load_drive(struct process *p)
{
	const struct process_options *o = &p->options;
	char error[PROCESS_ERROR];

	drive_init_default(&p->model);
	if (o->model &&
	    model_ini_load(&p->model, o->model, error, sizeof(error))) {
		fprintf(stderr, "usbnvme: %s\n", error);
		return ERR_INVALID;
	}
	return o->state ? load_state(&p->model, o->state) : ERR_OK;
}

/* Whether to save the state now. After a failure, retry when the state changes
 * again or after a delay. */
static bool is_save_due(const struct process *p, const struct drive *d)
{
	if (d->state_version != (p->save_failed ? p->tried : p->saved))
		return true;
	return p->save_failed &&
	       process_now_ms() - p->tried_ms >= PROCESS_SAVE_AGAIN_MS;
}

void process_save_drive(struct process *p, bool always)
{
	const struct drive *d = &p->device->drive;
	struct log *log = &p->device->log;
	const char *path = p->options.state;
	char error[PROCESS_ERROR];

	if (!path || (!always && !is_save_due(p, d)))
		return;
	p->tried = d->state_version;
	p->tried_ms = process_now_ms();
	if (!state_file_save(d, path, error, sizeof(error))) {
		if (p->save_failed)
			log_write(log, LOG_LEVEL_WARN,
				  "saved state file %s again", path);
		p->save_failed = false;
		p->saved = d->state_version;
		return;
	}
	/* Log the first failure only, not each retry. */
	if (!p->save_failed || always)
		log_write(log, LOG_LEVEL_ERROR, "%s. %s", error,
			  always ? "Changes since the last save are lost"
				 : "Retrying every second. Free some space, or "
				   "make the file writable");
	p->save_failed = true;
}
