/* SPDX-License-Identifier: Apache-2.0 */
#include "host/mctp_table.h"

#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Include these after net/if.h: in another order they conflict with it. */
#include <linux/if_link.h>
#include <linux/mctp.h>
#include <linux/rtnetlink.h>

#include "base/err.h"

enum { ANSWER = 16384, PATIENCE_S = 5 };

/* Data of an attribute; NULL: missing, or shorter than `least`. */
static const void *find_attribute(const struct rtattr *a, size_t len,
				  unsigned short type, size_t least)
{
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return RTA_PAYLOAD(a) >= least ? RTA_DATA(a) : NULL;
	return NULL;
}

/* Length of an attribute's data; 0: missing. */
static size_t attribute_length(const struct rtattr *a, size_t len,
			       unsigned short type)
{
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return RTA_PAYLOAD(a);
	return 0;
}

static struct mctp_table_link *find_link(struct mctp_table *t,
					 unsigned int index)
{
	for (int i = 0; i < t->links; i++)
		if (t->link[i].index == index)
			return &t->link[i];
	return NULL;
}

static struct mctp_table_link *find_network(struct mctp_table *t,
					    uint32_t network)
{
	for (int i = 0; i < t->links; i++)
		if (t->link[i].network == network)
			return &t->link[i];
	return NULL;
}

static void mark_used(struct mctp_table_link *l, unsigned int first,
		      unsigned int last)
{
	for (; first <= last && first < 256; first++)
		l->taken[first / 32] |= UINT32_C(1) << first % 32;
}

static void add_link(struct mctp_table *t, const struct nlmsghdr *h)
{
	const struct ifinfomsg *m = NLMSG_DATA(h);
	const struct rtattr *all = IFLA_RTA(m);
	size_t len = IFLA_PAYLOAD(h), inner;
	const struct rtattr *spec = find_attribute(all, len, IFLA_AF_SPEC, 0);
	const struct rtattr *mctp;
	const uint32_t *network;

	if (!spec || t->links == MCTP_TABLE_LINKS)
		return;
	inner = attribute_length(all, len, IFLA_AF_SPEC);
	mctp = find_attribute(spec, inner, AF_MCTP, 0);
	if (!mctp)
		return;
	network = find_attribute(mctp, attribute_length(spec, inner, AF_MCTP),
				 IFLA_MCTP_NET, sizeof(*network));
	if (!network)
		return;
	t->link[t->links++] =
		(struct mctp_table_link){ .index = (unsigned int)m->ifi_index,
					  .network = *network };
}

static void add_address(struct mctp_table *t, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *m = NLMSG_DATA(h);
	const uint8_t *eid =
		find_attribute(IFA_RTA(m), IFA_PAYLOAD(h), IFA_LOCAL, 1);
	struct mctp_table_link *l = find_link(t, m->ifa_index);

	if (!eid || !l)
		return;
	l->own_eid = *eid;
	mark_used(l, *eid, *eid);
}

static void add_route(struct mctp_table *t, const struct nlmsghdr *h)
{
	const struct rtmsg *m = NLMSG_DATA(h);
	const struct rtattr *all = RTM_RTA(m);
	const uint8_t *eid = find_attribute(all, RTM_PAYLOAD(h), RTA_DST, 1);
	const uint32_t *out =
		find_attribute(all, RTM_PAYLOAD(h), RTA_OIF, sizeof(*out));
	/* RTA_GATEWAY: network, then EID */
	const uint32_t *gateway = find_attribute(all, RTM_PAYLOAD(h),
						 RTA_GATEWAY, sizeof(*gateway));
	struct mctp_table_link *l = out ? find_link(t, *out) : NULL;

	/* A route through a gateway has a network instead of an interface. */
	if (eid && gateway && !l)
		l = find_network(t, *gateway);
	if (!eid || !l)
		return;
	/* rtm_dst_len is a number of EIDs here, not of address bits. */
	mark_used(l, *eid, *eid + m->rtm_dst_len);
	if (m->rtm_type == RTN_LOCAL && out)
		l->local_eid = *eid;
	if (m->rtm_type != RTN_UNICAST || !out || l->eids == MCTP_TABLE_EIDS)
		return;
	l->more[l->eids] = m->rtm_dst_len;
	l->eid[l->eids++] = *eid;
}

/* Handle one message of the kernel's answer. true: more messages follow. */
static bool
handle_message(struct mctp_table *t, const struct nlmsghdr *h, size_t body,
	       void (*each)(struct mctp_table *, const struct nlmsghdr *))
{
	if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
		return false;
	if (h->nlmsg_len >= NLMSG_LENGTH(body))
		each(t, h);
	return true;
}

static int dump(int fd, struct mctp_table *t, uint16_t type, size_t body,
		void (*each)(struct mctp_table *, const struct nlmsghdr *))
{
	_Alignas(8) static uint8_t answer[ANSWER];
	struct {
		struct nlmsghdr head;
		uint8_t body[sizeof(struct ifinfomsg)];
	} ask = { .head = { .nlmsg_len = (uint32_t)NLMSG_LENGTH(body),
			    .nlmsg_type = type,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };
	bool more = true;

	ask.body[0] = AF_MCTP; /* every request body starts with the family */
	if (send(fd, &ask, ask.head.nlmsg_len, 0) < 0)
		return ERR_IO;
	while (more) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		const struct nlmsghdr *h = (const void *)answer;
		size_t len = (size_t)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		for (; more && NLMSG_OK(h, len); h = NLMSG_NEXT(h, len))
			more = handle_message(t, h, body, each);
	}
	return ERR_OK;
}

int mctp_table_read(struct mctp_table *t)
{
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int err, error;

	memset(t, 0, sizeof(*t));
	if (fd < 0)
		return ERR_IO;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	err = dump(fd, t, RTM_GETLINK, sizeof(struct ifinfomsg), add_link);
	if (!err && t->links)
		err = dump(fd, t, RTM_GETADDR, sizeof(struct ifaddrmsg),
			   add_address);
	if (!err && t->links)
		err = dump(fd, t, RTM_GETROUTE, sizeof(struct rtmsg),
			   add_route);
	error = errno;
	close(fd);
	errno = error;
	return err;
}

const struct mctp_table_link *mctp_table_find(const struct mctp_table *t,
					      const char *interface)
{
	unsigned int index = if_nametoindex(interface);

	for (int i = 0; i < t->links && index; i++)
		if (t->link[i].index == index)
			return &t->link[i];
	return NULL;
}

const struct mctp_table_link *mctp_table_user(const struct mctp_table *t,
					      uint32_t network, uint8_t eid)
{
	for (int i = 0; i < t->links; i++)
		if (t->link[i].network == network &&
		    t->link[i].taken[eid / 32] & UINT32_C(1) << eid % 32)
			return &t->link[i];
	return NULL;
}

bool mctp_table_is_local(const struct mctp_table *t, uint32_t network,
			 uint8_t eid)
{
	for (int i = 0; i < t->links; i++)
		if (t->link[i].network == network &&
		    t->link[i].local_eid == eid)
			return true;
	return false;
}
