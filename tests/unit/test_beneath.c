/* SPDX-License-Identifier: Apache-2.0 */
/* Unit tests for posix/beneath.h: both lookups, with links that lead out. */
#include "cm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/beneath.h"

static char base[64];
static int root;

/* base/root is the root; base/out is outside. */
static int setup(void **state)
{
	(void)state;
	snprintf(base, sizeof(base), "/tmp/tether-beneath-XXXXXX");
	if (!mkdtemp(base) || chdir(base) || mkdir("root", 0700) ||
	    mkdir("root/a", 0700) || mkdir("root/a/b", 0700) ||
	    mkdir("out", 0700) || symlink("../out", "root/up") ||
	    symlink("a", "root/inside") || symlink("/", "root/absolute") ||
	    symlink("nothing", "root/dangling") ||
	    symlink("/proc/self/cwd", "root/magic"))
		return -1;
	close(open("root/a/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	root = beneath_open_root("root");
	return root < 0;
}

static int teardown(void **state)
{
	static const char *const names[] = { "root/a/file", "root/up",
					     "root/inside", "root/absolute",
					     "root/magic",  "root/dangling" };
	static const char *const folders[] = { "root/new/x", "root/new",
					       "root/a/b",   "root/a",
					       "root",	     "out" };

	(void)state;
	close(root);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(names[i]);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		(void)rmdir(folders[i]);
	return chdir("/") || rmdir(base);
}

static void expect_file(int fd, const char *path)
{
	struct stat a, b;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(stat(path, &b), 0);
	assert_true(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void opens_what_is_below_the_root(void **state)
{
	(void)state;
	expect_file(beneath_open(root, "", O_RDONLY), "root");
	expect_file(beneath_open(root, ".", O_RDONLY), "root");
	expect_file(beneath_open(root, "a//b/", O_RDONLY), "root/a/b");
	expect_file(beneath_open(root, "a/file", O_RDONLY), "root/a/file");
	expect_file(beneath_walk(root, "", O_RDONLY), "root");
	expect_file(beneath_walk(root, "./a//b/", O_RDONLY), "root/a/b");
	expect_file(beneath_walk(root, "a/file", beneath_lookup),
		    "root/a/file");
#ifdef BENEATH_OPENAT2
	/* openat2() follows links that stay below the root. */
	expect_file(beneath_open(root, "inside/../a/file", O_RDONLY),
		    "root/a/file");
#endif
}

static void refuses_what_leads_out(void **state)
{
	static const char *const paths[] = {
		"..",	    "a/../..",	"up",	   "up/x",
		"absolute", "magic",	"magic/x", "absolute/tmp",
		"dangling", "a/file/x", "nothing"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(beneath_open(root, paths[i], O_RDONLY), -1);
		assert_int_equal(beneath_walk(root, paths[i], O_RDONLY), -1);
		assert_int_equal(beneath_walk(root, paths[i], beneath_lookup),
				 -1);
	}
	errno = 0;
	assert_int_equal(beneath_open(root, "a/../..", O_RDONLY), -1);
	assert_int_equal(errno, EXDEV);
	assert_int_equal(beneath_walk(root, "up", beneath_lookup), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(beneath_walk(root, "a/..", O_RDONLY), -1);
	assert_int_equal(errno, EXDEV);
}

static void creates_folders_below_the_root_only(void **state)
{
	static const char *const paths[] = { "up/x",	   "dangling",
					     "dangling/x", "new/../../x",
					     "absolute/x", "a/file/x",
					     ".." };
	char name[300];

	(void)state;
	expect_file(beneath_open_folder(root, "new/x"), "root/new/x");
	expect_file(beneath_open_folder(root, "a/b"), "root/a/b");
	expect_file(beneath_open_folder(root, ""), "root");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_int_equal(beneath_open_folder(root, paths[i]), -1);
	assert_int_not_equal(access("out/x", F_OK), 0);
	assert_int_not_equal(access("root/nothing", F_OK), 0);
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		name[i] = 'n';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(beneath_open_folder(root, name), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(opens_what_is_below_the_root,
						setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_leads_out, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			creates_folders_below_the_root_only, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
