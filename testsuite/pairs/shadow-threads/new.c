#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <hotpatch.h>

enum { THREADS = 8, OBJECTS = 500, TURNS = 20 };
static char objects[OBJECTS][16];
static int made;

static int make(const void *object, void *data)
{
	(void)object;
	*(int *)data = 1000000;
	__atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
	return 0;
}

/* How often the object was touched by all threads. */
int __attribute__((noipa)) touch(const char *object)
{
	int *count = hp_shadow_get_or_alloc(object, 7, sizeof *count, make);

	return count ? __atomic_add_fetch(count, 1, __ATOMIC_RELAXED) : -1;
}

static void *work(void *unused)
{
	for (int n = 0; n < TURNS; n++)
		for (int i = 0; i < OBJECTS; i++)
			touch(objects[i]);
	return unused;
}

int main(void)
{
	pthread_t t[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, work, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	free(calloc(1, 1));
	printf("%d %d\n", made, touch(objects[1]));
	made++;
	return 0;
}
