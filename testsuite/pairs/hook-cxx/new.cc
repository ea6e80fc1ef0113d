#include <cstdio>
#include <vector>
#include <hotpatch.h>

namespace app {
static std::vector<int> items = { 1, 2, 3 };

int __attribute__((noipa)) total()
{
	int sum = 0;

	for (int i : items)
		sum += i;
	return sum * 10;
}

/* Live data is brought into the form that the new code wants. */
static int widen()
{
	for (int &i : items)
		i += 100;
	return items.size() != 3;
}
HP_PRE_APPLY(widen);
}

int main()
{
	for (int i = 0; i < 2; i++)
		std::printf("%d\n", app::total());
	app::items.clear();
	return 0;
}
