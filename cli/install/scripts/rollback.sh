#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Functions that undo an installation plan. tether sends this text in front of
# switch.sh and take-back.sh.
#
# Shell:    POSIX sh, on the board.
# ROOT:     root folder; empty on a real board, a temporary folder in tests.
# STAGE:    stage folder with the saved files in old/.

# Undo the steps of apply.sh, which may have stopped at any place. Each step
# may fail alone without blocking the next.
undo() { # DO NUMBER PLACE BEFORE OLD NEW MODE, for each step
	while [ $# -ge 7 ]; do
		place=$ROOT$3
		case $1:$4 in
		aside:*)
			# If no file was renamed, the original is still in
			# place.
			[ ! -e "$place.before-tether" ] ||
				mv -f "$place.before-tether" "$place"
			;;
		*:file)
			[ ! -e "$STAGE/old/$2" ] ||
				mv -f "$STAGE/old/$2" "$place"
			;;
		*:link) ln -sfn "$5" "$place" ;;
		*) rm -f "$place" ;;
		esac
		shift 7
	done
	sync
	! command -v systemctl >/dev/null || systemctl daemon-reload || :
}

# Remove the boot hook and the stage folder.
tidy() {
	rm -f "$ROOT/etc/systemd/system/tether-switch-back.service" \
		"$ROOT/etc/systemd/system/sysinit.target.wants/tether-switch-back.service" \
		"$ROOT/etc/init.d/S29tether-switch"
	! command -v systemctl >/dev/null || systemctl daemon-reload || :
	rm -rf "$STAGE"
}
