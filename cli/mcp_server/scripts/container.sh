#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# First process of a build container: create /artifacts, then idle, so that
# commands can be run with `docker exec`.
#
# Shell:    POSIX sh, in the container.
# Exit:     only by a signal.
mkdir -p /artifacts
exec sleep 2147483647
