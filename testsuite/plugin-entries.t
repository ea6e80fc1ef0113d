#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever the flags, every function's entry can be redirected, and the program runs.
. "${0%/*}/lib.sh"

check() {       # COMPILER SOURCE FLAG...
	local compiler=$1 source=$2
	shift 2
	# shellcheck disable=SC2086
	$compiler -w "-fplugin=$build/hotpatch.so" "$@" "$top/testsuite/$source" -o prog $hp_ldflags -Wl,-z,execstack &&
		timeout 10 ./prog >said && "$top/testsuite/check-entries" prog
}

while read -r languages flags; do
	# shellcheck disable=SC2086
	ok "C $flags" check "$CC" entries.c $flags
	# shellcheck disable=SC2086
	[ "$languages" = c ] || ok "C++ $flags" check "$CXX" entries.cc $flags
done <<'EOF'
c++ -O0
c   -O0 -fcf-protection
c   -Og -g
c   -O1
c++ -O2
c   -O2 -g3
c   -O3
c   -Os
c++ -Os -fcf-protection
c   -O2 -fcf-protection
c   -O2 -fno-pic -no-pie
c++ -O2 -static
c   -O2 -static-pie -fPIE
c++ -O2 -Wl,--gc-sections
c   -O2 -fno-function-sections -fno-data-sections
c++ -O2 -flto
c   -O2 -flto -ffat-lto-objects -flto-partition=none
c   -O2 -flto -fno-use-linker-plugin
c   -O2 -pg
c   -O2 -pg -mfentry -fcf-protection
c   -O2 -fsanitize=address,undefined
c   -O2 -fstack-protector-all -fstack-clash-protection
c   -O2 -mindirect-branch=thunk -mfunction-return=thunk
c   -O2 -mindirect-branch=thunk-inline -mfunction-return=thunk-inline
c   -O2 -mharden-sls=all
c   -O2 -masm=intel
c   -O2 -fzero-call-used-regs=all
c   -O2 -fno-omit-frame-pointer -fno-asynchronous-unwind-tables
c   -O2 -march=x86-64-v3 -mtune=znver3
c   -O2 -falign-functions=64
c   -O2 -fno-align-functions
c   -O2 -fno-toplevel-reorder
c   -O2 -finstrument-functions
EOF
done_testing
