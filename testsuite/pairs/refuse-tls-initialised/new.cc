#include <cstdio>
#include <cstdlib>
#include <thread>

/* A thread that has made `a` would not make `b`: one guard stands for all of the unit. */
struct thing {
	int value;
	thing(int v) : value(v) {}
};

thread_local thing a(std::atoi("5"));
thread_local thing b(std::atoi("10"));

__attribute__((noipa)) int get(int n)
{
	return a.value + n + b.value;
}

int main()
{
	std::printf("%d\n", get(1));
	std::thread t([] { std::printf("%d\n", get(2)); });
	t.join();
}
