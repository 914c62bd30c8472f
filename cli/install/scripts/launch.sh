#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Start the switch script, and wait until it runs. It is detached from this SSH
# connection and from the service of the SSH server. tether sends this text
# after pause.sh.
#
# Shell:    POSIX sh, on the board, as a child of the SSH server.
# STAGE:    stage folder.
# Prints:   "tether-launched" at the end.
# Exit:     0, or 1 if the switch script does not start within 10 s.
# shellcheck disable=SC2154 # pause.sh sets pauses
PATH=$PATH:/usr/sbin:/sbin
! command -v systemctl >/dev/null ||
	systemctl reset-failed tether-switch.service 2>/dev/null || :
if command -v systemd-run >/dev/null 2>&1 &&
	systemd-run --unit=tether-switch sh "$STAGE/switch" $PPID \
		>/dev/null 2>&1; then
	:
elif command -v setsid >/dev/null 2>&1; then
	setsid sh "$STAGE/switch" $PPID </dev/null >/dev/null 2>&1 &
else
	(
		trap '' HUP
		exec sh "$STAGE/switch" $PPID
	) </dev/null >/dev/null 2>&1 &
fi
n=0
until [ -e "$STAGE/running" ]; do
	n=$((n + 1))
	[ $n -le $((10 * pauses)) ] || {
		echo "the switch script does not start" >&2
		exit 1
	}
	pause
done
echo tether-launched
