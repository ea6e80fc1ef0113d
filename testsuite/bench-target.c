/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What bench-live patches: bench-target N has a thread that calls changed functions in a loop when told to, and N - 1 that
 * sleep twenty frames deep. One letter on stdin is an order, one line on stdout the answer:
 *
 *	g	go: calls the functions until told to stop; answers when it does
 *	s	stop: the longest time between two rounds in nanoseconds, and how many rounds there were
 *	c	nanoseconds for one call, the best of many batches
 *	v	what the functions return, and how many sleepers were woken for nothing
 *
 * ONE is what the first function returns, MANY what the others do; the patches change one or all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#ifndef ONE
#define ONE 1
#endif
#ifndef MANY
#define MANY 1
#endif

#define FRAMES 20

static volatile int sink;

__attribute__((noipa)) int one(int x) { sink = x; return ONE; }
__attribute__((noipa)) int two(int x) { sink = x + 1; return MANY; }
__attribute__((noipa)) int three(int x) { sink = x + 2; return MANY; }
__attribute__((noipa)) int four(int x) { sink = x + 3; return MANY; }
__attribute__((noipa)) int five(int x) { sink = x + 4; return MANY; }

/* What the spinner is told: it sleeps while IDLE, and turns LEAVE into IDLE. */
enum { IDLE, GO, LEAVE };
static atomic_int told = IDLE, woken;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int64_t longest, rounds;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* ---- threads --------------------------------------------------------------------------------------------------------- */

/* The caller keeps to the last processor, so that it does not share one with the tool, which the bench puts on the first;
 * the sleepers go where the kernel likes. */
static void take_processors(int first)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = first; i < sysconf(_SC_NPROCESSORS_ONLN); i++)
		CPU_SET(i, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
}

static void tell(int what)
{
	pthread_mutex_lock(&lock);
	atomic_store(&told, what);
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* Waits until what was told is WHAT. */
static void await(int what)
{
	pthread_mutex_lock(&lock);
	while (atomic_load(&told) != what)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void call_until_told(void)
{
	int64_t last = now();

	longest = rounds = 0;
	while (atomic_load_explicit(&told, memory_order_relaxed) == GO) {
		one(0), two(0), three(0), four(0), five(0);
		int64_t t = now();
		if (t - last > longest)
			longest = t - last;
		last = t;
		rounds++;
	}
}

static void *spin(void *arg)
{
	take_processors((int)sysconf(_SC_NPROCESSORS_ONLN) - 1);
	for (;;) {
		await(GO);
		call_until_told();
		tell(IDLE);
	}
	return arg;
}

__attribute__((noipa)) int deep(int epoll, int frames)
{
	struct epoll_event event;

	if (frames > 0)
		return deep(epoll, frames - 1) + 1;
	while (epoll_wait(epoll, &event, 1, -1) < 0 && errno == EINTR)
		atomic_fetch_add(&woken, 1);
	return 0;
}

static void *sleep_deep(void *arg)
{
	deep(epoll_create1(0), FRAMES);
	return arg;
}

static void start(void *(*run)(void *))
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	if (pthread_create(&t, &attr, run, NULL)) {
		perror("pthread_create");
		exit(1);
	}
}

/* ---- orders ---------------------------------------------------------------------------------------------------------- */

static void stop(void)
{
	tell(LEAVE);
	await(IDLE);
	printf("%lld %lld\n", (long long)longest, (long long)rounds);
}

static void go(void)
{
	tell(GO);
	usleep(1000);
	printf("going\n");
}

/* A batch is short enough to fit between two clock ticks now and then. */
static void cost_of_call(void)
{
	enum { BATCHES = 2000, CALLS = 10000 };
	int64_t best = INT64_MAX;

	for (int b = 0; b < BATCHES; b++) {
		int64_t began = now();
		for (int i = 0; i < CALLS; i++)
			one(i);
		int64_t took = now() - began;
		best = took < best ? took : best;
	}
	printf("%.3f\n", (double)best / CALLS);
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 1;

	setlinebuf(stdout);
	take_processors(0);
	start(spin);
	for (int i = 1; i < n; i++)
		start(sleep_deep);
	usleep(2000);
	printf("ready\n");
	for (int c; (c = getchar()) != EOF;)
		switch (c) {
		case 'g':
			go();
			break;
		case 's':
			stop();
			break;
		case 'c':
			cost_of_call();
			break;
		case 'v':
			printf("%d %d %d\n", one(0), two(0), atomic_load(&woken));
		}
	return 0;
}
