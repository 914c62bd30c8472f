#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Receive files from standard input into the stage folder, and run the script
# "go", which is one of them. One remote command does all of that, because each
# one costs a slow board seconds.
#
# Shell:    POSIX sh, on the board over SSH.
# STAGE:    stage folder; created if missing.
# "$@":     three words a file: NAME SUM BYTES. SUM is its POSIX cksum: a file
#           with another one does not get its name.
# Input:    the files, each filled up with at least one byte to a multiple of
#           512 bytes.
# Exit:     that of go, or 1 if a file is incomplete. Nothing is changed then.
umask 077
mkdir -p "$STAGE" && cd "$STAGE" && cat >stream || exit 1
block=0
while [ $# -ge 3 ]; do
	whole=$(($3 / 512))
	{
		dd bs=512 skip=$block count=$whole <stream
		dd bs=1 skip=$(((block + whole) * 512)) count=$(($3 % 512)) \
			<stream
	} >"$1.part" 2>/dev/null
	sum=$(cksum <"$1.part")
	[ "${sum%% *}" = "$2" ] || {
		echo "$1 arrived incomplete. Is the disk of $STAGE full?" >&2
		exit 1
	}
	mv -f "$1.part" "$1"
	block=$((block + whole + 1))
	shift 3
done
rm -f stream
exec sh ./go
