/* The drive to be, and what it keeps when it has no power. */
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"
#include "ports/process/process.h"
#include "posix/model_ini.h"
#include "posix/state_file.h"

int process_load_drive(struct process *p)
{
	const struct options *o = &p->options;
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

void process_save_drive(struct process *p, bool always)
{
	const struct subsystem *s = &p->device->subsystem;
	char error[PROCESS_ERROR];

	if (!p->options.state || (!always && s->version == p->saved))
		return;
	p->saved = s->version;
	if (state_save(s, p->options.state, error, sizeof(error)))
		log_write(&p->device->log, LOG_ERROR, "state: %s", error);
}
