#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Apply the steps of an installation plan.
#
# Old files are saved as STAGE/old/NUMBER, so that rollback.sh can restore them.
# Each file is replaced by one rename: an interruption at any point leaves the
# old file or the new one.
#
# Shell:    POSIX sh, on the board or on the host for a mounted root.
# ROOT:     root folder of the board; empty on the board itself.
# STAGE:    stage folder with the new files, named by their checksums.
# "$@":     seven words a step: DO NUMBER PLACE BEFORE OLD NEW MODE
#           DO is put, link, aside or remove. BEFORE is what PLACE is now:
#           none, file or link; OLD is that link's target. NEW is a file of
#           STAGE (put), or the target of the new link (link, aside).
# Prints:   "tether-done" at the end.
# Exit:     0, or the exit code of the first command that failed.
PATH=$PATH:/usr/sbin:/sbin
set -e
rm -rf "$STAGE/old"
mkdir -p "$STAGE/old"

# Copy, then rename: a saved file is complete or absent.
save_old() { # NUMBER FILE
	cp -p "$2" "$STAGE/old/part"
	mv "$STAGE/old/part" "$STAGE/old/$1"
}

while [ $# -ge 7 ]; do
	place=$ROOT$3
	[ "$1" = remove ] || mkdir -p "${place%/*}"
	case $1:$4 in
	put:file | remove:file) save_old "$2" "$place" ;;
	# Remove the link first: mv would follow a link to a folder.
	put:link) rm -f "$place" ;;
	esac
	case $1 in
	put)
		cp "$STAGE/$6" "$STAGE/new"
		chmod "$7" "$STAGE/new"
		mv -f "$STAGE/new" "$place"
		;;
	aside)
		rm -f "$place.before-tether"
		mv "$place" "$place.before-tether"
		ln -sfn "$6" "$place"
		;;
	link)
		ln -sfn "$6" "$place"
		;;
	remove)
		rm -f "$place"
		[ "$4" != link ] || [ ! -e "$place.before-tether" ] ||
			mv -f "$place.before-tether" "$place"
		;;
	esac
	shift 7
done
sync
[ -n "$ROOT" ] || ! command -v systemctl >/dev/null ||
	systemctl daemon-reload || :
echo tether-done
