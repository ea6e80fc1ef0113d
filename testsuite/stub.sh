# SPDX-License-Identifier: GPL-3.0-or-later
#
# Helpers for the tests of the startup stub alone: modules take it from libhotpatch.a and patches are made by hand
# (make-patch.c), so that neither the plugin nor hp-diff takes part.
#
#	. "${0%/*}/stub.sh"
#	stub_program prog -static               prog prints "early N" from a constructor, then "f N"; N is 1
#	stub_patch prog                         in ./store: makes N 2
#	run_patched ./prog                      HOTPATCH_STORE points there

. "${0%/*}/lib.sh"

old_lines=$'early 1\nf 1' new_lines=$'early 2\nf 2'
stub_libs="-Wl,--build-id -Wl,-u,__hp_stub $build/libhotpatch.a"
PATH=$PATH:$PWD

runtime_build() {       # OUTPUT SOURCE [FLAGS...]: with the reader and the engine, and their switches (mutants)
	local output=$1 source=$2
	shift 2
	$CC -std=gnu11 -g ${HP_BREAK:+-DHP_BREAK} "$@" -I"$top" -o "$output" "$source" "$top"/runtime/{patch,engine,sha1,target-buffer}.c
}

stub_source() {
	cat <<-'END'
	#include <stdio.h>
	__asm__ (".pushsection .text.f,\"ax\"; .skip 16,0xcc; .p2align 4; .globl f; .type f,@function;"
		 "f: mov $1,%eax; ret; .size f,.-f; .popsection");
	int f(void);
	int two(void) { return 2; }
	END
}

stub_main() {
	cat <<-'END'
	__attribute__((constructor)) static void early(void) { printf("early %d\n", f()); fflush(stdout); }
	int main(void) { printf("f %d\n", f()); return 0; }
	END
}

stub_program() {        # NAME [FLAGS...]
	local name=$1
	shift
	{ stub_source; stub_main; } >"$name.c"
	# shellcheck disable=SC2086
	$CC -O2 "$@" -o "$name" "$name.c" $stub_libs
}

stub_patch() {          # MODULE [MODE] [FLAW]: as in make-patch; sets $patch
	[ -x make-patch ] || runtime_build make-patch "$top/testsuite/make-patch.c" || return
	mkdir -p store
	patch=$PWD/store/$(build_id "$1").hp.o
	rm -f "$patch"
	./make-patch "$1" f "$patch" "${@:2}"
}

run_patched() { run HOTPATCH_STORE="$PWD/store" "$@"; }

# refused REASON NAME COMMAND...: the program starts unpatched, with that one line on stderr. $patch names the file.
refused() {
	local reason=$1 name=$2
	shift 2
	run_patched "$@"
	is "$out$err" "${old_lines}hotpatch: ${*: -1}: cannot apply '$patch': $reason" "$name"
}
