#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hp-ctl dies while a patch that outgrew the arena takes over, from one in the arena or from another such; the process goes
# on answering, and the next run completes it or goes back.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

small=-fplugin-arg-hotpatch-arena=8192
ok 'the builds' follow_builds $small
ok 'one that is large' follow_build large 2 $small -DBIG=20000
ok 'the first patch' "$hp_diff" -o hp1 --label one old/prog one/prog
ok 'the large one' "$hp_diff" -o hp2 --label two --after=hp1/prog.hp.o old/prog large/prog
ok 'the one behind that' "$hp_diff" -o hp3 --label three --after=hp2/prog.hp.o old/prog one/prog
ok 'an hp-ctl with hooks builds' ctl_hooks
expected=('0 0 0 0 - -' '1 1 1 0 45 by-one' '2 2 0 2 45 by-one 7 set' '1 1 1 0 45 by-one')
start old/prog >log
pid=$started
ok 'it runs' says "${expected[0]}"
before="$(text_of "$pid") $(room_of "$pid")"

apply() { ok "$2: patch $1" "$hp_ctl" apply "hp$1/prog.hp.o" --pid "$pid" --timeout 30; }
# killed STEP N: those before patch N are active; the run that applies N dies there
killed() {
	for ((n = 1; n < $2; n++)); do
		apply $n "$1"
		ok "$1: it is there" says "${expected[n]}"
	done
	LIMIT=40 run HP_CTL_DIE_AT="$1" "$hooked" apply "hp$2/prog.hp.o" --pid "$pid" --timeout 20 --consistency=$consistency
	is "$signal" KILL "$1: killed"
	ok "$1: the process answers" alive "$pid"
}
gone() {
	ok "$1: revert" "$hp_ctl" revert --pid "$pid" --timeout 30
	ok "$1: old again" says "${expected[0]}"
	is "$(text_of "$pid") $(room_of "$pid")" "$before" "$1: every byte is as it was"
}

for newer in 2 3; do
	for consistency in quiescent function; do
		steps='beside segment image write:4 unwind write:9 write:15 loaded switch take-over clean paired cleaned'
		[ $consistency = function ] && steps+=' turn turn:3'
		[ $consistency = quiescent ] && steps+=' gate-place gate-code gate-rooms gate-entries closed verdict decided turn:2'
		for step in $steps; do
			killed "$step" $newer
			ok "$step: check: it has the earlier one" "$hp_ctl" check "hp$((newer - 1))/prog.hp.o" --pid "$pid"
			apply $newer "$step: the next run completes it"
			ok "$step: values are kept" says "${expected[newer]}"
			gone "$step"
			killed "$step" $newer
			gone "$step"
		done 2>&1 | grep -E '^(not ok|#)' >failures
		is "$(cat failures)" '' "patch $newer, $consistency: every step"
	done
done
done_testing
