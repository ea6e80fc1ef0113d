#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# New initial values reach variables that still have the old ones (--update, HP_UPDATE_VALUE): in a running process, from one
# patch to the next, and back.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

cat >prog.c <<'END'
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <hotpatch.h>

static volatile int limit = V == 2 ? 30 : V ? 20 : 10, table[] = { V ? V : 5, 7, V ? V + 8 : 9 }, set = V ? 10 * V + 50 : 50;
#if V == 1
HP_SET_VALUE(set);
#elif V == 2
HP_UPDATE_VALUE(set);
#endif
int __attribute__((noipa)) which(void) { return V; }
static void on_signal(int sig) { sig == SIGUSR1 ? (limit = 99) : (set = 77); }

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, on_signal);
	for (;; usleep(10000)) {
		printf("%d: %d %d %d %d %d\n", which(), limit, table[0], table[1], table[2], set);
		table[1] += which() > 2;
	}
}
END
for v in 0 1 2; do mkdir -p $v hp$v; hp_cc -DV=$v prog.c -o $v/prog; done
update='--update=limit --update=table'
status_is 1 'it is refused without the option' "$hp_diff" -o hp0 0/prog 1/prog
ok 'the first patch' "$hp_diff" $update -o hp1 --label one 0/prog 1/prog
ok 'the one that follows' "$hp_diff" $update -o hp2 --label two --after=hp1/prog.hp.o 0/prog 2/prog
status_is 0 'a name that is not there' "$hp_diff" $update --update=nothing --json=json -o hp0 0/prog 1/prog
is "$(json json warnings)" accept 'is warned of'
is "$(grep -c '"how": "update"' json)" 2 'of an array, the element that differs'
like "$(readelf -p .hp.accepted hp1/prog.hp.o)" 'data-value:limit.*updated' 'the patch records it'
one=hp1/prog.hp.o two=hp2/prog.hp.o

apply() { status_is 0 "apply $1" "$hp_ctl" apply "$1" --pid "$pid" --timeout 30 $consistency --json; }
launch_old() { start 0/prog >log; pid=$started; says '0: 10 5 7 9 50'; }
revert() { ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 30 $consistency; }

for consistency in '' --consistency=function; do
	ok 'it runs' launch_old
	apply $one
	unlike "$out" 'not set' 'nothing is left out'
	ok 'what differs is set' says '1: 20 1 7 9 60'
	apply $two
	ok 'and set again' says '2: 30 2 7 10 70'
	unlike "$(tail -n +2 log)" '2: 20|2: 10' 'at once'
	revert
	ok 'back' says '0: 10 5 7 9 50'
	kill -USR1 "$pid"
	ok 'the program sets one' says '0: 99 5 7 9 50'
	apply $one
	like "$out" '1 of its values not set' 'that one is not set is told'
	ok 'it stays' says '1: 99 1 7 9 60'
	revert
	ok 'all the time' says '0: 99 5 7 9 50'
	apply $two
	ok 'with another patch, too' says '2: 99 2 7 10 70'
	stop "$pid"

	ok 'it runs' launch_old
	kill -USR2 "$pid"
	ok 'the program sets another one' says '0: 10 5 7 9 77'
	apply $one
	ok 'the first patch sets it all the same' says '1: 20 1 7 9 60'
	kill -USR1 "$pid"
	ok 'the program sets one' says '1: 99 1 7 9 60'
	apply $two
	ok 'the second, which only updates, gives that back, and leaves the other' says '2: 99 2 7 10 77'
	revert
	ok 'as they were' says '0: 99 5 7 9 77'
	stop "$pid"
done

store store $one 0/prog
start env HOTPATCH_STORE="$PWD/store" 0/prog >log
pid=$started
ok 'a process that starts gets them all' says '1: 20 1 7 9 60'
revert
ok 'and gives them back' says '0: 10 5 7 9 50'
stop "$pid"

# Cut short at every step that writes values: the next run completes or undoes it.
cut() { LIMIT=40 run HP_CTL_DIE_AT="$1" "$hooked" "$2" "$3" --pid "$pid" --timeout 20; is "$signal" KILL "killed: $*"; }

consistency=''
ok 'an hp-ctl with hooks builds' ctl_hooks
ok 'it runs' launch_old
for step in values closed write:6 write:8 write:10 write:12; do
	cut $step apply $one
	apply $one
	ok 'the new values' says '1: 20 1 7 9 60'
	cut $step apply $two
	apply $two
	ok 'and those of the next' says '2: 30 2 7 10 70'
	revert
	ok 'the old values' says '0: 10 5 7 9 50'
done
stop "$pid"
done_testing
