/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The USB/IP listener accepts connections and answers device list requests. It
 * passes the socket of an import request to the owner of the requested device,
 * which is this process or a child process.
 *
 * Connections without a request cannot keep others out. An address has at most
 * USBIP_GUESTS_PER_ADDRESS of them. One more replaces the oldest of this
 * address; if all USBIP_GUESTS are in use, it replaces the oldest of the
 * address with the most. A client that sends its request at once is not
 * affected.
 */
#ifndef TETHER_USBSERVE_USBIP_SERVER_H
#define TETHER_USBSERVE_USBIP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linux_sys/loop.h"
#include "posix/cidr.h"
#include "usbserve/log_limit.h"

struct log;
struct usbip_device;

enum {
	USBIP_REQUEST_MAX = 8 + 32, /* bytes of an import request */
	USBIP_GUESTS = 64,	    /* connections without a request */
	USBIP_GUESTS_PER_ADDRESS = 16,
	USBIP_ACCEPT_PAUSE_MS = 200, /* after the process has no descriptor */
};

/* A connection whose request is not complete yet. */
struct usbip_guest {
	struct usbip_server *server;
	struct loop_source source; /* fd -1: free */
	uint32_t since_ms;
	uint32_t order;	     /* later connections have larger numbers */
	uint8_t address[16]; /* of the peer, see posix/cidr.h */
	size_t got;
	uint8_t data[USBIP_REQUEST_MAX];
};

struct usbip_server_config {
	struct loop *loop;
	struct log *log;
	const char *address; /* "127.0.0.1", "::1", "0.0.0.0" */
	uint16_t port;	     /* 0: any free one */
	bool allow_remote;   /* accept an address other than loopback */
	/* Networks of the peers that are accepted, besides loopback. NULL or
	 * empty: all. */
	const struct cidr_list *allow;
	unsigned int devices;
	/* Device i, from 0. NULL: not available now. */
	const struct usbip_device *(*device)(void *ctx, unsigned int i);
	/* Import of device i over fd, which the callee now owns. */
	void (*import)(void *ctx, unsigned int i, int fd);
	void *ctx;
};

struct usbip_server {
	struct usbip_server_config config;
	struct log_limit limit; /* of lines that peers cause */
	uint32_t paused_ms;	/* when accepting was paused */
	bool paused;
	uint32_t accepted; /* connections so far */
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

/** Close connections that sent no request within 5 s, and accept connections
 * again after a pause. Call it after each turn of the loop. */
void usbip_server_poll(struct usbip_server *s);

/** Close the listener and all connections that it still owns. */
void usbip_server_stop(struct usbip_server *s);

#endif
