/* Closures are numbered in their function: NEW has another one of the same parameters before, which takes its number. A live
 * object that holds the old closure would run the wrong one. */
#include <cstdio>
#include <functional>
#include <vector>

static std::vector<std::function<int(int)>> steps;

static void __attribute__((noinline)) prepare(int by)
{
	steps.push_back([by](int x) { return x * by; });
	steps.push_back([by](int x) { return x + by; });
}

int main()
{
	prepare(5);
	for (auto &step : steps)
		printf("%d\n", step(1));
	return 0;
}
