/* SPDX-License-Identifier: Apache-2.0 */
#include "host/mctp_link.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "host/bus_owner.h"
#include "host/mctp_table.h"
#include "host/transport_mctp.h"
#include "linux_sys/netlink.h"

#ifndef AF_MCTP
#define AF_MCTP 45
#endif

/* net/if.h does not go with linux/if.h. */
unsigned int if_nametoindex(const char *name);
char *if_indextoname(unsigned int index, char *name);

enum { MTU = 68 }; /* with which mctp-usb begins */

static int __attribute__((format(printf, 3, 4)))
explain(struct mctp_link *l, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(l->error, sizeof(l->error), format, args);
	va_end(args);
	return err;
}

static const char *reason(void)
{
	return errno == EPERM ? "not permitted. run it as root, or with "
				"CAP_NET_ADMIN"
			      : strerror(errno);
}

bool mctp_link_has_daemon(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	bool found = false;

	while (proc && !found && (e = readdir(proc))) {
		char path[300], name[16] = "";
		FILE *f;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = fopen(path, "re");
		if (f && fgets(name, sizeof(name), f))
			found = !strcmp(name, "mctpd\n");
		if (f)
			fclose(f);
	}
	if (proc)
		closedir(proc);
	return found;
}

/* --- the kernel's tables --- */

static int set_link(struct netlink *n, unsigned int index, bool up,
		    uint32_t mtu)
{
	const struct ifinfomsg m = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)index,
		.ifi_flags = up ? IFF_UP : 0,
		.ifi_change = IFF_UP,
	};

	netlink_begin(n, RTM_NEWLINK, 0, &m, sizeof(m));
	if (mtu)
		netlink_add(n, IFLA_MTU, &mtu, sizeof(mtu));
	return netlink_send(n);
}

static int set_address(struct netlink *n, unsigned int index, bool add,
		       uint8_t eid)
{
	const struct ifaddrmsg m = { .ifa_family = AF_MCTP,
				     .ifa_index = index };

	netlink_begin(n, add ? RTM_NEWADDR : RTM_DELADDR,
		      add ? NLM_F_CREATE : 0, &m, sizeof(m));
	netlink_add(n, IFA_LOCAL, &eid, 1);
	return netlink_send(n);
}

/* USB has no physical addresses: the neighbour's is empty. */
static int set_neighbour(struct netlink *n, unsigned int index, bool add,
			 uint8_t eid)
{
	const struct ndmsg m = { .ndm_family = AF_MCTP,
				 .ndm_ifindex = (int)index };

	netlink_begin(n, add ? RTM_NEWNEIGH : RTM_DELNEIGH,
		      add ? NLM_F_CREATE : 0, &m, sizeof(m));
	netlink_add(n, NDA_DST, &eid, 1);
	netlink_add(n, NDA_LLADDR, NULL, 0);
	return netlink_send(n);
}

/* To an EID and `more` behind it. */
static int set_route(struct netlink *n, unsigned int index, bool add,
		     uint8_t eid, uint8_t more)
{
	const struct rtmsg m = { .rtm_family = AF_MCTP,
				 .rtm_dst_len = more,
				 .rtm_type = RTN_UNICAST };

	netlink_begin(n, add ? RTM_NEWROUTE : RTM_DELROUTE,
		      add ? NLM_F_CREATE : 0, &m, sizeof(m));
	netlink_add(n, RTA_DST, &eid, 1);
	netlink_add(n, RTA_OIF, &index, sizeof(index));
	return netlink_send(n);
}

/* What is there already, or no more, is as it is wanted. */
static bool wanted(int err)
{
	return !err || errno == EEXIST || errno == ENOENT ||
	       errno == EADDRNOTAVAIL || errno == ESRCH;
}

/* --- steps --- */

static int find_interface(struct mctp_link *l, unsigned int *index)
{
	*index = if_nametoindex(l->interface);
	if (*index)
		return ERR_OK;
	return explain(l, ERR_NOT_FOUND,
		       "%s: there is no such interface. is the device plugged "
		       "in, and has the kernel mctp-usb (6.15 on)?",
		       l->interface);
}

/* One step with the kernel's tables. */
static int with_netlink(struct mctp_link *l,
			int (*step)(struct mctp_link *, struct netlink *,
				    unsigned int))
{
	struct netlink n;
	unsigned int index;
	int err = find_interface(l, &index);

	if (err)
		return err;
	if (netlink_open(&n))
		return explain(l, ERR_IO, "netlink: %s", strerror(errno));
	err = step(l, &n, index);
	netlink_close(&n);
	return err;
}

/* Its interface in there; NULL: why is in the error. */
static const struct mctp_table_link *read_table(struct mctp_link *l,
						struct mctp_table *t)
{
	const struct mctp_table_link *own = NULL;

