#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a patch costs in memory is counted before anything is written: a process whose memory cgroup has no room for it is
# left alone, with so much room it takes the patch, and what it has is not asked for again.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

limit=memory.limit_in_bytes usage=memory.usage_in_bytes cgroup=/sys/fs/cgroup/memory/hotpatch-test-$$
if ! mkdir "$cgroup" 2>/dev/null; then
	limit=memory.max usage=memory.current cgroup=/sys/fs/cgroup/hotpatch-test-$$
	grep -qw memory /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null && mkdir "$cgroup" 2>/dev/null ||
		skip_all 'cannot make a memory cgroup'
fi
trap 'stop "$pid"; rmdir "$cgroup"; _cleanup' EXIT
pid=''

# room KB: what it holds now, and so much more. 64 KB are for what it does itself; no patch takes less.
room() { echo $(($(cat "$cgroup/$usage") + $1 * 1024)) >"$cgroup/$limit"; }
private() { awk '/^Private_Dirty/ { print $2 }' "/proc/$pid/smaps_rollup"; }
needed() { field processes.0.detail | sed -n 's/^\([0-9]*\) KB are needed$/\1/p'; }

# walk WHAT LEAST FLAG...: a process in the cgroup; its patch takes LEAST KB or more
walk() {
	local what=$1 least=$2 before need
	ok "$what: the target builds" ctl_pair target "${@:3}"
	echo $((1 << 40)) >"$cgroup/$limit"
	start sh -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$cgroup" target/1/prog plain >log
	pid=$started
	ok "$what: it runs" says '1 1'
	room 64
	status_is 1 "$what: no room" "$hp_ctl" apply "$patch" --pid "$pid" --json
	is "$(field processes.0.cause)" memory "$what: the cause"
	need=$(needed) before=$(private)
	is "$((need >= least))" 1 "$what: $need KB are needed"
	is "$(state)" unpatched "$what: nothing was written"
	ok "$what: revert has nothing to do" "$hp_ctl" revert "$patch" --pid "$pid"
	room "$((need + 64))"
	ok "$what: with so much it is applied" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
	ok "$what: it is new" says '2 2'
	is "$(($(private) - before <= need))" 1 "$what: it took no more"
	room 64
	ok "$what: once is enough" "$hp_ctl" apply "$patch" --pid "$pid"
	ok "$what: its pages are its own: revert" "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
	ok "$what: it is old" says '1 1'
	room 128                        # where the gate will stand is not known
	ok "$what: and apply" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
	ok "$what: it is new" says '2 2'
	is "$(grep -h '^oom_kill ' "$cgroup"/memory.{events,oom_control} 2>/dev/null)" 'oom_kill 0' "$what: nobody was killed"
	stop "$pid"
}
walk 'in the arena' 64
mapped=1 walk 'a mapped one' 264 -UBIG -DBIG=200000
done_testing
