/* SPDX-License-Identifier: Apache-2.0 */
/* The drive to be, and what it keeps when it has no power. */
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"
#include "ports/process/process.h"
#include "drive_file/model_ini.h"
#include "drive_file/state_file.h"

int process_load_drive(struct process *p)
{
	const struct process_options *o = &p->options;
	char error[PROCESS_ERROR];

	subsystem_init_default(&p->model);
	if (o->model &&
	    model_ini_load(&p->model, o->model, error, sizeof(error))) {
		fprintf(stderr, "usbnvme: %s\n", error);
		return ERR_INVALID;
	}
	if (!o->state)
		return ERR_OK;
	switch (state_load(&p->model, o->state, error, sizeof(error))) {
	case ERR_OK:
	case ERR_NOT_FOUND:
		return ERR_OK;
	case ERR_IO:
		fprintf(stderr, "usbnvme: --state %s\n", error);
		return ERR_IO;
	default: /* set aside, as it says */
		fprintf(stderr, "usbnvme: %s\n", error);
		return ERR_OK;
	}
}

/* One that failed is tried again, when there is something new to keep or time
 * has passed; and told once, not each time. */
static bool is_due(const struct process *p, const struct subsystem *s)
{
	if (s->version != (p->save_failed ? p->tried : p->saved))
		return true;
	return p->save_failed &&
	       process_now_ms() - p->tried_ms >= PROCESS_SAVE_AGAIN_MS;
}

void process_save_drive(struct process *p, bool always)
{
	const struct subsystem *s = &p->device->subsystem;
	struct log *log = &p->device->log;
	char error[PROCESS_ERROR];

	if (!p->options.state || (!always && !is_due(p, s)))
		return;
	p->tried = s->version;
	p->tried_ms = process_now_ms();
	if (!state_save(s, p->options.state, error, sizeof(error))) {
		if (p->save_failed)
			log_write(log, LOG_LEVEL_WARN,
				  "state: %s: is saved again",
				  p->options.state);
		p->save_failed = false;
		p->saved = s->version;
		return;
	}
	if (!p->save_failed || always)
		log_write(
			log, LOG_LEVEL_ERROR, "state: %s. %s", error,
			always ? "what changed since it was saved last is lost"
			       : "it is tried again each second: make room, "
				 "or make it writable");
	p->save_failed = true;
}
