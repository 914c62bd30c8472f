# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2086,SC2046,SC2154
# Functions for the bash scripts that run in a test machine. The sections:
#   wait, fail, skip             also in ../patience.sh
#   usbnvme on the kernel's vhci $usbnvme is the program
#   endless exchanges            $tether is the program
#   mctpd with usbnvme
#   tetherd and its host         $tetherd is the program
#   SSH from the host            $server is dropbear or sshd
lib=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$lib/../patience.sh"
exec 3>&1

# End the test. Print what failed, then the logs of the programs and the kernel.
# The output does not depend on redirections of the caller.
fail() { # TEXT...
	set +e
	exec >&3 2>&3
	echo "FAILED: $*"
	if [ -e /tmp/usbnvme.log ]; then
		echo "--- usbnvme:"
		cat /tmp/usbnvme.log
	fi
	if [ -n "${tetherd:-}" ]; then
		echo "--- tetherd:"
		tail -n 40 /tmp/tetherd.log 2>/dev/null
		"$tetherd" status
		echo "--- gadgets:"
		find $gadgets -maxdepth 4 2>/dev/null | head -n 60
		ip address
	fi
	echo "--- kernel:"
	dmesg | tail -n 30
	exit 1
}

clock_ms() { # print the time in ms
	clock_us
	echo $((us / 1000))
}

# --- usbnvme, offered over USB/IP and attached to the kernel's vhci ---

uid=000102030405060708090a0b # makes serial number 63928d5a39f1
port=${port:-3240}

# Attach the device, and wait until both drivers are bound. If the kernel hangs
# in the attach, report it.
attach() {
	timeout $((60 * patience)) usbip --tcp-port $port attach -r 127.0.0.1 \
		-b 1-1 >/dev/null || fail "usbip attach: exit $?"
	wait_for_drivers
}

wait_for_drivers() {
	wait_for 30 test -e /sys/class/net/mctpusb0
	wait_for 30 test -e /dev/ttyACM0
}

# Detach the device, which may already be detached, and wait until its drivers
# are unbound.
detach() {
	local status=0
	timeout $((60 * patience)) usbip detach -p 00 >/dev/null 2>&1 ||
		status=$?
	[ $status -lt 124 ] || fail "usbip detach hangs"
	wait_until_gone
}

wait_until_gone() {
	wait_for 30 test ! -e /sys/class/net/mctpusb0
	wait_for 30 test ! -e /dev/ttyACM0
}

# Start usbnvme with the minimal drive, unless an option names another model, and
# attach it. Set $device to its PID. Its log is /tmp/usbnvme.log.
start_usbnvme() { # OPTION...
	rm -f /tmp/usbnvme.log
	"$usbnvme" --uid $uid --usbip 127.0.0.1:$port \
		--model "$lib/../../drive_file/models/minimal.ini" "$@" \
		2>/tmp/usbnvme.log &
	device=$!
	wait_for 30 grep -q " port $port" /tmp/usbnvme.log
	attach
}

# Detach the device and end usbnvme, which must exit with 0.
stop_usbnvme() {
	detach
	kill $device
	wait $device || fail "usbnvme ended with $?"
}

# Attach the first N devices of a usbnvme --count, and wait for their interfaces.
attach_devices() { # N
	local k
	for ((k = 1; k <= $1; k++)); do
		# The usbip tool may fail, because it reads sysfs while devices
		# appear there.
		wait_for 10 usbip --tcp-port $port attach -r 127.0.0.1 -b 1-$k
	done
	wait_for_interfaces $1
}

wait_for_interfaces() { # N
	local k
	for ((k = 0; k < $1; k++)); do
		wait_for 60 test -e /sys/class/net/mctpusb$k
	done
}

received_packets() {
	cat /sys/class/net/mctpusb0/statistics/rx_packets
}

# Check that the device sends no packet for half a second.
is_quiet() {
	local before
	before=$(received_packets)
	observe 0.5
	[ "$(received_packets)" = "$before" ]
}

# Wait until the number of received packets is at least BEFORE + COUNT.
wait_for_packets() { # BEFORE COUNT
	wait_for 30 -m "$2 packets from the device" \
		eval "[ \$(received_packets) -ge $(($1 + $2)) ]"
}

# --- endless exchanges with usbnvme ---

# The number of kinds of exchanges. They need a device that was started with
# --pldm-file. Each exchange runs until the link is lost, and then ends with an
# error. The file of kind 7 is sent in small parts: under load the kernel loses
# few of them, so the device does not give up.
EXCHANGES=9

