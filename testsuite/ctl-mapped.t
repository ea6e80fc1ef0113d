#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A patch that outgrew the arena goes into running processes, too: into the half of the reserve that their stub made
# executable; and out again. In processes of all kinds: ctl-mapped-targets.t and others.
mapped=1
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

ok 'the target builds' ctl_pair target
out=$(cat target/json)
is "$(field startup_only)" 0 'the patch is for processes that run, too'
ok 'an hp-ctl with hooks builds' ctl_hooks
ok 'it runs' launch target doze 3
before=$(text_of "$pid") empty=$(room_of "$pid")
for step in loading segment write:2 image boot unwind loaded verdict done; do
	LIMIT=40 run HP_CTL_DIE_AT=$step "$hooked" apply "$patch" --pid "$pid" --timeout 20
	is "$signal" KILL "killed at $step"
	ok 'the process answers' alive "$pid"
	if [ "$step" = unwind ]; then
		ok 'what is half there is taken back' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
		is "$(room_of "$pid")" "$empty" 'all of it'
	fi
	ok 'the next run completes it' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
	ok 'the new functions answer' says '2 2'
	ok 'revert' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
	ok 'the old functions answer' says '1 1'
done
ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
for step in ununwind unimage unsegment empty; do
	LIMIT=40 run HP_CTL_DIE_AT=$step "$hooked" revert "$patch" --pid "$pid" --timeout 20
	is "$signal" KILL "killed at $step"
	ok 'the next run undoes it' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
	is "$(text_of "$pid") $(room_of "$pid")" "$before $empty" 'all is as it was'
	ok 'the old functions answer' says '1 1'
	ok 'apply' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
done
stop "$pid"

mkdir store
cp "$patch" "store/$(build_id target/1/prog).hp.o"
HOTPATCH_STORE=$PWD/store start target/1/prog plain >log
pid=$started
ok 'mapped at startup' says '2 2'
ok 'it is taken back' "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30
ok 'the old functions answer' says '1 1'
ok 'and applied' "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30
ok 'the new functions answer' says '2 2'
stop "$pid"

if have gdb; then
	HOTPATCH_STORE=$PWD/store start target/1/prog park >log
	pid=$started
	ok 'a thread stays in new code' await 60 grep -q held log
	run "$hp_ctl" status --json --pid "$pid"
	base=$(field processes.0.modules.0.base)
	run gdb -nx -batch -p "$pid" target/1/prog -ex 'set confirm off' -ex "symbol-file target/hp/prog -o $base" -ex 'thread apply all bt'
	like "$(grep '^#' <<<"$out" | tr '\n' ' ')" 'pause_for_ever.*first.*park' 'gdb, with the symbols of the coldpatch at its load base'
	stop "$pid"
else
	skip 'gdb, with the symbols of the coldpatch at its load base' 'no gdb'
fi

# A process that was denied the room.
ok 'a program that denies executable memory builds' deny_exec
start ./deny target/1/prog plain >log
pid=$started
ok 'denied: it runs' says '1 1'
run "$hp_ctl" apply "$patch" --pid "$pid" --json
is "$status $(field processes.0.cause)" '1 mapped' 'denied: refused'
ok 'denied: it goes on' says '1 1'
stop "$pid"
HOTPATCH_STORE=$PWD/store start ./deny target/1/prog plain >log
ok 'denied: a file may be mapped at startup' says '2 2'
stop "$started"

# A hundred functions, with far fewer unwind slots: exceptions pass through old and new ones all the time.
ok 'a program of many small functions builds' ctl_pair through
out=$(cat through/json)
is "$(field startup_only)" 0 'they share unwind entries'
ok 'it runs' launch through
before=$(text_of "$pid") empty=$(room_of "$pid")
for consistency in function auto quiescent; do
	ok "passing through, $consistency: apply" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 --consistency=$consistency
	ok 'the new functions answer' says '2 2'
	ok "passing through, $consistency: revert" "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30 --consistency=$consistency
	ok 'the old functions answer' says '1 1'
	is "$(text_of "$pid") $(room_of "$pid")" "$before $empty" 'all is as it was, where the gate stood, too'
