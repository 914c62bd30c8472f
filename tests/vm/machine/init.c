/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init program of a test machine. It mounts a writable overlay over the
 * host's files and the usual file systems, and runs a script. Then it prints
 * the exit status in a line that tests/vm/run reads, and turns the power off.
 * The run fails if the kernel logs a warning or a bug, or if the beginning of
 * the kernel log is lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BEGIN "tether-vm: begin"

enum {
	LOG_SIZE = 8 << 20, /* the kernel's 4 MiB, with a time in each line */
	READ_ALL = 3,
	CLEAR = 5,
	SHOWN = 16384, /* bytes of the log */
	FAILED = 125,
	WARNED = 124
};

/* Turn the power off. On a terminal, no script reads the status. */
static void finish(int status)
{
	if (!getenv("TETHER_VM_TERMINAL"))
		printf("\ntether-vm: status %d\n", status);
	fflush(stdout);
	/* End the programs that the script left running. */
	(void)kill(-1, SIGKILL);
	sync();
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void must(int result, const char *what)
{
	if (!result)
		return;
	printf("tether-vm: %s: %s\n", what, strerror(errno));
	finish(FAILED);
}

static void mount_at(const char *type, const char *where, const char *options)
{
	(void)mkdir(where, 0755);
	must(mount(type, where, type, 0, options), where);
}

/* Mount an overlay: the host's files are the lower layer, memory is the upper
 * layer. */
static void lay_overlay(void)
{
	mount_at("tmpfs", "/mnt", "mode=755");
	must(mkdir("/mnt/upper", 0755) || mkdir("/mnt/work", 0755) ||
		     mkdir("/mnt/root", 0755),
	     "folders of the overlay");
	mount_at("overlay", "/mnt/root",
		 "lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work");
	must(chroot("/mnt/root") || chdir("/"), "chroot");
}

static void mount_all(void)
{
	mount_at("proc", "/proc", NULL);
	mount_at("sysfs", "/sys", NULL);
	mount_at("devtmpfs", "/dev", NULL);
	mount_at("devpts", "/dev/pts", NULL);
	mount_at("tmpfs", "/dev/shm", NULL);
	mount_at("tmpfs", "/run", NULL);
	mount_at("configfs", "/sys/kernel/config", NULL);
}

static void raise_loopback(void)
{
	struct ifreq r = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	must(fd < 0 || ioctl(fd, SIOCGIFFLAGS, &r), "loopback");
	r.ifr_flags |= IFF_UP;
	must(ioctl(fd, SIOCSIFFLAGS, &r), "loopback up");
	close(fd);
}

/* Run the script. As PID 1 this program also reaps orphans. */
static int run(const char *script)
{
	char *const argv[] = { "sh", (char *)(uintptr_t)script, NULL };
	int status = 0, one;
	pid_t pid = fork(), dead;

	if (!pid) {
		setsid();
		execv("/bin/sh", argv);
		_exit(127);
	}
	while ((dead = wait(&one)) > 0)
		if (dead == pid) {
			status = one;
			break;
		}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* Write a mark to the kernel log. Only warnings behind the mark count. */
static void begin_log(void)
{
	static const char text[] = "<6>" BEGIN "\n";
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	must(fd < 0 || write(fd, text, sizeof(text) - 1) < 0, "/dev/kmsg");
	close(fd);
}

/* Print a part of the log around `sign`. The console would lose characters of a
 * longer text, and also of the status line behind it. */
static void show_log(const char *log, const char *sign)
{
	const char *from = sign - log > SHOWN / 4 ? sign - SHOWN / 4 : log;

	printf("tether-vm: the kernel has something to say:\n%.*s\n", SHOWN,
	       from);
}

static bool kernel_warned(void)
{
	static const char *const signs[] = { "WARNING: ",
					     "BUG: ",
					     "Kernel panic",
					     "Call Trace:",
					     "INFO: task ",
					     "Oops",
					     "unregister_netdevice: waiting" };
	static char log[LOG_SIZE + 1];
	int n = klogctl(READ_ALL, log, LOG_SIZE);

	log[n > 0 ? n : 0] = '\0';
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		const char *sign = strstr(log, signs[i]);

		if (!sign)
			continue;
		show_log(log, sign);
		return true;
	}
	if (strstr(log, BEGIN))
		return false;
	printf("tether-vm: the beginning of the kernel's log is lost\n");
	return true;
}

int main(void)
{
	const char *script = getenv("TETHER_VM");
	int status;

	setenv("PATH",
	       "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
	       "/sbin:/bin",
	       1);
	/* The script's folder would be hidden by a file system at /tmp. */
	must(!script, "no TETHER_VM on the command line");
	/* User-Mode Linux warns at boot that it has no PCI device. That
	 * warning does not count. */
	(void)klogctl(CLEAR, NULL, 0);
	(void)umask(022);
	lay_overlay();
	mount_all();
	raise_loopback();
	begin_log();
	status = run(script);
	if (kernel_warned() && !status)
		status = WARNED;
	finish(status);
}
