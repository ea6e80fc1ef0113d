/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lock: one thread adds without end, one stays in add() for ever when "park" is given. V=2 takes a lock. It writes what
 * version it is, as target.c does.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile long count;

__attribute__((noipa)) static int add(int n)
{
#if V > 1
	pthread_mutex_lock(&mutex);
#endif
	count += n;
	if (!n)
		pause();
#if V > 1
	pthread_mutex_unlock(&mutex);
#endif
	return V;
}

static void *park(void *arg)
{
	puts("held");
	add(0);
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int last = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	if (argc > 1 && !strcmp(argv[1], "park"))
		pthread_create(&thread, NULL, park, NULL);
	for (;; usleep(100)) {
		int now = add(1);

		if (now != last)
			printf("%d %d\n", now, now);
		last = now;
	}
}
