#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A table that a library exports changes in more than one word. Its own code has a copy; where another module uses the table, a
# running process is left alone, and one that starts has the new one everywhere.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"

for side in old new; do
	n=$([ $side = new ] && echo 31 || echo 30)
	write case/$side/lib.c <<-END
		const int limits[] = { 10, $n, 20, $n, 40 };
		int limit(int i) { return limits[i]; }
	END
	write case/$side/user.c <<-'END'
		extern const int limits[];
		int other(int i) { return limits[i]; }
	END
	write case/$side/main.c <<-'END'
		#include <dlfcn.h>
		#include <stdio.h>
		#include <unistd.h>
		int limit(int i);
		int main(int argc, char **argv)
		{
			void *user = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
			int (*other)(int) = user ? (int (*)(int))dlsym(user, "other") : limit;
			for (;; usleep(10000))
				printf("%d %d\n", limit(1) + limit(3), other(1) + other(3)), fflush(stdout);
		}
	END
done
cat >case/build <<'END'
$CC $FLAGS $LDFLAGS -fPIC -shared -Wl,-soname,lib.so lib.c -o lib.so
$CC -O2 -fPIC -shared user.c lib.so -o user.so
$CC -O2 main.c lib.so -o prog
END
ok 'both build' build_pair "$PWD/case"
export LD_LIBRARY_PATH=$PWD/old
ok 'the patch is made' "$hp_diff" old/lib.so new/lib.so -o out
start old/prog >log
says '60 60'
ok 'nobody else uses it: hp-ctl applies the patch' "$hp_ctl" apply out/lib.so.hp.o --pid "$started" --timeout 30
says '62 62'
ok 'and takes it back' "$hp_ctl" revert --pid "$started" --timeout 30
says '60 60'
stop "$started"
start old/prog old/user.so >log
says '60 60'
status_is 1 'somebody does: hp-ctl does not apply it' "$hp_ctl" apply out/lib.so.hp.o --pid "$started" --json
is "$(field processes.0.cause)" shared 'and says why'
stop "$started"
store store out/lib.so.hp.o old/lib.so
start env HOTPATCH_STORE="$PWD/store" old/prog old/user.so >log
says '62 62'
pass 'at startup all see the new one'
stop "$started"
mkdir cold && cp out/lib.so cold
start env LD_LIBRARY_PATH="$PWD/cold" old/prog old/user.so >log
says '62 62'
pass 'and cold'
stop "$started"
done_testing
