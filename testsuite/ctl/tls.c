/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three versions for tests of hp-ctl: V=0 has no thread-local variable, V=1 counts the calls of each thread, V=2 counts them
 * in another one, too. MAIN says of its two threads: "VERSION FIRST SECOND VERSION FIRST SECOND", where a counter is what it
 * was when the thread saw the version first: - for none, 1 where it began then, k where it had been kept.
 * With ONLY_CODE the version is all that changes. With PART=1 this is step() alone, for a library, with PART=2 the program
 * that is linked with it, with PART=3 one that opens it.
 */
#include <dlfcn.h>
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

#ifndef PART
#define PART 0
#endif

struct seen { int version; long calls, sum; };
void step(struct seen *s);

#if PART < 2
__attribute__((noipa)) void step(struct seen *s)
{
	struct seen now = { VERSION, 0, 0 };

#if V > 0
	now.calls = ++calls;
#endif
#if V > 1
	now.sum = ++sum;
#endif
	*s = now;
}
#endif

#if PART != 1
/* What each thread saw first of the version that it saw last. */
static volatile struct seen seen[2];
static void (*volatile stepping)(struct seen *);

static void *run(void *arg)
{
	volatile struct seen *mine = arg;
	struct seen now;

	for (;;) {
		stepping(&now);
		if (now.version != mine->version)
			*mine = now;
		usleep(1000);
	}
	return NULL;
}

static char kind(long count)
{
	return count > 1 ? 'k' : count ? '1' : '-';
}

int main(int argc, char **argv)
{
	pthread_t one, two;

	setvbuf(stdout, NULL, _IOLBF, 0);
#if PART == 3
	stepping = (void (*)(struct seen *))dlsym(dlopen(argv[argc - 1], RTLD_LAZY), "step");
#else
	(void)argc, (void)argv;
	stepping = step;
#endif
	pthread_create(&one, NULL, run, (void *)&seen[0]);
	pthread_create(&two, NULL, run, (void *)&seen[1]);
	for (;;) {
		usleep(50000);
		for (int i = 0; i < 2; i++)
			printf("%d %c %c%s", seen[i].version, kind(seen[i].calls), kind(seen[i].sum), i ? "\n" : " ");
	}
}
#endif
