/* SPDX-License-Identifier: Apache-2.0 */
/* The FunctionFS back end: one device as a function of a gadget. */
#include <stdio.h>

#include "base/log.h"
#include "ports/functionfs/functionfs.h"
#include "ports/process/process.h"
#include "linux_sys/notify.h"

/* Tell tetherd that the host uses MCTP, once after each enumeration. */
static void report_received(const struct functionfs *f, bool *reported)
{
	if (f->received && !*reported)
		notify(NOTIFY_MCTP_REQUEST);
	*reported = f->received;
}

int functionfs_run(struct process *p)
{
	static struct functionfs f;
	char error[PROCESS_ERROR];
	struct device *d = process_create_device(p, 0);
	bool reported = false;
	int status;

	if (!d)
		return 1;
	f.loop = &p->loop;
	f.device = d;
	f.dir = p->options.functionfs;
	f.span = p->options.dsp0283 == MCTP_USB_1_1;
	if (functionfs_open(&f, error, sizeof(error))) {
		fprintf(stderr, "usbnvme: %s\n", error);
		return 1;
	}
	log_write(&d->log, LOG_LEVEL_INFO,
		  "FunctionFS: %.80s is ready. The gadget can be bound", f.dir);
	notify("READY=1");
	while (process_turn(p, &status)) {
		device_set_time(d, process_now_ms());
		device_poll(d);
		functionfs_poll(&f);
		report_received(&f, &reported);
	}
	functionfs_close(&f);
	process_finish(p);
	return status;
}
