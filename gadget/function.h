/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of USB functions that tetherd can put into its gadget. A row has
 * everything that tetherd knows about its function: the kernel's name, the IN
 * endpoints, the position among the interfaces, the hosts with a driver. Pure:
 * no I/O.
 *
 * A set of functions is an unsigned int with one bit of enum function per
 * function.
 *
 * To add a function: append a bit to enum function, and count it in
 * FUNCTION_ALL and FUNCTION_COUNT. Then insert a row into the table in
 * function.c, network functions first. CONTRIBUTING.md lists the documents and
 * tests.
 */
#ifndef TETHER_GADGET_FUNCTION_H
#define TETHER_GADGET_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bits of a set. The values are internal: they appear in no file and on no
 * wire. */
enum function {
	FUNCTION_ECM = 1 << 0,
	FUNCTION_NCM = 1 << 1,
	FUNCTION_ACM = 1 << 2,
	FUNCTION_MCTP = 1 << 3,
	FUNCTION_ALL = (1 << 4) - 1,
};

/* Sizes of texts: a list of function names, a sentence about a set. */
enum { FUNCTION_COUNT = 4, FUNCTION_LIST = 64, FUNCTION_TEXT = 256 };

/** configfs names the folder of a function KIND.INSTANCE. All functions of
 * tetherd have this instance name, which marks a gadget as tetherd's. */
#define FUNCTION_INSTANCE "tether"

struct gadget_function {
	enum function bit;
	const char *name; /* in tetherd.conf, messages and descriptors */
	const char *kind; /* the kernel's name, the folder is KIND.tether */
	/* Part of bcdDevice, see function_bcd_device(). Never change it. */
	uint16_t bcd_weight;
	/* Largest packet of the interrupt IN endpoint in bytes, the larger of
	 * both speeds. 0: the function has no such endpoint. */
	uint8_t interrupt_in;
	bool bulk_in; /* has a bulk IN endpoint */
	/* Creates a network interface: has the attributes dev_addr, host_addr
	 * and ifname. A gadget has at most one such function. */
	bool is_network;
	/* Compatible ID of Microsoft's OS descriptors, by which Windows finds
	 * its driver. NULL: the function needs none. */
	const char *compatible_id;
	/* Program that serves the function through FunctionFS. NULL: the
	 * kernel implements the function. */
	const char *server;
	const char *hosts; /* systems that have a driver */
	/* Sentences of `tetherd check`; NULL: none. */
	const char *advice;	   /* whenever the function is configured */
	const char *advice_beside; /* when it is not the only function */
};

/** The rows in the order of the interfaces in the configuration descriptor.
 * NULL for i >= FUNCTION_COUNT. */
const struct gadget_function *function_at(size_t i);

/** The row of one bit; it must be a bit of enum function. */
const struct gadget_function *function_by_bit(enum function bit);

/** The row with this name in tetherd.conf; NULL: unknown. */
const struct gadget_function *function_by_name(const char *name);

/** The function of the set that creates a network interface; NULL: none. */
const struct gadget_function *function_network(unsigned int set);

/** The function of the set that a program serves; NULL: none. */
const struct gadget_function *function_served(unsigned int set);

/** Bits of the network functions in the set. */
unsigned int function_network_bits(unsigned int set);

/** Whether a function of the set has a compatible ID. Windows then binds a
 * driver only if the gadget has OS descriptors. */
bool function_needs_os_descriptors(unsigned int set);

/** Check that the functions can be in one gadget. ERR_INVALID: they cannot, and
 * `error` has a sentence of at most FUNCTION_TEXT bytes. */
int function_check(unsigned int set, char *error, size_t cap);

/** Names in the order of the table, "ecm, acm"; "none" for the empty set.
 * FUNCTION_LIST bytes are enough for every set. */
void function_format(unsigned int set, char *out, size_t cap);

/**
 * bcdDevice for a set of functions, in BCD as configfs demands.
 *
 * Windows caches whether a device has OS descriptors, by vendor, product and
 * bcdDevice. So each set has a different number, which never changes: 200 plus
 * the weights of its functions, plus 16 if OS descriptors are on. The weight of
 * a new function is the next free power of two: 32, 64, ...
 */
uint16_t function_bcd_device(unsigned int set, bool os_descriptors);

#endif