	if (mctp_table_read(t)) {
		(void)explain(l, ERR_IO, "reading the kernel's MCTP: %s",
			      strerror(errno));
		return NULL;
	}
	own = mctp_table_find(t, l->interface);
	if (!own)
		(void)explain(l, ERR_NOT_FOUND, "%s is not an MCTP interface",
			      l->interface);
	return own;
}

/* Interfaces that share this host's EID share one route to it, and the kernel
 * takes that with the first of them: another one gets it. */
static int restore_local(struct mctp_link *l, struct netlink *n)
{
	static struct mctp_table t;
	const struct mctp_table_link *own = read_table(l, &t);

	if (!own)
		return ERR_IO;
	if (mctp_table_is_local(&t, own->network, l->own_eid))
		return ERR_OK;
	for (int i = 0; i < t.links; i++) {
		const struct mctp_table_link *k = &t.link[i];

		if (k->network != own->network || k->own_eid != l->own_eid)
			continue;
		if (!set_address(n, k->index, false, l->own_eid) &&
		    !set_address(n, k->index, true, l->own_eid))
			return ERR_OK;
		return explain(l, ERR_IO, "route to EID %u, this host: %s",
			       l->own_eid, reason());
	}
	return ERR_OK;
}

static int raise(struct mctp_link *l, struct netlink *n, unsigned int index)
{
	if (set_link(n, index, true, l->mtu))
		return explain(l, ERR_IO, "bringing %s up: %s", l->interface,
			       errno == EINVAL || errno == ERANGE
				       ? "not with that MTU. 68 to 251, to "
					 "8187 with DSP0283 v1.1"
				       : reason());
	if (!wanted(set_address(n, index, true, l->own_eid)))
		return explain(l, ERR_IO, "giving %s EID %u: %s", l->interface,
			       l->own_eid, reason());
	return restore_local(l, n);
}

/* Whether an EID can be the device's. */
static bool is_free(const struct mctp_link *l, const struct mctp_table *t,
		    const struct mctp_table_link *own, int eid)
{
	const struct mctp_table_link *user;

	if (eid < MCTP_EID_FIRST || eid >= MCTP_EID_BROADCAST ||
	    eid == l->own_eid)
		return false;
	user = mctp_table_user(t, own->network, (uint8_t)eid);
	return !user || user == own;
}

static int in_use(struct mctp_link *l, const struct mctp_table *t,
		  uint32_t network, uint8_t eid)
{
	const struct mctp_table_link *user = mctp_table_user(t, network, eid);
	char name[MCTP_LINK_NAME] = "INTERFACE";

	if (user)
		(void)if_indextoname(user->index, name);
	return explain(l, ERR_BUSY,
		       "EID %u is in use at %s. choose another with --eid, or "
		       "`tether mctp teardown %s` first",
		       eid, name, name);
}

/* The EID that the device is to have: the one that was asked for, the one that
 * it has, a free one. */
static int choose(struct mctp_link *l, uint8_t now, uint8_t *eid)
{
	static struct mctp_table t;
	const struct mctp_table_link *own = read_table(l, &t);
	int next = BUS_OWNER_FIRST;

	if (!own)
		return ERR_IO;
	l->network = own->network;
	if (l->eid && !is_free(l, &t, own, l->eid))
		return in_use(l, &t, own->network, l->eid);
	*eid = l->eid ? l->eid : now;
	if (is_free(l, &t, own, *eid))
		return ERR_OK;
	while (next < MCTP_EID_BROADCAST && !is_free(l, &t, own, next))
		next++;
	if (next == MCTP_EID_BROADCAST)
		return explain(l, ERR_FULL, "%s: no EID of network %u is free",
			       l->interface, own->network);
	*eid = (uint8_t)next;
	return ERR_OK;
}

/* The kernel takes routes for the same if their EIDs are, whichever interfaces
 * they lead through. */
static int check_route(struct mctp_link *l)
{
	static struct mctp_table t;
	const struct mctp_table_link *own = read_table(l, &t);

	if (!own)
		return ERR_IO;
	l->network = own->network;
	for (uint8_t i = 0; i < own->eids; i++)
		if (l->eid >= own->eid[i] &&
		    l->eid - own->eid[i] <= own->more[i])
			return ERR_OK;
	return in_use(l, &t, own->network, l->eid);
}

static int add_route(struct mctp_link *l, struct netlink *n, unsigned int index)
{
	if (!wanted(set_route(n, index, true, l->eid, 0)) ||
	    !wanted(set_neighbour(n, index, true, l->eid)))
		return explain(l, ERR_IO, "route to EID %u: %s", l->eid,
			       reason());
	return check_route(l);
}

int mctp_link_prepare(struct mctp_link *l)
{
	return with_netlink(l, raise);
}

int mctp_link_add_route(struct mctp_link *l)
{
	return with_netlink(l, add_route);
}

