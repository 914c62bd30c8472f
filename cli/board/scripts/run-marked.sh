#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run a command line in the user's own shell, with a mark in its environment.
#
# Shell:    POSIX sh, on the board.
# $1:       the mark, NAME=VALUE.
# $2:       the command line.
# Exit:     exit code of the command line.
exec env "$1" "$(command -v "$SHELL" || echo sh)" -c "$2"
