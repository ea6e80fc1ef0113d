#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Processes in every condition are patched by plain writes, and taken back.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

# there_and_back WHAT: apply and revert for the process that runs; it must say so.
there_and_back() {
	ok "$1: apply" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
	ok "$1: the new functions answer" says '2 2'
	ok "$1: revert" "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
	ok "$1: the old functions answer" says '1 1'
	unlike "$(cat log)" MIXED "$1: the sides never mix"
}

ok 'the target builds' ctl_pair target

for mode in 'doze 8' 'doze 64' 'spin 1' 'recurse 1' 'churn 2' 'fork 2' seccomp mdwe nodump leader vfork; do
	ok "$mode: it runs" launch target $mode
	there_and_back "$mode"
	stop "$pid"
done

ok 'stopped: it runs' launch target plain
kill -STOP "$pid"
ok 'stopped: apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
is "$(ps -o stat= -p "$pid" | cut -c 1)" T 'it is still stopped'
kill -CONT "$pid"
ok 'stopped: the new functions answer when it goes on' says '2 2'
stop "$pid"

ok 'shared memory: it runs' launch target share
child=$(sed -n 's/^child //p' log)
run "$hp_ctl" status --json --pid "$pid" --pid "$child"
is "$(field processes)" 1 'two processes with one address space count once'
is "$(field processes.0.shared_with.0)" "$child" 'the other is named'
there_and_back 'shared memory'
kill "$child"
stop "$pid"

cp target/1/prog away
mkdir -p deleted/1
mv away deleted/1/prog
start deleted/1/prog plain >log
pid=$started
ok 'deleted: it runs' says '1 1'
rm deleted/1/prog
echo other >deleted/1/prog
run "$hp_ctl" status --json --pid "$pid"
is "$(field processes.0.modules.0.deleted)" 1 'deleted: status says so'
there_and_back 'deleted and replaced'
stop "$pid"

if have gdb; then
	ok 'traced: it runs' launch target plain
	start gdb -q -nx -batch -p "$pid" -ex 'shell sleep 20' >gdb.log 2>&1
	await 10 grep -q 'TracerPid:[^0]*[1-9]' "/proc/$pid/status"
	ok 'stopped by a debugger: apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
	stop "$started"
	ok 'stopped by a debugger: the new functions answer when it goes on' says '2 2'
	stop "$pid"
fi

chmod 755 "$T" target target/1
if have setpriv; then
	start setpriv --reuid 65534 --regid 65534 --clear-groups "$T/target/1/prog" plain >log
	pid=$started
	ok 'other user: it runs' says '1 1'
	there_and_back 'other user'
	stop "$pid"
fi
if have unshare && unshare -Urmp --fork true 2>/dev/null; then
	start unshare -Urmp --fork "$T/target/1/prog" plain >log
	await 10 pgrep -P "$started"
	pid=$(pgrep -P "$started")
	ok 'namespaces: it runs' says '1 1'
	there_and_back 'user, mount and pid namespaces'
	kill -KILL "$pid"               # the first process of a namespace ignores others
fi
mkdir -p root/bin
hp_cc -DV=1 -static -pthread "$top/testsuite/ctl/target.c" -o root/bin/one 2>/dev/null
hp_cc -DV=2 -static -pthread "$top/testsuite/ctl/target.c" -o root/two 2>/dev/null
mkdir -p root/hp
if "$hp_diff" -o root/hp root/bin/one root/two >static.log 2>&1; then
	start chroot root /bin/one plain >log
	pid=$started patch=root/hp/one.hp.o
	ok 'chroot: it runs' says '1 1'
	there_and_back 'static, in a chroot'
	stop "$pid"
else
	skip 'static, in a chroot' "hp-diff says: $(head -n 1 static.log)"
fi
done_testing
