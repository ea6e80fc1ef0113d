#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A thread's table still leads to the block of a library that was closed, whose number another one has now: when the other's
# variables are made zero, that block is left alone.
. "${0%/*}/lib.sh"
. "$top/testsuite/ctl/ctl.sh"
need_root

write closed.c <<<'__thread char block[256]; char *its_block(void) { return block; }'
mkdir old new
write old/lib.c <<<'int step(void) { return 0; }'
write new/lib.c <<<'static __thread int calls; int step(void) { return ++calls; }'
write main.c <<'E2'
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *volatile block;
static volatile int damaged;

/* Uses the first library before it is closed, and no other one. */
static void *early(void *library)
{
	char *mine = ((char *(*)(void))dlsym(library, "its_block"))();

	memset(mine, 5, 256);
	for (block = mine;; usleep(1000))
		for (int i = 0; i < 256; i++)
			damaged |= mine[i] != 5;
	return NULL;
}

int main(int argc, char **argv)
{
	void *closed = dlopen(argv[argc - 2], RTLD_NOW);
	int (*step)(void), last = -1, now;
	pthread_t t;

	setvbuf(stdout, NULL, _IOLBF, 0);
	pthread_create(&t, NULL, early, closed);
	while (!block)
		usleep(1000);
	dlclose(closed);
	step = (int (*)(void))dlsym(dlopen(argv[argc - 1], RTLD_NOW), "step");
	for (;; last = now, usleep(20000)) {
		now = step();
		if (!now != !last)
			printf("%s from %d\n", now ? "new" : "old", now);
		if (damaged)
			printf("damaged\n");
	}
}
E2
ok 'a library to be closed' "$CC" -fPIC -shared closed.c -o closed.so
for side in old new; do ok "$side" hp_cc -fPIC -shared $side/lib.c -o $side/lib.so; done
ok 'the program' "$CC" main.c -pthread -o prog
ok 'the patch' "$hp_diff" old/lib.so new/lib.so -o hp

start ./prog "$PWD/closed.so" "$PWD/old/lib.so" >log
pid=$started
ok 'it runs' says 'old from 0'
for round in first second; do
	ok "$round: apply" "$hp_ctl" apply hp/lib.so.hp.o --pid "$pid" --timeout 30
	ok "$round: it counts from the start" says 'new from 1'
	ok "$round: revert" "$hp_ctl" revert --pid "$pid" --timeout 30
	ok "$round: old" says 'old from 0'
done
unlike "$(cat log)" damaged 'the block of the closed library is as it was'
stop "$pid"
done_testing
