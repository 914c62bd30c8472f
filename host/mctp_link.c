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
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "host/bus_owner.h"
#include "host/transport_mctp.h"
#include "posix/netlink.h"

#ifndef AF_MCTP
#define AF_MCTP 45
#endif

unsigned int if_nametoindex(const char *name);

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

static int set_route(struct netlink *n, unsigned int index, bool add,
		     uint8_t eid)
{
	const struct rtmsg m = { .rtm_family = AF_MCTP,
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
	return ERR_OK;
}

/* By the physical address, as no route leads there yet. */
static int assign(struct mctp_link *l, unsigned int index)
{
	struct transport *t = transport_mctp_open_interface(
		(int)index, l->error, sizeof(l->error));
	uint8_t eid = 0;
	int err;

	if (!t)
		return ERR_IO;
	err = bus_owner_get_eid(t, MCTP_EID_NULL, &eid);
	if (!err && l->eid && l->eid != eid) {
		eid = l->eid;
		err = bus_owner_set_eid(t, MCTP_EID_NULL, &eid);
	} else if (!err && !eid) {
		eid = BUS_OWNER_FIRST;
		err = bus_owner_set_eid(t, MCTP_EID_NULL, &eid);
	}
	if (err)
		(void)explain(l, err, "the device at %s: %s", l->interface,
			      t->error);
	l->eid = eid;
	t->ops->close(t);
	return err;
}

static uint32_t read_number(const char *interface, const char *file)
{
	char path[128], text[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", interface, file);
	f = fopen(path, "re");
	if (f) {
		(void)!fgets(text, sizeof(text), f);
		fclose(f);
	}
	return (uint32_t)strtoul(text, NULL, 0);
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

static int add_route(struct mctp_link *l, struct netlink *n, unsigned int index)
{
	if (!wanted(set_route(n, index, true, l->eid)) ||
	    !wanted(set_neighbour(n, index, true, l->eid)))
		return explain(l, ERR_IO, "route to EID %u: %s", l->eid,
			       reason());
	l->network = read_number(l->interface, "mctp/net");
	if (!l->network)
		l->network = 1; /* the kernel's default */
	return ERR_OK;
}

int mctp_link_prepare(struct mctp_link *l)
{
	return with_netlink(l, raise);
}

int mctp_link_add_route(struct mctp_link *l)
{
	return with_netlink(l, add_route);
}

int mctp_link_setup(struct mctp_link *l)
{
	int err = mctp_link_prepare(l);

	if (!err)
		err = assign(l, if_nametoindex(l->interface));
	return err ? err : mctp_link_add_route(l);
}

static int lower(struct mctp_link *l, struct netlink *n, unsigned int index)
{
	for (int eid = MCTP_EID_FIRST; eid < MCTP_EID_BROADCAST; eid++) {
		/* Which one it was nobody kept: there is at most one. */
		(void)set_route(n, index, false, (uint8_t)eid);
		(void)set_neighbour(n, index, false, (uint8_t)eid);
	}
	if (!wanted(set_address(n, index, false, l->own_eid)) ||
	    set_link(n, index, false, 0))
		return explain(l, ERR_IO, "taking %s down: %s", l->interface,
			       reason());
	return ERR_OK;
}

int mctp_link_teardown(struct mctp_link *l)
{
	return with_netlink(l, lower);
}
