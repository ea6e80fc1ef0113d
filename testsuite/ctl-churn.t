#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Threads and processes are born and die during a hundred applies and reverts; 64 and 512 threads that never sleep.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target

# rounds N: how many of N applies and reverts did not do as they were told; why, in why
rounds() {
	local i bad=0
	: >why
	for ((i = 0; i < $1; i++)); do
		"$hp_ctl" apply "$patch" --pid "$pid" --timeout 40 >said 2>&1 || { bad=$((bad + 1)); cat said >>why; }
		"$hp_ctl" revert "$patch" --pid "$pid" --timeout 40 >said 2>&1 || { bad=$((bad + 1)); cat said >>why; }
	done
	echo "$bad"
}

for mode in 'churn 1' 'fork 1'; do
	ok "$mode: it runs" launch target $mode
	is "$(rounds 100)" 0 "$mode: 100 applies and reverts"
	[ ! -s why ] || diag "$(sort why | uniq -c | sort -rn | head -n 5)"
	ok "$mode: one more" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 40
	ok "$mode: the new functions answer" says '2 2'
	unlike "$(cat log)" 'MIXED|CHILD' "$mode: the sides never mix, and no child fails"
	stop "$pid"
done

# All the time in changed functions, and more of them than processors: there may be no moment for the gate. Then it says so
# and all is as before. One by one always works.
for n in 64 512; do
	start nice -n 10 target/1/prog spin $n >log
	pid=$started
	ok "$n that spin: it runs" says '1 1'
	run "$hp_ctl" apply "$patch" --pid "$pid" --timeout 1 --json
	if [ "$status" = 0 ]; then
		ok "$n that spin: through the gate" says '2 2'
	else
		like "$(field processes.0.cause)" '^(busy|parked|running|unstable|expired)$' "$n that spin: why not"
		ok "$n that spin: one by one" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 40 --consistency=function
		ok "$n that spin: the new functions answer" says '2 2'
	fi
	unlike "$(cat log)" MIXED "$n that spin: the sides did not mix in the gate"
	# Each has to have its turn on a processor before it is known to be out; for hundreds that takes long on a busy machine.
	[ $n = 64 ] && timeout=40 || timeout=2
	ok "$n that spin: revert" "$hp_ctl" revert "$patch" --pid "$pid" --timeout $timeout --consistency=function --json
	[ $n != 64 ] || unlike "$(field processes.0.note)" 'stays loaded' "$n that spin: all are out"
	ok "$n that spin: the old functions answer" says '1 1'
	stop "$pid"
done
done_testing
