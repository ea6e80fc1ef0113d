#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One patch takes over from another: all at once, never OLD in between, values kept; and what is in the way of that.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the three builds' follow_builds
ok 'the first patch' "$hp_diff" -o hp1 --label one old/prog one/prog
ok 'the one that follows' "$hp_diff" -o hp2 --label two --after=hp1/prog.hp.o old/prog two/prog
ok 'one that does not' "$hp_diff" -o hp3 --label other old/prog two/prog
one=hp1/prog.hp.o two=hp2/prog.hp.o

# The second alone, at startup: variables have their initial values.
store store "$two" old/prog
start env HOTPATCH_STORE="$T/store" old/prog >log
ok 'a start with the second alone' says '2 2 0 2 40 unset 7 none'
stop "$started"

for mode in 'spin 2' 'churn 2' 'none 0'; do
	for consistency in auto function; do
		name="$mode, $consistency"
		start old/prog $mode >log
		pid=$started
		ok "$name: it runs" says '0 0 0 0 - -'
		before=$(text_of "$pid")
		ok "$name: the first" "$hp_ctl" apply $one --pid "$pid" --timeout 40
		ok "$name: it counts" says '1 1 1 0 45 by-one'
		ok "$name: the second" "$hp_ctl" apply $two --pid "$pid" --timeout 40 --json --consistency=$consistency
		is "$(field processes.0.outcome) $(field processes.0.note)" "patched it took over from 'one'" "$name: it says from whom"
		ok "$name: values are kept" says '2 2 0 2 45 by-one 7 set'
		run "$hp_ctl" status --pid "$pid" --json
		is "$(field processes.0.modules.0.state) $(field processes.0.modules.0.label)" 'patched two' "$name: status"
		ok "$name: once more" "$hp_ctl" apply $two --pid "$pid" --json
		is "$(field processes.0.outcome)" already "$name: it has it already"
		unlike "$(cat log)" 'went [12] to 0' "$name: never OLD in between"
		[ $consistency = function ] || unlike "$(cat log)" MIXED "$name: the versions never mix"
		ok "$name: revert" "$hp_ctl" revert --pid "$pid" --timeout 40
		ok "$name: old again" says '0 0 0 0 - -'
		is "$(text_of "$pid")" "$before" "$name: every byte is as it was"
		ok "$name: the first once more" "$hp_ctl" apply $one --pid "$pid" --timeout 40
		ok "$name: it starts anew" says '1 1 1 0 45 by-one'
		ok "$name: revert" "$hp_ctl" revert --pid "$pid" --timeout 40
		is "$(text_of "$pid")" "$before" "$name: every byte is as it was, again"
		stop "$pid"
	done
done

start old/prog >log
pid=$started
ok 'it runs' says '0 0 0 0 - -'
mkdir hp4
ok 'the first' "$hp_ctl" apply $one --pid "$pid" --timeout 40
status_is 1 'a patch that was not made to follow' "$hp_ctl" apply hp3/prog.hp.o --pid "$pid" --json
is "$(field processes.0.cause)" other-patch 'the cause'
like "$(field processes.0.remedy)" --after 'the remedy'
ok 'a dry run' "$hp_ctl" apply --dry-run $two --pid "$pid"
ok 'nothing has changed' says '1 1 1 0 45 by-one'

# A third: after the second, or after the first without it.
ok 'a third patch' "$hp_diff" -o hp4 --label three --after=$two old/prog two/prog
ok 'the second' "$hp_ctl" apply $two --pid "$pid" --timeout 40
ok 'it has it' says '2 2 0 2 45 by-one 7 set'
ok 'the third after the second' "$hp_ctl" apply hp4/prog.hp.o --pid "$pid" --timeout 40 --json
is "$(field processes.0.note)" "it took over from 'two'" 'it says from whom'
ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 40
ok 'old again' says '0 0 0 0 - -'
ok 'the first' "$hp_ctl" apply $one --pid "$pid" --timeout 40
ok 'it counts' says '1 1 1 0 45 by-one'
ok 'the third after the first' "$hp_ctl" apply hp4/prog.hp.o --pid "$pid" --timeout 40
ok 'values are kept' says '2 2 0 2 45 by-one 7 set'
ok 'check: it has what the first fixes' "$hp_ctl" check $one --pid "$pid"
status_is 1 'check: it has not what another fixes' "$hp_ctl" check hp3/prog.hp.o --pid "$pid"
status_is 1 'the first does not follow the third' "$hp_ctl" apply $one --pid "$pid" --timeout 40

# install: the file of the first is replaced in the store, where processes that started with it took it from.
stop "$pid"
ok 'a first patch that hp-ctl has not seen' "$hp_diff" -o hp1 --label "start $$" old/prog one/prog
ok 'and one that follows' "$hp_diff" -o hp2 --label two --after=$one old/prog two/prog
rm -rf store
store store $one old/prog
start env HOTPATCH_STORE="$T/store" old/prog >log
pid=$started
ok 'a start with the first' says '1 1 1 0 45 by-one'
ok 'install the second' "$hp_ctl" install --store "$T/store" $two --pid "$pid" --timeout 40
ok 'it has the second' says '2 2 0 2 45 by-one 7 set'
stop "$pid"

# Somebody stays in the new function of the first.
start old/prog park >log
pid=$started
ok 'it runs' says '0 0 0 0 - -'
ok 'the first' "$hp_ctl" apply $one --pid "$pid" --timeout 40
touch park
ok 'a thread stays in it' await 60 grep -q held log
status_is 1 'the second cannot' "$hp_ctl" apply $two --pid "$pid" --timeout 0.5 --json
is "$(field processes.0.cause)" busy 'the cause'
like "$(field processes.0.detail)" "'first'" 'and the function'
ok 'the first goes on' says '1 1 1 0 45 by-one'
run "$hp_ctl" status --pid "$pid" --json
is "$(field processes.0.modules.0.state) $(field processes.0.modules.0.label)" "patched start $$" 'status: the first'
ok 'function by function it can' "$hp_ctl" apply $two --pid "$pid" --consistency=function --json
like "$(field processes.0.note)" 'stays loaded' 'the code that is in use stays'
ok 'new calls get the second' says '2 2 0 2 45 by-one 7 set'
run "$hp_ctl" revert --pid "$pid" --timeout 1 --consistency=function
ok 'and back' says '0 0 0 0 - -'
ok 'the thread lives' alive "$pid"
stop "$pid"
done_testing
