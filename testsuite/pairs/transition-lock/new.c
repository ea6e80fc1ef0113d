#include <pthread.h>
#include <stdio.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int count;

__attribute__((noipa)) static int peek(void)
{
	int n;

	pthread_mutex_lock(&mutex);
	n = count;
	pthread_mutex_unlock(&mutex);
	return n;
}

__attribute__((noipa)) static int add(int n)
{
	pthread_mutex_lock(&mutex);
	n = count += 2 * n;
	pthread_mutex_unlock(&mutex);
	return n;
}

int main(void)
{
	printf("%d\n", add(1) + peek());
}
