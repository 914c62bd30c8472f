/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"

int rights_limit(uint64_t set)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	if (syscall(SYS_capget, &header, data))
		return ERR_IO;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(set >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	/* Without no_new_privs, execve() by root would raise the permitted set
	 * to the bounding set. */
	if (syscall(SYS_capset, &header, data) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return ERR_IO;
	return ERR_OK;
}

bool rights_may_mount(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	return !syscall(SYS_capget, &header, data) &&
	       data[0].effective & 1U << CAP_SYS_ADMIN;
}

int rights_drop(bool mounts)
{
	static const int kept[] = { CAP_NET_ADMIN, CAP_NET_BIND_SERVICE,
				    CAP_NET_RAW, CAP_SYSLOG };
	uint64_t set = mounts ? 1ULL << CAP_SYS_ADMIN : 0;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		set |= 1ULL << kept[i];
	/* EPERM: without CAP_SETPCAP the bounding set cannot be changed. The
	 * service manager that withheld it has limited the set. */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (!(set >> cap & 1) && prctl(PR_CAPBSET_DROP, cap) &&
		    errno != EPERM)
			return ERR_IO;
	return rights_limit(set);
}
