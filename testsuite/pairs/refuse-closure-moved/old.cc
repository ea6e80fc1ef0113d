#include <cstdio>
#include <functional>
#include <vector>

/* As many lambdas in both builds, but they changed places: an object that lives holds what the first one was. */
static std::vector<std::function<int(int)>> steps;

__attribute__((noipa)) static void begin(int by)
{
	steps.push_back([by](int x) { return x + by; });
	steps.push_back([by](int x) { return x * by; });
}

__attribute__((noipa)) static int work(int x)
{
	for (auto &step : steps)
		x = step(x);
	return x;
}

int main()
{
	begin(5);
	std::printf("%d\n", work(2));
	return 0;
}
