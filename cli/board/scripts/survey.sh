#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Report where files will go, and the checksums of the files already there.
#
# Shell:    POSIX sh, on the board.
# TO:       destination: an existing folder, or the new name of a single file.
# PARENT:   folder that holds TO; empty if TO must be a folder.
# "$@":     names of the files.
# Prints:   "tether-survey KIND TOOL": KIND is folder, name or none; TOOL is
#           cksum, sha256sum or none. Then one line a file: its checksum as
#           TOOL prints it, "folder", or "-" for anything else.
# Exit:     0.
tool=none
for candidate in sha256sum cksum; do
	command -v $candidate >/dev/null 2>&1 && tool=$candidate
done
if [ -d "$TO" ]; then
	kind=folder
elif [ $# = 1 ] && [ -d "$PARENT" ]; then
	kind=name
else
	kind=none
fi
echo "tether-survey $kind $tool"
for name; do
	file=$TO
	[ $kind = folder ] && file=$TO/$name
	sum=-
	if [ -d "$file" ]; then
		sum=folder
	elif [ -f "$file" ] && [ ! -L "$file" ]; then
		sum=$($tool <"$file")
	fi
	echo "$sum"
done
