#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Processes in every condition are patched by plain writes, and taken back.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target

for mode in 'doze 8' 'doze 64' 'spin 1' 'recurse 1' 'churn 2' 'fork 2' seccomp mdwe nodump leader vfork; do
	ok "$mode: it runs" launch target $mode
	there_and_back "$mode"
	stop "$pid"
done

# while_it_stands WHAT GO_ON...: patched, taken back and patched again, and only then it goes on.
while_it_stands() {
	patched "$1"
	reverted "$1"
	patched "$1"
	is "$(ps -o stat= -p "$pid" | cut -c 1 | tr t T)" T "$1: it is still stopped"
	"${@:2}"
	ok "$1: the new functions answer when it goes on" says '2 2'
	stop "$pid"
}

ok 'stopped: it runs' launch target plain
kill -STOP "$pid"
while_it_stands stopped kill -CONT "$pid"

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

# debug GDB-COMMAND...: gdb holds the process, and waits for let_go.
debug() {
	start gdb -q -nx -batch -p "$pid" "$@" -ex 'shell echo here; : <go' >gdb.log 2>&1
	await 60 grep -q '^here' gdb.log
}
let_go() { timeout 60 sh -c ': >go'; wait "$started"; }

if have gdb; then
	mkfifo go
	ok 'a debugger: it runs' launch target plain
	ok 'a debugger: it is attached' debug
	while_it_stands 'stopped by a debugger' let_go
	ok 'a breakpoint: it runs' launch target plain
	ok 'a breakpoint: it is set' debug -ex 'set breakpoint always-inserted on' -ex 'break *second'
	status_is 1 'a breakpoint: apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 --json
	is "$(field processes.0.cause)" bytes 'a breakpoint: the cause'
	like "$(field processes.0.remedy)" 'breakpoint' 'a breakpoint: what to do'
	let_go
	ok 'a breakpoint: the old functions answer' says '1 1'
	there_and_back 'a breakpoint is gone'
	stop "$pid"
else
	skip 'stopped by a debugger' 'needs gdb'
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
for kind in static static-pie; do
	mkdir -p "$kind/bin"
	ok "$kind: the target builds" ctl_pair target "-$kind"
	cp target/1/prog "$kind/bin"
	start chroot "$kind" /bin/prog plain >log
	pid=$started
	ok "$kind, in a chroot: it runs" says '1 1'
	there_and_back "$kind, in a chroot"
	stop "$pid"
done
done_testing
