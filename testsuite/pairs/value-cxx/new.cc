#include <cstdio>
#include <hotpatch.h>

namespace app {
struct Limits { static int depth; };
int Limits::depth = 8;
HP_SET_VALUE(Limits::depth);
static const char *name = "new";
HP_SET_VALUE(name);
}

int __attribute__((noipa)) next()
{
	static int from = 20;
	HP_SET_VALUE(from);

	return ++from;
}

int main()
{
	std::printf("%d %s %d\n", app::Limits::depth, app::name, next());
	app::name++;
	return 0;
}