done
for step in gate-code gate-rooms closed verdict; do
	for command in apply revert; do
		LIMIT=40 run HP_CTL_DIE_AT=$step "$hooked" $command "$patch" --pid "$pid" --timeout 20
		is "$signal" KILL "a gate outside of the arena: killed at $step of $command"
		ok 'the next run goes on' "$hp_ctl" $command "$patch" --pid "$pid" --timeout 30
		ok 'the functions answer' says "$([ $command = apply ] && echo 2 2 || echo 1 1)"
	done
	is "$(text_of "$pid") $(room_of "$pid")" "$before $empty" 'all is as it was'
done
unlike "$(cat log)" 'WRONG' 'every exception arrived'
stop "$pid"

# Each of these has an unwind entry of its own, and a small arena has not slots enough for old and new ones.
for v in 1 2; do
	mkdir -p "many/$v"
	{
		printf '#include <cstdio>\n#include <unistd.h>\n'
		for ((i = 0; i < 60; i++)); do
			echo "__attribute__((noipa)) int f$i(int x) { try { if (x > 9) throw x; } catch (int) { return $i; } return $v; }"
		done
		echo 'int main() { for (;; usleep(1000)) { int n = 0;'
		for ((i = 0; i < 60; i++)); do echo "n += f$i(1);"; done
		echo 'std::printf("%d %d\n", n / 60, n / 60); std::fflush(stdout); } }'
	} >many/main.cc
	(cd many && hp_cxx -fplugin-arg-hotpatch-arena=1024 main.cc -o "$v/prog")
done
mkdir -p many/hp
ok 'a patch that takes the unwind entries of old functions' "$hp_diff" -o many/hp --json=many/json many/1/prog many/2/prog
out=$(cat many/json)
is "$(field startup_only)" 1 'is for processes that start'
ok 'it runs' launch many
run "$hp_ctl" apply many/hp/prog.hp.o --pid "$pid" --json
is "$status $(field processes.0.cause)" '1 unwind' 'and is refused for others'
stop "$pid"
cp many/hp/prog.hp.o "store/$(build_id many/1/prog).hp.o"
HOTPATCH_STORE=$PWD/store start many/1/prog >log
pid=$started
ok 'at startup it is applied' says '2 2'
run "$hp_ctl" revert many/hp/prog.hp.o --pid "$pid" --json
is "$status $(field processes.0.cause)" '1 unwind' 'and stays'
stop "$pid"

# Exceptions pass through all of it while the tables change: old functions that are being replaced, new ones, and others.
mkdir thrower
cp "$top/testsuite/ctl/thrower.cc" thrower/main.cc
for v in 1 2; do
	mkdir -p "thrower/$v"
	(cd thrower && hp_cxx -DV=$v -DLARGE=2 -DVERSIONS=2 -fplugin-arg-hotpatch-arena=8192 -pthread main.cc -o "$v/prog")
done
mkdir -p thrower/hp
ok 'a patch for a program that throws' "$hp_diff" -o thrower/hp thrower/1/prog thrower/2/prog
patch=thrower/hp/prog.hp.o
ok 'it runs' launch thrower
for i in 1 2 3 4 5; do
	ok "throwing, round $i: apply" "$hp_ctl" apply "$patch" --pid "$pid" --timeout 30 --consistency=function
	ok 'the new functions answer' says '2 2'
	ok "throwing, round $i: revert" "$hp_ctl" revert "$patch" --pid "$pid" --timeout 30 --consistency=function
	ok 'the old functions answer' says '1 1'
done
unlike "$(cat log)" 'WRONG' 'every exception arrived'
stop "$pid"

done_testing
