#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# End all processes that have a mark in their environment: SIGTERM now, and
# SIGKILL two seconds later to the processes that still run.
#
# Shell:    POSIX sh with Linux's /proc and tr, on the board or in a container.
# MARK:     the mark, NAME=VALUE.
# Exit:     0.
signal_marked() { # SIGNAL
	any=
	for process in /proc/[0-9]*; do
		case "$(tr '\0' ' ' 2>/dev/null <"$process/environ") " in
		*"$MARK "*)
			any=1
			kill "-$1" "${process#/proc/}"
			;;
		esac
	done 2>/dev/null
	[ "$any" ]
}
if signal_marked TERM; then
	{
		sleep 2
		signal_marked KILL
	} </dev/null >/dev/null 2>&1 &
fi
