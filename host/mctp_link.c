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

/* net/if.h conflicts with linux/if.h. */
unsigned int if_nametoindex(const char *name);
char *if_indextoname(unsigned int index, char *name);

enum { DEFAULT_MTU = 68 }; /* as the driver mctp-usb sets it */

static int __attribute__((format(printf, 3, 4)))
explain(struct mctp_link *l, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(l->error, sizeof(l->error), format, args);
	va_end(args);
	return err;
}

static const char *describe_errno(void)
{
	return errno == EPERM ? "not permitted. Run as root, or with "
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

/* --- netlink requests --- */

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

/* USB has no physical addresses: the link-layer address is empty. */
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

/* A route to `eid` and the `more` EIDs after it. */
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

/* Whether a request succeeded. Adding an existing entry, or deleting a missing
 * entry, is success. */
static bool is_done(int err)
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
		       "%s: no such interface. Plug the device in, and use a "
		       "kernel with the driver mctp-usb (6.15 or later)",
		       l->interface);
}

/* Run one step with an open netlink socket. */
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

/* Read the table into t and return the interface's entry. NULL: l->error is
 * set. */
static const struct mctp_table_link *read_table(struct mctp_link *l,
						struct mctp_table *t)
{
	const struct mctp_table_link *own = NULL;

	if (mctp_table_read(t)) {
		(void)explain(l, ERR_IO,
			      "cannot read the kernel's MCTP tables: %s",
			      strerror(errno));
		return NULL;
	}
	own = mctp_table_find(t, l->interface);
	if (!own)
		(void)explain(l, ERR_NOT_FOUND, "%s is not an MCTP interface",
			      l->interface);
	return own;
}

/* Interfaces that share this host's EID share one local route to it, and the
 * kernel removes that route together with the first of them. Add the address of
 * another interface again, so that the kernel creates the route for that
 * interface. */
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
		return explain(
			l, ERR_IO,
			"cannot restore the route to this host's EID %u: %s",
			l->own_eid, describe_errno());
	}
	return ERR_OK;
}

static int set_up(struct mctp_link *l, struct netlink *n, unsigned int index)
{
	if (set_link(n, index, true, l->mtu))
		return explain(l, ERR_IO, "cannot bring %s up: %s",
			       l->interface,
			       errno == EINVAL || errno == ERANGE
				       ? "invalid MTU. Use 68 to 251, or up "
					 "to 8187 with DSP0283 v1.1"
				       : describe_errno());
	if (!is_done(set_address(n, index, true, l->own_eid)))
		return explain(l, ERR_IO,
			       "cannot add this host's EID to %s: EID %u: %s",
			       l->interface, l->own_eid, describe_errno());
	return restore_local(l, n);
}

/* Whether the device may get this EID. */
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

static int report_in_use(struct mctp_link *l, const struct mctp_table *t,
			 uint32_t network, uint8_t eid)
{
	const struct mctp_table_link *user = mctp_table_user(t, network, eid);
	char name[MCTP_LINK_NAME] = "INTERFACE";

	if (user)
		(void)if_indextoname(user->index, name);
	return explain(l, ERR_BUSY,
		       "EID %u is in use at %s. Choose another with --eid, or "
		       "run `tether mctp teardown %s` first",
		       eid, name, name);
}

/* Choose the device's EID: the requested EID, its present EID `now`, or a free
 * EID. */
static int choose_eid(struct mctp_link *l, uint8_t now, uint8_t *eid)
{
	static struct mctp_table t;
	const struct mctp_table_link *own = read_table(l, &t);
	int next = BUS_OWNER_FIRST;

	if (!own)
		return ERR_IO;
	l->network = own->network;
	if (l->eid && !is_free(l, &t, own, l->eid))
		return report_in_use(l, &t, own->network, l->eid);
	*eid = l->eid ? l->eid : now;
	if (is_free(l, &t, own, *eid))
		return ERR_OK;
	while (next < MCTP_EID_BROADCAST && !is_free(l, &t, own, next))
		next++;
	if (next == MCTP_EID_BROADCAST)
		return explain(l, ERR_FULL,
			       "%s: all EIDs of network %u are in use",
			       l->interface, own->network);
	*eid = (uint8_t)next;
	return ERR_OK;
}

/* Check that the route leads through this interface: the kernel considers
 * routes with the same EID equal, whatever their interfaces are. */
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
	return report_in_use(l, &t, own->network, l->eid);
}

