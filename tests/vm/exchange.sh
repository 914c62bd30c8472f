# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Kinds of exchange with a device, each going on until it is cut; $tether is the
# program. EXCHANGES is how many there are. They are for a device that was
# started with --pldm-file, and end with an error in any case. The file goes in
# small parts: few are lost where many go at once, and it does not give up.
EXCHANGES=9
truncate -s 200M /tmp/served
exchange() {
	case $1 in
	0) "$tether" mctp echo --size 1000 --count 100000000 --via mctp:1,9 ;;
	1) "$tether" mctp bench --size 4000 --count 100000000 --via mctp:1,9 ;;
	2) until ! "$tether" nvme health --via mctp:1,9; do :; done && exit 1 ;;
	3) until ! "$tether" mctp info --via mctp:1,9; do :; done && exit 1 ;;
	4) "$tether" log -f --via usb ;;
	5) "$tether" mctp echo --size 60000 --count 100000000 --via usb ;;
	6) "$tether" mctp bench --size 4000 --count 100000000 --via usb ;;
	7) "$tether" pldm serve /tmp/served --part 1024 --timeout 3000 --via mctp:1,9 ;;
	8) "$tether" nvme events -f --enable temperature --via mctp:1,9 ;;
	esac
}
# Those that take the device from its drivers.
by_libusb() {
	case $1 in
	4 | 5 | 6) true ;;
	*) false ;;
	esac
}

# A process that has to end, with an error and a sentence.
ends_badly() { # pid, words
	tries=600 status=0
	while kill -0 $1 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "$2: the host hangs"
		sleep 0.1
	done
	wait $1 || status=$?
	[ $status = 1 ] || fail "$2: exit $status, $(tail -n 5 /tmp/exchange)"
	grep -q "^tether: .*[a-z]" /tmp/exchange ||
		fail "$2: no word of it, $(tail -n 5 /tmp/exchange)"
}

# Until exchange $1, process $2, has the device open and is at work.
under_way() {
	tries=300
	until is_under_way $1 $2; do
		kill -0 $2 2>/dev/null ||
			fail "exchange $1 ended: $(tail -n 5 /tmp/exchange)"
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "exchange $1 does not begin"
		sleep 0.1
	done
	sleep 0.2
}
is_under_way() {
	case $1 in
	2 | 3) [ -s /tmp/exchange ] ;; # once, then again and again
	7) grep -q "PLDM: fetching" /tmp/usbnvme.log ;;
	8) grep -q "waiting for events" /tmp/exchange ;;
	*)
		for one in $2 $(pgrep -P $2); do
			find "/proc/$one/fd" -printf '%l\n' 2>/dev/null |
				grep -q "ttyACM\|bus/usb\|socket" && return 0
		done
		return 1
		;;
	esac
}
