#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Roll back an installation that failed before the switch. tether sends this
# text after rollback.sh.
#
# Shell:    POSIX sh, on the board.
# STAGE:    stage folder.
# "$@":     steps, as in apply.sh.
# Prints:   "tether-back" at the end.
# Exit:     0.
PATH=$PATH:/usr/sbin:/sbin
[ ! -e "$STAGE/running" ] || kill "$(cat "$STAGE/running")" 2>/dev/null
undo "$@"
tidy
echo tether-back
