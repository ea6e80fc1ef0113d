#include <pthread.h>
#include <stdio.h>

/* Thread-local variables of a program, in all models, and one of its library. */
extern __thread int shared;
__thread int __attribute__((tls_model("local-exec"))) local_exec = 10;
__thread int __attribute__((tls_model("initial-exec"))) initial_exec = 20;
static __thread int __attribute__((tls_model("local-dynamic"))) local_dynamic = 30;
__thread int __attribute__((tls_model("global-dynamic"))) global_dynamic = 40;
void hp_wait(void);

int __attribute__((noipa)) step(int n)
{
	shared += n, local_exec += n, initial_exec += n, local_dynamic += n, global_dynamic += n;
	return shared + local_exec + initial_exec + local_dynamic + global_dynamic;
}

static void *run(void *arg)
{
	printf("%s %d\n", (char *)arg, step(1));
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