exchange() { # KIND
	[ -e /tmp/served ] || truncate -s 200M /tmp/served
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

# Check whether an exchange of this kind uses libusb, which unbinds the driver
# of the interface.
is_by_libusb() { # KIND
	case $1 in
	4 | 5 | 6) true ;;
	*) false ;;
	esac
}

# Check whether a process has an open file whose path matches PATTERN.
has_open() { # PID PATTERN
	find "/proc/$1/fd" -printf '%l\n' 2>/dev/null | grep -q "$2"
}

has_ended() { # PID
	! kill -0 "$1" 2>/dev/null
}

# Check that an interrupted exchange ends with exit code 1 and an error message.
expect_error() { # PID TEXT
	local status=0
	wait_for 60 -m "$2: the host hangs" has_ended $1
	wait $1 || status=$?
	[ $status = 1 ] || fail "$2: exit $status, $(tail -n 5 /tmp/exchange)"
	grep -q "^tether: .*[a-z]" /tmp/exchange ||
		fail "$2: no error message, $(tail -n 5 /tmp/exchange)"
}

# Wait until an exchange communicates with the device.
wait_until_under_way() { # KIND PID
	ticks_before=$(device_ticks)
	wait_for 30 -m "exchange $1 does not begin" is_under_way_or_over $1 $2
	! has_ended $2 ||
		fail "exchange $1 ended: $(tail -n 5 /tmp/exchange)"
}

is_under_way_or_over() { # KIND PID
	has_ended $2 && return
	case $1 in
	2 | 3) [ -s /tmp/exchange ] ;; # the first command has printed
	4) [ -s /tmp/exchange ] ;; # tether has printed earlier log lines
	7) grep -q "PLDM: fetching" /tmp/usbnvme.log ;;
	8) grep -q "waiting for events" /tmp/exchange ;;
	*) [ $(device_ticks) -gt $((ticks_before + 2)) ] ;;
	esac
}

# Print the processor time of usbnvme, in ticks of 10 ms.
device_ticks() {
	awk '{ print $14 + $15 }' /proc/$device/stat
}

# --- mctpd with usbnvme, as on a BMC, with a private D-Bus daemon ---

mctpd_top=/au/com/codeconstruct/mctp1

start_bus() {
	mkdir -p /run/dbus /var/run/dbus
	cat >/tmp/bus.conf <<-'END'
		<!DOCTYPE busconfig PUBLIC
		 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		  <type>system</type>
		  <listen>unix:path=/run/dbus/system_bus_socket</listen>
		  <auth>EXTERNAL</auth>
		  <policy context="default">
		    <allow user="*"/>
		    <allow own="*"/>
		    <allow send_destination="*"/>
		    <allow receive_sender="*"/>
		  </policy>
		</busconfig>
	END
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/system_bus_socket
	dbus-daemon --config-file=/tmp/bus.conf --fork || fail "dbus-daemon"
}

start_mctpd() {
	# The default of 250 ms is too short for a loaded machine.
	printf '[mctp]\nmessage_timeout_ms = %d\n' $((5000 * patience)) \
		>/tmp/mctpd.conf
	mctpd -c /tmp/mctpd.conf >/tmp/mctpd.log 2>&1 &
	mctpd=$!
	wait_for 30 call_interface SetupEndpoint ay 0
}

stop_mctpd() {
	kill $mctpd
	wait $mctpd || :
}

call_interface() { # METHOD ARGUMENT...
	busctl call au.com.codeconstruct.MCTP1 $mctpd_top/interfaces/mctpusb0 \
		au.com.codeconstruct.MCTP.BusOwner1 "$@"
}

endpoint_property() { # INTERFACE NAME
	busctl get-property au.com.codeconstruct.MCTP1 \
		$mctpd_top/networks/1/endpoints/9 $1 $2
}

expect_property() { # VALUE INTERFACE NAME
	[ "$(endpoint_property $2 $3)" = "$1" ] ||
		fail "$3 is $(endpoint_property $2 $3)"
}

# Call SetupEndpoint. It must find EID 9, and report whether it assigned this
# EID.
setup_endpoint() { # true|false
	call_interface SetupEndpoint ay 0 >/tmp/answer 2>&1 ||
		fail "SetupEndpoint: $(cat /tmp/answer /tmp/mctpd.log)"
	grep -qx "yisb 9 1 \"$mctpd_top/networks/1/endpoints/9\" $1" \
		/tmp/answer || fail "SetupEndpoint: $(cat /tmp/answer)"
}

raise_link() {
	mctp link set mctpusb0 up || fail "mctp link"
	mctp addr add 8 dev mctpusb0 || fail "mctp addr"
}

is_connected() {
	[ "$(endpoint_property au.com.codeconstruct.MCTP.Endpoint1 \
		Connectivity)" = 's "Available"' ]
}

