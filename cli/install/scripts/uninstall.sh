#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Give the USB port back to the board's own gadget before the files are removed.
# STAGE/switch consists of service.sh, pause.sh, wait.sh, this text, apply.sh and
# clean.sh. It waits for no confirmation, because the host may not support the
# board's own gadget.
#
# Shell:    POSIX sh, on the board, detached.
# STAGE:    stage folder.
# ARGUMENT: process number of the SSH server.
echo $$ >"$STAGE/running"
wait_for_process "$ARGUMENT"
tetherd restore 2>/dev/null || tetherd down || :
stop_tetherd
