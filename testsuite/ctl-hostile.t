#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A process that lies in its registry, its code, its stacks and its mappings, changes while it is patched, or is left by a
# dying tool: hp-ctl keeps within bounds and time, and writes nowhere else. `make check-fuzz` goes on for longer.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root
need_tool perl

# input FILE TARGET,ORDERS,PATCHES,OPTIONS [AREA,HOW,OFFSET,WHEN,VALUE]...: of fuzz-job
input() { perl -e 'print pack "C4", split /,/, shift; print map { pack "CCvvq<", split /,/ } @ARGV' "${@:2}" >"$1"; }
knobs=252 death=255
once=$((0 | 3 << 2 | 3 << 4))            # orders: apply, then rest

fuzz_targets() {
	follow_builds && "$hp_diff" -o hp1 --label one old/prog one/prog &&
		"$hp_diff" -o hp2 --label two --after=hp1/prog.hp.o old/prog two/prog && ctl_pair values && ctl_pair hooks &&
		mapped=1 ctl_pair target && large_targets && shapes_targets
}

# Two patches that both outgrew the arena, one behind the other.
large_targets() {
	local v after=
	for v in 0 1 2; do
		follow_build "large$v" $v -fplugin-arg-hotpatch-arena=8192 -DBIG=$((20000 + v * 500)) || return
		[ $v != 0 ] || continue
		mkdir -p "large-hp$v"
		"$hp_diff" -o "large-hp$v" --label "large $v" $after large0/prog "large$v/prog" || return
		after=--after=large-hp$v/prog.hp.o
	done
}

# One with hooks of its own that follows one without.
shapes_targets() {
	mkdir -p shapes{0,1,2} shapes-hp{1,2}
	cp "$top/testsuite/ctl/shapes.c" .
	hp_cc -DV=0 -pthread shapes.c -o shapes0/prog && hp_cc -DV=1 -pthread shapes.c -o shapes1/prog &&
		hp_cc -DV=2 -DCONVERT -DMORE -pthread shapes.c -o shapes2/prog &&
		"$hp_diff" -o shapes-hp1 shapes0/prog shapes1/prog &&
		"$hp_diff" -o shapes-hp2 --after=shapes-hp1/prog.hp.o shapes0/prog shapes2/prog
}

sources=$(grep -L 'int main(' "$top"/runtime/ctl-*.c | grep -v ctl-apply)
$CC -g -O1 -fsanitize=address,undefined -fno-sanitize-recover -DMAIN -DREADS_MAX=50000 -I"$build" -I"$top" -I"$top/runtime" \
	"$top"/testsuite/fuzz-{job,kernel}.c $sources "$top"/runtime/{target-proc,patch,engine,sha1}.c \
	"@$top/testsuite/fuzz-kernel.wrap" -o fuzz || skip_all 'needs the sanitizers'
ok 'the processes to play' fuzz_targets
touch idle
export TARGETS="$T/old/prog none $T/hp1/prog.hp.o $T/hp2/prog.hp.o
$T/values/1/prog x $T/values/hp/prog.hp.o
$T/hooks/1/prog 1 $T/hooks/hp/prog.hp.o
$T/target/1/prog doze $T/target/hp/prog.hp.o
$T/large0/prog none $T/large-hp1/prog.hp.o $T/large-hp2/prog.hp.o
$T/shapes0/prog 1 $T/shapes-hp1/prog.hp.o $T/shapes-hp2/prog.hp.o"

outcomes() { ./fuzz "$1" | awk '/^[0-9]+ +prog/ { printf "%s%s", n++ ? " " : "", $3 }'; }

input follow "0,$((0 | 0 << 2 | 1 << 4)),$((0 | 1 << 2 | 1 << 4)),0"
is "$(outcomes follow)" 'patched patched reverted' 'undamaged: a patch, the one that follows it, and back'
input changed "1,$((0 | 1 << 2 | 0 << 4)),0,0"
is "$(outcomes changed)" 'patched reverted patched' 'undamaged: values'
input asked "2,$((0 | 1 << 2 | 2 << 4)),0,0"
is "$(outcomes asked)" 'patched reverted cannot' 'undamaged: hooks, and what check says of the old code'
input large "3,$((0 | 1 << 2 | 0 << 4)),0,0"
is "$(outcomes large)" 'patched reverted patched' 'undamaged: a patch that outgrew the arena'
input torn "3,$((0 | 0 << 2 | 1 << 4)),0,0" "$death,0,0,60,0"
is "$(outcomes torn)" 'cannot patched reverted' 'a tool that died in the middle of it: the next completes'
input full "3,$((0 | 1 << 2 | 0 << 4)),0,0" "$knobs,0,13,0,100000" "$knobs,0,13,$((1 << 14)),1" "$knobs,0,13,$((2 << 14)),0"
is "$(outcomes full)" 'cannot unpatched patched' 'no room in its cgroup'
input dead "0,$((0 | 0 << 2 | 1 << 4)),0,0" "$death,0,0,100,0"
is "$(outcomes dead)" 'cannot patched reverted' 'a tool that died: the next completes'
input pairs "4,$((0 | 0 << 2 | 1 << 4)),$((0 | 1 << 2 | 1 << 4)),0"
is "$(outcomes pairs)" 'patched patched reverted' 'undamaged: from one that outgrew the arena to the next'
input between "4,$((0 | 0 << 2 | 0 << 4)),$((0 | 1 << 2 | 1 << 4)),0" "$death,0,0,$((1 << 14 | 300)),0"
is "$(outcomes between)" 'patched cannot patched' 'a tool that died between the two: the next completes'
hooks=3 new=2 vetoed=3        # an area, and values of what stands first in it
input asked "5,$((0 | 0 << 2 | 1 << 4)),$((0 | 1 << 2 | 0 << 4)),0"
is "$(outcomes asked)" 'patched cannot cannot' 'undamaged: nobody comes to run the hooks of the newer one'
input consent "5,$((0 | 0 << 2 | 1 << 4)),$((0 | 1 << 2 | 0 << 4)),0" "$hooks,2,0,$((1 << 14 | 900)),$new"
is "$(outcomes consent)" 'patched patched unpatched' 'they consent: it takes over'
input veto "5,$((0 | 0 << 2 | 1 << 4)),$((0 | 1 << 2 | 0 << 4)),0" "$hooks,2,0,$((1 << 14 | 900)),$vetoed"
is "$(outcomes veto)" 'patched cannot reverted' 'they do not: the earlier one goes on'

# Without a list of the pages that exist, and with one that claims all of them.
input many "0,$once,0,0" "$knobs,0,7,0,1" "$knobs,0,11,0,1" "$knobs,0,12,0,1"
ok 'pages without end' ./fuzz many
input huge "0,$once,0,0" "$knobs,0,11,0,1" "$knobs,0,12,0,1"
ok 'pages without end, in a list' ./fuzz huge
input stop "0,$once,0,0" "$knobs,0,8,0,2" "$knobs,0,1,0,$((1 << 40))"
ok 'a thread that never stops' ./fuzz stop
input poke "1,$once,0,0" "$knobs,0,8,0,2"
ok 'writes denied: nothing beside a variable is written' ./fuzz poke
LIMIT=120 ok 'damaged at random' ./fuzz 2000 "${SEED:-1}"
like "$err" 'changed [0-9]{3,4} of 2000' 'some are patched still'
done_testing
