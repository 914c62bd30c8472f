# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of tetherd in a test machine share: the stock gadgets of
# OpenSTLinux, the host's side of the cable in a network namespace of its own,
# and waiting. Sourced by bash scripts; $tetherd is the program.
gadgets=/sys/kernel/config/usb_gadget
udc=dummy_udc.0
exec 3>&1

# Said whatever the output of the caller goes to.
fail() {
	set +e
	exec >&3 2>&3
	echo "FAILED: $*"
	echo "--- tetherd:"
	tail -n 40 /tmp/tetherd.log 2>/dev/null
	"$tetherd" status 2>&1 || :
	echo "--- gadgets:"
	find $gadgets -maxdepth 4 2>/dev/null | head -n 60
	echo "--- kernel:"
	dmesg | tail -n 20
	ip address
	exit 1
}

now_ms() {
	local t
	read -r t _ </proc/uptime
	echo $((10#${t/./} * 10))
}

# Milliseconds by the clock, finer than uptime's.
clock_ms() {
	echo $(($(date +%s%N) / 1000000))
}

wait_for() { # what it waits for, seconds * 50, command
	local what=$1 tries=$2
	shift 2
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "waited in vain: $what"
		sleep 0.02
	done
}

host() {
	ip netns exec host "$@"
}

# The host's interface is the one whose device is behind a USB host, but for
# that of MCTP.
host_interface() {
	local i
	for i in /sys/class/net/*; do
		[ "${i#*/mctp}" = "$i" ] || continue
		case $(readlink -f "$i/device") in
		*/usb[0-9]*/*) basename "$i"; return ;;
		esac
	done
	return 1
}

host_namespace() {
	ip netns list | grep -q '^host' || ip netns add host
}

# What is in the host's namespace, or none: status 1.
use_host_interface() {
	host_if=$(host ip -o link | sed -n 's/^[0-9]*: \([^:@]*\)[:@].*/\1/p' |
		grep -v -e '^lo$' -e '^mctp' | head -n 1)
	[ -n "$host_if" ] && host ip link set "$host_if" up
}

take_host_interface() {
	host_namespace
	wait_for "an interface on the host's side" 500 host_interface
	ip link set "$(host_interface)" netns host
	use_host_interface || fail "no interface in the host's namespace"
}

# stock thud | rndis | ncm: as the facts of the board have it.
stock() {
	local g=$gadgets/g1 function=rndis.0 serial=002600343237510F39383538
	local address=192.168.7.1/24
	case $1 in
	thud) serial=0 address=192.168.7.2/24 ;;
	ncm) function=ncm.0 ;;
	esac
	mkdir $g
	echo 0x1d6b >$g/idVendor
	echo 0x0104 >$g/idProduct
	echo 0x0200 >$g/bcdUSB
	echo 0xEF >$g/bDeviceClass
	echo 0x02 >$g/bDeviceSubClass
	echo 0x01 >$g/bDeviceProtocol
	echo 0x0100 >$g/bcdDevice
	mkdir $g/strings/0x409
	echo $serial >$g/strings/0x409/serialnumber
	echo STMicroelectronics >$g/strings/0x409/manufacturer
	echo STM32MP1 >$g/strings/0x409/product
	mkdir $g/configs/c.1 $g/configs/c.1/strings/0x409
	echo "Config 1" >$g/configs/c.1/strings/0x409/configuration
	echo 0 >$g/configs/c.1/MaxPower
	echo 0xC0 >$g/configs/c.1/bmAttributes
	mkdir $g/functions/$function
	echo 7a:22:33:44:55:66 >$g/functions/$function/host_addr
	echo 1 >$g/os_desc/use
	echo 0xbc >$g/os_desc/b_vendor_code
	echo MSFT100 >$g/os_desc/qw_sign
	if [ $function = ncm.0 ]; then
		echo WINNCM >$g/functions/ncm.0/os_desc/interface.ncm/compatible_id
	else
		echo RNDIS >$g/functions/rndis.0/os_desc/interface.rndis/compatible_id
		echo 5162001 >$g/functions/rndis.0/os_desc/interface.rndis/sub_compatible_id
	fi
	ln -s $g/configs/c.1 $g/os_desc/c.1
	ln -s $g/functions/$function $g/configs/c.1/$function
	echo $udc >$g/UDC
	ip address add $address dev "$(cat $g/functions/$function/ifname)"
	ip link set "$(cat $g/functions/$function/ifname)" up
}

start_tetherd() {
	: >/tmp/tetherd.log
	started=$(clock_ms)
	"$tetherd" 2>>/tmp/tetherd.log &
	tetherd_pid=$!
}

# Rights that a process has, can take, or can get back: CapEff and CapPrm.
expect_rights() { # who, pid, mask of 16 digits
	local name
	for name in CapEff CapPrm; do
		[ "$(sed -n "s/^$name:\t*//p" /proc/$2/status)" = "$3" ] ||
			fail "rights of $1: $(grep ^Cap /proc/$2/status)"
	done
	grep -q '^NoNewPrivs:[^0-9]*1' /proc/$2/status ||
		fail "$1 may get new privileges"
}

stop_tetherd() {
	kill $tetherd_pid
	wait $tetherd_pid || fail "tetherd ended with $?"
}

udhcpc_tries() { # how many, a second each
	printf '#!/bin/sh\n[ "$1" = bound ] && ip address replace %s dev $interface\nexit 0\n' \
		'$ip/${mask:-24}' >/tmp/udhcpc-script
	chmod +x /tmp/udhcpc-script
	host busybox udhcpc -i "$host_if" -f -q -n -t "$1" -T 1 \
		-s /tmp/udhcpc-script >/tmp/client.log 2>&1
}

# A real client's address within the time, then a ping.
lease_by() { # udhcpc | dhclient
	case $1 in
	udhcpc) udhcpc_tries 40 || fail "udhcpc: $(cat /tmp/client.log)" ;;
	dhclient)
		host dhclient -4 -1 -v -lf /tmp/leases -pf /tmp/dhclient.pid \
			"$host_if" >/tmp/client.log 2>&1 ||
			fail "dhclient: $(cat /tmp/client.log)"
		kill "$(cat /tmp/dhclient.pid)" 2>/dev/null || :
		;;
	esac
	host ip -4 address show "$host_if" | grep -q 192.168.7.1/24 ||
		fail "no address by $1: $(cat /tmp/client.log)"
}

ping_board() {
	host busybox ping -c 1 -W 2 192.168.7.2 >/dev/null
}

status_of() { # key of the JSON
	"$tetherd" status --json | python3 -c \
		'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}
