#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Without a patch the stub costs two system calls. HOTPATCH_DEBUG=1 tells what it did.
. "${0%/*}/stub.sh"
need_tool strace

stub_program with || exit
mkdir store
echo 'int main(void) { return 0; }' >plain.c
$CC -O2 -o without plain.c -Wl,--build-id && $CC -O2 -o with-none plain.c $stub_libs || exit

calls() { strace -o "$1.trace" -E HOTPATCH_STORE="$PWD/store" "./$1" && grep -vc '^+++' "$1.trace"; }
is "$(calls with-none)" "$(($(calls without) + 2))" 'two system calls more than without the stub'
like "$(grep "$(build_id with-none)" with-none.trace)" "openat.*\"$PWD/store/$(build_id with-none).hp.o\".* = -1 ENOENT" \
	'the open that fails'
like "$(tail -n 4 with-none.trace)" 'PROT_READ.PROT_EXEC, MAP_PRIVATE.MAP_FIXED.MAP_ANONYMOUS.MAP_NORESERVE' 'and the room for code'

debug() { run_patched HOTPATCH_DEBUG=1 "$@"; }
debug ./with
is "$err" "hotpatch: ./with: no patch '$PWD/store/$(build_id with).hp.o'" 'debug: no patch'
stub_patch with
debug ./with
is "$err" "hotpatch: ./with: applied '$patch' (made by hand)" 'debug: applied'
run_patched HOTPATCH_DEBUG=0 ./with
is "$err" '' 'HOTPATCH_DEBUG=0 is silent'
run HOTPATCH_STORE=store HOTPATCH_DEBUG=1 ./with
is "$err" "hotpatch: ./with: no patch '/var/lib/hotpatch/$(build_id with).hp.o'" 'a relative store is not honoured'
{
	echo 'void __hp_stub(int, char **, char **);'
	sed 's/main(void) {/main(int n, char **v, char **e) { __hp_stub(n, v, e);/' with.c
} >twice.c
$CC -O2 -o twice twice.c $stub_libs && stub_patch twice
debug ./twice
is "$out$err" "${new_lines}hotpatch: ./twice: applied '$patch' (made by hand)" 'called once more it does nothing, and says nothing'
$CC -O2 -o nameless with.c $stub_libs -Wl,--build-id=none
debug ./nameless
is "$out$err" "${old_lines}hotpatch: ./nameless: no build-id" 'debug: no build-id'
long=$(printf '/%0200d' 1 2 3)
run HOTPATCH_STORE="$long" ./with
is "$err" "hotpatch: ./with: cannot apply '$long': the name of the store is too long" 'a store with a very long name'
done_testing
