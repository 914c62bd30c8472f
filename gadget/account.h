/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The users of tetherd's processes: numbers from /etc/passwd, or fixed ones on
 * a board whose read-only root has no such user.
 */
#ifndef TETHER_GADGET_ACCOUNT_H
#define TETHER_GADGET_ACCOUNT_H

#include <stddef.h>
#include <sys/types.h>

struct account {
	const char *name;
	uid_t uid;
	gid_t gid;
};

/** tetherd: the long-running process, and udhcpd. */
extern const struct account account_tetherd;
/** usbnvme: the program that serves FunctionFS. */
extern const struct account account_usbnvme;

/**
 * Find an account: `wanted` is one of the two above, with the fixed numbers.
 * The user of that name in `passwd` (normally "/etc/passwd") precedes them. A
 * missing file is like a file without the user. ERR_INVALID: the user is root,
 * or the fixed number belongs to another user; `error` has a sentence.
 */
int account_find(struct account *a, const struct account *wanted,
		 const char *passwd, char *error, size_t cap);

#endif
