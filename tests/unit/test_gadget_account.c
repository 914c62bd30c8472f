/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of gadget/account: the numbers of the users of tetherd's processes. */
#include "cm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "gadget/account.h"

static struct account found;
static char error[256];

/* Find the account tetherd in a file with this text. */
static int find(const char *text)
{
	char path[] = "/tmp/test_gadget_account.XXXXXX";
	int fd = mkstemp(path), err;
	size_t len = strlen(text);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
	error[0] = '\0';
	err = account_find(&found, &account_tetherd, path, error,
			   sizeof(error));
	unlink(path);
	return err;
}

static void takes_the_numbers_of_the_user(void **state)
{
	(void)state;
	assert_int_equal(find("root:x:0:0::/:/bin/sh\n"
			      "tetherd:x:123:45::/:/bin/false\n"),
			 ERR_OK);
	assert_int_equal(found.uid, 123);
	assert_int_equal(found.gid, 45);
}

static void takes_fixed_numbers_without_a_user(void **state)
{
	(void)state;
	assert_int_equal(find("root:x:0:0::/:/bin/sh\n"), ERR_OK);
	assert_int_equal(found.uid, 60901);
	assert_int_equal(found.gid, 60901);
	assert_int_equal(find(""), ERR_OK);
	assert_int_equal(found.uid, 60901);
	/* A read-only root may have no such file at all. */
	assert_int_equal(account_find(&found, &account_usbnvme,
				      "/nonexistent/passwd", error,
				      sizeof(error)),
			 ERR_OK);
	assert_int_equal(found.uid, 60902);
}

static void another_user_with_the_name_as_prefix_does_not_count(void **state)
{
	(void)state;
	assert_int_equal(find("tetherd2:x:5:5::/:/bin/sh\n"), ERR_OK);
	assert_int_equal(found.uid, 60901);
}

static void refuses_a_user_with_the_rights_of_root(void **state)
{
	static const char *const lines[] = { "tetherd:x:0:5::/:/bin/sh\n",
					     "tetherd:x:5:0::/:/bin/sh\n" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(find(lines[i]), ERR_INVALID);
		assert_non_null(strstr(error, "rights of root"));
	}
}

static void refuses_a_number_that_belongs_to_another_user(void **state)
{
	(void)state;
	assert_int_equal(find("eve:x:60901:60901::/:/bin/sh\n"), ERR_INVALID);
	assert_non_null(strstr(error, "60901 belongs to eve"));
	/* The user's own entry counts, wherever it is. */
	assert_int_equal(find("eve:x:60901:60901::/:/bin/sh\n"
			      "tetherd:x:7:8::/:/bin/sh\n"),
			 ERR_OK);
	assert_int_equal(found.uid, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_numbers_of_the_user),
		cmocka_unit_test(takes_fixed_numbers_without_a_user),
		cmocka_unit_test(
			another_user_with_the_name_as_prefix_does_not_count),
		cmocka_unit_test(refuses_a_user_with_the_rights_of_root),
		cmocka_unit_test(refuses_a_number_that_belongs_to_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
