/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB/IP listener: accepts, answers device lists, and hands the socket of
 * an import to whoever has that device (this process, or a child that has it).
 */
#ifndef TETHER_USBSERVE_USBIP_SERVER_H
#define TETHER_USBSERVE_USBIP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_sys/loop.h"

struct log;
struct usbip_device;

enum { USBIP_GREETING = 8 + 32, USBIP_GUESTS = 64 };

/* A connection that has not asked for anything yet. */
struct usbip_guest {
	struct usbip_server *server;
	struct loop_source source; /* fd -1: free */
	uint32_t since_ms;
	size_t got;
	uint8_t data[USBIP_GREETING];
};

struct usbip_server_config {
	struct loop *loop;
	struct log *log;
	const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
	uint16_t port;	     /* 0: any free one */
	bool allow_remote;   /* address may be other than loopback */
	unsigned int devices;
	/* Device i (from 0), NULL: not there now. */
	const struct usbip_device *(*device)(void *ctx, unsigned int i);
	/* Import of device i over fd, which is the callee's. */
	void (*import)(void *ctx, unsigned int i, int fd);
	void *ctx;
};

struct usbip_server {
	struct usbip_server_config config;
	struct loop_source listener;
	uint16_t port; /* that it listens at */
	struct usbip_guest guest[USBIP_GUESTS];
};

/**
 * Listen, and say in the log where. On failure a sentence in error says what to
 * do: ERR_INVALID (bad address, or remote without leave), ERR_IO (port in use,
 * ...).
 */
int usbip_server_start(struct usbip_server *s,
		       const struct usbip_server_config *config, char *error,
		       size_t cap);

/** After each turn of the loop: guests who ask nothing are shown out after 5 s.
 */
void usbip_server_poll(struct usbip_server *s);

void usbip_server_stop(struct usbip_server *s);

#endif
