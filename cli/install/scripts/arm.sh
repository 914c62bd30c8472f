#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prepare the switch over SSH: write the switch script, and install the boot
# hook that rolls back. This happens before anything is changed.
#
# Shell:    POSIX sh, on the board.
# ROOT:     root folder; empty on a real board, a temporary folder in tests.
# STAGE:    stage folder.
# INIT:     systemd, or busybox for init scripts.
# NONCE:    text that only the host of this installation knows.
# SWITCH:   text of the switch script.
# HOOK:     text of the boot hook: a unit or an init script; empty for none.
# Prints:   "tether-armed" at the end.
# Exit:     0, or the exit code of the first command that failed.
PATH=$PATH:/usr/sbin:/sbin
set -e
mkdir -p "$STAGE"
cd "$STAGE"
rm -f started confirmed over running
printf %s "$SWITCH" >switch
printf %s "$NONCE" >nonce
# The kernel gives each boot its own identifier.
boot_id=$(cat "$ROOT/proc/sys/kernel/random/boot_id" 2>/dev/null) || :
echo "$boot_id" >boot
if [ -z "$HOOK" ]; then
	:
elif [ "$INIT" = systemd ]; then
	unit=etc/systemd/system/tether-switch-back.service
	wants=$ROOT/etc/systemd/system/sysinit.target.wants
	mkdir -p "$wants"
	printf %s "$HOOK" >"$ROOT/$unit"
	ln -sfn "/$unit" "$wants/tether-switch-back.service"
else
	printf %s "$HOOK" >"$ROOT/etc/init.d/S29tether-switch"
	chmod 755 "$ROOT/etc/init.d/S29tether-switch"
fi
sync
echo tether-armed
