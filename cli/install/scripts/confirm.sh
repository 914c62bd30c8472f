#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Confirm the switch, if this board waits for it and tetherd runs. May be
# repeated: the answer to the first call may be lost.
#
# Shell:    POSIX sh, on the board.
# ROOT:     root folder; empty on a real board, a temporary folder in tests.
# STAGE:    stage folder.
# NONCE:    text that names this installation.
# Prints:   "tether-confirmed" if the switch is confirmed.
# Exit:     0 if confirmed, else 1.
PATH=$PATH:/usr/sbin:/sbin
confirm() {
	cd "$STAGE" && [ "$(cat nonce)" = "$NONCE" ] &&
		tetherd status >/dev/null &&
		mv started confirmed
}
confirmed=$(cat "$ROOT/run/tether-confirmed" 2>/dev/null)
[ "$confirmed" = "$NONCE" ] || confirm || exit 1
echo tether-confirmed
