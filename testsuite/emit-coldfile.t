#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The coldpatch runs as NEW and stays a file that tools can work on.
. "${0%/*}/emit.sh"

emit_pair || exit
chmod 4751 old/prog
emit_diff --label CVE-2026-2
is "$status" 0 'hp-diff writes'
cold=out/prog

run ./new/prog
want=$out
is "$(./$cold)" "$want" 'it runs as NEW'
is "$(stat -c %a $cold)" "$([ "$(id -u)" = 0 ] && echo 4751 || stat -c %a $cold)" 'it keeps mode and setuid bit'
run readelf -aW $cold
is "$err" '' 'readelf has no warning'
is "$(nm $cold | grep -c ' inner$')" 2 'the old and the new inner() have a symbol'
for tool in 'strip' 'strip -g' 'objcopy'; do
	cp $cold copy
	run $tool copy
	is "$out$err$(./copy)" "$want" "after $tool it runs as NEW"
done
run ldd $cold
like "$out" libc.so 'ldd reads it'
if have valgrind; then
	cp $cold copy && chmod 755 copy
	run valgrind -q --error-exitcode=9 ./copy
	is "$out" "$want" 'valgrind runs it'
else
	skip 'valgrind runs it' 'no valgrind'
fi
if have gdb; then
	run gdb -nx -batch -ex 'break inner' -ex run -ex next -ex bt ./$cold
	like "$out" 'inner.*outer.*main' 'gdb shows the stack through new code'
	run gdb -nx -batch -ex 'set breakpoint pending on' -ex 'break printf' -ex run -ex bt ./$cold
	like "$out" 'in main \(' 'also from a function that new code calls'
	unlike "$out" '\?\?' 'and no frame is unknown'
else
	skip 'gdb shows the stack through new code' 'no gdb'
fi

cp -p old/prog shipped && strip shipped
mkdir stripped
run "$hp_diff" old/prog new/prog -o stripped --cold-base=shipped
is "$status" 0 'a stripped file is taken as the base'
is "$(stripped/prog)" "$want" 'and runs as NEW'
is "$(nm stripped/prog 2>&1 | grep -c inner)" 0 'without symbols as before'
run "$hp_diff" old/prog new/prog -o stripped --cold-base=new/prog
isnt "$status" 0 'another build is no base'
like "$out$err" 'wrong-cold-base|build-id' 'and hp-diff says so'
done_testing
