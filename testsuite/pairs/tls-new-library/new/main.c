#include <pthread.h>
#include <stdio.h>

/* New thread-local variables of a library that had none: each thread has its own, zero at first, be the thread there already or not. */
static pthread_barrier_t before, after;
void hp_wait(void);

int count(int n);

static void *run(void *arg)
{
	int first = count(1);

	pthread_barrier_wait(&before);
	pthread_barrier_wait(&after);
	printf("%s %d", (char *)arg, first);
	printf(" %d", count(2));
	printf(" %d\n", count(3));
	return NULL;
}

int main(void)
{
	pthread_t there, later;

	pthread_barrier_init(&before, NULL, 2);
	pthread_barrier_init(&after, NULL, 2);
	pthread_create(&there, NULL, run, "there");
	pthread_barrier_wait(&before);
	hp_wait();
	printf("main %d\n", count(1));
	printf("main %d\n", count(1));
	pthread_barrier_wait(&after);
	pthread_join(there, NULL);
	pthread_barrier_init(&before, NULL, 1);
	pthread_barrier_init(&after, NULL, 1);
	pthread_create(&later, NULL, run, "later");
	pthread_join(later, NULL);
	return 0;
}
