#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A changed layout, made with --startup: processes that start and the coldpatch are NEW, those that run are left alone.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"

mkdir case
for side in old new; do
	cat >case/$side.c <<-END
		#include <stdio.h>
		#include <stdlib.h>
		#include <unistd.h>
		struct thing { int a; $([ $side = new ] && echo 'int b;') int c; };
		static struct thing *things;
		__attribute__((noipa)) static int last(const struct thing *t) { return t->c + ('$side' == 'new'); }
		int main(int argc, char **argv)
		{
			things = calloc(1, sizeof *things);
			things->c = 7;
			do
				printf("%d of %d bytes\\n", last(things), (int)sizeof *things), fflush(stdout);
			while (argc > 1 && argv[1] && !usleep(10000));
			return 0;
		}
	END
	sed -i "s/('$side' == 'new')/$([ $side = new ] && echo 1 || echo 0)/" case/$side.c
done
ok 'both build' build_pair case
is "$(old/prog), $(new/prog)" '7 of 8 bytes, 8 of 12 bytes' 'they differ'
status_is 1 'refused without the option' "$hp_diff" old/prog new/prog -o cold
like "$out" '\[layout\].*--startup' 'and the way out is told'
status_is 0 'made with it' "$hp_diff" --startup --json=json old/prog new/prog -o cold
is "$(json json startup_only)" 1 'JSON says what for'
is "$(cold/prog)" '8 of 12 bytes' 'cold, it is NEW'
store store cold/prog.hp.o old/prog
is "$(HOTPATCH_STORE=$PWD/store old/prog 2>&1)" '8 of 12 bytes' 'hot at startup, it is NEW'

start old/prog on >log
says '7 of 8 bytes'
status_is 1 'hp-ctl does not apply it' "$hp_ctl" apply cold/prog.hp.o --pid "$started" --json
is "$(field processes.0.cause)" startup 'and says why'
run "$hp_ctl" status --pid "$started" --json
is "$(field processes.0.modules.0.state)" unpatched 'the process is as it was'
stop "$started"

start env HOTPATCH_STORE="$PWD/store" old/prog on >log
says '8 of 12 bytes'
ok 'a process that started with it' "$hp_ctl" apply cold/prog.hp.o --pid "$started" --json
is "$(field processes.0.outcome)" already 'has it already'
status_is 1 'hp-ctl does not take it back' "$hp_ctl" revert cold/prog.hp.o --pid "$started" --json
is "$(field processes.0.cause)" startup 'and says why'
ok 'the process goes on' says '8 of 12 bytes'

# only_at_startup CASE BOTH-PRINT REASONS: CASE of old/ and new/ is refused for REASONS, and works for processes that start.
only_at_startup() {
	ok 'both build' build_pair "$1"
	said=$(new/prog)
	is "$(old/prog), $said" "$2" 'they differ'
	rm -rf cold
	status_is 1 "$1: refused without the option" "$hp_diff" old/prog new/prog -o cold
	like "$out" "$3" 'with the reason'
	status_is 0 "$1: made with it" "$hp_diff" --startup --json=json old/prog new/prog -o cold
	is "$(json json startup_only)" 1 'JSON says what for'
	store store cold/prog.hp.o old/prog
	is "$(HOTPATCH_STORE=$PWD/store old/prog 2>&1)" "$said" "$1: hot at startup, it is NEW"
	is "$(HOTPATCH_STORE=/nonexistent cold/prog 2>&1)" "$said" "$1: cold, it is NEW"
	is "$(HOTPATCH_STORE=$PWD/store cold/prog 2>&1)" "$said" "$1: cold with a store, it is NEW"
}

# Initial values, of numbers and pointers, and a constructor that reads them.
mkdir values
for side in old new; do
	n=$([ $side = new ] && echo 20 || echo 10)
	cat >values/$side.c <<-END
		#include <stdio.h>
		static int limit = $n, seen;
		static const char *volatile name = "of $n";
		int table[3] = { 1, $n, 3 };
		__attribute__((constructor)) static void prepare(void) { seen = limit + $n; }
		int main(void) { table[0]++; printf("%d %d %d %d %s\n", limit, seen, table[0], table[1], name); return limit == 0; }
	END
done
only_at_startup values '10 20 2 10 of 10, 20 40 2 20 of 20' '\[data-value\].*\[new-constructor\]'

# A variable that grows, a global and a static local, and pointers to it in code and data.
mkdir grown
for side in old new; do
	n=$([ $side = new ] && echo 3 || echo 2)
	cat >grown/$side.c <<-END
		#include <stdio.h>
		struct pool { int used[$n]; };
		struct pool pool = { { 1, 2 } };
		static struct pool *volatile the_pool = &pool;
		static struct pool *const pools[] = { &pool, NULL };
		__attribute__((noipa)) static int *slot(int i) { static int slots[$n]; return &slots[i]; }
		__attribute__((noipa)) static int count(void) { return sizeof the_pool->used / sizeof *the_pool->used; }
		int main(void)
		{
			for (int i = 0; i < count(); i++)
				*slot(i) = pool.used[i] += i + 1, printf("%d %d ", the_pool->used[i], pools[0]->used[i]);
			for (int i = 0; i < count(); i++)
				printf("%d ", *slot(i));
			printf("of %d\\n", count());
			return 0;
		}
	END
done
only_at_startup grown '2 2 4 4 2 4 of 2, 2 2 4 4 3 3 2 4 3 of 3' '\[data-size\].*--startup'

ok 'with the variable for others to find' build_pair grown -rdynamic
status_is 1 'grown and exported: refused' "$hp_diff" --startup old/prog new/prog -o cold
like "$out" 'pool: .*other modules.*\[data-size\]' 'and why'
unlike "$out" 'refused .*slots' 'not for the other one'
status_is 0 'but not where the user knows better' "$hp_diff" --startup --accept=data-size:pool old/prog new/prog -o cold
store store cold/prog.hp.o old/prog
is "$(HOTPATCH_STORE=$PWD/store old/prog 2>&1)" "$said" 'and then hot at startup, it is NEW'

done_testing
