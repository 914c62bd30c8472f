#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compare the output of one binary on QEMU's Cortex-M7 and on the emulator.
# usage: exceptions.sh NUCLEO_EMU EXCEPTIONS_ELF
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" --elf "$2" --semihosting --max-insns 100000000 >"$work/ours"
tail -n 1 "$work/ours" | grep -qx "done" || {
	tail -n 5 "$work/ours"
	echo "the program does not reach its end on the emulator"
	exit 1
}
if ! command -v qemu-system-arm >/dev/null; then
	echo "SKIPPED: qemu-system-arm is not installed, to compare with"
	exit 77
fi
# QEMU writes semihosting output to stderr.
timeout 600 qemu-system-arm -M mps2-an500 -nographic -semihosting-config \
	enable=on,target=native -kernel "$2" >"$work/qemu" 2>&1 </dev/null
diff "$work/qemu" "$work/ours"
echo "$(wc -l <"$work/ours") lines, the same on both"
