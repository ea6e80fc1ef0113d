#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The gate's protocol holds in the model, and the model would find it out if a guard were missing.
. "${0%/*}/lib.sh"
need_tool spin

cp "$top/testsuite/gate.pml" .

# model PROPERTY [FLAG...]: sets errors and states. PROPERTY: safety, or progress (non-progress cycles, weak fairness).
model() {
	local property=$1 flags
	shift
	case $property in safety) flags='-DSAFETY' ;; progress) flags='-DNP' ;; esac
	spin "$@" -a gate.pml >spin.log 2>&1 &&
		$CC -O3 -w $flags -DVECTORSZ=2048 -o pan pan.c &&
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

model safety
found 0 'the sides never mix, and no death of the tool can make them'
unlike "$(cat pan.log)" 'max search depth too small' 'the whole state space was searched'
model progress -DNO_CHILD
found 0 'nobody waits for ever'
for guard in NO_LOOK NO_BORN SPLIT_READ HALF_WORD BLIND; do
	model safety -D$guard
	found 1 "without a guard the sides mix: $guard"
done
model progress -DNO_CHILD -DNO_LEASE
found 1 'without the lease somebody waits for ever'
done_testing
