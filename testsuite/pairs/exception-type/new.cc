#include <cstdio>
#include <stdexcept>

/* A class that only this file knows has a pointer without a name for the exception table; with -flto it stands in .data, at
 * the end of a variable. */
namespace { struct Own { int v; }; }
long count = 1;

__attribute__((noinline)) static int raise(int x)
{
	if (x % 3 == 0)
		throw x;
	if (x % 3 == 1)
		throw std::runtime_error("text");
	if (x % 9 == 8)
		throw Own{ x };
	return x;
}

__attribute__((noinline)) int caught(int x)
{
	count++;
	try { return raise(x); }
	catch (int i) { return i + 10; }
	catch (const std::exception &e) { return 20; }
	catch (const Own &o) { return o.v + 30; }
}

int main(int argc, char **)
{
	int a = caught(argc + 2), b = caught(argc + 3), c = caught(argc + 4), d = caught(argc + 7);

	printf("%d %d %d %d, %ld\n", a, b, c, d, count);
	return 0;
}
