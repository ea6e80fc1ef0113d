#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# hp-diff --after: places that do not overlap, one address for one variable, and what can't follow.
. "${0%/*}/lib.sh"

write main.c <<'E2'
#include <stdio.h>
#ifndef BY
#define BY 1
#endif
#ifdef VARIABLE
VARIABLE;
__attribute__((noipa)) long next(void) { counter += BY; return counter - BY; }
#else
__attribute__((noipa)) long next(void) { return 1; }
#endif
#ifdef MORE
static long more = 5;
__attribute__((noipa)) long other(void) { return more++; }
#else
__attribute__((noipa)) long other(void) { return 2; }
#endif
int main(void) { printf("%ld %ld\n", next(), other()); }
E2
# side NAME FLAG...
side() { mkdir -p "$1" && hp_cc "${@:2}" main.c -o "$1/prog"; }
# place FILE SYMBOL
place() { nm "$1" | sed -n "s/^0*\([0-9a-f]*\) . $2\$/\1/p"; }

ok 'the old build' side old
ok 'one' side one -DVARIABLE='static long counter = 7'
ok 'two' side two -DVARIABLE='static long counter = 7' -DMORE
ok 'three' side three -DVARIABLE='static long counter = 7' -DMORE -DBY=2
ok 'another size' side size -DVARIABLE='static int counter = 7'
ok 'another value' side value -DVARIABLE='static long counter = 8'
ok 'a thread-local one' side local -DVARIABLE='static __thread long counter'
ok 'patch one' "$hp_diff" -o p1 old/prog one/prog
ok 'patch two, after one' "$hp_diff" -o p2 --after=p1/prog.hp.o old/prog two/prog
ok 'patch three, after two' "$hp_diff" -o p3 --after=p2/prog.hp.o old/prog three/prog
for n in 2 3; do
	is "$(place p$n/prog.hp.o counter)" "$(place p1/prog.hp.o counter)" "patch $n: the variable of the first stands where it stood"
	isnt "$(place p$n/prog.hp.o next)" "$(place p$((n - 1))/prog.hp.o next)" "patch $n: its code does not"
done
is "$(place p3/prog.hp.o more)" "$(place p2/prog.hp.o more)" 'the variable of the second stands where it stood'
for n in 2 3; do
	store "store$n" p$n/prog.hp.o old/prog
	run HOTPATCH_STORE="$T/store$n" ./old/prog
	is "$out$err" '7 5' "patch $n alone, at startup"
	run HOTPATCH_STORE=/nonexistent ./p$n/prog
	is "$out$err" '7 5' "patch $n alone, in the file"
done

# refused CAUSE STATUS NEW AFTER
refused() {
	status_is "$2" "$3 after $4" "$hp_diff" -o . --json=diff.json --after="$4" old/prog "$3/prog"
	is "$(json diff.json refusals)" "$1" "$3 after $4: the cause"
}
refused after-variable 1 size p1/prog.hp.o              # cause after-variable
refused after-variable 1 value p1/prog.hp.o
refused after-variable 1 local p1/prog.hp.o

# Constructors run late, by the first who calls: not when another patch is active.
write new.cc <<'E2'
#include <cstdio>
#ifdef CON
__attribute__((noipa)) static int make(int n) { return n; }
struct Table { int n; Table() : n(make(5)) { } };
static Table table;
__attribute__((noipa)) int next() { return table.n; }
#else
__attribute__((noipa)) int next() { return V; }
#endif
int main() { std::printf("%d\n", next()); }
E2
for v in 0 1; do mkdir -p "cxx$v" && hp_cxx -DV=$v new.cc -o "cxx$v/prog"; done
mkdir -p cxx2 && hp_cxx -DCON new.cc -o cxx2/prog
ok 'a patch for C++' "$hp_diff" -o px1 cxx0/prog cxx1/prog
ok 'a patch with a constructor' "$hp_diff" -o px2 cxx0/prog cxx2/prog
status_is 1 'it cannot follow' "$hp_diff" -o . --json=diff.json --after=px1/prog.hp.o cxx0/prog cxx2/prog
is "$(json diff.json refusals)" after-hook 'the cause'
status_is 2 'nor be followed' "$hp_diff" -o . --json=diff.json --after=px2/prog.hp.o cxx0/prog cxx1/prog
is "$(json diff.json refusals)" wrong-after 'the cause'
ok 'the patch of another build' "$hp_diff" -o other one/prog two/prog
refused wrong-after 2 two other/prog.hp.o               # cause wrong-after
refused wrong-after 2 two main.c
refused wrong-after 2 two nonexistent
head -c 1000 p1/prog.hp.o >cut
refused wrong-after 2 two cut
done_testing
