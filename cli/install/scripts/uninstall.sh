#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Give the USB port back before the files go. tether sends service.sh and wait.sh
# in front of this text, apply.sh and clean.sh behind it, as STAGE/switch. Nobody
# confirms: the board's own gadget may be one that this host cannot use.
#
# Shell:    POSIX sh, on the board, detached.
# STAGE:    stage folder.
# ARGUMENT: process number of the SSH server.
echo $$ >"$STAGE/running"
wait_for_process "$ARGUMENT"
tetherd restore 2>/dev/null || tetherd down || :
stop_tetherd
