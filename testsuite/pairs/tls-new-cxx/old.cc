#include <cstdio>
#include <thread>

/* New thread-local variables: one that is made on first use and has a destructor, one within a function, one of a template,
 * one that starts as zero. */
extern "C" void hp_wait();

__attribute__((noipa)) int count(int n)
{
	return n;
}

__attribute__((noipa)) static void run(const char *who)
{
	int first = count(1);

	std::printf("%s %d %d\n", who, first, count(2));
}

int main()
{
	run("main");
	hp_wait();
	run("main");
	std::thread t(run, "thread");
	t.join();
	std::printf("end\n");
}
