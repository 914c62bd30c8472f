#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Set the mode of a file that is up to date.
#
# Shell:    POSIX sh, on the board.
# FOLDER:   folder of the file.
# NAME:     file name in FOLDER.
# MODE:     octal mode.
# Exit:     0, or the exit code of cd or chmod.
cd "$FOLDER" && chmod "$MODE" "./$NAME"
