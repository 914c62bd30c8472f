/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a model file, and what model_ini.c shares with them. Inside
 * this folder only.
 */
#ifndef TETHER_DRIVE_FILE_MODEL_KEYS_H
#define TETHER_DRIVE_FILE_MODEL_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "drive/drive.h"
#include "posix/ini_error.h"

enum { MODEL_KEYS = 32 };

/** A section that was met: where it began (0: it was not), and its keys. */
struct model_seen {
	int line;
	int key[MODEL_KEYS]; /* line of each, in the order of its table */
};

struct model_section;

struct model_loader {
	struct subsystem *s;
	struct ini_error error;
	int line; /* inih tells it only by counting what it reads */
	struct model_seen subsystem, endpoint;
	struct model_seen port[SUBSYSTEM_PORTS];
	struct model_seen controller[SUBSYSTEM_CONTROLLERS];
	struct model_seen namespace[SUBSYSTEM_NAMESPACES];
	/* The section that keys are for now. inih's own name of it is cut to
	 * 49 characters, and it does not tell of one without keys. */
	const struct model_section *section;
	struct model_seen *open;
	unsigned int number;
	/* text that inih reads */
	const char *text, *end;
};

/** Sets a field of the section's struct; ini_error_set() where it cannot. */
typedef int (*model_key_fn)(struct model_loader *l, void *field, size_t size,
			    const char *value);

struct model_key {
	const char *name;
	model_key_fn set;
	/* Of the field; of a feature: the controller, its identifier. */
	size_t offset, size;
};

/* Ended by one without a name. */
extern const struct model_key model_subsystem_keys[MODEL_KEYS];
extern const struct model_key model_endpoint_keys[MODEL_KEYS];
extern const struct model_key model_port_keys[MODEL_KEYS];
extern const struct model_key model_controller_keys[MODEL_KEYS];
extern const struct model_key model_namespace_keys[MODEL_KEYS];

/* Places in model_controller_keys. */
enum { MODEL_KEY_PORT, MODEL_KEY_ATTACHED };

/* And in model_namespace_keys. */
enum { MODEL_KEY_BLOCKS, MODEL_KEY_SHARED };

#endif
