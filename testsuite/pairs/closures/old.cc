#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

// Lambdas whose objects old code made, guards, thread_local with a constructor, statics of inline functions.
extern "C" void hp_wait();

struct Loud {
	int n;
	explicit Loud(int k) : n(k) { std::printf("made %d\n", k); }
	~Loud() { std::printf("gone %d\n", n); }
};

static std::function<int(int)> kept;

void __attribute__((noipa)) keep(int by, const std::string &s)
{
	kept = [by, s](int n) { return n * by + (int)s.size(); };
}

int __attribute__((noipa)) once(int n)
{
	static Loud loud(n);

	return loud.n + n;
}

int __attribute__((noipa)) each(int n)
{
	thread_local Loud mine(n);

	return mine.n += n;
}

int __attribute__((noipa)) sorted(std::vector<int> v)
{
	int sum = 0, k = 1;

	auto add = [&](int x) { sum += x * k++; };
	for (int x : v)
		add(x);
	return sum;
}

int main()
{
	keep(3, "four");
	std::printf("%d %d\n", once(1), each(5));
	hp_wait();
	std::printf("%d %d %d\n", kept(2), once(2), each(6));
	std::thread([] { std::printf("thread %d\n", each(7)); }).join();
	std::printf("%d\n", sorted({ 1, 2, 3 }));
}
