/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives a start: the addresses that were given, and the gadget that
 * was taken over, as the list of steps that builds it. A text file, written
 * as a whole. Its content is checked as anything from outside is.
 */
#ifndef TETHER_GADGET_STATE_H
#define TETHER_GADGET_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/config.h"
#include "gadget/steps.h"

struct state {
	bool has_mac, has_host_mac;
	uint8_t mac[MAC_SIZE], host_mac[MAC_SIZE];
	char migrated[CONFIG_NAME]; /* name of the stock gadget; empty: none */
	/* Name of the one that was removed last, perhaps not wholly. */
	char taken[CONFIG_NAME];
	struct steps stock; /* what builds the first one that was taken over */
};

void state_init(struct state *s);

/** ERR_NOT_FOUND: there is none. ERR_INVALID: it is damaged; s is then as
 * after state_init(). ERR_IO with errno. */
int state_load(struct state *s, const char *path);

/** From memory. ERR_OK or ERR_INVALID. */
int state_parse(struct state *s, const char *text, size_t len);

/** The gadget of others that gives way. The first is kept for restore, and
 * what became of it meanwhile; not one that came later. true: there is
 * something to save. */
bool state_keep(struct state *s, const char *name, const struct steps *recipe);

/** With the folders above. ERR_IO with errno: the file is as it was. */
int state_save(const struct state *s, const char *path);

#endif
