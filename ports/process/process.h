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
#include "nvme_mi/subsystem.h"
#include "ports/process/options.h"
#include "posix/loop.h"

enum { PROCESS_TICK_MS = 100, PROCESS_ERROR = 512 };

struct process {
	struct options options;
	struct subsystem model; /* where options.model names one */
	struct loop loop;
	struct log_sink sink; /* what stderr has seen of the log */
	char who[16];	      /* in front of each line; may be empty */
};

/* The back ends; each returns the program's exit code. */
int usbip_run(struct process *p);
int usbredir_run(struct process *p);
int functionfs_run(struct process *p);

/** Make device `number` of this process, from 0. NULL: a size in config.h is
 * too small; that was said. */
struct device *process_device(struct process *p, unsigned int number);

/** Its chip id: the one given, or the machine's, plus number. */
void process_device_id(const struct options *o, unsigned int number,
		       uint8_t uid[DEVICE_ID_SIZE]);

/** Its USB identity; refers to o and d. */
struct usb_identity process_identity(const struct options *o,
				     const struct device *d);

/** One turn: what is new in the log to stderr, then events, at most
 * PROCESS_TICK_MS. false: a signal came, or waiting failed, see *status. */
bool process_turn(struct process *p, int *status);

/** What is left in the log, to stderr. */
void process_show_log(struct process *p);

/** Milliseconds since the program started. */
uint32_t process_now_ms(void);

/** The program is to end. */
void process_end(void);

#endif
