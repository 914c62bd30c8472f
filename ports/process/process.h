/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the usbnvme process that do not depend on its connection to a
 * host. They are: options, the drive's model and state, the event loop and its
 * clock, the device, and the device's log on stderr. A back end connects the
 * device to a host through USB/IP, usbredir or FunctionFS. Each back end is one
 * function that runs until the process stops.
 */
#ifndef TETHER_PORTS_PROCESS_PROCESS_H
#define TETHER_PORTS_PROCESS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "device/device.h"
#include "drive/drive.h"
#include "drive_file/scenario.h"
#include "drive_file/simulator.h"
#include "ports/process/sim_socket.h"
#include "ports/process/process_options.h"
#include "linux_sys/loop.h"

enum {
	PROCESS_TICK_MS = 100,	      /* longest turn of the loop */
	PROCESS_SAVE_AGAIN_MS = 1000, /* delay after saving failed */
	PROCESS_ERROR = 512,	      /* bytes of an error text */
};

struct capture;

struct process {
	struct process_options options;
	struct drive model; /* the drive at the start of the device */
	bool default_model; /* model is that of usbnvme without --model */
	struct device *device;
	struct sim_socket control; /* open if options.control is set */
	struct simulator simulator;
	struct scenario scenario; /* without events: no --scenario */
	uint32_t saved;		  /* version of the drive in the state file */
	/* The last attempt to save failed: its version and time. */
	bool save_failed;
	uint32_t tried, tried_ms;
	struct capture *capture; /* --pcap; NULL: none, or it has failed */
	struct loop loop;
	struct log_sink sink; /* the part of the log that is on stderr */
	char log_prefix[16];  /* of each line on stderr; may be empty */
};

/* The back ends, defined in ports/virtual, ports/functionfs and
 * ports/serial. Each returns
 * the exit code of the program. */
int virtual_usbip_run(struct process *p);
int virtual_usbredir_run(struct process *p);
int functionfs_run(struct process *p);
int serial_run(struct process *p);

/** Load the drive from its model and state files. Negative: an error was
 * printed. */
int process_load_drive(struct process *p);

/** Make the serial number and the instance of the default drive unique for
 * device `number`, from 0. A drive from a model file keeps its names. */
void process_number_drive(struct process *p, unsigned int number);

/** Load the scenario of the options, if there is one, for the drive that
 * process_load_drive() has loaded. Negative: an error was printed. */
int process_load_scenario(struct process *p);

/** Connect the simulated world with the device. */
void process_start_simulation(struct process *p, struct device *d);

/** Carry out what is due. Returns the milliseconds until the next change, or
 * UINT32_MAX. */
uint32_t process_poll_simulation(struct process *p);

/** Save the drive's non-volatile state, if it changed or `always`. A failure is
 * logged, and saving is retried after PROCESS_SAVE_AGAIN_MS. */
void process_save_drive(struct process *p, bool always);

/** Open the capture of --pcap, if given. Call it before any fork(). ERR_IO: an
 * error was printed. */
int process_open_capture(struct process *p);

/** Capture the packets of p->device as those of interface `number`. */
void process_capture_device(struct process *p, unsigned int number);

/** Write what is buffered. A failure ends the capture and is logged. */
void process_flush_capture(struct process *p);

/** Write the rest and close the file. */
void process_close_capture(struct process *p);

/** Give up all system calls, and with FunctionFS all files, that the back end
 * and the options do not need. Call it when the files that are only read are
 * loaded. Nothing happens on a kernel that has neither seccomp nor Landlock.
 * Negative: an error was printed. */
int process_confine(const struct process *p);

/** Create device `number` of this process, from 0, and its control socket.
 * NULL: an error was printed. */
struct device *process_create_device(struct process *p, unsigned int number);

/** Derive the 96-bit chip id of device `number`: the id of --uid, or else a
 * hash of the machine id, plus `number`. */
void process_derive_device_id(const struct process_options *o,
			      unsigned int number, uint8_t uid[DEVICE_ID_SIZE]);

/** The USB identity of a device. It refers to strings in o and d. */
struct usb_identity process_usb_identity(const struct process_options *o,
					 const struct device *d);

/** Run one turn: write new log lines to stderr, save the drive if it changed,
 * and handle events for at most PROCESS_TICK_MS. false: the process must end
 * with exit code *status. */
bool process_turn(struct process *p, int *status);

/** Finish after the last turn: log the counters at debug level, save the drive,
 * close the control socket, and write the rest of the log. */
void process_finish(struct process *p);

/** Milliseconds since the first call, which is at the start of the program.
 * During process_turn(), the loop's time is used, which needs no system
 * call. */
uint32_t process_now_ms(void);

/** End the process: process_turn() then returns false. May be called in a
 * signal handler. */
void process_end(void);

#endif
