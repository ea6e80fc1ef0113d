#include <cstdio>
#include <vector>

namespace app {
static std::vector<int> items = { 1, 2, 3 };

int __attribute__((noipa)) total()
{
	int sum = 0;

	for (int i : items)
		sum += i;
	return sum;
}
}

int main()
{
	for (int i = 0; i < 2; i++)
		std::printf("%d\n", app::total());
	app::items.clear();
	return 0;
}
