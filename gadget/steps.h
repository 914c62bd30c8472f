/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of steps that change gadgets, and its inversion.
 *
 * A gadget is represented by the list that builds it, its recipe. The recipe in
 * reverse order, each step replaced by its inverse, removes the gadget. So one
 * data type serves to build, to remove, to roll back, and to save a gadget for
 * a later restore.
 *
 * Pure: no I/O. The list copies texts into its pool; nothing is allocated.
 */
#ifndef TETHER_GADGET_STEPS_H
#define TETHER_GADGET_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPS_MAX = 384, STEPS_POOL = 24576, STEP_TEXT = 256 };

/** Operations. Each operation is next to its inverse; an inverse named NO_ does
 * nothing. Paths are relative to configfs' folder usb_gadget. */
enum step_op {
	STEP_MKDIR,
	STEP_RMDIR,
	STEP_SYMLINK, /* path: the link, value: its target */
	STEP_UNLINK,
	STEP_WRITE,    /* path: attribute, value: text without newline */
	STEP_NO_WRITE, /* the attribute disappears with its folder */
	STEP_BIND,     /* path: folder of the gadget, value: UDC */
	STEP_UNBIND,
	STEP_NET_UP,   /* path: interface, value: "address/prefix" or empty */
	STEP_NET_DOWN, /* remove the IPv4 addresses, set the link down */
	STEP_NO_RMMOD, /* the module's parameters are not known, so loading it
			  again would not restore it */
	STEP_RMMOD,    /* path: module */
	STEP_NO_PAUSE,
	STEP_PAUSE, /* value: milliseconds off the bus, so that the host detects
		       the disconnect */
	STEP_SERVE, /* path: FunctionFS instance to mount, value: program that
		     * serves it */
	STEP_UNSERVE,
	STEP_OPS,
};

/** A step. Its texts are offsets into the pool. */
struct step {
	uint8_t op; /* enum step_op */
	bool soft;  /* a failure of this step is ignored */
	uint16_t path, value;
};

struct steps {
	uint16_t count, used; /* steps, bytes of the pool */
	bool full; /* a step did not fit: the list must not be used */
	struct step step[STEPS_MAX];
	char pool[STEPS_POOL];
};

void steps_init(struct steps *s);

/** Append a step whose failure is an error. The texts are copied. A text of
 * STEP_TEXT bytes or more, or with a newline, sets `full`. */
void steps_add(struct steps *s, enum step_op op, const char *path,
	       const char *value);

/** Append a step whose failure is ignored. */
void steps_add_soft(struct steps *s, enum step_op op, const char *path,
		    const char *value);

/** Append all steps of `from`. */
void steps_append(struct steps *s, const struct steps *from);

/** Append the steps that undo `from`, the last step first. */
void steps_append_inverse(struct steps *s, const struct steps *from);

const char *steps_path(const struct steps *s, size_t i);
const char *steps_value(const struct steps *s, size_t i);
enum step_op steps_inverse(enum step_op op);

/** Whether the operation does nothing and only serves as an inverse. */
bool steps_is_no_op(enum step_op op);

/** Name of an operation in the saved state: "mkdir", "write", ... */
const char *steps_op_name(enum step_op op);

/** Operation of that name; STEP_OPS: unknown. */
enum step_op steps_find_op(const char *name);

/** Format a step as the equivalent shell command, without newline. */
void steps_format(const struct steps *s, size_t i, char *out, size_t cap);

/** Checksum over the steps whose failure is an error. Plans with equal
 * checksums count as the same plan. */
uint32_t steps_checksum(const struct steps *s);

/** Value of the first step with this operation and path; NULL: none. */
const char *steps_find(const struct steps *s, enum step_op op,
		       const char *path);

#endif