expect_endpoint() {
	expect_property "ay 4 0 4 1 126" xyz.openbmc_project.MCTP.Endpoint \
		SupportedMessageTypes
	expect_property "y 9" xyz.openbmc_project.MCTP.Endpoint EID
	expect_property 's "63928d5a-39f1-49a7-8f0b-549193ab0742"' \
		xyz.openbmc_project.Common.UUID UUID
	wait_for 30 is_connected
	"$tether" nvme health --via mctp:1,9 >/dev/null || fail "health"
}

# Print how often the device has received a new EID.
count_assigned_eids() {
	grep -c "EID 9, was" /tmp/usbnvme.log || :
}

# --- tetherd on dummy_hcd; the host's side is the network namespace "host" ---

gadgets=/sys/kernel/config/usb_gadget
udc=dummy_udc.0

host() { # COMMAND...
	ip netns exec host "$@"
}

# Print the network interface of a USB device on the host's side, but not an
# MCTP interface.
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

add_host_namespace() {
	ip netns list | grep -q '^host' || ip netns add host
}

# Set $host_if to the interface in the host's namespace. Status 1: no interface.
use_host_interface() {
	host_if=$(host ip -o link | sed -n 's/^[0-9]*: \([^:@]*\)[:@].*/\1/p' |
		grep -v -e '^lo$' -e '^mctp' | head -n 1)
	[ -n "$host_if" ] && host ip link set "$host_if" up
}

# Wait for the host's interface, and move it into the host's namespace. Set
# $host_if.
take_host_interface() {
	add_host_namespace
	wait_for 30 -m "an interface on the host's side" host_interface
	ip link set "$(host_interface)" netns host
	use_host_interface || fail "no interface in the host's namespace"
}

# Build and bind a stock gadget as OpenSTLinux does.
stock() { # thud|rndis|ncm
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

# Start tetherd. Set $tetherd_pid, and $started to the time in ms. The log is
# /tmp/tetherd.log.
start_tetherd() {
	: >/tmp/tetherd.log
	started=$(clock_ms)
	"$tetherd" 2>>/tmp/tetherd.log &
	tetherd_pid=$!
}

# End tetherd by a signal. The gadget stays.
stop_tetherd() {
	kill $tetherd_pid
	wait $tetherd_pid || fail "tetherd ended with $?"
}

# Remove the gadget by `tetherd down`. tetherd then ends.
down_tetherd() { # TEXT
	"$tetherd" down || fail "down${1:+, $1}"
	wait $tetherd_pid || fail "tetherd ended with $?"
}

# Print the PID of tetherd's root process, which changes the gadget.
root_process() {
	pgrep -x -P $tetherd_pid tetherd-root
}

# Print the PID of a program that tetherd has started.
child_of_tetherd() { # NAME
	pgrep -P "$(root_process)" "$1"
}

# Print the number of a user that the packages create.
number_of() { # tetherd|usbnvme
	case $1 in
	tetherd) id -u tetherd 2>/dev/null || echo 60901 ;;
	usbnvme) id -u usbnvme 2>/dev/null || echo 60902 ;;
	esac
}

# Check that all user and group numbers of a process are those of a user.
expect_user() { # NAME PID
	local n
	n=$(number_of "$1")
	[ "$(sed -n 's/^[UG]id:[[:space:]]*//p' /proc/$2/status | tr '\n' ' ')" = \
		"$n	$n	$n	$n $n	$n	$n	$n " ] ||
		fail "user of $1: $(grep '^[UG]id' /proc/$2/status)"
	grep -q '^Seccomp:[^0-9]*2' /proc/$2/status || fail "$1 has no filter"
}

# Check that a process has exactly these capabilities (CapEff), and cannot
# regain others (CapPrm).
expect_rights() { # NAME PID MASK(16 digits)
	local set
	for set in CapEff CapPrm; do
		[ "$(sed -n "s/^$set:\t*//p" /proc/$2/status)" = "$3" ] ||
			fail "rights of $1: $(grep ^Cap /proc/$2/status)"
	done
	grep -q '^NoNewPrivs:[^0-9]*1' /proc/$2/status ||
		fail "$1 may get new privileges"
}

# Request an address by BusyBox's udhcpc: COUNT attempts of 1 s each.
udhcpc_tries() { # COUNT
	write_udhcpc_script
	host busybox udhcpc -i "$host_if" -f -q -n -t "$1" -T 1 \
		-s /tmp/udhcpc-script >/tmp/client.log 2>&1
}

write_udhcpc_script() {
	printf '#!/bin/sh\n[ "$1" = bound ] && ip address replace %s dev $interface\nexit 0\n' \
		'$ip/${mask:-24}' >/tmp/udhcpc-script
	chmod +x /tmp/udhcpc-script
}

# Get the host's address by a real DHCP client.
lease_by() { # udhcpc|dhclient
	case $1 in
	udhcpc)
		udhcpc_tries $((40 * patience)) ||
			fail "udhcpc: $(cat /tmp/client.log)"
		;;
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
	host busybox ping -c 1 -W $((2 * patience)) 192.168.7.2 >/dev/null
}

