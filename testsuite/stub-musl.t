#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# musl calls constructors without arguments: the stub finds out, and the built-in store serves.
. "${0%/*}/stub.sh"
need_root          # the store is the built-in one, where only root is trusted
need_tool musl-gcc

$CC -DHP_STORE="\"$PWD/store\"" -I"$build" -Wa,-I"$build" -c "$top/runtime/module.S" || exit
stub_libs="-Wl,--build-id module.o"
for kind in dynamic static; do
	CC=musl-gcc stub_program $kind -rdynamic $([ $kind = dynamic ] || echo -static) || exit
	run ./$kind
	is "$out$err" "$old_lines" "$kind: old code without a patch"
	stub_patch $kind data
	run ./$kind
	is "$out$err" "$new_lines" "$kind: new code"
done
stub_patch dynamic import=two
run ./dynamic
is "$out$err" "$new_lines" "an import, by musl's list of modules"
stub_patch dynamic import=no_such_function
run ./dynamic
is "$out$err" "${old_lines}hotpatch: ./dynamic: cannot apply '$patch': cannot find an imported symbol 'no_such_function'" \
	'a refusal, with the name of the program'
done_testing
