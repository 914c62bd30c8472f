#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# First process of a build container: create /artifacts, then idle, so that
# commands can be run with `docker exec`.
#
# Shell:    POSIX sh, in the container.
# $1:       lines that alternate: a folder of a volume, and the device and the
#           inode that `stat -c %d:%i` must print for it. Empty without a check.
# Exit:     78 if a volume is another folder, otherwise only by a signal.
printf %s "${1-}" | while read -r folder && read -r id; do
	[ "$(stat -c %d:%i "$folder")" = "$id" ] || exit 78
done || exit 78
mkdir -p /artifacts
exec sleep 2147483647
