/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every way of running usbnvme as a process shares: the command line, the
 * drive to be, one event loop and its clock, the device itself, and its log on
 * stderr. How the device meets a host is a back end's: each has one function
 * that runs until the process is stopped.
 */
#ifndef TETHER_PORTS_PROCESS_PROCESS_H
#define TETHER_PORTS_PROCESS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "device/device.h"
#include "drive/drive.h"
#include "ports/process/sim_socket.h"
#include "ports/process/process_options.h"
#include "linux_sys/loop.h"

enum {
	PROCESS_TICK_MS = 100,
	PROCESS_SAVE_AGAIN_MS = 1000, /* after it failed */
	PROCESS_ERROR = 512,
};

struct process {
	struct process_options options;
	struct subsystem model; /* of the device when it starts */
	struct device *device;
	struct sim_socket control; /* where options.control names one */
	uint32_t saved;		   /* version of the drive in options.state */
	/* That which could not be saved last, and when that was. */
	bool save_failed;
	uint32_t tried, tried_ms;
	struct loop loop;
	struct log_sink sink; /* what stderr has seen of the log */
	char who[16];	      /* in front of each line; may be empty */
};

/* The back ends; each returns the program's exit code. */
int virtual_usbip_run(struct process *p);
int virtual_usbredir_run(struct process *p);
int functionfs_run(struct process *p);

/** The drive to be, from its model and what it kept. Negative: what is wrong
 * was said. */
int process_load_drive(struct process *p);

/** Keep what it keeps, if that changed or in any case. Where it cannot be, the
 * log says so, and it is tried again. */
void process_save_drive(struct process *p, bool always);

/** Make device `number` of this process, from 0, and its control socket. NULL:
 * what is wrong was said. */
struct device *process_device(struct process *p, unsigned int number);

/** Its chip id: the one given, or the machine's, plus number. */
void process_device_id(const struct process_options *o, unsigned int number,
		       uint8_t uid[DEVICE_ID_SIZE]);

/** Its USB identity; refers to o and d. */
struct usb_identity process_identity(const struct process_options *o,
				     const struct device *d);

/** One turn: what is new in the log to stderr, then events, at most
 * PROCESS_TICK_MS. false: a signal came, or waiting failed, see *status. */
bool process_turn(struct process *p, int *status);

/** After the last turn: what it keeps is kept, what it counted logged at debug
 * level, what is left in the log shown. */
void process_finish(struct process *p);

/** Milliseconds since the program started. */
uint32_t process_now_ms(void);

/** The program is to end. */
void process_end(void);

#endif
