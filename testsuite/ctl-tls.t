#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Thread-local variables of patches: kept by a patch that takes over; left in the threads by one that is taken back, and so
# in the way of another, but not of a patch without any.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

# side NAME FLAG...
side() { mkdir -p "$1" && cp "$top/testsuite/ctl/tls.c" . && hp_cc -pthread "${@:2}" tls.c -o "$1/prog"; }
# does NAME COMMAND... on the running program
does() { ok "$1" "$hp_ctl" "${@:2}" --pid "$pid" --timeout 40; }
start_old() { start "$@" old/prog >log; pid=$started; says '0 0 0 0 0 0'; }
# left NAME PATCH: refused, and the program goes on as it was
left() {
	status_is 1 "$1" "$hp_ctl" apply "$2" --pid "$pid" --timeout 40 --json
	is "$(field processes.0.cause)" tls-left "$1: the cause"
}

ok 'old' side old -DV=0
ok 'one' side one -DV=1
ok 'two' side two -DV=2
ok 'code alone' side code -DV=0 -DONLY_CODE
ok 'the first patch' "$hp_diff" -o hp1 --label one old/prog one/prog
ok 'the one that follows' "$hp_diff" -o hp2 --label two --after=hp1/prog.hp.o old/prog two/prog
ok 'one of code alone' "$hp_diff" -o hp3 --label code old/prog code/prog
one=hp1/prog.hp.o two=hp2/prog.hp.o code=hp3/prog.hp.o

ok 'it runs' start_old
does 'the first' apply $one
ok 'both threads count' says '1 1 0 1 1 0'
does 'the second' apply $two
ok 'their calls are kept, and their sums are new' says '2 1 1 2 1 1'
does 'revert' revert
ok 'old again' says '0 0 0 0 0 0'
left 'the first once more' $one
left 'the second alone' $two
ok 'still old' says '0 0 0 0 0 0'
does 'a patch of code alone' apply $code
ok 'it works' says '3 0 0 3 0 0'
does 'revert' revert
left 'the first after that' $one
stop "$pid"

ok 'it runs' start_old
does 'the second' apply $two
does 'revert' revert
left 'the first where the second was' $one
stop "$pid"

ok 'it runs' start_old
does 'code alone' apply $code
does 'revert' revert
does 'the first, where nobody left anything' apply $one
ok 'both threads count' says '1 1 0 1 1 0'
stop "$pid"

# Cut short while the functions go over one by one: the new variables of the second are no longer zeros then.
ok 'an hp-ctl with hooks builds' ctl_hooks
ok 'it runs' start_old
does 'the first' apply $one
LIMIT=40 run HP_CTL_DIE_AT=take-over "$hooked" apply $two --pid "$pid" --timeout 20 --consistency=function
is "$signal" KILL 'killed before the second takes over'
does 'back to the first' apply $one
ok 'it has it' says '1 1 0 1 1 0'
left 'the second, whose variables the threads have used' $two
ok 'it still has the first' says '1 1 0 1 1 0'
stop "$pid"

store store $one old/prog
start env HOTPATCH_STORE="$T/store" old/prog >log
pid=$started
ok 'a start with the first' says '1 1 0 1 1 0'
does 'revert' revert
ok 'old' says '0 0 0 0 0 0'
left 'the first once more' $one
stop "$pid"
done_testing
