#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The protocols of the gate and of one patch taking over from another hold in their models, and the models would find it
# out if a guard were missing.
. "${0%/*}/lib.sh"
need_tool spin

cp "$top"/testsuite/{gate,takeover}.pml .

# model FILE PROPERTY [FLAG...]: sets errors. PROPERTY: safety, or progress (non-progress cycles, weak fairness).
model() {
	local file=$1 property=$2 flags
	shift 2
	case $property in safety) flags='-DSAFETY' ;; progress) flags='-DNP' ;; esac
	spin "$@" -a "$file.pml" >spin.log 2>&1 &&
		$CC "$optimize" -w $flags -DVECTORSZ=2048 -o pan pan.c &&
		case $property in
		safety) timeout 150 ./pan -m2000000 ;;
		progress) timeout 150 ./pan -l -f -m2000000 ;;
		esac >pan.log 2>&1
	errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' pan.log)
}

# found N NAME: the search ended and found N; a machine too busy to end it in time says so.
found() {
	if [ -z "$errors" ]; then skip "$2" 'the search did not end in time'; else is "$errors" "$1" "$2"; fi
}

optimize=-O1
model gate safety
found 0 'the sides never mix, and no death of the tool can make them'
unlike "$(cat pan.log)" 'max search depth too small' 'the whole state space was searched'
model gate safety -DNO_CHILD -DHOLD
found 0 'nor where the tool stops those who wait'
model gate progress -DNO_CHILD
found 0 'nobody waits for ever'
model takeover safety
found 0 'two patches never mix, and nobody is led to what is not there'
unlike "$(cat pan.log)" 'max search depth too small' 'the whole state space was searched'
model takeover safety -DHOOKS
found 0 'nor where the newer one has hooks, which may say no'
unlike "$(cat pan.log)" 'max search depth too small' 'the whole state space was searched'
model takeover progress -DONLY_H
found 0 'nobody waits for ever for one to take over'

optimize=-O0
for guard in NO_LOOK NO_BORN SPLIT_READ HALF_WORD BLIND; do
	model gate safety -D$guard
	found 1 "without a guard the sides mix: $guard"
done
model gate safety -DHOLD -DKEEP_HELD
found 1 'somebody stays stopped who is not let go'
model gate progress -DNO_CHILD -DNO_LEASE
found 1 'without the lease somebody waits for ever'
for guard in NO_LOOK LATE_ENTRY CLEAN_EARLY DROP_ROOM FORGET_WORD STAY_CLOSED; do
	model takeover safety -D$guard
	found 1 "without a step patches mix, or somebody is led astray: $guard"
done
model takeover safety -DHOOKS -DFORGET_HOOKS
found 1 'somebody is led to a patch whose hooks have not consented'
model takeover progress -DONLY_H -DNO_LEASE
found 1 'without the lease somebody waits for ever for one to take over'
done_testing
