/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of each section of a model file, and the state of loading that they
 * share with model_ini.c. Private to drive_file.
 */
#ifndef TETHER_DRIVE_FILE_MODEL_KEYS_H
#define TETHER_DRIVE_FILE_MODEL_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "drive/drive.h"
#include "posix/ini_error.h"

enum { MODEL_KEYS = 32 };

/** Lines where a section and its keys occur; 0: not in the file. */
struct model_seen {
	int line;
	int key[MODEL_KEYS]; /* in the order of the section's table */
};

struct model_section;

struct model_loader {
	struct drive *drive;
	struct ini_error error;
	int line; /* current line; inih does not pass it to the handler */
	struct model_seen subsystem, endpoint;
	struct model_seen port[DRIVE_PORTS];
	struct model_seen controller[DRIVE_CONTROLLERS];
	struct model_seen namespace[DRIVE_NAMESPACES];
	/* The section that the next keys belong to. inih truncates section
	 * names to 49 characters and does not report sections without keys. */
	const struct model_section *section;
	struct model_seen *open;
	unsigned int number;	/* index of the section's port, controller... */
	const char *text, *end; /* text that inih has not read yet */
};

/** Parse a value into a field. Returns ERR_INVALID, with l->error set, on
 * failure. */
typedef int (*model_key_fn)(struct model_loader *l, void *field, size_t size,
			    const char *value);

struct model_key {
	const char *name;
	model_key_fn set;
	/* Place of the field in the section's struct. For a feature: 0, and its
	 * enum drive_feature. */
	size_t offset, size;
};

/* Tables that end with a key without a name. */
extern const struct model_key model_keys_subsystem[MODEL_KEYS];
extern const struct model_key model_keys_endpoint[MODEL_KEYS];
extern const struct model_key model_keys_port[MODEL_KEYS];
extern const struct model_key model_keys_controller[MODEL_KEYS];
extern const struct model_key model_keys_namespace[MODEL_KEYS];

/* Indexes in model_keys_controller. */
enum { MODEL_KEY_PORT, MODEL_KEY_ATTACHED };

/* Indexes in model_keys_namespace. */
enum { MODEL_KEY_BLOCKS, MODEL_KEY_SHARED };

#endif
