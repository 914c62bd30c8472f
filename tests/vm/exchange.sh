# Kinds of exchange with a device, each going on until it is cut; $tether is the
# program. EXCHANGES is how many there are.
EXCHANGES=6
exchange() {
	case $1 in
	0) exec "$tether" mctp echo --size 1000 --count 100000000 \
		--via mctp:1,9 ;;
	1) exec "$tether" mctp bench --size 4000 --count 100000000 \
		--via mctp:1,9 ;;
	2) while "$tether" nvme health --via mctp:1,9; do :; done ;;
	3) while "$tether" mctp info --via mctp:1,9; do :; done ;;
	4) exec "$tether" log -f --via usb ;;
	5) exec "$tether" mctp echo --size 60000 --count 100000000 --via usb ;;
	esac
}

# A process that has to end, and not well.
ends_badly() { # pid, words
	tries=600
	while kill -0 $1 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || fail "$2: the host hangs"
		sleep 0.1
	done
	wait $1 || return 0
	# Loops over a verb end well when the verb fails.
	grep -q "^tether: " /tmp/exchange || fail "$2: $(cat /tmp/exchange)"
}

# Until exchange $1, process $2, has the device open.
under_way() {
	tries=300
	case $1 in
	2 | 3) sleep 0.5 ;;
	*)
		until ls -l /proc/$2/fd 2>/dev/null |
			grep -q "ttyACM\|bus/usb\|socket"; do
			tries=$((tries - 1))
			[ $tries -gt 0 ] || fail "exchange $1 does not begin"
			sleep 0.1
		done
		sleep 0.2
		;;
	esac
}
