#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A program has a copy of a library's constant, which the linker made: a patch that changes it does not claim to.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"

for side in old new; do
	n=$([ $side = new ] && echo 31 || echo 30)
	write case/$side/lib.c <<-END
		const int limits[4] = { 10, 20, $n, 40 };
		int limit(int i) { return limits[i]; }
	END
	write case/$side/main.c <<-'END'
		#include <stdio.h>
		#include <unistd.h>
		extern const int limits[4];
		int limit(int i);
		int main(int argc, char **argv)
		{
			do
				printf("%d %d\n", limit(2), argc > 5 ? limits[argc] : limits[2]), fflush(stdout);
			while (argc > 1 && argv[1] && !usleep(10000));
			return 0;
		}
	END
done
cat >case/build <<'END'
$CC $FLAGS $LDFLAGS -fPIC -shared -Wl,-soname,lib.so lib.c -o lib.so
$CC -O2 -fno-pie -no-pie main.c lib.so -o prog
END
ok 'both build' build_pair "$PWD/case"
export LD_LIBRARY_PATH=old
like "$(readelf -rW old/prog)" 'R_X86_64_COPY.* limits' 'the program has a copy'
is "$(old/prog), $(LD_LIBRARY_PATH=new new/prog)" '30 30, 31 31' 'the builds differ'
status_is 0 'the patch is made' "$hp_diff" old/lib.so new/lib.so -o out
store store out/lib.so.hp.o old/lib.so
run HOTPATCH_STORE="$PWD/store" old/prog
is "$out" '30 30' 'at startup it is not applied'
like "$err" "another module's.*'limits'" 'and why is told'
mkdir cold && cp out/lib.so cold && cp old/prog cold
run LD_LIBRARY_PATH=cold cold/prog
is "$out" '30 30' 'cold, the program uses its copy'
like "$err" "another module's.*'limits'" 'and that is told'
start old/prog on >log
says '30 30'
status_is 1 'hp-ctl does not apply it' "$hp_ctl" apply out/lib.so.hp.o --pid "$started" --json
is "$(field processes.0.cause)" elsewhere 'and says why'
stop "$started"
done_testing
