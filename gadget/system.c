/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/system.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/found.h"

#define CONFIGFS "/sys/kernel/config"
enum { READY_MS = 5000, END_MS = 2000, END_STEP_MS = 5 };

extern char **environ;

/* --- rights --- */

/* Without new privileges a program of root's gets none of the bounding set
 * that are not permitted here. */
static int keep_rights(uint64_t set)
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
	if (syscall(SYS_capset, &header, data) ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return ERR_IO;
	return ERR_OK;
}

bool system_may_mount(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	return !syscall(SYS_capget, &header, data) &&
	       data[0].effective & 1U << CAP_SYS_ADMIN;
}

int system_drop_rights(bool mounts)
{
	static const int kept[] = { CAP_NET_ADMIN, CAP_NET_BIND_SERVICE,
				    CAP_NET_RAW, CAP_SYSLOG };
	uint64_t set = mounts ? 1ULL << CAP_SYS_ADMIN : 0;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		set |= 1ULL << kept[i];
	/* Without the right to set it, the bounding set is another's work. */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (!(set >> cap & 1) && prctl(PR_CAPBSET_DROP, cap) &&
		    errno != EPERM)
			return ERR_IO;
	return keep_rights(set);
}

/* --- programs --- */

static void child(char *const argv[], const char *socket, uint64_t rights)
{
	sigset_t none;

	if (rights != SYSTEM_ALL_RIGHTS && keep_rights(rights))
		_exit(126);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (socket)
		setenv("NOTIFY_SOCKET", socket, 1);
	else
		unsetenv("NOTIFY_SOCKET");
	execvp(argv[0], argv);
	_exit(127);
}

pid_t system_start(char *const argv[], const char *socket, uint64_t rights)
{
	pid_t pid = fork();

	if (!pid)
		child(argv, socket, rights);
	return pid;
}

void system_end(pid_t pid)
{
	const struct timespec step = { 0, END_STEP_MS * 1000000L };

	if (pid <= 0)
		return;
	kill(pid, SIGTERM);
	for (int ms = 0; ms < END_MS; ms += END_STEP_MS) {
		pid_t ended = waitpid(pid, NULL, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			return;
		nanosleep(&step, NULL);
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int system_unload(const char *module)
{
	return (int)syscall(SYS_delete_module, module, O_NONBLOCK);
}

static int load(const char *module)
{
	char *argv[] = { "modprobe", "-q", (char *)(uintptr_t)module, NULL };
	int status = 0;
	pid_t pid = system_start(argv, NULL, SYSTEM_ALL_RIGHTS);

	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	errno = ENOENT;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

int system_configfs(char *error, size_t cap)
{
	struct stat st;

	if (!stat(GADGET_FOLDER, &st))
		return ERR_OK;
	if (load("libcomposite"))
		(void)0; /* built in, or the mount says what is missing */
	if (stat(GADGET_FOLDER, &st) &&
	    mount("configfs", CONFIGFS, "configfs", 0, NULL) &&
	    errno != EBUSY) {
		snprintf(error, cap,
			 "configfs could not be mounted at " CONFIGFS
			 ": %s. the kernel needs CONFIG_CONFIGFS_FS",
			 strerror(errno));
		return ERR_IO;
	}
	if (!stat(GADGET_FOLDER, &st))
		return ERR_OK;
	snprintf(error, cap,
		 GADGET_FOLDER
		 " is not there. the kernel needs "
		 "CONFIG_USB_CONFIGFS, or its module libcomposite");
	return ERR_IO;
}

/* --- FunctionFS --- */

/* A socket without a name in the file system; its name for NOTIFY_SOCKET. */
static int open_ready(char *name, size_t cap)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(name, cap, "@tetherd-%d", (int)getpid());
	memcpy(a.sun_path + 1, name + 1, strlen(name) - 1);
	if (fd < 0 || !bind(fd, (const struct sockaddr *)&a,
			    (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
					strlen(name))))
		return fd;
	close(fd);
	return -1;
}

static int wait_ready(int fd, pid_t pid)
{
	struct pollfd p = { fd, POLLIN, 0 };
	int status;
	char text[256];
	ssize_t n;

	/* A program that ends closes no socket of ours: look now and then. */
	for (int waited = 0; waited < READY_MS; waited += 100) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			errno = WIFEXITED(status) && WEXITSTATUS(status) == 127
					? ENOENT
					: ECHILD;
			return -1;
		}
		if (poll(&p, 1, 100) <= 0)
			continue;
		n = recv(fd, text, sizeof(text) - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		if (strstr(text, "READY=1"))
			return 0;
	}
	system_end(pid);
	errno = ETIMEDOUT;
	return -1;
}

pid_t system_functionfs(const char *instance, const char *folder,
			char *const argv[])
{
	char name[32];
	pid_t pid = -1;
	int fd, error;

	(void)mkdir("/run/tether", 0755);
	/* What a tetherd that was killed left. */
	while (!umount2(folder, MNT_DETACH))
		;
	if ((mkdir(folder, 0755) && errno != EEXIST) ||
	    mount(instance, folder, "functionfs", 0, NULL))
		return -1;
	fd = open_ready(name, sizeof(name));
	if (fd >= 0)
		pid = system_start(argv, name, SYSTEM_NO_RIGHTS);
	if (pid > 0 && wait_ready(fd, pid))
		pid = -1;
	error = errno;
	if (fd >= 0)
		close(fd);
	if (pid < 0)
		(void)umount2(folder, MNT_DETACH);
	errno = error;
	return pid;
}

void system_functionfs_end(const char *folder, pid_t pid)
{
	system_end(pid);
	(void)umount2(folder, MNT_DETACH);
}