# Print a value of `tetherd status`.
status_of() { # KEY
	"$tetherd" status --json | python3 -c \
		'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

tetherd_conf=/etc/tether/tetherd.conf

# Write tetherd's configuration. The key udc is added.
configure() { # LINE...
	mkdir -p /etc/tether
	printf 'udc = %s\n' $udc >$tetherd_conf
	[ $# = 0 ] || printf '%s\n' "$@" >>$tetherd_conf
}

# Print how many disconnects of the device the host has logged.
disconnects() {
	dmesg | grep -c "1-1: USB disconnect" || :
}

# Check that the host's side gets an address and reaches the board, and that no
# part of a stock gadget remains.
expect_network() { # TEXT
	take_host_interface
	lease_by udhcpc
	wait_for 10 -m "a ping, $1" ping_board
	find $gadgets -name '*rndis*' | grep . &&
		fail "a part of the RNDIS gadget remains, $1"
	return 0
}

# Check that the gadget with this function is bound, and that the UDC reports
# it.
is_gadget_bound() { # ecm|ncm|acm
	[ "$(cat $gadgets/g1/UDC)" = $udc ] &&
		[ -e $gadgets/g1/configs/c.1/$1.tether ] &&
		[ -n "$(cat /sys/class/udc/$udc/function)" ]
}

# Start tetherd as if the kernel lacked a function: strace makes a system call
# on a path below usb_gadget fail with an error. /tmp/trace contains the calls.
start_tetherd_failing() { # CALL PATH ERROR
	: >/tmp/tetherd.log
	started=$(clock_ms)
	# -D: tetherd is the child of this shell, so the shell can wait for it.
	# -f: the root process changes configfs.
	strace -D -f -o /tmp/trace -e trace="$1" -P "$gadgets/$2" \
		-e "inject=$1:error=$3" "$tetherd" 2>>/tmp/tetherd.log &
	tetherd_pid=$!
}

require_strace() {
	strace -o /dev/null -e inject=mkdir:error=EIO true 2>/dev/null ||
		skip "strace cannot make system calls fail here"
}

require_udhcpd() {
	command -v udhcpd >/dev/null ||
		skip "udhcpd is not installed (run tools/deps)"
}

# --- SSH from the host to the board ---

require_ssh_server() { # dropbear|sshd
	command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] ||
		skip "$1 is not installed (run tools/deps)"
}

# Create a home and a key for root, so that no file of the host machine is used.
prepare_ssh() {
	home=/tmp/home
	export HOME=$home
	mkdir -p "$home/.ssh"
	chmod 700 "$home/.ssh"
	sed -i 's,^root:.*,root::0:0:root:'$home':/bin/sh,' /etc/passwd
	ssh-keygen -q -t rsa -b 2048 -N '' -f $home/key
	cp $home/key.pub $home/.ssh/authorized_keys
	chmod 600 $home/.ssh/authorized_keys
	ssh_options="-i $home/key -o BatchMode=yes -o StrictHostKeyChecking=no
		-o UserKnownHostsFile=$home/known -o LogLevel=ERROR -F none"
}

# Start the server on the board. Its log is /tmp/server.log.
serve_ssh() { # dropbear|sshd
	case $1 in
	dropbear)
		dropbearkey -t rsa -s 2048 -f $home/hostkey >/dev/null 2>&1
		/usr/sbin/dropbear -F -E -r $home/hostkey -p 22 \
			2>/tmp/server.log &
		;;
	sshd)
		ssh-keygen -q -t rsa -b 2048 -N '' -f $home/hostkey
		mkdir -p /run/sshd
		cat >$home/sshd_config <<-END
			HostKey $home/hostkey
			StrictModes no
			UsePAM no
			PermitRootLogin yes
			Subsystem sftp internal-sftp
		END
		/usr/sbin/sshd -D -e -f $home/sshd_config 2>/tmp/server.log &
		;;
	esac
}

over_ssh() { # COMMAND...
	host ssh $ssh_options root@192.168.7.2 "$@"
}

# dropbear on a board has no sftp-server: use the old scp protocol.
over_scp() { # FROM TO
	host scp $([ $server = sshd ] || echo -O) $ssh_options "$@"
}
