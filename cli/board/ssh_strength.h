/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strength of SSH algorithms, which decides what `tether ssh-config` allows
 * for an old server. The order follows RFC 9142 for key exchanges, and the
 * defaults of OpenSSH for the other lists.
 */
#ifndef TETHER_CLI_BOARD_SSH_STRENGTH_H
#define TETHER_CLI_BOARD_SSH_STRENGTH_H

#include <stdbool.h>

enum { SSH_STRENGTH_NAME = 128 };

/** Choose the strongest algorithm that two lists "a,b,c" of one kind have in
 * common. An unknown name ranks behind the known ones, and before the weak
 * ones. Returns false if there is none; "none" and names of
 * SSH_STRENGTH_NAME or more bytes are never chosen. */
bool ssh_strength_choose(const char *offered, const char *supported,
			 char name[SSH_STRENGTH_NAME], bool *weak);

#endif
