# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of the test machine share: the device as a process, attached
# by the usbip tool to the kernel's vhci. $usbnvme is the program.
uid=000102030405060708090a0b # makes serial number 63928d5a39f1
port=${port:-3240}

fail() {
	echo "FAILED: $*"
	cat /tmp/usbnvme.log
	dmesg | tail -n 30
	exit 1
}

wait_for() { # seconds * 10, command
	tries=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "waited in vain for: $*"
		sleep 0.1
	done
}

# With both drivers at it. Nothing here waits for ever: a kernel that hangs in
# such a write is to be seen by its name.
attach() {
	timeout 60 usbip --tcp-port $port attach -r 127.0.0.1 -b 1-1 >/dev/null ||
		fail "usbip attach: exit $?"
	wait_for 300 test -e /sys/class/net/mctpusb0
	wait_for 300 test -e /dev/ttyACM0
}

# The device may be gone already.
detach() {
	status=0
	timeout 60 usbip detach -p 00 >/dev/null 2>&1 || status=$?
	[ $status -lt 124 ] || fail "usbip detach hangs"
	gone
}

gone() {
	wait_for 300 test ! -e /sys/class/net/mctpusb0
	wait_for 300 test ! -e /dev/ttyACM0
}

start() {
	rm -f /tmp/usbnvme.log
	"$usbnvme" --uid $uid --usbip 127.0.0.1:$port "$@" 2>/tmp/usbnvme.log &
	device=$!
	wait_for 300 grep -q " port $port" /tmp/usbnvme.log
	attach
}

stop() {
	detach
	kill $device
	wait $device || fail "usbnvme ended with $?"
}

# Nothing comes from the device any more.
quiet() {
	before=$(cat /sys/class/net/mctpusb0/statistics/rx_packets)
	sleep 0.5
	[ "$(cat /sys/class/net/mctpusb0/statistics/rx_packets)" = "$before" ]
}
