#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Functions that start and stop tetherd. tether sends this text in front of the
# scripts that call them.
#
# Shell:    POSIX sh, on the board.
# ROOT:     root folder; empty on a real board, a temporary folder in tests.
# INIT:     systemd, or busybox for init scripts.
PATH=$PATH:/usr/sbin:/sbin

stop_tetherd() {
	if [ "$INIT" = systemd ]; then
		systemctl stop tetherd.service 2>/dev/null || :
	else
		"$ROOT/etc/init.d/S30tetherd" stop >/dev/null 2>&1 || :
	fi
}

# tetherd takes over from the gadget script of ST's images.
start_tetherd() {
	if [ "$INIT" = systemd ]; then
		systemctl stop usbotg-config.service 2>/dev/null || :
		systemctl restart tetherd.service
	else
		stop_tetherd
		"$ROOT/etc/init.d/S30tetherd" start
	fi
}
