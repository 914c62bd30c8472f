#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Report the board's clock, checksum tools and free space to `tether doctor`.
#
# Shell:    POSIX sh, on the board.
# Prints:   "tether-doctor SECONDS" since 1970, the paths of sha256sum and
#           cksum if installed, and as last line that of df -Pk.
# Exit:     0, or 1 if df is missing.
echo "tether-doctor $(date +%s)"
for tool in sha256sum cksum; do
	command -v $tool
done
df -Pk . | tail -n 1
