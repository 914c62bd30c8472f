/* SPDX-License-Identifier: Apache-2.0 */
/* The drive of the process: loads it from the model and state files, and saves
 * its non-volatile state. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "drive_file/model_ini.h"
#include "drive_file/state_file.h"
#include "ports/process/process.h"

/* digits at the end of the default drive's serial number */
enum { SERIAL_DIGITS = 6 };

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

/* A serial number that follows --uid, but not the machine: a state file moves
 * with its drive. */
void process_number_drive(struct process *p, unsigned int number)
{
	struct drive_identity *i = &p->model.identity;
	char *digits = i->serial + strlen(i->serial) - SERIAL_DIGITS;
	uint8_t uid[DEVICE_ID_SIZE];

	if (!p->default_model)
		return;
	if (!p->options.uid_given) {
		snprintf(digits, SERIAL_DIGITS + 1, "%06u", number + 1);
		i->instance[sizeof(i->instance) - 1] = (uint8_t)(number + 1);
		return;
	}
	process_derive_device_id(&p->options, number, uid);
	snprintf(digits, SERIAL_DIGITS + 1, "%02X%02X%02X",
		 uid[DEVICE_ID_SIZE - 3], uid[DEVICE_ID_SIZE - 2],
		 uid[DEVICE_ID_SIZE - 1]);
	memcpy(i->instance + sizeof(i->instance) - DEVICE_ID_SIZE, uid,
	       DEVICE_ID_SIZE);
}

int process_load_drive(struct process *p)
{
	const struct process_options *o = &p->options;
	char error[PROCESS_ERROR];
	int err;

	p->default_model = !o->model;
	if (o->model)
		err = model_ini_load(&p->model, o->model, error, sizeof(error));
	else
		err = model_ini_parse(&p->model, model_ini_default,
				      strlen(model_ini_default), "default.ini",
				      error, sizeof(error));
	if (err) {
		fprintf(stderr, "usbnvme: %s\n", error);
		return ERR_INVALID;
	}
	process_number_drive(p, 0);
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
