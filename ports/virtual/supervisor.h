/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs several devices, each in a child process, as TinyUSB has one device per
 * process. The parent listens, and passes the socket of an import request to
 * the child with the requested device (SCM_RIGHTS). If a child ends, the parent
 * logs that and restarts the child.
 */
#ifndef TETHER_PORTS_VIRTUAL_SUPERVISOR_H
#define TETHER_PORTS_VIRTUAL_SUPERVISOR_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "ports/process/process_options.h"
#include "linux_sys/loop.h"
#include "usbserve/usbip_wire.h"

struct log;
struct supervisor;

struct child {
	struct supervisor *supervisor;
	unsigned int number; /* from 0 */
	pid_t pid;	     /* 0: not running */
	uint32_t started_ms;
	struct loop_source channel;
	struct usbip_device info; /* empty busid: the child is not ready */
};

struct supervisor {
	struct loop *loop;
	struct log *log;
	unsigned int count;
	/* Runs in the child with its end of the channel. Returns its exit
	 * code. */
	int (*run)(void *ctx, unsigned int number, int channel);
	void *ctx;
	struct child child[PROCESS_DEVICES_MAX];
};

/** Start all children. The caller has set loop, log, count, run and ctx. ERR_IO
 * with errno set. */
int supervisor_start(struct supervisor *s);

/** Restart children that have ended, each at most once per second. Call it
 * about every 100 ms. */
void supervisor_poll(struct supervisor *s, uint32_t now_ms);

/** End all children and wait for them. */
void supervisor_stop(struct supervisor *s);

/* Callbacks of struct usbip_server_config. ctx: the supervisor. */
const struct usbip_device *supervisor_device(void *ctx, unsigned int i);
void supervisor_import(void *ctx, unsigned int i, int fd);

/** Decode an announcement. ERR_INVALID: its length does not match the number of
 * interfaces, or there are more than USBIP_INTERFACES_MAX; *info is undefined
 * then. Pure: no I/O. */
int supervisor_decode(struct usbip_device *info, const uint8_t *data,
		      size_t len);

/** In a child: announce its device. ERR_IO: the parent is gone. ERR_INVALID:
 * more than USBIP_INTERFACES_MAX interfaces. */
int supervisor_announce(int channel, const struct usbip_device *info);

/** In a child: receive the socket of an import; *fd is -1 if none arrived.
 * ERR_IO: the parent is gone. */
int supervisor_receive(int channel, int *fd);

#endif
