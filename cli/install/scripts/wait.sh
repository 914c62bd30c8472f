#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Function that waits for the end of an SSH connection. tether sends this text
# in front of switch.sh and uninstall.sh, and after pause.sh.
#
# Shell:    POSIX sh, on the board.
# shellcheck disable=SC2154 # pause.sh sets pauses

# Wait until the SSH server of this connection has ended. If the USB link ended
# first, the host would wait for an answer in vain. Wait at most 20 s for the
# process, then two pauses for the last packets of the connection.
wait_for_process() { # PID
	n=0
	while kill -0 "$1" 2>/dev/null && [ $n -lt $((20 * pauses)) ]; do
		n=$((n + 1))
		pause
	done
	pause
	pause
}
