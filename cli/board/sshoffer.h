/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an SSH server offers, read from its first two messages: the line with
 * its version (RFC 4253 4.2) and SSH_MSG_KEXINIT (7.1). Nothing is sent but a
 * version of our own, and nobody logs in. The server is not trusted.
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

/** How far one came; the first that failed. */
enum sshoffer_step {
	SSHOFFER_RESOLVE,  /* the name has no address */
	SSHOFFER_CONNECT,  /* nobody listens, or nothing answers */
	SSHOFFER_GREETING, /* whoever listens is no SSH server */
	SSHOFFER_KEX,	   /* its KEXINIT is not in order */
	SSHOFFER_DONE,
};

/** Ask. `error` has a sentence when the result is not SSHOFFER_DONE. */
enum sshoffer_step sshoffer_ask(struct sshoffer *o, const char *host,
				const char *port, char *error, size_t cap);

/** The payload of a KEXINIT, from its message number on. false: it is none.
 * Exported for tests and the fuzzer. */
bool sshoffer_parse(struct sshoffer *o, const uint8_t *data, size_t len);

/** `name` stands in a list; both lists have one in common. */
bool sshoffer_has(const char *list, const char *name);
bool sshoffer_common(const char *list, const char *other);

/** The server is a Dropbear older than year.release. */
bool sshoffer_dropbear_before(const struct sshoffer *o, int year, int release);

/** By its version and its host keys: of a user's keys it takes signatures of
 * ssh-rsa alone. */
bool sshoffer_old_keys(const struct sshoffer *o);

#endif
