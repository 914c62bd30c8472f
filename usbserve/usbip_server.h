/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB/IP listener accepts connections and answers device list requests. It
 * passes the socket of an import request to the owner of the requested device,
 * which is this process or a child process.
 */
#ifndef TETHER_USBSERVE_USBIP_SERVER_H
#define TETHER_USBSERVE_USBIP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_sys/loop.h"

struct log;
struct usbip_device;

enum {
	USBIP_REQUEST_MAX = 8 + 32, /* bytes of an import request */
	USBIP_GUESTS = 64,	    /* connections without a request */
};

/* A connection whose request is not complete yet. */
struct usbip_guest {
	struct usbip_server *server;
	struct loop_source source; /* fd -1: free */
	uint32_t since_ms;
	size_t got;
	uint8_t data[USBIP_REQUEST_MAX];
};

struct usbip_server_config {
	struct loop *loop;
	struct log *log;
	const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
	uint16_t port;	     /* 0: any free one */
	bool allow_remote;   /* accept an address other than loopback */
	unsigned int devices;
	/* Device i, from 0. NULL: not available now. */
	const struct usbip_device *(*device)(void *ctx, unsigned int i);
	/* Import of device i over fd, which the callee now owns. */
	void (*import)(void *ctx, unsigned int i, int fd);
	void *ctx;
};

struct usbip_server {
	struct usbip_server_config config;
	struct loop_source listener;
	uint16_t port; /* in use, also if config.port is 0 */
	struct usbip_guest guest[USBIP_GUESTS];
};

/**
 * Listen and log the address and port. On failure, error has a sentence with
 * what to do. ERR_INVALID: not an IP address, or not loopback without
 * allow_remote. ERR_IO: the port is in use, for example.
 */
int usbip_server_start(struct usbip_server *s,
		       const struct usbip_server_config *config, char *error,
		       size_t cap);

/** Close connections that sent no request within 5 s. Call it after each turn
 * of the loop. */
void usbip_server_poll(struct usbip_server *s);

/** Close the listener and all connections that it still owns. */
void usbip_server_stop(struct usbip_server *s);

#endif
