/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays an attacker who controls a running process: makes the process execute a
 * system call, by ptrace, with the rights and filters that the process has.
 *
 * usage: hijack PID <STEPS
 * Each line of STEPS is "CALL ARGUMENT...": the name of a system call of the
 * table below, and for each argument a number, or a text, whose address becomes
 * the argument. For each line, prints the result, a number or the name of the
 * error, and the line. Exit status 0, or 2 if the process cannot be hijacked.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS = 6, RED_ZONE = 4096, SYSCALL_SIZE = 2 };

#define CALL(name)                                                             \
	{                                                                      \
#name, __NR_##name                                             \
	}
static const struct {
	const char *name;
	long number;
} calls[] = {
	CALL(getpid),
	CALL(open),
	CALL(mkdir),
	CALL(rmdir),
	CALL(symlink),
	CALL(unlink),
	CALL(rename),
	CALL(chmod),
	CALL(chown),
	CALL(mknod),
	CALL(setuid),
	CALL(setresuid),
	CALL(setgroups),
	CALL(capset),
	CALL(mount),
	CALL(umount2),
	CALL(pivot_root),
	CALL(chroot),
	CALL(unshare),
	CALL(setns),
	CALL(init_module),
	CALL(finit_module),
	CALL(delete_module),
	CALL(kexec_load),
	CALL(reboot),
	CALL(swapon),
	CALL(sethostname),
	CALL(settimeofday),
	CALL(execve),
	CALL(fork),
	CALL(kill),
	CALL(ptrace),
	CALL(process_vm_writev),
	CALL(bpf),
	CALL(perf_event_open),
	CALL(keyctl),
	CALL(userfaultfd),
	CALL(io_uring_setup),
	CALL(open_by_handle_at),
	CALL(iopl),
	CALL(socket),
	CALL(sendto),
	CALL(syslog),
	CALL(acct),
	CALL(prctl),
};

static int fail(const char *what)
{
	fprintf(stderr, "hijack: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long find_call(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].number;
	errno = EINVAL;
	fail(name);
	return -1;
}

static void wait_for_stop(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		fail("the process does not stop");
}

/* Copy a text into the memory of the process. Returns the address behind it. */
static uint64_t copy_text(pid_t pid, uint64_t at, const char *text)
{
	size_t len = strlen(text) + 1;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || pwrite(fd, text, len, (off_t)at) != (ssize_t)len)
		fail("cannot write to its memory");
	close(fd);
	return (at + len + 15) & ~15ULL;
}

static void set_arguments(pid_t pid, struct user_regs_struct *r, char **argv)
{
	unsigned long long *to[ARGUMENTS] = { &r->rdi, &r->rsi, &r->rdx,
					      &r->r10, &r->r8,	&r->r9 };
	uint64_t at = (r->rsp - RED_ZONE) & ~15ULL;

	for (int i = 0; i < ARGUMENTS; i++) {
		char *end = NULL;

		*to[i] = 0;
		if (!*argv)
			continue;
		*to[i] = (unsigned long long)strtoll(*argv, &end, 0);
		if (*end || !**argv) {
			*to[i] = at;
			at = copy_text(pid, at, *argv);
		}
		argv++;
	}
}

/* Run to the entry, then to the exit of the call. */
static long long execute(pid_t pid, struct user_regs_struct r)
{
	if (ptrace(PTRACE_SETREGS, pid, NULL, &r))
		fail("cannot set registers");
	for (int i = 0; i < 2; i++) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL))
			fail("cannot continue");
		wait_for_stop(pid);
	}
	if (ptrace(PTRACE_GETREGS, pid, NULL, &r))
		fail("cannot read registers");
	return (long long)r.rax;
}

/* Split a line in place. Returns the number of words. */
static int split(char *line, char *words[ARGUMENTS + 2])
{
	int n = 0;

	for (char *w = strtok(line, " \n"); w && n <= ARGUMENTS;
	     w = strtok(NULL, " \n"))
		words[n++] = w;
	words[n] = NULL;
	return n;
}

static void try_step(pid_t pid, const struct user_regs_struct *saved,
		     const char *line)
{
	struct user_regs_struct changed = *saved;
	char copy[1024], *words[ARGUMENTS + 2];
	long long result;

	snprintf(copy, sizeof(copy), "%s", line);
	if (!split(copy, words))
		return;
	changed.orig_rax = (unsigned long long)-1;
	changed.rip -= SYSCALL_SIZE;
	changed.rax = (unsigned long long)find_call(words[0]);
	set_arguments(pid, &changed, words + 1);
	result = execute(pid, changed);
	if (result < 0 && result > -4096)
		printf("%s %s", strerrorname_np((int)-result), line);
	else
		printf("%lld %s", result, line);
}

int main(int argc, char **argv)
{
	struct user_regs_struct saved;
	pid_t pid = argc == 2 ? (pid_t)atoi(argv[1]) : 0;
	char line[1024];
	long code;

	if (pid <= 0 || ptrace(PTRACE_ATTACH, pid, NULL, NULL))
		fail("cannot attach");
	wait_for_stop(pid);
	if (ptrace(PTRACE_GETREGS, pid, NULL, &saved))
		fail("cannot read registers");
	/* The process waits in a system call: its instruction is before rip. */
	errno = 0;
	code = ptrace(PTRACE_PEEKTEXT, pid, saved.rip - SYSCALL_SIZE, NULL);
	if (errno || (code & 0xffff) != 0x050f)
		fail("the process is not in a system call");
	while (fgets(line, sizeof(line), stdin))
		try_step(pid, &saved, line);
	/* The interrupted call returns as if a signal had arrived. */
	saved.orig_rax = (unsigned long long)-1;
	saved.rax = (unsigned long long)-EINTR;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &saved) ||
	    ptrace(PTRACE_DETACH, pid, NULL, NULL))
		fail("cannot release the process");
	return 0;
}
