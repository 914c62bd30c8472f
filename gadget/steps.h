/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of steps that change gadgets, and their reversal. A gadget is kept as
 * the list that builds it; the list backwards, each step by its inverse,
 * removes it. So one form serves to build, to tear down, to roll back and to
 * keep the gadget that was found.
 *
 * Pure: no I/O. Texts lie in the list's own pool; nothing is allocated.
 */
#ifndef TETHER_GADGET_STEPS_H
#define TETHER_GADGET_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPS_MAX = 384, STEPS_POOL = 24576, STEP_TEXT = 256 };

/** Paths are relative to configfs' folder usb_gadget. Each step stands beside
 * its inverse, see step_inverse(). */
enum step_op {
	STEP_MKDIR,
	STEP_RMDIR,
	STEP_SYMLINK, /* path: the link, value: what it points to */
	STEP_UNLINK,
	STEP_WRITE,  /* path: the attribute, value: without newline */
	STEP_FORGET, /* an attribute that goes with its folder: does nothing */
	STEP_BIND,   /* path: the gadget's folder, value: the UDC */
	STEP_UNBIND,
	STEP_NET_UP,   /* path: interface, value: "address/prefix" or nothing */
	STEP_NET_DOWN, /* down, and without its addresses */
	STEP_KEEP_OUT, /* a module that went: does nothing. without its
			* parameters it would not be what it was */
	STEP_RMMOD,    /* path: module */
	STEP_NOTHING,  /* inverse of STEP_PAUSE */
	STEP_PAUSE, /* value: milliseconds off the bus, for the host to see */
	STEP_SERVE, /* FunctionFS instance of that name: mount, start */
	STEP_UNSERVE,
	STEP_OPS,
};

/** A step: its texts are offsets into the pool. */
struct step {
	uint8_t op; /* enum step_op */
	bool soft;  /* may fail without harm */
	uint16_t path, value;
};

struct steps {
	uint16_t count, used;
	bool full; /* something did not fit: the list is not to be used */
	struct step step[STEPS_MAX];
	char pool[STEPS_POOL];
};

void steps_init(struct steps *s);

/** Add a step. Texts are copied; one that is longer than STEP_TEXT - 1, or
 * holds a newline, makes the list full. */
void steps_add(struct steps *s, enum step_op op, const char *path,
	       const char *value);

/** The same, for a step that may fail. */
void steps_add_soft(struct steps *s, enum step_op op, const char *path,
		    const char *value);

/** Add all of `from`, or what undoes it, last step first. */
void steps_append(struct steps *s, const struct steps *from);
void steps_append_inverse(struct steps *s, const struct steps *from);

const char *step_path(const struct steps *s, size_t i);
const char *step_value(const struct steps *s, size_t i);
enum step_op step_inverse(enum step_op op);

/** The operation as it is printed: "mkdir", "write", ... */
const char *step_name(enum step_op op);

/** By its name; STEP_OPS: there is none. */
enum step_op step_by_name(const char *name);

/** Print a step as a shell user would do it, without newline. */
void step_format(const struct steps *s, size_t i, char *out, size_t cap);

/** Tells lists apart: by what of them may not fail. */
uint32_t steps_sum(const struct steps *s);

/** The list has a step of that operation and path; its value, else NULL. */
const char *steps_find(const struct steps *s, enum step_op op,
		       const char *path);

#endif
