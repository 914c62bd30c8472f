/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The algorithms that an SSH server offers, from its first two messages: the
 * line with its version (RFC 4253 4.2) and SSH_MSG_KEXINIT (7.1). tether sends
 * only its own version and does not log in. The server is not trusted.
 */
#ifndef TETHER_CLI_BOARD_SSHOFFER_H
#define TETHER_CLI_BOARD_SSHOFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SSHOFFER_LIST = 2048, SSHOFFER_VERSION = 256 };

/** The lists of the KEXINIT, each "a,b,c" of printable characters. */
struct sshoffer {
	char version[SSHOFFER_VERSION]; /* "SSH-2.0-dropbear_2018.76" */
	char kex[SSHOFFER_LIST], host_key[SSHOFFER_LIST];
	char cipher[SSHOFFER_LIST], mac[SSHOFFER_LIST]; /* client to server */
};

/** The step that failed, or SSHOFFER_DONE. */
enum sshoffer_step {
	SSHOFFER_RESOLVE,  /* the name has no address */
	SSHOFFER_CONNECT,  /* connection refused or timed out */
	SSHOFFER_GREETING, /* the listener is not an SSH server */
	SSHOFFER_KEX,	   /* the KEXINIT is malformed */
	SSHOFFER_DONE,
};

/** Connect and read the offer. Unless the result is SSHOFFER_DONE, `error` says
 * what failed. */
enum sshoffer_step sshoffer_ask(struct sshoffer *o, const char *host,
				const char *port, char *error, size_t cap);

/** Parse the payload of a KEXINIT, which starts with the message number.
 * Returns false if malformed. Exported for tests and the fuzzer. */
bool sshoffer_parse(struct sshoffer *o, const uint8_t *data, size_t len);

/** Returns true if the list contains `name`. */
bool sshoffer_has(const char *list, const char *name);

/** Returns true if the two lists have a name in common. */
bool sshoffer_common(const char *list, const char *other);

/** Returns true for a Dropbear older than year.release. */
bool sshoffer_dropbear_before(const struct sshoffer *o, int year, int release);

/** Returns true if version and host keys show that the server accepts user keys
 * with ssh-rsa signatures only. */
bool sshoffer_old_keys(const struct sshoffer *o);

#endif
