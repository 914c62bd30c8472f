/* SPDX-License-Identifier: Apache-2.0 */
/* Replaces mctp_link.c, mctp_table.c and transport_mctp.c on systems other than
 * Linux, whose kernels have no MCTP: every call fails with advice. */
#include <errno.h>
#include <stdio.h>

#include "base/err.h"
#include "host/mctp_link.h"
#include "host/mctp_table.h"
#include "host/transport_mctp.h"

static const char none[] =
	"this system's kernel has no MCTP, only Linux has. Reach the device "
	"directly, with --via usb or --via usbip:HOST";

/* --- mctp_link.h --- */

static int fail(struct mctp_link *l)
{
	snprintf(l->error, sizeof(l->error), "%s: %s", l->interface, none);
	return ERR_IO;
}

int mctp_link_setup(struct mctp_link *l)
{
	return fail(l);
}

int mctp_link_prepare(struct mctp_link *l)
{
	return fail(l);
}

int mctp_link_add_route(struct mctp_link *l)
{
	return fail(l);
}

int mctp_link_move(struct mctp_link *l, uint32_t network, uint8_t now,
		   char name[MCTP_LINK_NAME])
{
	(void)network;
	(void)now;
	l->interface = name;
	snprintf(name, MCTP_LINK_NAME, "mctp");
	return fail(l);
}

int mctp_link_teardown(struct mctp_link *l)
{
	return fail(l);
}

bool mctp_link_has_daemon(void)
{
	return false;
}

/* --- mctp_table.h --- */

int mctp_table_read(struct mctp_table *t)
{
	t->links = 0;
	errno = EAFNOSUPPORT;
	return ERR_IO;
}

const struct mctp_table_link *mctp_table_find(const struct mctp_table *t,
					      const char *interface)
{
	(void)t;
	(void)interface;
	return NULL;
}

/* --- transport_mctp.h --- */

struct transport *transport_mctp_open(uint32_t network, uint8_t eid,
				      char *error, size_t cap)
{
	(void)network;
	(void)eid;
	snprintf(error, cap, "%s", none);
	return NULL;
}

struct transport *transport_mctp_open_interface(int interface, char *error,
						size_t cap)
{
	return transport_mctp_open((uint32_t)interface, 0, error, cap);
}
