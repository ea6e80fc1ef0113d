#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One patch takes over from another where the newer one, or both, outgrew the arena: through the whole chain and over parts
# of it, exceptions passing through all the while, and with a kill at every step.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

small=-fplugin-arg-hotpatch-arena=8192
ok 'the builds' follow_builds $small
ok 'one that is large' follow_build large 2 $small -DBIG=20000
ok 'and another' follow_build larger 1 $small -DBIG=21000

# patch NUMBER NEW [BEFORE]: 1 if it outgrew the arena, in $mapped
patch() {
	mkdir -p "hp$1"
	"$hp_diff" -o "hp$1" --label "patch $1" --json=json ${3:+--after=hp$3/prog.hp.o} old/prog "$2/prog" || return
	out=$(cat json)
	mapped=$(field arena.mapped)
}
expected=('0 0 0 0 - -' '1 1 1 0 45 by-one' '2 2 0 2 45 by-one 7 set' '2 2 0 2 45 by-one 7 set' '1 1 1 0 45 by-one')
alone=('' '1 1 1 0 45 by-one' '2 2 0 2 40 unset 7 none' '2 2 0 2 40 unset 7 none' '1 1 1 0 45 by-one')

ok 'patch 1' patch 1 one
is "$mapped" 0 'is in the arena'
ok 'patch 2' patch 2 large 1
is "$mapped" 1 'outgrew it'
ok 'patch 3 is small' patch 3 two 2
is "$mapped" 1 'what follows a mapped one is mapped'
ok 'patch 4' patch 4 larger 3
is "$mapped" 1 'is, too'

for n in 2 3 4; do
	rm -rf store
	store store "hp$n/prog.hp.o" old/prog
	start env HOTPATCH_STORE="$T/store" old/prog >log
	ok "patch $n alone, at startup" says "${alone[n]}"
	ok "and taken back" "$hp_ctl" revert "hp$n/prog.hp.o" --pid "$started" --timeout 40
	ok 'old again' says "${expected[0]}"
	stop "$started"
	start "hp$n/prog" >log
	ok "patch $n alone, in the file" says "${alone[n]}"
	stop "$started"
done

begin() {
	start old/prog $1 >log
	pid=$started
	says "${expected[0]}" || return
	before="$(text_of "$pid") $(room_of "$pid")"
}
apply() { "$hp_ctl" apply "hp$1/prog.hp.o" --pid "$pid" --timeout 40 --consistency=$consistency --json; }
revert() {
	ok "$1: revert" "$hp_ctl" revert --pid "$pid" --timeout 40 --consistency=$consistency
	ok "$1: old again" says "${expected[0]}"
	is "$(text_of "$pid") $(room_of "$pid")" "$before" "$1: every byte is as it was"
}

for mode in 'spin 2' 'churn 2'; do
	for consistency in auto function; do
		for chain in '1 2 3 4' '1 4' '2 4'; do
			[ "$mode $chain" != 'churn 2 1 4' ] || continue
			name="$mode, $consistency, $chain" last=
			ok "$name: it runs" begin "$mode"
			for n in $chain; do
				ok "$name: patch $n" apply "$n"
				is "$(field processes.0.note)" "${last:+it took over from 'patch $last'}" "$name: from whom"
				[ "$chain" = '2 4' ] || ok "$name: values are kept" says "${expected[n]}"
				last=$n
			done
			ok "$name: once more" apply "$n"
			is "$(field processes.0.outcome)" already "$name: it has it already"
			unlike "$(cat log)" 'went [12] to 0' "$name: never OLD in between"
			[ $consistency = function ] || unlike "$(cat log)" MIXED "$name: the versions never mix"
			revert "$name"
			stop "$pid"
		done
	done
done

# A process that started with a mapped patch, and one that was denied the room for others.
rm -rf store
store store hp2/prog.hp.o old/prog
consistency=auto
start env HOTPATCH_STORE="$T/store" old/prog >log
pid=$started
ok 'patch 2 at startup' says "${alone[2]}"
ok 'patch 4 takes over' apply 4
ok 'it answers' says '1 1 1 0 45 by-one'
ok 'revert' "$hp_ctl" revert --pid "$pid" --timeout 40
ok 'old again' says "${expected[0]}"
stop "$pid"
ok 'a program that denies executable memory builds' deny_exec
start ./deny old/prog >log
pid=$started
ok 'denied: it runs' says "${expected[0]}"
before="$(text_of "$pid") $(room_of "$pid")"
ok 'denied: patch 1' apply 1
run "$hp_ctl" apply hp2/prog.hp.o --pid "$pid" --json
is "$status $(field processes.0.cause)" '1 mapped' 'denied: refused'
ok 'denied: it goes on with the first' says "${expected[1]}"
revert denied
stop "$pid"

# Somebody stays in the function of a mapped patch.
ok 'it runs' begin park
consistency=auto
ok 'patch 2' apply 2
touch park
ok 'a thread stays in it' await 60 grep -q held log
status_is 1 'patch 4 cannot' "$hp_ctl" apply hp4/prog.hp.o --pid "$pid" --timeout 0.5 --json
is "$(field processes.0.cause)" busy 'the cause'
consistency=function
ok 'function by function it can' apply 4
like "$(field processes.0.note)" 'stays loaded' 'the code that is in use stays'
ok 'new calls get it' says '1 1 1 0 45 by-one'
ok 'once more' apply 4
is "$(field processes.0.outcome)" already 'it has it already'
ok 'check' "$hp_ctl" check hp4/prog.hp.o --pid "$pid"
ok 'the thread lives' alive "$pid"
stop "$pid"

# Exceptions pass through all of it while the tables change.
mkdir thrower
cp "$top/testsuite/ctl/thrower.cc" thrower/main.cc
for v in 1 2 3 4; do
	mkdir -p "thrower/$v" "thrower/hp$v"
	(cd thrower && hp_cxx -DV=$v -DLARGE=3 -DVERSIONS=4 -fplugin-arg-hotpatch-arena=12288 -pthread main.cc -o "$v/prog")
	case $v in 1 | 2) after= ;; *) after=--after=thrower/hp$((v - 1))/prog.hp.o ;; esac
	[ $v = 1 ] || ok "a patch for a program that throws: $v" "$hp_diff" -o thrower/hp$v $after thrower/1/prog thrower/$v/prog
done
start thrower/1/prog >log
pid=$started
ok 'it runs' says '1 1'
for round in 1 2 3; do
	for v in 2 3 4; do
		ok "throwing, round $round: patch $v" "$hp_ctl" apply thrower/hp$v/prog.hp.o --pid "$pid" --timeout 30 --consistency=function
		ok "it answers" says "$v $v"
	done
	ok "throwing, round $round: revert" "$hp_ctl" revert --pid "$pid" --timeout 30 --consistency=function
	ok 'the old functions answer' says '1 1'
done
unlike "$(cat log)" 'WRONG' 'every exception arrived'
stop "$pid"
done_testing
