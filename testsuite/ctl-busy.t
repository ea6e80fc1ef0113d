#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Somebody stays in a changed function: say who and where, leave the process alone, obey when told to go on.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target

# refused_then_told MODE CAUSE: quiescent cannot, function can.
refused_then_told() {
	ok "$1: it runs" launch target "$1"
	[ "$1" = coroutine ] || await 60 grep -q held log
	before=$(text_of "$pid")
	status_is 1 "$1: apply cannot" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 0.5 --json
	is "$(field processes.0.cause)" "$2" "$1: the cause"
	like "$(field processes.0.detail)" "'first'" "$1: it names the function"
	ok "$1: old functions go on" says '1 1'
	ok "$1: --consistency=function" "$hp_ctl" apply "$patch" --pid "$pid" --consistency=function
	ok "$1: new functions for new calls" says '2 2'
	run "$hp_ctl" revert "$patch" --pid "$pid" --consistency=function --timeout 1
	ok "$1: and back" says '1 1'
	unlike "$(cat log)" MIXED "$1: the sides never mix"
	stop "$pid"
}
refused_then_told park busy

# What it waits for is shown on a terminal.
if have script; then
	ok 'it runs' launch target park
	await 60 grep -q held log
	run script -qec "'$hp_ctl' apply '$patch' --pid $pid --timeout 3 >/dev/null" typescript
	like "$(tr '\r' '\n' <typescript)" "waiting for $pid .*: busy: thread [0-9]+ is in 'first'" 'a line of progress on the terminal'
	stop "$pid"
fi
refused_then_told coroutine parked
refused_then_told sigaltstack parked

# Inside the new function when it is taken back: the code stays until nobody is there.
ok 'it runs' launch target plain
ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
ok 'the new functions answer' says '2 2'
ok 'revert' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
run "$hp_ctl" status --pid "$pid" --json
is "$(field processes.0.modules.0.state)" unpatched 'nobody was there: all is gone'
stop "$pid"

# What the startup stub left behind, pointers to the module's registry, leads nobody into new code.
write left/left.c <<'END'
#include <stdio.h>
#include <unistd.h>
extern char __start_hp_registry[];
char *volatile in_data;
__attribute__((noipa)) int answer(void) { return V; }
int main(void)
{
	char *volatile on_stack = in_data = __start_hp_registry;

	setlinebuf(stdout);
	for (int last = 0, now; on_stack; last = now, usleep(1000))
		if ((now = answer()) != last)
			printf("%d %d\n", now, now);
}
END
for v in 1 2; do
	mkdir -p left/$v
	(cd left && hp_cc -DV=$v left.c -o $v/prog)
done
mkdir -p left/hp
ok 'the patch' "$hp_diff" -o left/hp left/1/prog left/2/prog
start left/1/prog >log
pid=$started
ok 'it runs' says '1 1'
ok 'apply' "$hp_ctl" apply left/hp/prog.hp.o --pid "$pid" --timeout 40
ok 'the new function answers' says '2 2'
ok 'revert' "$hp_ctl" revert left/hp/prog.hp.o --pid "$pid" --timeout 20
run "$hp_ctl" status --pid "$pid" --json
is "$(field processes.0.modules.0.state)" unpatched 'a pointer to the registry keeps nothing loaded'
stop "$pid"
done_testing
