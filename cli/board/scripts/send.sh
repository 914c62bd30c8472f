#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Receive one file from standard input, and rename it into place only if it is
# complete. A lost connection, a full disk or a signal leaves the old file
# untouched.
#
# Shell:    POSIX sh, on the board.
# FOLDER:   destination folder.
# NAME:     file name in FOLDER.
# SUM:      checksum as TOOL prints it: "SUM" of sha256sum, "SUM SIZE" of cksum.
# MODE:     octal mode of the file.
# TOOL:     cksum or sha256sum.
# Exit:     0, or a code that upload.c explains: 90 signal, 91 folder,
#           92 writing, 93 checksum, 94 mode, 95 NAME is a folder, 96 rename.
cd "$FOLDER" || exit 91

# Remove temporary files whose writer has ended. Their names contain the process
# number of the writer. A zombie (state Z) has ended, too.
for part in .tether-*.part; do
	pid=${part#.tether-}
	pid=${pid%.part}
	[ -e "$part" ] || continue
	case $(cat "/proc/$pid/stat" 2>/dev/null) in
	'' | *') Z '*) rm -f "./$part" ;;
	esac
done

part=./.tether-$$.part
umask 077
trap 'rm -f "$part"' EXIT
trap 'exit 90' HUP INT TERM PIPE
cat >"$part" || exit 92
sum=$($TOOL <"$part") || exit 92
case "$sum " in
"$SUM "*) ;;
*) exit 93 ;;
esac
chmod "$MODE" "$part" || exit 94
fsync "$part" 2>/dev/null || sync "$part" 2>/dev/null || sync
[ ! -d "./$NAME" ] || exit 95
mv -f "$part" "./$NAME" || exit 96
trap - EXIT
