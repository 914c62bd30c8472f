/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources for macOS need of macOS's C library, so that tether runs
 * with them on Linux. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <ifaddrs.h>
#include <mach-o/dyld.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/mount.h>
#include <unistd.h>

int _NSGetExecutablePath(char *path, uint32_t *size)
{
	ssize_t n = readlink("/proc/self/exe", path, *size - 1);

	if (n < 0)
		return -1;
	path[n] = '\0';
	return 0;
}

/* Linux's interfaces, with netmasks as macOS has them: length 16, family 0. */
int getifaddrs(struct ifaddrs **list)
{
	int (*next)(struct ifaddrs **);
	int error;

	*(void **)&next = dlsym(RTLD_NEXT, "getifaddrs");
	error = next(list);
	for (struct ifaddrs *i = error ? NULL : *list; i; i = i->ifa_next)
		if (i->ifa_netmask)
			memcpy(i->ifa_netmask, "\20", 2);
	return error;
}

/* No disk is mounted. */
int getmntinfo(struct statfs **all, int flags)
{
	(void)flags;
	*all = NULL;
	return 0;
}
