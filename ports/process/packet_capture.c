/* SPDX-License-Identifier: Apache-2.0 */
/* Option --pcap: captures the packets of the process's devices. */
#include <stdio.h>

#include "base/err.h"
#include "base/log.h"
#include "capture/capture.h"
#include "ports/process/process.h"
#include "version.h"

static struct capture capture;

/* The busid of each device, or the name of the program. */
static void add_interfaces(const struct process_options *o)
{
	char name[16];

	for (unsigned int i = 0; i < o->count; i++) {
		snprintf(name, sizeof(name), "1-%u", i + 1);
		capture_interface(&capture, o->backend == PROCESS_USBIP
						    ? name
						    : "usbnvme");
	}
}

int process_open_capture(struct process *p)
{
	const struct process_options *o = &p->options;
	char error[PROCESS_ERROR];

	if (!o->pcap)
		return ERR_OK;
	if (capture_open(&capture, o->pcap, "usbnvme " TETHER_VERSION, error,
			 sizeof(error))) {
		fprintf(stderr, "usbnvme: %s\n", error);
		return ERR_IO;
	}
	add_interfaces(o);
	/* Flush: the processes of further devices inherit the buffer. */
	if (capture_flush(&capture)) {
		fprintf(stderr, "usbnvme: --pcap %s: cannot write: %s\n",
			o->pcap, capture_error(&capture));
		return ERR_IO;
	}
	p->capture = &capture;
	return ERR_OK;
}

void process_capture_device(struct process *p, unsigned int number)
{
	if (!p->capture)
		return;
	p->capture->interface = number;
	mctp_set_tap(&p->device->mctp, &p->capture->tap);
}

void process_flush_capture(struct process *p)
{
	if (!p->capture || !capture_flush(p->capture))
		return;
	/* The reader of a pipe is gone, or the disk is full: the device
	 * continues without the capture. */
	if (p->device) {
		mctp_set_tap(&p->device->mctp, NULL);
		log_write(&p->device->log, LOG_LEVEL_WARN,
			  "the capture %s ends: %s", p->options.pcap,
			  capture_error(p->capture));
	}
	(void)capture_close(p->capture);
	p->capture = NULL;
}

void process_close_capture(struct process *p)
{
	process_flush_capture(p);
	if (p->capture)
		(void)capture_close(p->capture);
	p->capture = NULL;
}
