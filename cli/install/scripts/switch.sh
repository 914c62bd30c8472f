#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Start tetherd, which may replace the link of the installing host. Roll back if
# that host does not confirm in time, or if the board is reset before that.
# STAGE/switch runs this text detached, after service.sh, pause.sh,
# wait.sh and rollback.sh.
#
# Host and board both rename STAGE/started: the host to "confirmed", this script
# to "over". Only the first rename succeeds, so host and board agree on the
# result.
#
# Shell:     POSIX sh, on the board.
# ROOT:      root folder; empty on a real board, a temporary folder in tests.
# STAGE:     stage folder.
# INIT:      systemd, or busybox for init scripts.
# ARGUMENT:  process number of the SSH server, or "boot" from the boot hook.
# CONFIRM_S: seconds to wait for the host.
# WAS_RUNNING: yes if tetherd ran before.
# "$@":      steps, as in apply.sh.
# Exit:      0. After a rollback, the log is in /var/log/tether-install.log.

keep() {
	cp "$STAGE/nonce" "$ROOT/run/tether-confirmed" 2>/dev/null
	tidy
	exit 0
}

save_log() {
	cp "$STAGE/log" "$ROOT/var/log/tether-install.log" 2>/dev/null
}

if [ "$ARGUMENT" = boot ]; then
	# systemd starts the hook whenever sysinit.target is started. The
	# kernel's boot identifier shows whether the board has booted since.
	boot_id=$(cat "$ROOT/proc/sys/kernel/random/boot_id" 2>/dev/null)
	[ "$boot_id" != "$(cat "$STAGE/boot")" ] || exit 0
	[ ! -e "$STAGE/confirmed" ] || keep
	undo "$@" >"$STAGE/log" 2>&1
	# udev and systemd still use the files of the installation: reload.
	[ "$INIT" != systemd ] || {
		udevadm control --reload &&
			udevadm trigger -c add -s udc
		systemctl --no-block start usbotg-config.service
	} 2>/dev/null
	save_log
	tidy
	exit 0
fi

echo $$ >"$STAGE/running"
wait_for_process "$ARGUMENT"
start_tetherd >"$STAGE/log" 2>&1
# An init script returns before tetherd is up. confirm.sh asks for that.
: >"$STAGE/started"
n=0
while [ $n -lt "$CONFIRM_S" ]; do
	[ ! -e "$STAGE/confirmed" ] || keep
	n=$((n + 1))
	sleep 1
done
mv "$STAGE/started" "$STAGE/over" 2>/dev/null ||
	[ ! -e "$STAGE/confirmed" ] || keep

[ "$WAS_RUNNING" = yes ] || tetherd restore >>"$STAGE/log" 2>&1 ||
	tetherd down >>"$STAGE/log" 2>&1
stop_tetherd
undo "$@"
if [ "$WAS_RUNNING" = yes ]; then
	start_tetherd
elif [ "$INIT" = systemd ]; then
	systemctl start usbotg-config.service 2>/dev/null || :
fi
save_log
tidy
