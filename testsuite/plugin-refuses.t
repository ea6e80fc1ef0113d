#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Wrong options and machines are clear errors; runs that make no module are left in peace.
. "${0%/*}/lib.sh"

plugin=-fplugin=$build/hotpatch.so
arg=-fplugin-arg-hotpatch
write a.c <<<'int main(void) { return 0; }'

refuses() { run "$CC" "$plugin" "${@:3}" -c a.c; isnt "$status" 0 "$1: refused"; like "$err" "$2" "$1: says so"; }
refuses 'unknown option' "unknown option .*hotpatch-size.*arena=SIZE" $arg-size=3
refuses 'no number' "'arena=big' is not a size" $arg-arena=big
refuses 'too much' "'arena=5000M' is not a size" $arg-arena=5000M
refuses 'no size of a thread' "'tls=1M' is not a size" $arg-tls=1M
refuses 'relative store' "'store=here' is not an absolute directory" $arg-store=here
refuses '32 bit' 'only x86-64' -m32

for version in 11 13 14; do
	if have "gcc-$version" && [ "$("gcc-$version" -dumpversion)" != "$($CC -dumpversion)" ]; then
		run "gcc-$version" "$plugin" -c a.c
		like "$status $err" "^1 .*built for GCC .*cannot run in GCC $version" "GCC $version: refused, and says so"
	else
		skip "GCC $version: refused, and says so" "no gcc-$version"
	fi
done

write never.c <<<'__attribute__((hotpatch("always"))) int f(void) { return 0; }'
status_is 1 'attribute with another argument' "$CC" "$plugin" -c never.c
write never.c <<<'__attribute__((hotpatch("never"))) int f;'
run "$CC" "$plugin" -c never.c
like "$err" 'only to functions' 'attribute on a variable'
write broken.c <<<'int main(void) { return'
status_is 1 'a source error stays one' "$CC" "$plugin" -c broken.c
unlike "$err" 'internal compiler' 'and no crash'

for flags in -E '-E -dM' -M -fsyntax-only -S -fpreprocessed -save-temps -fdirectives-only '-pedantic -Wall -Werror'; do
	# shellcheck disable=SC2086
	ok "$flags" "$CC" "$plugin" $flags -c a.c -o out
done
"$CC" -E -dM "$plugin" a.c >macros
is "$(grep -c hp_ macros)" 0 'our macro is not shown'
write asm.S <<<'.globl f; f: ret'
ok 'assembler source' "$CC" "$plugin" -c asm.S

for maker in "$plugin" -O0; do
	for user in "$plugin" -O0; do
		write pre.h <<<'#define HERE __LINE__'
		ok "precompiled header: $maker" "$CC" "$maker" -O0 pre.h -o pre.h.gch
		rm pre.h
		printf '#include "pre.h"\n#include <stddef.h>\nint main(void) { return HERE != 3 || __LINE__ != 3; }\n' >pre.c
		ok "used by: $user" "$CC" "$user" -O0 -Winvalid-pch -Werror pre.c -o pre
		ok 'and right' ./pre
	done
done
if have gfortran; then
	write f.f90 <<<'end'
	ok 'Fortran' gfortran "$plugin" f.f90 -o f
	ok 'runs' ./f
fi
done_testing
