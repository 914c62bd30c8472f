/* SPDX-License-Identifier: Apache-2.0 */
#include "gadget/account.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

/* systemd's table of user numbers marks 60706 to 61183 as unused, and no
 * distribution assigns them. packaging/ creates the users with these numbers.
 */
const struct account account_tetherd = { "tetherd", 60901, 60901 };
const struct account account_usbnvme = { "usbnvme", 60902, 60902 };

int account_find(struct account *a, const struct account *wanted,
		 const char *passwd, char *error, size_t cap)
{
	FILE *f = fopen(passwd, "re");
	char other[32] = "";
	struct passwd *p;

	*a = *wanted;
	/* fgetpwent() instead of getpwnam(): a static program cannot load the
	 * name services. */
	while (f && (p = fgetpwent(f))) {
		if (!strcmp(p->pw_name, wanted->name)) {
			a->uid = p->pw_uid;
			a->gid = p->pw_gid;
			other[0] = '\0';
			break;
		}
		if (p->pw_uid == wanted->uid)
			snprintf(other, sizeof(other), "%s", p->pw_name);
	}
	if (f)
		fclose(f);
	if (!a->uid || !a->gid) {
		snprintf(error, cap,
			 "the user %s of %s has the rights of root. Give the "
			 "user numbers of its own",
			 a->name, passwd);
		return ERR_INVALID;
	}
	if (!other[0])
		return ERR_OK;
	snprintf(error, cap,
		 "%s has no user %s, and its number %u belongs to %s. Create "
		 "the system user %s",
		 passwd, a->name, (unsigned int)a->uid, other, a->name);
	return ERR_INVALID;
}
