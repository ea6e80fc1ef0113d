/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * user LIBRARY [OTHER...]: a program that uses a library, built without the plugin; the same for every library.
 *
 * It loads LIBRARY while one thread sleeps and another computes, unloads it and ends with status 0. Where LIBRARY does
 * not load alone (an extension that expects its host's symbols) it loads OTHERs first. Status 3: it does not load.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static atomic_int done, rounds;

static void *compute(void *unused)
{
	while (!done)
		rounds++;
	return unused;
}

static void *sleep_on(void *unused)
{
	while (!done)
		usleep(1000);
	return unused;
}

static void *load(char **names)
{
	void *handle = dlopen(names[0], RTLD_LAZY);

	for (char **other = names + 1; !handle && *other; other++)
		if (dlopen(*other, RTLD_LAZY | RTLD_GLOBAL))
			handle = dlopen(names[0], RTLD_LAZY);
	return handle;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	void *handle;

	if (argc < 2)
		return 2;
	pthread_create(&threads[0], NULL, compute, NULL);
	pthread_create(&threads[1], NULL, sleep_on, NULL);
	handle = load(argv + 1);
	if (!handle)
		fprintf(stderr, "%s\n", dlerror());
	done = 1;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	return !handle ? 3 : dlclose(handle) != 0;
}
