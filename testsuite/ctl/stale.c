/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program whose threads keep on their stacks what calls of the changed functions left there: stale. The new first() has a
 * larger frame than the old one, so that its return addresses lie where nobody writes any more; and nearly all of the
 * time the threads are in a function with a hole in its frame over that place. Others end and leave their stacks behind.
 * Prints like target.c.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#ifndef V
#define V 1
#endif

static volatile long calls;

__attribute__((noipa)) void touch(void *p) { (void)p; calls++; }

__attribute__((noipa)) int first(int x)
{
	char frame[V * 200];

	touch(frame);
	return x + V;
}

__attribute__((noipa)) int second(int x) { calls++; return x + V; }

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

__attribute__((noipa)) void work_for(int64_t ns)
{
	for (int64_t end = now() + ns; now() < end;)
		continue;
}

__attribute__((noipa)) void stay_deep(void)
{
	char hole[2000];

	__asm__ volatile("" : : "r"(hole) : "memory");
	work_for(2000000);
}

static void *run(void *arg)
{
	for (;;) {
		first(0);
		stay_deep();
		work_for(40000);
	}
	return arg;
}

/* A thread that ends; glibc keeps its stack. */
__attribute__((noipa)) static void *end_deep(void *arg)
{
	char frame[3000];

	__asm__ volatile("" : : "r"(frame) : "memory");
	first(0);
	return arg;
}

static void *end(void *arg)
{
	char frame[3000];

	__asm__ volatile("" : : "r"(frame) : "memory");
	return end_deep(arg);
}

int main(void)
{
	pthread_t t;

	setlinebuf(stdout);
	for (int i = 0; i < 3; i++)
		pthread_create(&t, NULL, run, NULL);
	for (int last = 0;; usleep(1000)) {
		if (pthread_create(&t, NULL, end, NULL) == 0)
			pthread_join(t, NULL);
		int a = first(0), b = second(0);
		if (a * 10 + b != last && a == b)
			printf("%d %d\n", a, b);
		last = a * 10 + b;
	}
}
