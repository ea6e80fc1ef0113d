#include <cstdio>

namespace app {
struct Limits { static int depth; };
int Limits::depth = 4;
static const char *name = "old";
}

int __attribute__((noipa)) next()
{
	static int from = 10;

	return ++from;
}

int main()
{
	std::printf("%d %s %d\n", app::Limits::depth, app::name, next());
	app::name++;
	return 0;
}
