#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Rights, memory, and kernels that deny: the process is left alone, and the report says what is missing.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target
ok 'an hp-ctl with hooks builds' ctl_hooks
ok 'it runs' launch target plain
chmod -R a+rX "$T"

if have setpriv; then
	nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
	cp "$hp_ctl" ctl
	status_is 1 "another user's process" $nobody ./ctl apply "$patch" --pid "$pid" --json
	is "$(field processes.0.cause)" rights 'the cause'
	like "$(field processes.0.remedy)" CAP_SYS_PTRACE 'the remedy names what is needed'
	ok 'the process goes on' says '1 1'
	start $nobody target/1/prog plain >log2
	other=$started
	await 10 grep -q '1 1' log2
	if [ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)" = 0 ]; then
		ok 'its own process' $nobody ./ctl apply "$patch" --pid "$other" --timeout 30
		ok 'is new' await 10 grep -q '2 2' log2
	fi
	stop "$other"
fi

for force in seize poke; do
	ok "writes denied below $force: apply" env HP_CTL_FORCE=$force "$hooked" apply "$patch" --pid "$pid" --timeout 30 --consistency=function
	ok 'the new functions answer' says '2 2'
	ok "writes denied below $force: revert" env HP_CTL_FORCE=$force "$hooked" revert "$patch" --pid "$pid" --timeout 30 --consistency=function
	ok 'the old functions answer' says '1 1'
done

# The thread that hp-ctl is attached to gets a signal meanwhile; one that waits in vfork() does not stop at all.
start target/1/prog plain >log2
other=$started
ok 'another one runs' await 10 grep -q '1 1' log2
start env HP_CTL_FORCE=seize HP_CTL_STOP_AT=write:5 "$hooked" apply "$patch" --pid "$other" --consistency=function
tool=$started
ok 'hp-ctl is attached to it' await 30 grep -q "^TracerPid:.*[1-9]" "/proc/$other/status"
ok 'and stands still' await 30 grep -q '^State:.*T' "/proc/$tool/status"
kill -USR1 "$other"
kill -CONT "$tool"
wait "$tool"
gone() { ! alive "$other"; }
ok 'the signal has come to its handler' await 20 gone
start target/1/prog waiting >log2
other=$started
ok 'a parent waits in vfork()' await 10 grep -q '1 1' log2
status_is 1 'and does not stop' env HP_CTL_FORCE=poke "$hooked" apply "$patch" --pid "$other" --consistency=function --json
is "$(field processes.0.cause)" force-denied 'it is given up'
stop "$other"

cgroup=/sys/fs/cgroup/memory/hotpatch-test-$$
if mkdir "$cgroup" 2>/dev/null; then
	echo "$pid" >"$cgroup/cgroup.procs"
	echo 4096 >"$cgroup/memory.limit_in_bytes"
	status_is 1 'a memory cgroup at its limit' "$hp_ctl" apply "$patch" --pid "$pid" --json
	is "$(field processes.0.cause)" memory 'the cause'
	ok 'the process lives' alive "$pid"
	echo -1 >"$cgroup/memory.limit_in_bytes"
	ok 'with room it works' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
	stop "$pid"
	rmdir "$cgroup"
else
	skip 'a memory cgroup at its limit' 'cannot make a cgroup of version 1'
fi
done_testing
