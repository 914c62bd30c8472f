/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/rights.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"

#define BIT(cap) (UINT64_C(1) << (cap))

const uint64_t rights_main =
	BIT(CAP_NET_ADMIN) | BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_NET_RAW);
const uint64_t rights_udhcpd = BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_NET_RAW);
const uint64_t rights_root = BIT(CAP_NET_ADMIN) | BIT(CAP_NET_BIND_SERVICE) |
			     BIT(CAP_NET_RAW) | BIT(CAP_SETUID) |
			     BIT(CAP_SETGID);

struct sets {
	struct __user_cap_header_struct header;
	struct __user_cap_data_struct data[2];
};

static int get_sets(struct sets *s)
{
	*s = (struct sets){ .header.version = _LINUX_CAPABILITY_VERSION_3 };
	return syscall(SYS_capget, &s->header, s->data) ? ERR_IO : ERR_OK;
}

static int apply_sets(struct sets *s)
{
	return syscall(SYS_capset, &s->header, s->data) ? ERR_IO : ERR_OK;
}

bool rights_may_mount(void)
{
	struct sets s;

	return !get_sets(&s) && s.data[0].effective & BIT(CAP_SYS_ADMIN);
}

static int drop_bounding_set(uint64_t set)
{
	/* EPERM: without CAP_SETPCAP the bounding set cannot be changed. The
	 * service manager that withheld it has limited the set. */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (!(set >> cap & 1) && prctl(PR_CAPBSET_DROP, cap) &&
		    errno != EPERM)
			return ERR_IO;
	return ERR_OK;
}

static int limit_sets(uint64_t set)
{
	struct sets s;

	if (get_sets(&s))
		return ERR_IO;
	for (int i = 0; i < 2; i++) {
		s.data[i].permitted &= (uint32_t)(set >> (32 * i));
		s.data[i].effective = s.data[i].permitted;
		s.data[i].inheritable = 0;
	}
	/* Without no_new_privs, execve() by root would raise the permitted set
	 * to the bounding set. */
	if (apply_sets(&s) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return ERR_IO;
	return ERR_OK;
}

int rights_limit(uint64_t set)
{
	return drop_bounding_set(set) ? ERR_IO : limit_sets(set);
}

int rights_become(const struct account *a, uint64_t set)
{
	if (drop_bounding_set(set) || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) ||
	    setgroups(0, NULL) || setresgid(a->gid, a->gid, a->gid) ||
	    setresuid(a->uid, a->uid, a->uid))
		return ERR_IO;
	return limit_sets(set);
}

int rights_keep_on_exec(void)
{
	struct sets s;

	if (get_sets(&s))
		return ERR_IO;
	for (int i = 0; i < 2; i++)
		s.data[i].inheritable = s.data[i].permitted;
	if (apply_sets(&s))
		return ERR_IO;
	for (int cap = 0; cap < 64; cap++)
		if (s.data[cap / 32].permitted >> (cap % 32) & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return ERR_IO;
	return ERR_OK;
}
