#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A command ends with a code, and its last line on stderr has a text.
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
