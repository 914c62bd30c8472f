#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Check the exit status of a command and that its stderr contains a text.
# usage: ends-with.sh CODE TEXT COMMAND...
code=$1 text=$2
shift 2
said=$("$@" 2>&1 >/dev/null)
status=$?
case "$said" in
*"$text"*) [ $status = "$code" ] && exit 0 ;;
esac
echo "exit $status, expected $code and \"$text\": $said"
exit 1
