#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A patch takes over from the one that the file on disk carries, in processes that started from that file.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

small=-fplugin-arg-hotpatch-arena=8192
ok 'the three builds' follow_builds $small
ok 'one that is large' follow_build large 2 $small -DBIG=20000
ok 'the first patch' "$hp_diff" -o hp1 --label "cold $$" old/prog one/prog
ok 'the one that follows' "$hp_diff" -o hp2 --label two --after=hp1/prog.hp.o old/prog two/prog
ok 'one that does not' "$hp_diff" -o hp3 --label other old/prog two/prog
mkdir hp4 hp5
ok 'a third' "$hp_diff" -o hp4 --label three --after=hp2/prog.hp.o old/prog one/prog
ok 'one that outgrew the arena' "$hp_diff" -o hp5 --label large --after=hp1/prog.hp.o --json=json old/prog large/prog
out=$(cat json)
is "$(field arena.mapped)" 1 'it did'
ok 'an hp-ctl with hooks builds' ctl_hooks

begin() { start hp1/prog ${1-} >log; pid=$started; says '1 1 1 0 45 by-one'; }
ctl() { "$hp_ctl" "$1" ${2:+hp$2/prog.hp.o} --pid "$pid" --json "${@:3}"; }
label() { run "$hp_ctl" status --pid "$pid" --json; echo "$(field processes.0.modules.0.state) $(field processes.0.modules.0.label)"; }

ok 'it runs' begin
status_is 1 'hp-ctl does not know the first' ctl apply 2
is "$(field processes.0.cause)" no-patch 'it tells so'
like "$(field processes.0.remedy)" 'apply first' 'and what to do'
ok 'the first is there' ctl apply 1
is "$(field processes.0.outcome)" coldpatched 'in the file'
stop "$pid"

for mode in 'spin 2' 'churn 2'; do
	for consistency in auto function; do
		name="$mode, $consistency"
		ok "$name: it runs" begin "$mode"
		is "$(label)" "coldpatched cold $$" "$name: status"
		ok "$name: the second" ctl apply 2 --timeout 40 --consistency=$consistency
		is "$(field processes.0.outcome) $(field processes.0.note)" "patched it took over from 'cold $$'" "$name: it says from whom"
		ok "$name: values are kept" says '2 2 0 2 45 by-one 7 set'
		is "$(label)" 'patched two' "$name: status"
		ok "$name: once more" ctl apply 2
		is "$(field processes.0.outcome)" already "$name: it has it already"
		ok "$name: check" ctl check 2
		ok "$name: check: what the first fixes, too" ctl check 1
		unlike "$(cat log)" 'went [12] to 0' "$name: never OLD in between"
		[ $consistency = function ] || unlike "$(cat log)" MIXED "$name: the versions never mix"
		status_is 1 "$name: revert" ctl revert '' --timeout 40
		is "$(field processes.0.cause)" cold "$name: the file carries a patch"
		ok "$name: a third" ctl apply 4 --timeout 40 --consistency=$consistency
		ok "$name: values are kept" says '1 1 1 0 45 by-one'
		unlike "$(cat log)" 'went [12] to 0' "$name: never OLD in between"
		status_is 1 "$name: revert" ctl revert '' --timeout 40
		is "$(field processes.0.cause)" cold "$name: the file carries a patch"
		stop "$pid"
	done
done

ok 'it runs' begin
status_is 1 'one that was not made to follow' ctl apply 3
is "$(field processes.0.cause)" other-patch 'the cause'
status_is 1 'one that outgrew the arena' ctl apply 5
is "$(field processes.0.cause)" mapped 'the cause'
ok 'the first goes on' says '1 1 1 0 45 by-one'
stop "$pid"

for consistency in quiescent function; do
	for step in beside unwind switch turn:2 take-over clean cleaned done; do
		for way in apply revert; do
			ok "$step: it runs" begin
			LIMIT=40 run HP_CTL_DIE_AT="$step" "$hooked" apply hp2/prog.hp.o --pid "$pid" --timeout 30 --consistency=$consistency
			is "$signal" KILL "$step: killed"
			ok "$step: the process answers" alive "$pid"
			if [ $way = revert ]; then
				status_is 1 "$step: revert leaves what the file has, or the second" ctl revert '' --timeout 40
				is "$(field processes.0.cause)" cold "$step: the cause"
				like "$(label)" '^(coldpatched cold|patched two)' "$step: either is whole"
			fi
			ok "$step: the next run completes it" ctl apply 2 --timeout 40
			ok "$step: values are kept" says '2 2 0 2 45 by-one 7 set'
			stop "$pid"
		done
	done 2>&1 | grep -E '^(not ok|#)' >failures
	is "$(cat failures)" '' "kills, $consistency: every step"
done
done_testing
