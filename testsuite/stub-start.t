#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The stub patches every kind of module before its constructors run.
. "${0%/*}/stub.sh"

kind() {        # NAME FLAGS...
	ok "$1: builds" stub_program "$@"
	run "./$1"
	is "$out$err" "$old_lines" "$1: old code without a patch, and no word"
	ok "$1: patch" stub_patch "$1"
	run_patched "./$1"
	is "$out$err" "$new_lines" "$1: new code, before its constructor"
	stub_patch "$1" data
	run_patched "./$1"
	is "$out$err" "$new_lines" "$1: new variable and pointer"
	stub_patch "$1" mapped
	run_patched "./$1"
	is "$out$err" "$new_lines" "$1: code mapped over the reserve"
}

kind pie -fPIE -pie
kind no-pie -fno-pie -no-pie
kind static -static
kind static-pie -static-pie
kind hash-sysv -Wl,--hash-style=sysv
kind gc -ffunction-sections -Wl,--gc-sections -Wl,-u,f
kind relro -Wl,-z,relro,-z,now
kind lazy -Wl,-z,norelro,-z,lazy
kind one-segment -Wl,-z,noseparate-code

strip -o stripped pie
objcopy -R .comment pie copied
for copy in stripped copied; do
	stub_patch pie
	run_patched ./$copy
	is "$out$err" "$new_lines" "$copy: new code"
done
done_testing
