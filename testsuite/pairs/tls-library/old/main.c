#include <pthread.h>
#include <stdio.h>

/* Thread-local variables of a library, in all models that it may use; each thread's values stay. */
extern __thread int shared;
int lib(int n);
void hp_wait(void);

static void *run(void *arg)
{
	printf("%s %d %d\n", (char *)arg, lib(2), ++shared);
	return NULL;
}

int main(void)
{
	pthread_t t;

	run("main");
	hp_wait();
	run("main");
	pthread_create(&t, NULL, run, "thread");
	pthread_join(t, NULL);
	return 0;
}
