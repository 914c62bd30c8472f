/* SPDX-License-Identifier: Apache-2.0 */
/* The usbredir back end: one device for a virtual machine. */
#include <stdio.h>

#include "ports/process/process.h"
#include "ports/virtual/dcd_virtual.h"
#include "ports/virtual/virtual.h"
#include "usbserve/usbredir.h"

int virtual_usbredir_run(struct process *p)
{
	static struct usbredir redir;
	char error[PROCESS_ERROR];
	struct device *d = process_create_device(p, 0);
	int status = 1;

	if (!d || virtual_start(d, &p->options, process_now_ms))
		return 1;
	redir.where = p->options.usbredir;
	redir.config.loop = &p->loop;
	redir.config.log = &d->log;
	redir.config.ops = &dcd_virtual_ops;
	if (usbredir_start(&redir, error, sizeof(error))) {
		fprintf(stderr, "usbnvme: --usbredir %s\n", error);
		return 1;
	}
	while (process_turn(p, &status)) {
		(void)dcd_virtual_ops.run(NULL);
		usbredir_poll(&redir);
	}
	usbredir_stop(&redir);
	process_finish(p);
	return status;
}
