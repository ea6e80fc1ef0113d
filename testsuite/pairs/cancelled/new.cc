#include <cstdio>
#include <pthread.h>
#include <unistd.h>

// Threads that end inside of new code: cancelled, and by pthread_exit(); the frames are unwound.
struct guard {
	int n;
	~guard() { std::printf("gone %d\n", n); }
};

__attribute__((noipa)) static void work(int n)
{
	guard g{n + 100};

	if (n > 1)
		pthread_exit(nullptr);
	for (;;)
		pause();
}

static void *run(void *n)
{
	guard g{10};

	work((int)(long)n);
	return nullptr;
}

extern "C" void hp_wait(void);

static void show()
{
	for (long n = 1; n <= 2; n++) {
		pthread_t thread;

		pthread_create(&thread, nullptr, run, (void *)n);
		if (n == 1)
			pthread_cancel(thread);
		pthread_join(thread, nullptr);
	}
}

int main()
{
	show();
	hp_wait();
	show();
}
