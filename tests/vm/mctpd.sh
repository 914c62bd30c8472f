# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The device with mctpd, from tests/vm/peers: as on a BMC, with a message bus of
# its own. Ends with the device at EID 9 and mctpd gone.
bus_of_its_own() {
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
	# A loaded machine answers late; its own default is a quarter second.
	printf '[mctp]\nmessage_timeout_ms = 5000\n' >/tmp/mctpd.conf
	mctpd -c /tmp/mctpd.conf >/tmp/mctpd.log 2>&1 &
	mctpd=$!
	wait_for 300 of_interface SetupEndpoint ay 0
}
top=/au/com/codeconstruct/mctp1
of_interface() { # method, arguments
	busctl call au.com.codeconstruct.MCTP1 $top/interfaces/mctpusb0 \
		au.com.codeconstruct.MCTP.BusOwner1 "$@"
}
property() { # interface, name; of the endpoint
	busctl get-property au.com.codeconstruct.MCTP1 \
		$top/networks/1/endpoints/9 $1 $2
}
setup_says() { # whether the EID is new
	of_interface SetupEndpoint ay 0 >/tmp/answer 2>&1 ||
		fail "SetupEndpoint: $(cat /tmp/answer /tmp/mctpd.log)"
	grep -qx "yisb 9 1 \"$top/networks/1/endpoints/9\" $1" /tmp/answer ||
		fail "SetupEndpoint: $(cat /tmp/answer)"
}
is() { # value; property
	value=$1
	shift
	[ "$(property "$@")" = "$value" ] || fail "$2 is $(property "$@")"
}
link_up() {
	mctp link set mctpusb0 up || fail "mctp link"
	mctp addr add 8 dev mctpusb0 || fail "mctp addr"
}
endpoint_is_right() {
	is "ay 3 0 4 126" xyz.openbmc_project.MCTP.Endpoint \
		SupportedMessageTypes
	is "y 9" xyz.openbmc_project.MCTP.Endpoint EID
	is 's "63928d5a-39f1-49a7-8f0b-549193ab0742"' \
		xyz.openbmc_project.Common.UUID UUID
	is 's "Available"' au.com.codeconstruct.MCTP.Endpoint1 Connectivity
	"$tether" nvme health --via mctp:1,9 >/dev/null || fail "health"
}
eids_given() { # how often the device was given one
	grep -c "EID 9, was" /tmp/usbnvme.log || :
}
with_mctpd() {
	bus_of_its_own
	link_up
	start_mctpd
	setup_says false # the first was while it was waited for
	[ "$(eids_given)" = 1 ] || fail "EIDs given: $(eids_given)"
	endpoint_is_right
	"$tether" mctp setup mctpusb0 2>/tmp/err && fail "setup beside mctpd"
	grep -q "mctpd runs here" /tmp/err || fail "$(cat /tmp/err)"
	"$tether" mctp teardown mctpusb0 2>/tmp/err && fail "teardown"
	grep -q "mctpd runs here" /tmp/err || fail "$(cat /tmp/err)"

	# Its recovery, of a device that is there.
	busctl call au.com.codeconstruct.MCTP1 $top/networks/1/endpoints/9 \
		au.com.codeconstruct.MCTP.Endpoint1 Recover ||
		fail "Recover: $(cat /tmp/mctpd.log)"
	sleep 1
	endpoint_is_right

	# Pulled and plugged in: the endpoint goes, and is found with its EID.
	detach
	wait_for 300 eval "! property xyz.openbmc_project.MCTP.Endpoint EID"
	attach
	link_up
	wait_for 300 of_interface SetupEndpoint ay 0
	setup_says false
	endpoint_is_right

	# A daemon that begins anew.
	kill $mctpd
	wait $mctpd || :
	start_mctpd
	setup_says false
	endpoint_is_right
	[ "$(eids_given)" = 1 ] || fail "EIDs given: $(eids_given)"
	kill $mctpd
	wait $mctpd || :
	echo "mctpd: bring-up, objects, recovery, detach, restart"
	mctpd --version 2>/dev/null || :
}
