#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Receive one file from standard input into the stage folder.
#
# Shell:    POSIX sh, on the board over SSH.
# STAGE:    stage folder; created if missing.
# NAME:     name of the file in the stage folder.
# SUM:      POSIX cksum of the file. If the received file has another checksum,
#           it does not get its name.
# Exit:     0, or 1 if the file is incomplete.
umask 077
mkdir -p "$STAGE" &&
	cd "$STAGE" &&
	cat >"$NAME.part" &&
	sum=$(cksum <"$NAME.part") &&
	[ "${sum%% *}" = "$SUM" ] &&
	mv -f "$NAME.part" "$NAME"
