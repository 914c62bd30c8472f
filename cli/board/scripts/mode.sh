#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Set the mode of a file that is up to date. chmod follows links, and other
# users may replace the file by a link meanwhile. In a folder where others may
# write, the file therefore gets a second name in a private folder first.
#
# Shell:    POSIX sh, on the board.
# FOLDER:   folder of the file.
# NAME:     file name in FOLDER.
# MODE:     octal mode.
# Exit:     0, 91 folder, 94 mode.
cd "$FOLDER" || exit 91
me=$(id -u) || exit 94
# describe PATH: print mode, number of names and owner.
describe() {
	# shellcheck disable=SC2012 # ls prints the owner of one known path
	ls -dn "$1" | tr -s ' ' | cut -d ' ' -f 1-3
}
case $(describe .) in
d????-??-?*" $me")
	chmod "$MODE" "./$NAME" || exit 94
	exit
	;;
esac
umask 077
random=$(tr -dc a-z0-9 </dev/urandom 2>/dev/null | head -c 16)
part=.tether-$$-$random.part
mkdir -m 700 "./$part" || exit 94
trap 'rm -f "./$part/data"; rmdir "./$part"' EXIT
trap 'exit 94' HUP INT TERM PIPE
ln "./$NAME" "./$part/data" || exit 94
case $(describe "./$part/data") in
-*" 2 $me") chmod "$MODE" "./$part/data" || exit 94 ;;
*) exit 94 ;;
esac
