/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three versions for tests of hp-ctl: V=0 has no thread-local variable, V=1 counts the calls of each thread, V=2 their sum as
 * well. MAIN prints the last line of every second of its two threads: "VERSION CALLS SUM VERSION CALLS SUM", where the
 * calls are 0, or 1 for "some", and the sum is that of one call less often than the calls, so that both start together.
 * With ONLY_CODE the version is all that changes.
 */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#ifdef ONLY_CODE
#undef V
#define V 0
#define VERSION 3
#else
#define VERSION V
#endif

#if V > 0
static __thread long calls;
#endif
#if V > 1
static __thread long sum;
#endif

/* What thread ME saw last. */
static volatile struct seen { int version; long calls, sum; } seen[2];

__attribute__((noipa)) static void step(int me)
{
	struct seen s = { VERSION, 0, 0 };

#if V > 0
	s.calls = ++calls;
#endif
#if V > 1
	s.sum = ++sum;
#endif
	seen[me] = s;
}

static void *run(void *arg)
{
	for (;;) {
		step(arg != NULL);
		usleep(1000);
	}
	return NULL;
}

int main(void)
{
	pthread_t one, two;

	setvbuf(stdout, NULL, _IOLBF, 0);
	pthread_create(&one, NULL, run, NULL);
	pthread_create(&two, NULL, run, "two");
	for (;;) {
		usleep(50000);
		for (int i = 0; i < 2; i++)
			printf("%d %d %d%s", seen[i].version, seen[i].calls > 0, seen[i].sum > 0 && seen[i].calls > seen[i].sum,
			       i ? "\n" : " ");
	}
}
