#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Function that waits for the end of an SSH connection. tether sends this text
# in front of switch.sh and uninstall.sh.
#
# Shell:    POSIX sh, on the board.

# Wait until the SSH server of this connection has ended. If the USB link ended
# first, the host would wait for an answer in vain. Wait at most 20 s for the
# process, then one second more.
wait_for_process() { # PID
	n=0
	while kill -0 "$1" 2>/dev/null && [ $n -lt 20 ]; do
		n=$((n + 1))
		sleep 1
	done
	sleep 1
}
