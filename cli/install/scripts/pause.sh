#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Function that waits between two looks at a state. tether sends this text in
# front of the scripts that call it.
#
# Shell:    POSIX sh, on the board.

# Not every sleep knows fractions of a second.
pauses=5 # in a second
sleep 0.2 2>/dev/null || pauses=1

pause() {
	if [ $pauses = 5 ]; then
		sleep 0.2
	else
		sleep 1
	fi
}
