#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hp-ctl dies at every step; the process goes on answering, old or new, and the next run completes or undoes.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target
ok 'an hp-ctl with hooks builds' ctl_hooks
ok 'it runs' launch target doze 3
before=$(text_of "$pid")

# die STEP COMMAND ARG...: it must die there, and the process live
die() {
	local step=$1 name="$*"
	shift
	LIMIT=40 run HP_CTL_DIE_AT="$step" "$hooked" "$@" "$patch" --pid "$pid" --timeout 20
	is "$signal" KILL "killed: $name"
	ok 'the process answers' alive "$pid"
}

answers() { local n; n=$(wc -l <log); [ "$(tail -n 1 log)" = "$1" ]; }

for consistency in quiescent function; do
	steps='lock checked loading image boot unwind loaded active done write:1 write:4'
	[ $consistency = function ] && steps+=' room armed entry write:12'
	[ $consistency = quiescent ] && steps+=' gate-place gate-code gate-word gate-rooms gate-armed gate-entries prechecked closed
		rechecked verdict decided write:20 write:24'
	for step in $steps; do
		die "$step" apply --consistency=$consistency
		ok 'the next run completes it' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
		ok 'the new functions answer' says '2 2'
		die "$step" revert --consistency=$consistency
		ok 'the next run undoes it' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
		ok 'the old functions answer' says '1 1'
		is "$(text_of "$pid")" "$before" 'the code is as it was'
	done 2>&1 | grep -v '^ok' >failures
	is "$(grep -v '^not ok.*killed: .*revert' failures | grep '^not ok')" '' "$consistency: every step"
done
unlike "$(cat log)" MIXED 'the sides never mix'
done_testing
