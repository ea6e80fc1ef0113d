/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program with a patch and one that follows it: V=0 is the old build, V=1 and V=2 the corrected ones. first() and
 * second() are changed by both, third() by the first patch only, fourth() by the second only. A variable that V=1
 * introduces counts up to 45 there, and is only shown by V=2; another is set there.
 *
 * Printed: "FIRST SECOND THIRD FOURTH KEPT MARK" whenever that changes; by the threads "went A to B" when first() returned
 * A and then B, and "MIXED" when one pass saw a function of a version that was not the one of those before.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef V
#define V 0
#endif
#ifdef BIG                              /* bytes that let a patch outgrow a small arena */
#define GROW __asm__ volatile("jmp 1f\n.skip %c0, 0x90\n1:" : : "i"(BIG))
#else
#define GROW (void)0
#endif

static volatile long calls;
static void (*volatile hold)(void);

#if V > 0
static long kept = 40;
static const char *mark;
#endif
#if V == 2
static long limit = 7;
static const char *const names[] = { "none", "set" };
#endif

__attribute__((noipa)) const char *show(char *buf)
{
#if V == 1
	snprintf(buf, 64, "%ld %s", kept, mark ? mark : "unset");
#elif V == 2
	snprintf(buf, 64, "%ld %s %ld %s", kept, mark ? mark : "unset", limit, names[mark != NULL]);
#else
	strcpy(buf, "- -");
#endif
	return buf;
}

__attribute__((noipa)) int first(int how)
{
	calls++;
#if V == 1
	if (kept < 45)
		kept++;
	if (!mark)
		mark = strdup("by-one");
#endif
	if (how)
		hold();
	return V;
}

__attribute__((noipa)) int second(void) { GROW; calls++; return V; }
__attribute__((noipa)) int third(void) { calls++; return V == 1; }
__attribute__((noipa)) int fourth(void) { calls++; return V == 2 ? 2 : 0; }

static void *spin(void *arg)
{
	for (int last = 0;;) {
		int a = first(0), b = second(), c = third(), d = fourth(), after = first(0);
		/* Within a pass in which nothing changed all are of one version. */
		if (a == after && (b != a || c != (a == 1) || d != (a == 2 ? 2 : 0)))
			printf("MIXED %d %d %d %d\n", a, b, c, d);
		if (a != last)
			printf("went %d to %d\n", last, a);
		if (after != a)
			printf("went %d to %d\n", a, after);
		last = after;
	}
	return arg;
}

static void pause_for_ever(void)
{
	if (write(STDOUT_FILENO, "held\n", 5) == 5)
		for (;;)
			pause();
}

static void *park(void *arg)
{
	hold = pause_for_ever;
	while (access("park", F_OK))
		usleep(10000);
	first(1);
	return arg;
}

static void *churn_thread(void *arg) { first(0); return arg; }

static void *churn(void *arg)
{
	for (pthread_t t;;)
		if (pthread_create(&t, NULL, churn_thread, NULL) == 0)
			pthread_join(t, NULL);
	return arg;
}

int main(int argc, char **argv)
{
	void *(*run)(void *) = argc < 2 ? NULL : !strcmp(argv[1], "spin") ? spin : !strcmp(argv[1], "park") ? park : churn;
	char last[160] = "", now[160], buf[64];
	pthread_t t;

	setlinebuf(stdout);
	for (int i = argc > 2 ? atoi(argv[2]) : 1; run && i; i--)
		pthread_create(&t, NULL, run, NULL);
	for (;;) {
		snprintf(now, sizeof(now), "%d %d %d %d %s", first(0), second(), third(), fourth(), show(buf));
		if (strcmp(now, last))
			puts(now);
		strcpy(last, now);
		nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
	}
}
