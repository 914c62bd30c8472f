#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run a program twice and compare the traces.
# usage: traces.sh NUCLEO_EMU OPTION...
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for run in 1 2; do
	"$@" --trace usb,mmio,irq --trace-file "$work/$run" >/dev/null
done
cmp "$work/1" "$work/2"
[ "$(wc -l <"$work/1")" -gt 100 ]
echo "2 equal traces of $(wc -l <"$work/1") lines"
