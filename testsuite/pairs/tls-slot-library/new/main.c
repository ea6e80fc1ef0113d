#include <pthread.h>
#include <stdio.h>

int lib(int n);
void hp_wait(void);

static void *run(void *arg)
{
	printf("%s %d\n", (char *)arg, lib(1));
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
