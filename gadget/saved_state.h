/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state that tetherd keeps over a restart in /var/lib/tether/state: the MAC
 * addresses, and the recipe of the stock gadget for `tetherd restore`. The file
 * is text and is replaced atomically. Its content is validated like any other
 * input.
 */
#ifndef TETHER_GADGET_SAVED_STATE_H
#define TETHER_GADGET_SAVED_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/address.h"
#include "gadget/config.h"
#include "gadget/steps.h"

#define SAVED_STATE_FOLDER "/var/lib/tether"
#define SAVED_STATE_FILE SAVED_STATE_FOLDER "/state"

struct saved_state {
	bool has_mac, has_host_mac;
	uint8_t mac[MAC_SIZE], host_mac[MAC_SIZE];
	/* Name of the stock gadget, the first gadget of another program that
	 * tetherd removed; empty: none. */
	char migrated[CONFIG_NAME];
	/* Name of the gadget of another program that tetherd removed last. Its
	 * removal may have been interrupted. */
	char taken_over[CONFIG_NAME];
	struct steps stock; /* recipe of the stock gadget */
};

void saved_state_init(struct saved_state *s);

/** Load a file. ERR_NOT_FOUND: it does not exist. ERR_INVALID: it is damaged.
 * ERR_IO with errno. After an error *s is as after saved_state_init(). */
int saved_state_load(struct saved_state *s, const char *path);

/** Parse the content of a file. ERR_OK or ERR_INVALID. */
int saved_state_parse(struct saved_state *s, const char *text, size_t len);

/**
 * Record a gadget of another program that is about to be removed. The first one
 * becomes the stock gadget; its recipe is updated if a gadget of that name is
 * removed again. Later gadgets only set taken_over. true: *s has changed and
 * should be stored.
 */
bool saved_state_record(struct saved_state *s, const char *name,
			const struct steps *recipe);

/** Store into a file atomically, and create its parent folders. ERR_IO with
 * errno: the file is unchanged. */
int saved_state_store(const struct saved_state *s, const char *path);

#endif
