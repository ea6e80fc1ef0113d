#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hp-ctl dies while one patch takes over from another; the process goes on answering, and the next run
# completes it or goes back. Meanwhile check tells what is fixed.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the three builds' follow_builds
ok 'the first patch' "$hp_diff" -o hp1 --label one old/prog one/prog
ok 'the one that follows' "$hp_diff" -o hp2 --label two --after=hp1/prog.hp.o old/prog two/prog
ok 'an hp-ctl with hooks builds' ctl_hooks
one=hp1/prog.hp.o two=hp2/prog.hp.o
start old/prog >log
pid=$started
ok 'it runs' says '0 0 0 0 - -'
before=$(text_of "$pid")

# killed STEP: the first patch is active; the run that applies the second dies there
killed() {
	ok "$1: the first" "$hp_ctl" apply $one --pid "$pid" --timeout 30
	ok "$1: it is there" says '1 1 1 0 45 by-one'
	LIMIT=40 run HP_CTL_DIE_AT="$1" "$hooked" apply $two --pid "$pid" --timeout 20 --consistency=$consistency
	is "$signal" KILL "$1: killed"
	ok "$1: the process answers" alive "$pid"
	ok "$1: check: what the first fixes is fixed" "$hp_ctl" check $one --pid "$pid"
	ok "$1: check: the second is there if all functions are its" await 60 agrees
}
# Whether check says that all functions are the second's, and whether they answer so.
agrees() {
	local checked=no answered=no
	if "$hp_ctl" check $two --pid "$pid"; then checked=yes; fi
	if tail -n 1 log | grep -q '^2 2 0 2 '; then answered=yes; fi
	[ $checked = $answered ]
}
gone() {
	ok "$1: revert" "$hp_ctl" revert --pid "$pid" --timeout 30
	ok "$1: old again" says '0 0 0 0 - -'
	is "$(text_of "$pid")" "$before" "$1: every byte is as it was"
}

for consistency in quiescent function; do
	steps='beside image boot unwind loaded switch take-over clean cleaned done'
	[ $consistency = function ] && steps+=' turn turn:3'
	[ $consistency = quiescent ] && steps+=' gate-place gate-code gate-word gate-rooms gate-armed gate-entries prechecked closed
		rechecked verdict decided turn turn:3'
	for step in $steps; do
		killed "$step"
		ok "$step: the next run completes it" "$hp_ctl" apply $two --pid "$pid" --timeout 30
		ok "$step: values are kept" says '2 2 0 2 45 by-one 7 set'
		gone "$step"
		killed "$step"
		gone "$step"
	done 2>&1 | grep -E '^(not ok|#)' >failures
	is "$(cat failures)" '' "$consistency: every step"
done
done_testing
