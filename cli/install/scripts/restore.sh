#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Give the USB port back to the board's own gadget, and stop tetherd. tether
# sends this text after service.sh.
#
# Shell:    POSIX sh, on the board, while tetherd is still installed.
# Exit:     0.
tetherd restore 2>/dev/null || tetherd down || :
stop_tetherd
