#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Start tetherd, and wait until it reports its status. tether sends this text
# after service.sh and pause.sh.
#
# Shell:    POSIX sh, on the board.
# Exit:     0, or 1 with the output of `tetherd check` after 30 s.
# shellcheck disable=SC2154 # pause.sh sets pauses
start_tetherd
n=0
until tetherd status >/dev/null 2>&1; do
	n=$((n + 1))
	[ $n -lt $((30 * pauses)) ] || {
		echo "tetherd does not start. tetherd check prints:"
		tetherd check 2>&1 | tail -n 5
		exit 1
	}
	pause
done
