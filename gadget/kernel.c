/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/program.h"
#include "gadget/sysfs.h"

#define CONFIGFS "/sys/kernel/config"

int kernel_unload_module(const char *module)
{
	return (int)syscall(SYS_delete_module, module, O_NONBLOCK);
}

/* Errors are not reported: a missing module may be built into the kernel. */
static void load_module(const char *module)
{
	char *argv[] = { "modprobe", "-q", (char *)(uintptr_t)module, NULL };
	pid_t pid = program_start(&(struct program){ .argv = argv });

	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int kernel_open_configfs(char *error, size_t cap)
{
	struct stat st;

	if (!stat(GADGET_FOLDER, &st))
		return ERR_OK;
	load_module("libcomposite");
	if (stat(GADGET_FOLDER, &st) &&
	    mount("configfs", CONFIGFS, "configfs", 0, NULL) &&
	    errno != EBUSY) {
		snprintf(error, cap,
			 "cannot mount configfs at " CONFIGFS
			 ": %s. The kernel needs CONFIG_CONFIGFS_FS",
			 strerror(errno));
		return ERR_IO;
	}
	if (!stat(GADGET_FOLDER, &st))
		return ERR_OK;
	snprintf(error, cap,
		 GADGET_FOLDER " does not exist. The kernel needs "
			       "CONFIG_USB_CONFIGFS, or the module "
			       "libcomposite");
	return ERR_IO;
}
