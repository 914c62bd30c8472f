/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of linux_sys/sandbox: the filter and the rules apply to a process and
 * its children, and allow what was asked for. */
#include "cm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "linux_sys/sandbox.h"

enum { UNSUPPORTED = 77 };

/* Run a check in a child process. Returns its exit status: 0 is fine, else a
 * line number. */
static int in_child(int (*check)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define DEMAND(condition)                                                      \
	do {                                                                   \
		if (!(condition))                                              \
			return __LINE__ & 63;                                  \
	} while (0)

static int filters_calls(void)
{
	int err = sandbox_filter_calls(SANDBOX_THREADS), status;
	pid_t pid;

	if (err == ERR_UNSUPPORTED)
		return UNSUPPORTED;
	DEMAND(!err);
	DEMAND(getpid() > 0);
	DEMAND(open("/", O_RDONLY | O_DIRECTORY) >= 0);
	DEMAND(socket(AF_UNIX, SOCK_STREAM, 0) < 0 && errno == ENOSYS);
	DEMAND(mkdir("/tmp/never", 0700) < 0 && errno == ENOSYS);
	DEMAND(setresuid(1, 1, 1) < 0 && errno == ENOSYS);
	DEMAND(execl("/bin/true", "true", NULL) < 0 && errno == ENOSYS);
	DEMAND(syscall(SYS_mount, NULL, NULL, NULL, 0, NULL) < 0 &&
	       errno == ENOSYS);
	/* A number that is no call, and one of the x32 ABI. */
	DEMAND(syscall(5000) < 0 && errno == ENOSYS);
	DEMAND(syscall(0x40000000 | SYS_getpid) < 0 && errno == ENOSYS);
	/* Children are filtered, too. */
	pid = fork();
	if (!pid)
		_exit(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	DEMAND(pid > 0 && waitpid(pid, &status, 0) == pid && !status);
	return 0;
}

static int allows_groups(void)
{
	int err = sandbox_filter_calls(SANDBOX_NETWORK | SANDBOX_FILES |
				       SANDBOX_PROGRAMS);
	char folder[] = "/tmp/test_sandbox.XXXXXX";

	if (err == ERR_UNSUPPORTED)
		return UNSUPPORTED;
	DEMAND(!err);
	DEMAND(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	DEMAND(mkdtemp(folder) && !rmdir(folder));
	DEMAND(syscall(SYS_umount2, "/nowhere", 0) < 0 && errno == ENOSYS);
	execl("/bin/true", "true", NULL);
	return __LINE__ & 63;
}

static char allowed[] = "/tmp/test_sandbox.XXXXXX";

static int restricts_files(void)
{
	const struct sandbox_path paths[] = {
		{ allowed, SANDBOX_READ | SANDBOX_WRITE },
		{ "/usr", SANDBOX_READ | SANDBOX_EXECUTE },
		{ "/nowhere/at/all", SANDBOX_READ },
		{ "/proc/self/status", SANDBOX_READ },
	};
	int err = sandbox_restrict_files(paths, 4);
	char path[64];

	if (err == ERR_UNSUPPORTED)
		return UNSUPPORTED;
	DEMAND(!err);
	snprintf(path, sizeof(path), "%s/x", allowed);
	DEMAND(open(path, O_RDWR | O_CREAT, 0600) >= 0);
	DEMAND(!unlink(path));
	DEMAND(open("/usr", O_RDONLY | O_DIRECTORY) >= 0);
	DEMAND(open("/proc/self/status", O_RDONLY) >= 0);
	DEMAND(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
	DEMAND(open("/tmp/test_sandbox.never", O_WRONLY | O_CREAT, 0600) < 0 &&
	       errno == EACCES);
	DEMAND(mkdir("/tmp/test_sandbox.never", 0700) < 0 && errno == EACCES);
	DEMAND(open("/usr/test_sandbox", O_WRONLY | O_CREAT, 0600) < 0);
	return 0;
}

static void run(int (*check)(void), const char *what)
{
	int status = in_child(check);

	if (status != UNSUPPORTED) {
		assert_int_equal(status, 0);
		return;
	}
	fprintf(stderr, "SKIPPED: this kernel has no %s\n", what);
	skip();
}

static void filter_refuses_every_other_call(void **state)
{
	(void)state;
	run(filters_calls, "seccomp filters, or this is a build with ASan");
}

static void filter_allows_the_groups(void **state)
{
	(void)state;
	run(allows_groups, "seccomp filters, or this is a build with ASan");
}

static void rules_allow_only_the_paths(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(allowed));
	run(restricts_files, "Landlock");
	assert_int_equal(rmdir(allowed), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_refuses_every_other_call),
		cmocka_unit_test(filter_allows_the_groups),
		cmocka_unit_test(rules_allow_only_the_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
