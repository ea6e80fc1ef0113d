#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# More conditions: many threads, spinning ones, a process under strace, one that has ended and was not waited for.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target

for mode in 'doze 1' 'doze 512'; do
	ok "$mode: it runs" launch target $mode
	there_and_back "$mode"
	stop "$pid"
done

# More of them than processors, all the time in changed functions: on a busy machine there is hardly a moment for the gate.
ok 'spin 8: it runs' launch target spin 8
there_and_back 'spin 8' --consistency=function
stop "$pid"

# hp-ctl cannot seize what strace holds: each thread has to sleep now and then, on a busy machine, too.
if have strace; then
	ok 'strace: it runs' launch target doze 2 100000
	start strace -f -o /dev/null -p "$pid" 2>strace.log
	await 30 grep -q 'TracerPid:[^0]*[1-9]' "/proc/$pid/status"
	there_and_back 'strace'
	stop "$started"
	stop "$pid"
else
	skip 'strace' 'needs strace'
fi

start perl -e 'fork or exit; sleep 60'
zombie() { child=$(pgrep -P "$started") && grep -q 'State:.Z' "/proc/$child/status"; }
ok 'a process ends and is not waited for' await 30 zombie
status_is 1 'zombie: apply' "$hp_ctl" apply "$patch" --pid "$child" --json
is "$(field processes.0.cause)" no-process 'zombie: the cause'
ok 'zombie: it does not disturb the walk' "$hp_ctl" status
done_testing
