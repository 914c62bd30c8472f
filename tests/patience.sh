# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# Time limits that grow with the load of the machine, for bash scripts on the
# host and in test machines. A limit is given in seconds of an idle machine and
# multiplied by $patience, which is at least TETHER_TEST_PATIENCE (1).
patience=${TETHER_TEST_PATIENCE:-1}

clock_us() { # sets $us; no process is started for it
	us=${EPOCHREALTIME//[.,]/}
}

# Set $slowdown: how many times longer work takes now than it would alone, in
# tenths. 100 rounds of a fixed loop are timed. A round of about 1 ms is mostly
# run without interruption, so the fastest one is the time that a round takes
# alone; the rest of the time went to other programs.
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

# Raise $patience to the present slowdown, and never lower it. Programs that
# start later inherit it.
measure_patience() {
	measure_slowdown
	[ $(((slowdown + 9) / 10)) -le "$patience" ] ||
		patience=$(((slowdown + 9) / 10))
	export TETHER_TEST_PATIENCE=$patience
}

# Wait until a command succeeds; its output is discarded. When the limit is over
# the slowdown is measured anew, and a machine that has become slower gets more
# time. Without success in time: fail, with the text of -m or the command.
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

# Let time pass in which something must not happen, or may only happen by a
# program's own timer: the checks that follow say what. Never a wait for an
# event.
observe() { # SECONDS
	sleep "$1"
}

# Report a part of a test that this machine cannot run, and go on.
skip_part() { # REASON
	echo "SKIPPED: $*"
}

# Report that this machine cannot run the test.
skip() { # REASON
	echo "SKIPPED: $*"
	exit 77
}
