/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several devices: a child process each, as TinyUSB has one device a process.
 * The parent listens and hands the socket of an import to the child that has
 * the device. A child that dies is started again, and said so.
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
	struct usbip_device info; /* no busid until the child told it */
};

struct supervisor {
	struct loop *loop;
	struct log *log;
	unsigned int count;
	/* What a child does with its end of the channel; its exit code. */
	int (*run)(void *ctx, unsigned int number, int channel);
	void *ctx;
	struct child child[PROCESS_DEVICES_MAX];
};

/** Start all children. loop, log, count, run and ctx are set. ERR_IO. */
int supervisor_start(struct supervisor *s);

/** Start again who died; call it every 100 ms or so. */
void supervisor_poll(struct supervisor *s, uint32_t now_ms);

/** End all children and wait for them. */
void supervisor_stop(struct supervisor *s);

/* As struct usbip_server_config wants them; ctx is the supervisor. */
const struct usbip_device *supervisor_device(void *ctx, unsigned int i);
void supervisor_import(void *ctx, unsigned int i, int fd);

/* The child's side: tell who it is, take a socket. ERR_IO: parent is gone.
 * supervisor_receive() gives -1 where there was no socket. */
int supervisor_tell(int channel, const struct usbip_device *info);
int supervisor_receive(int channel, int *fd);

#endif