static int add_route(struct mctp_link *l, struct netlink *n, unsigned int index)
{
	if (!is_done(set_route(n, index, true, l->eid, 0)) ||
	    !is_done(set_neighbour(n, index, true, l->eid)))
		return explain(l, ERR_IO,
			       "cannot change the route to EID %u: %s", l->eid,
			       describe_errno());
	return check_route(l);
}

int mctp_link_prepare(struct mctp_link *l)
{
	return with_netlink(l, set_up);
}

int mctp_link_add_route(struct mctp_link *l)
{
	return with_netlink(l, add_route);
}

/* Remove the route to an EID that the device no longer has. Routes through
 * other interfaces stay. */
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
	if (!err && !is_done(set_neighbour(&n, own->index, false, eid)))
		err = ERR_IO;
	if (err)
		err = explain(l, err, "cannot change the route to EID %u: %s",
			      eid, describe_errno());
	netlink_close(&n);
	return err;
}

/* Assign the EID by a request to the physical address, as no route exists
 * yet. */
static int set_eid(struct mctp_link *l, struct transport *t)
{
	uint8_t accepted = l->eid;
	int err = bus_owner_set_eid(t, MCTP_EID_NULL, &accepted);

	if (err)
		return explain(l, err, "the device at %s: %s", l->interface,
			       t->error);
	if (accepted != l->eid)
		return explain(l, ERR_INVALID,
			       "the device at %s keeps EID %u and refuses "
			       "EID %u",
			       l->interface, accepted, l->eid);
	return ERR_OK;
}

/* Choose and assign the EID. The route is added first. If that fails (no
 * permission, or another program was faster), the device keeps its EID. */
static int assign_eid(struct mctp_link *l, struct transport *t, uint8_t before)
{
	char error[MCTP_LINK_ERROR];
	int err = choose_eid(l, before, &l->eid);

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

/* Assign an EID to the device at the interface and add its route. `now`: the
 * EID that the device must have before; 0: any. */
static int configure_device(struct mctp_link *l, uint8_t now)
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
	transport_observe(t, l->observer);
	err = bus_owner_get_eid(t, MCTP_EID_NULL, &before);
	if (err)
		(void)explain(l, err, "the device at %s: %s", l->interface,
			      t->error);
	else if (now && before != now)
		err = explain(l, ERR_NOT_FOUND,
			      "EID %u is behind EID %u, the device at %s. Only "
			      "the bus owner there can change it",
			      now, before, l->interface);
	else
		err = assign_eid(l, t, before);
	t->ops->close(t);
	return err;
}

int mctp_link_setup(struct mctp_link *l)
{
	int err = mctp_link_prepare(l);

	return err ? err : configure_device(l, 0);
}

int mctp_link_move(struct mctp_link *l, uint32_t network, uint8_t now,
		   char name[MCTP_LINK_NAME])
{
	static struct mctp_table t;
	const struct mctp_table_link *user;

	if (mctp_table_read(&t))
		return explain(l, ERR_IO,
			       "cannot read the kernel's MCTP tables: %s",
			       strerror(errno));
	user = mctp_table_user(&t, network, now);
	if (!user || !if_indextoname(user->index, name))
		return explain(l, ERR_NOT_FOUND,
			       "no route to EID %u of network %u. Run `tether "
			       "mctp setup INTERFACE` first",
			       now, network);
	l->interface = name;
	return configure_device(l, now);
}

static int take_down(struct mctp_link *l, struct netlink *n, unsigned int index)
{
	static struct mctp_table t;
	const struct mctp_table_link *own = read_table(l, &t);
	int err = ERR_OK;

	if (!own)
		return ERR_IO;
	for (uint8_t i = 0; !err && i < own->eids; i++) {
		if (!is_done(set_route(n, index, false, own->eid[i],
				       own->more[i])) ||
		    !is_done(set_neighbour(n, index, false, own->eid[i])))
			err = explain(l, ERR_IO,
				      "cannot change the route to EID %u: %s",
				      own->eid[i], describe_errno());
	}
	if (err)
		return err;
	if (!is_done(set_address(n, index, false, l->own_eid)) ||
	    set_link(n, index, false, DEFAULT_MTU))
		return explain(l, ERR_IO, "cannot take %s down: %s",
			       l->interface, describe_errno());
	return restore_local(l, n);
}

int mctp_link_teardown(struct mctp_link *l)
{
	return with_netlink(l, take_down);
}
