#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Function that waits for the end of an SSH connection. tether sends this text
# in front of switch.sh and uninstall.sh.
#
# Shell:    POSIX sh, on the board.

# Wait until the SSH server of this connection has ended. If the USB link went
# first, the host would wait for an answer in vain. After 20 s, or without a
# process of that number, a second must do.
wait_for_process() { # PID
	n=0
	while kill -0 "$1" 2>/dev/null && [ $n -lt 20 ]; do
		n=$((n + 1))
		sleep 1
	done
	sleep 1
}
