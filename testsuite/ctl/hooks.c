/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program whose fix has hooks of all four kinds. Its file `say` (in the working directory) tells the hooks what to do:
 * pre-apply returns the number in it, pre-revert returns what is in `stay`. A thread calls changed functions while a file
 * `idle` is missing.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <hotpatch.h>

static int form = 1, applied, reverted;

int __attribute__((noipa)) first(void) { return V; }
int __attribute__((noipa)) second(int *shape) { *shape = form; return V; }

#if V == 2
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

static int convert(void)
{
	int n = number_in("say");

	if (n == 77)
		sleep(3);
	if (!n || n == 77)
		form = 2;
	return n == 77 ? 0 : n;
}
HP_PRE_APPLY(convert);

static void count(void) { applied++; }
HP_POST_APPLY(count);

static int may_go(void) { return number_in("stay"); }
HP_PRE_REVERT(may_go);

static void convert_back(void)
{
	form = 1;
	reverted++;
}
HP_POST_REVERT(convert_back);
#endif

static void *work(void *arg)
{
	int shape = 0, a, b;

	for (;;) {
		if (access("idle", F_OK)) {
			a = first(), b = second(&shape);
			if (b != shape)
				printf("MIXED %d %d\n", b, shape);
			if (arg)
				printf("%d %d %d %d\n", b, shape, applied, reverted);
			else if (a == 9)
				puts("?");
		} else if (arg) {
			puts("idle");
		}
		usleep(arg ? 5000 : 100);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t t;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int n = argc > 1 ? atoi(argv[1]) : 0; n > 0; n--)
		pthread_create(&t, NULL, work, NULL);
	work(argv);
	applied++;
	reverted++;
	form++;
}
