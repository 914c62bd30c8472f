# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Time limits that grow with the load of the machine, for bash scripts on the
# host and in test machines. A limit is given in seconds of an idle machine and
# multiplied by $patience, which is at least TETHER_TEST_PATIENCE (1).
patience=${TETHER_TEST_PATIENCE:-1}

clock_us() { # set $us without starting a process
	us=${EPOCHREALTIME//[.,]/}
}

# Set $slowdown: how many times longer work takes now than on an idle machine,
# in tenths. The function times 100 rounds of a fixed loop. A round takes about
# 1 ms, so most rounds run without interruption: the fastest round is the time
# on an idle machine. Other programs used the rest of the time.
measure_slowdown() {
	local round i before best=1000000 begin
	clock_us
	begin=$us
	for ((round = 0; round < 100; round++)); do
		before=$us
		for ((i = 0; i < 400; i++)); do :; done
		clock_us
		[ $((us - before)) -ge $best ] || best=$((us - before))
	done
	slowdown=$(((us - begin) / (best * 10 + 1)))
}

# Raise $patience to the present slowdown, but never lower it. Programs that
# start later inherit the value.
measure_patience() {
	measure_slowdown
	[ $(((slowdown + 9) / 10)) -le "$patience" ] ||
		patience=$(((slowdown + 9) / 10))
	export TETHER_TEST_PATIENCE=$patience
}

# Wait until a command succeeds, and discard its output. At the limit, measure
# the slowdown again, and extend the limit if the machine has become slower. If
# the command still does not succeed, call fail with the text of -m or the
# command.
wait_for() { # SECONDS [-m TEXT] COMMAND...
	local seconds=$1 text begin
	shift
	text="waited in vain for: $*"
	if [ "$1" = -m ]; then
		text="waited in vain: $2"
		shift 2
	fi
	clock_us
	begin=$us
	until "$@" >/dev/null 2>&1; do
		clock_us
		if [ $((us - begin)) -ge $((seconds * patience * 1000000)) ]; then
			local before=$patience
			measure_patience
			[ "$patience" -gt "$before" ] ||
				fail "$text ($((seconds * patience)) s)"
		fi
		sleep 0.05
	done
}

# Let time pass, for the checks that follow: an event must not happen in this
# time, or only a program's own timer causes it. Use wait_for to wait for
# events.
observe() { # SECONDS
	sleep "$1"
}

# Report that this machine cannot run a part of the test, and continue.
skip_part() { # REASON
	echo "SKIPPED: $*"
}

# Report that this machine cannot run the test.
skip() { # REASON
	echo "SKIPPED: $*"
	exit 77
}
