#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Print the state of a board, and of each place where a file or link goes.
#
# Shell:    POSIX sh, on the board or on the host for a mounted root.
# ROOT:     root folder of the board; empty on the board itself.
# "$@":     absolute paths on the board.
# Prints:   "tether-state INIT MACHINE RUNNING", then one line a path:
#           "none", "file CKSUM", "link TARGET" or "other".
#           INIT is systemd, busybox, none, or no-cksum.
# Exit:     0.

# On some boards, the PATH of a shell that is not a login shell lacks these.
PATH=$PATH:/usr/sbin:/sbin

init=none
[ ! -d "$ROOT/etc/init.d" ] || init=busybox
for file in /lib/systemd/systemd /usr/lib/systemd/systemd; do
	[ ! -e "$ROOT$file" ] || init=systemd
done
command -v cksum >/dev/null || init=no-cksum
machine=$(uname -m)
running=no
[ -n "$ROOT" ] || ! tetherd status >/dev/null 2>&1 || running=yes
echo "tether-state $init ${machine:-unknown} $running"

for place; do
	file=$ROOT$place
	if [ -L "$file" ]; then
		echo "link $(readlink "$file")"
	elif [ -f "$file" ]; then
		sum=$(cksum <"$file")
		echo "file ${sum%% *}"
	elif [ -e "$file" ]; then
		echo other
	else
		echo none
	fi
done
