/* SPDX-License-Identifier: Apache-2.0 */
/* Tests that a power loss at any point of a save leaves the old or the new
 * state. The wrapped system calls (see meson.build) end the process at each
 * point. */
#include "cm.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "drive/drive.h"
#include "drive_file/state_file.h"

enum { PIECE = 512, CUT = 42 };

ssize_t __real_write(int fd, const void *data, size_t len);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __real_close(int fd);
ssize_t __wrap_write(int fd, const void *data, size_t len);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_close(int fd);

static int calls_left = -1; /* calls until power fails; -1: never */

static void power(void)
{
	if (calls_left >= 0 && !calls_left--)
		_exit(CUT);
}

/* Write in pieces. Power can fail between two pieces. */
ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	power();
	return __real_write(fd, data, len < PIECE ? len : PIECE);
}

int __wrap_fsync(int fd)
{
	power();
	return __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
	power();
	return __real_rename(from, to);
}

int __wrap_close(int fd)
{
	power();
	return __real_close(fd);
}

static struct drive old, new, back;
static char folder[] = "/tmp/tether-power-XXXXXX";
static char path[64], error[512];

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/state", folder);
	drive_init_default(&old);
	drive_start(&old);
	new = old;
	assert_int_equal(drive_namespace_create(&new, 1000, 0, true), 2);
	return 0;
}

static int teardown(void **state)
{
	char name[80];

	(void)state;
	unlink(path);
	snprintf(name, sizeof(name), "%s.new", path);
	unlink(name);
	return rmdir(folder);
}

/* Save the new state in a child process that ends at system call n. */
static int save_until(int n)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		calls_left = n;
		_exit(state_file_save(&new, path, error, sizeof(error)) ? 1
									: 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void power_loss_leaves_old_or_new_state(void **state)
{
	int n = 0, ended, olds = 0, news = 0;

	(void)state;
	do {
		assert_int_equal(
			state_file_save(&old, path, error, sizeof(error)),
			ERR_OK);
		ended = save_until(n++);
		assert_true(ended == CUT || ended == 0);
		drive_init_default(&back);
		assert_int_equal(
			state_file_load(&back, path, error, sizeof(error)),
			ERR_OK);
		if (drive_namespace_exists(&back, 2))
			news++;
		else
			olds++;
		assert_true(ended || drive_namespace_exists(&back, 2));
		/* The new state is never replaced by the old one. */
		assert_true(!news || drive_namespace_exists(&back, 2));
	} while (ended);
	/* There were failures at each write, sync, close and rename. */
	assert_true(olds > STATE_FILE_MAX / PIECE / 8);
	assert_true(news >= 2);
	print_message("power failed at %d points\n", n - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_loss_leaves_old_or_new_state),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