/* An EID that the device has no more; a route of another interface stays. */
static int remove_route(struct mctp_link *l, uint8_t eid)
{
	static struct mctp_table t;
	const struct mctp_table_link *own = read_table(l, &t);
	struct netlink n;
	int err = ERR_OK;

	if (!own)
		return ERR_IO;
	if (netlink_open(&n))
		return explain(l, ERR_IO, "netlink: %s", strerror(errno));
	for (uint8_t i = 0; i < own->eids && !err; i++)
		if (own->eid[i] == eid && !own->more[i])
			err = set_route(&n, own->index, false, eid, 0);
	if (!err && !wanted(set_neighbour(&n, own->index, false, eid)))
		err = ERR_IO;
	if (err)
		err = explain(l, err, "route to EID %u: %s", eid, reason());
	netlink_close(&n);
	return err;
}

/* By the physical address, as no route leads there yet. */
static int set_eid(struct mctp_link *l, struct transport *t)
{
	uint8_t taken = l->eid;
	int err = bus_owner_set_eid(t, MCTP_EID_NULL, &taken);

	if (err)
		return explain(l, err, "the device at %s: %s", l->interface,
			       t->error);
	if (taken != l->eid)
		return explain(l, ERR_INVALID,
			       "the device at %s keeps EID %u, and does not "
			       "take %u",
			       l->interface, taken, l->eid);
	return ERR_OK;
}

/* The route comes first: who may not make one, or finds that another program
 * has made it meanwhile, leaves the device as it is. */
static int assign(struct mctp_link *l, struct transport *t, uint8_t before)
{
	char error[MCTP_LINK_ERROR];
	int err = choose(l, before, &l->eid);

	if (!err)
		err = mctp_link_add_route(l);
	if (err || l->eid == before)
		return err;
	err = set_eid(l, t);
	if (!err)
		return before < MCTP_EID_FIRST ? ERR_OK
					       : remove_route(l, before);
	memcpy(error, l->error, sizeof(error));
	(void)remove_route(l, l->eid);
	memcpy(l->error, error, sizeof(error));
	return err;
}

/* An EID for who is at the interface, and the route to it. `now`: the one it
 * has to have, 0: any. */
static int give_eid(struct mctp_link *l, uint8_t now)
{
	unsigned int index;
	struct transport *t;
	uint8_t before = 0;
	int err = find_interface(l, &index);

	if (err)
		return err;
	t = transport_mctp_open_interface((int)index, l->error,
					  sizeof(l->error));
	if (!t)
		return ERR_IO;
	err = bus_owner_get_eid(t, MCTP_EID_NULL, &before);
	if (err)
		(void)explain(l, err, "the device at %s: %s", l->interface,
			      t->error);
	else if (now && before != now)
		err = explain(l, ERR_NOT_FOUND,
			      "EID %u is behind EID %u, the device at %s. its "
			      "bus owner can set it",
			      now, before, l->interface);
	else
		err = assign(l, t, before);
	t->ops->close(t);
	return err;
}

int mctp_link_setup(struct mctp_link *l)
{
	int err = mctp_link_prepare(l);

	return err ? err : give_eid(l, 0);
}

int mctp_link_move(struct mctp_link *l, uint32_t network, uint8_t now,
		   char name[MCTP_LINK_NAME])
{
	static struct mctp_table t;
	const struct mctp_table_link *user;

	if (mctp_table_read(&t))
		return explain(l, ERR_IO, "reading the kernel's MCTP: %s",
			       strerror(errno));
	user = mctp_table_user(&t, network, now);
	if (!user || !if_indextoname(user->index, name))
		return explain(l, ERR_NOT_FOUND,
			       "no route leads to EID %u of network %u. "
			       "`tether mctp setup INTERFACE` makes one",
			       now, network);
	l->interface = name;
	return give_eid(l, now);
}

static int lower(struct mctp_link *l, struct netlink *n, unsigned int index)
{
	static struct mctp_table t;
	const struct mctp_table_link *own = read_table(l, &t);
	int err = ERR_OK;

	if (!own)
		return ERR_IO;
	for (uint8_t i = 0; !err && i < own->eids; i++) {
		if (!wanted(set_route(n, index, false, own->eid[i],
				      own->more[i])) ||
		    !wanted(set_neighbour(n, index, false, own->eid[i])))
			err = explain(l, ERR_IO, "route to EID %u: %s",
				      own->eid[i], reason());
	}
	if (err)
		return err;
	if (!wanted(set_address(n, index, false, l->own_eid)) ||
	    set_link(n, index, false, MTU))
		return explain(l, ERR_IO, "taking %s down: %s", l->interface,
			       reason());
	return restore_local(l, n);
}

int mctp_link_teardown(struct mctp_link *l)
{
	return with_netlink(l, lower);
}
