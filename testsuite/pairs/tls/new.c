#include <pthread.h>
#include <stdio.h>

static __thread int mine = 3;
__thread long global_one = 40;

int __attribute__((noipa)) bump(int n)
{
	mine += 2 * n;
	global_one++;
	return mine;
}

static void *body(void *arg)
{
	(void)arg;
	printf("thread %d %ld\n", bump(10), global_one);
	return NULL;
}

int main(void)
{
	pthread_t t;

	bump(1);
	pthread_create(&t, NULL, body, NULL);
	pthread_join(t, NULL);
	printf("main %d %ld\n", mine, global_one);
	return 0;
}
