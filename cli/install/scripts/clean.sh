#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Remove the stage folder.
#
# Shell:    POSIX sh, on the board or on the host for a mounted root.
# STAGE:    stage folder.
# KEEP:     script, if the serial console still uses its own files there: then
#           remove only the saved and the received files.
# Exit:     0.
if [ "$KEEP" = script ]; then
	rm -rf "$STAGE/old" "$STAGE"/????????
else
	rm -rf "$STAGE"
fi
