/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Initial values that a first fix and one that follows it change. It says which version of two functions it runs, and what
 * the variables hold:
 *
 *              OLD   V=1   V=2
 *   same       10    20    20      SIGUSR1 makes the program set it to 99
 *   other      10    20    30
 *   earlier    10    20    10
 *   newer      10    10    30
 *
 * A thread watches: "FELL" when `same` holds what OLD gave it while either fix is in force. With MORE the fix has a hook, too.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <hotpatch.h>

static volatile int same = V ? 20 : 10, other = V == 2 ? 30 : V ? 20 : 10, earlier = V == 1 ? 20 : 10, newer = V == 2 ? 30 : 10;
#if V
HP_SET_VALUE(same);
HP_SET_VALUE(other);
#endif
#if V == 1
HP_SET_VALUE(earlier);
#elif V == 2
HP_SET_VALUE(newer);
#endif
#ifdef MORE
static int attach(void) { return 0; }
HP_PRE_APPLY(attach);
#endif

int __attribute__((noipa)) first(void) { return V; }
int __attribute__((noipa)) second(int x) { return x + V; }

static void *watch(void *arg)
{
	for (int before = 0, after;; before = after) {
		int seen = same;
		after = first();
		if (before && after && seen == 10)
			printf("FELL\n");
	}
	return arg;
}

static void on_signal(int sig)
{
	(void)sig;
	same = 99;
}

int main(void)
{
	char last[80] = "", line[80];
	pthread_t t;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, on_signal);
	pthread_create(&t, NULL, watch, NULL);
	for (;; usleep(500)) {
		snprintf(line, sizeof(line), "%d %d: %d %d %d %d", first(), second(0), same, other, earlier, newer);
		if (strcmp(line, last))
			puts(line);
		strcpy(last, line);
		same += first() > 2;
		other += first() > 2;
		earlier += first() > 2;
		newer += first() > 2;
	}
}
