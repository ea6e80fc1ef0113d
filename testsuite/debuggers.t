#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# gdb, perf and valgrind name new code and find their way through it: in the coldpatch by themselves; in a process or core
# of OLD with the hotpatch when they are given the coldpatch for OLD.
. "${0%/*}/lib.sh"

source_of() {   # NUMBER, in each of the functions
	cat <<-END
		#include <stdio.h>
		#include <stdlib.h>
		#include <sys/prctl.h>
		#include <unistd.h>
		static volatile int turns;
		__attribute__((noinline)) static void wait_here(int mode)
		{
			while (mode == 'w')
				pause();
		}
		__attribute__((noinline)) int inner(int mode)
		{
			int *box = malloc(sizeof *box), seen = mode == 'b' ? box[1] : 0;
			wait_here(mode);
			for (int i = 0; i < 50000000 && mode == 's'; i++)
				turns += i * $1;
			free(box);
			return seen + $1;
		}
		__attribute__((noinline)) int outer(int mode) { return inner(mode) + $1; }
		int main(void)
		{
			prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
			return outer(getchar()) == 77;
		}
	END
}

for side in old new; do
	mkdir -p src $side
	source_of $([ $side = old ]; echo $((1 + $?))) >src/main.c
	(cd src && hp_cc -O1 main.c -o ../$side/prog) || exit
done
ok 'hp-diff' "$hp_diff" old/prog new/prog -o out
store store out/prog.hp.o old/prog
export HOTPATCH_STORE=$T/store HOME=$T
way='wait_here.*inner.*outer.*main'

# waiting PROGRAM: runs until it waits, in pause(), below new code; its pid is in $started.
echo w >input
waiting() {
	start sh -c "exec '$1' <input"
	await 60 grep -q '^34 ' "/proc/$started/syscall"
}

frames() { grep '^#[0-9]' <<<"$out" | tr '\n' ' '; }

if have gdb; then
	ok 'OLD with the hotpatch runs' waiting old/prog
	run gdb -nx -batch -p "$started" -ex "generate-core-file $T/core" out/prog -ex bt
	like "$(frames)" "$way" 'gdb, attached, with the coldpatch: the stack through new code'
	stop "$started"
	run gdb -nx -batch out/prog core -ex bt
	like "$(frames)" "$way" 'gdb on a core'
	id=$(build_id old/prog)
	strip -o stripped old/prog
	install -D out/prog "debug/.build-id/${id:0:2}/${id:2}.debug"
	ok 'the stripped OLD with the hotpatch runs' waiting "$T/stripped"
	run gdb -nx -batch -iex "set debug-file-directory $T/debug" -p "$started" -ex bt
	like "$(frames)" "$way" 'gdb finds the coldpatch by the build-id'
	stop "$started"
	ok 'the coldpatch runs' waiting out/prog
	run gdb -nx -batch -p "$started" -ex bt
	like "$(frames)" "$way" 'gdb on the running coldpatch'
	stop "$started"
else
	skip 'gdb' 'no gdb'
fi

if have valgrind; then
	run sh -c 'echo b | valgrind out/prog'
	like "$err" 'Invalid read.*at [^ ]* inner .*by [^ ]* outer .*by [^ ]* main ' 'valgrind on the coldpatch'
else
	skip 'valgrind' 'no valgrind'
fi

# recorded PROGRAM: what perf saw most in it.
recorded() { sh -c "echo s | perf record -N -q -o perf.data $1" && perf report -q -i perf.data --stdio --sort sym; }
if have perf && run sh -c 'perf record -q -o perf.data true' && [ "$status" = 0 ]; then
	run recorded out/prog
	like "$out" '\[\.\] inner' 'perf on the coldpatch'
	perf buildid-cache --add out/prog
	run recorded old/prog
	like "$out" '\[\.\] inner' 'perf on OLD with the hotpatch, the coldpatch in its cache'
else
	skip 'perf' 'no perf, or it may not be used'
fi
done_testing
