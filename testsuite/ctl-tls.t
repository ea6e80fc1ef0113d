#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Thread-local variables of patches: kept by a patch that takes over, zeros again for one that comes after another was taken
# back; where they are in use, a patch that needs them as zeros is refused.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

names=(old one two code)
# does NAME COMMAND... on the running program
does() { ok "$1" "$hp_ctl" "${@:2}" --pid "$pid" --timeout 40; }
both() { says "$1 $1"; }
# left NAME PATCH: refused, and the process is as it was
left() {
	status_is 1 "$1" "$hp_ctl" apply "$2" --pid "$pid" --timeout 40 --json
	is "$(field processes.0.cause)" tls-left "$1: the cause"
}

# builds PART-OF-WHAT-IS-PATCHED FILE PART-OF-PROGRAM FLAG...: four versions of FILE, and their patches
builds() {
	local v
	rm -rf old one two code hp? && mkdir old one two code hp1 hp2 hp3
	cp "$top/testsuite/ctl/tls.c" .
	for v in 0 1 2 3; do
		hp_cc -pthread -DPART="$1" -DV=$v $([ $v != 3 ] || echo -DONLY_CODE) "${@:4}" tls.c -o "${names[v]}/$2" || return
	done
	[ "$3" = 0 ] || $CC -O2 -DV=0 -DPART="$3" tls.c $([ "$3" = 3 ] || echo "old/$2") -pthread -o old/prog || return
	"$hp_diff" -o hp1 --label one "old/$2" "one/$2" && "$hp_diff" -o hp3 --label code "old/$2" "code/$2" &&
		"$hp_diff" -o hp2 --label two --after="hp1/$2.hp.o" "old/$2" "two/$2" || return
	one=hp1/$2.hp.o two=hp2/$2.hp.o code=hp3/$2.hp.o
}
start_old() { start old/prog "$PWD/old/lib.so" >log; pid=$started; both '0 - -'; }

for what in '0 prog 0' '0 prog 0 -static' '0 prog 0 -no-pie -fno-pie' '1 lib.so 2 -shared -fPIC -Wl,-z,now' \
	'1 lib.so 2 -shared -fPIC -ftls-model=local-dynamic' '1 lib.so 3 -shared -fPIC'; do
	# shellcheck disable=SC2086
	ok "builds: $what" builds $what
	ok 'it runs' start_old
	does 'the first' apply $one
	ok 'both threads count' both '1 1 -'
	does 'the second' apply $two
	ok 'what the first counts is kept, what the second counts is new' both '2 k 1'
	does 'revert' revert
	ok 'old again' both '0 - -'
	does 'the second alone' apply $two
	ok 'both count anew' both '2 1 1'
	does 'revert' revert
	does 'code alone' apply $code
	ok 'it works' both '3 - -'
	does 'revert' revert
	does 'the first' apply $one
	ok 'both count anew' both '1 1 -'
	stop "$pid"
done

# Cut short while the functions go over one by one: the new variables of the second are no longer zeros then.
ok 'an hp-ctl with hooks builds' ctl_hooks
ok 'builds: cut' builds 0 prog 0
ok 'it runs' start_old
does 'the first' apply $one
LIMIT=40 run HP_CTL_DIE_AT=take-over "$hooked" apply $two --pid "$pid" --timeout 20 --consistency=function
is "$signal" KILL 'killed before the second takes over'
does 'back to the first' apply $one
left 'the second, whose variables the threads have used' $two
ok 'it still has the first' says '1 k - 1 k -'
does 'revert' revert
LIMIT=40 run HP_CTL_DIE_AT=tls "$hooked" apply $two --pid "$pid" --timeout 20
is "$signal" KILL 'killed when all is zero again'
does 'the second' apply $two
ok 'both count anew' both '2 1 1'
stop "$pid"

store store $one old/prog
start env HOTPATCH_STORE="$T/store" old/prog >log
pid=$started
ok 'a start with the first' both '1 1 -'
does 'revert' revert
ok 'old' both '0 - -'
does 'the first once more' apply $one
ok 'both count anew' both '1 1 -'
stop "$pid"
done_testing
