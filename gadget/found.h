/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is there: gadgets in configfs as lists of the steps that would build
 * them, controllers, modules that hold one, FIFO sizes, a serial number. Only
 * reads, below a root that tests choose. What others made is tolerated
 * whatever it is; what does not fit is left out and `truncated` is set.
 */
#ifndef TETHER_GADGET_FOUND_H
#define TETHER_GADGET_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gadget/config.h"
#include "gadget/fifo.h"
#include "gadget/steps.h"

enum { FOUND_GADGETS = 6, FOUND_UDCS = 4, FOUND_MODULES = 4 };
enum { FOUND_PATH = 512, FOUND_VALUE = 256 };

#define GADGET_FOLDER "/sys/kernel/config/usb_gadget"
/* Functions of ours are instances of this name. */
#define GADGET_INSTANCE "tether"

/* What `truncated` says to people. */
#define FOUND_TRUNCATED                                                        \
	"there are more gadgets, controllers or legacy modules, or longer "    \
	"names, than tetherd looks at: one of them may hold the controller. "  \
	"remove what is not needed"

struct found_gadget {
	char name[CONFIG_NAME];
	char udc[CONFIG_NAME]; /* it is bound to; empty: to none */
	bool ours;	       /* has a function of ours */
	char ifname[16];       /* of its first network function, if any */
	char host_addr[MAC_TEXT];
	bool taken;	     /* was taken over before, see found_env */
	bool conflicts;	     /* an address of its interface is in our network */
	struct steps recipe; /* unusable where recipe.full */
};

struct found_udc {
	char name[CONFIG_NAME];
	char state[32], speed[32];
	char driver[CONFIG_NAME]; /* that holds it; empty: none */
};

/** A legacy gadget that is loaded. */
struct found_module {
	char name[32];
	char host_addr[MAC_TEXT]; /* its parameter; empty: none was given */
};

struct found {
	bool configfs;	/* with gadgets in it */
	bool truncated; /* there is more than is kept here */
	uint8_t gadgets, udcs, modules;
	struct found_gadget gadget[FOUND_GADGETS];
	struct found_udc udc[FOUND_UDCS]; /* by name */
	struct found_module module[FOUND_MODULES];
	char role[32]; /* of the wanted controller's switch; empty: none */
	char serial[CONFIG_STRING]; /* of the device tree, else derived of
				     * the machine-id, else empty */
	bool serial_of_board;
};

/** Where to look. */
struct found_env {
	const char *root; /* "" on a real system */
	const struct config *config;
	/* "address/prefix" of an interface, false: it has none. May be NULL. */
	bool (*address)(void *ctx, const char *ifname, char *out, size_t cap);
	void *ctx;
	/* The gadget that was taken over before. Where it is there, its removal
	 * may have been cut short. NULL: none. */
	const char *taken;
};

/** Look at everything. A missing file is nothing found, never an error. */
void found_scan(struct found *f, const struct found_env *env);

/** The FIFOs of a controller, from its device tree node. */
void found_fifos(const char *root, const char *udc, struct fifos *fifos);

/** The controller to use: the configured one, which may not be there, else the
 * first; "": none is there. */
const char *found_udc(const struct found *f, const struct config *c);

/** Read a small file into a text of one line, its newline cut off. Returns
 * the length, or -1 with errno: EILSEQ where it is no such text. */
int found_read(char *out, size_t cap, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
