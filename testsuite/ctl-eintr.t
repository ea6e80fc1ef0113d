#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Nobody notices: no system call is interrupted, whatever a thread waits for, asleep or caught on its way in.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

# there_and_back N CONSISTENCY
there_and_back() {
	local i
	for i in $(seq "$1"); do
		"$hp_ctl" apply "$patch" --pid "$pid" --consistency="$2" --timeout 60 && says '2 2' &&
			"$hp_ctl" revert "$patch" --pid "$pid" --consistency="$2" --timeout 60 && says '1 1' || return
	done
}

ok 'the target builds' ctl_pair blocked
for mode in long short; do
	start blocked/1/prog $mode >log 2>disturbed
	pid=$started
	ok "$mode: it runs" says '1 1'
	n=$(sed -n 's/^calls //p' log)
	if [ "$mode" = short ]; then want=18; else want=40; fi
	ok "$mode: in $n blocking calls" [ "$n" -ge $want ]
	ok "$mode: without the gate" there_and_back 10 function
	ok "$mode: through the gate" there_and_back 10 quiescent
	is "$(sort disturbed | uniq -c)" '' "$mode: no call was disturbed"
	stop "$pid"
done
done_testing
