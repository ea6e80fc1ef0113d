/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program whose patches have hooks and follow each other. V=0 is the old build; CONVERT gives a fix the hooks of a first
 * change of data (form becomes 2), MORE those of a second one (extra becomes 1). Its file `say` tells the second what to
 * do: to return the number in it, or to take long and change nothing (77); `stay` what the first's pre-revert hook
 * returns. third() is changed by V=1 only, fourth() by V=2 and later ones only. Threads call changed functions while a
 * file `idle` is missing.
 *
 * Printed: "FIRST THIRD FOURTH FORM EXTRA APPLIED REVERTED" whenever that changes, "idle"; "went A to B" when first()
 * returned A and then B; "MIXED" when code of a version saw data that is not of its shape.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <hotpatch.h>

#ifdef CONVERT
#define FORM 2
#else
#define FORM 1
#endif
#ifdef MORE
#define EXTRA 1
#else
#define EXTRA 0
#endif

static volatile int form = 1, extra, applied, reverted;

__attribute__((noipa)) int first(void) { return V; }
__attribute__((noipa)) int second(void) { return form == FORM && extra == EXTRA ? V : -1; }
__attribute__((noipa)) int third(void) { return V == 1; }
__attribute__((noipa)) int fourth(void) { return V > 1 ? V : 0; }

#if defined CONVERT || defined MORE
static int number_in(const char *name)
{
	FILE *f = fopen(name, "r");
	int n = 0;

	if (f && fscanf(f, "%d", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}
#endif

#ifdef CONVERT
static int convert(void) { form++; applied++; return 0; }
HP_PRE_APPLY(convert);
static int may_go(void) { return number_in("stay"); }
HP_PRE_REVERT(may_go);
static void convert_back(void) { if (form == 2) { form--; reverted++; } }
HP_POST_REVERT(convert_back);
#endif

#ifdef MORE
static int attach(void)
{
	int n = number_in("say");

	if (n == 77)
		return sleep(3);
	if (n)
		return n;
	extra++;
	return 0;
}
HP_PRE_APPLY(attach);
static void count(void) { applied += 10; }
HP_POST_APPLY(count);
static void detach(void) { if (extra) { extra--; reverted += 10; } }
HP_POST_REVERT(detach);
#endif

static void *work(void *arg)
{
	for (int last = 0, a, b;;) {
		if (!access("idle", F_OK)) {
			usleep(1000);
			continue;
		}
		a = first(), b = second(), third(), fourth();
		if (b < 0)
			printf("MIXED %d\n", a);
		if (a != last)
			printf("went %d to %d\n", last, a);
		last = a;
	}
	return arg;
}

int main(int argc, char **argv)
{
	char last[80] = "", now[80];
	pthread_t t;

	setlinebuf(stdout);
	for (int n = argc > 1 ? atoi(argv[1]) : 0; n > 0; n--)
		pthread_create(&t, NULL, work, NULL);
	for (;; usleep(1000)) {
		if (access("idle", F_OK))
			snprintf(now, sizeof(now), "%d %d %d %d %d %d %d", first(), third(), fourth(), form, extra, applied, reverted);
		else
			strcpy(now, "idle");
		if (strcmp(now, last))
			puts(now);
		strcpy(last, now);
	}
}
