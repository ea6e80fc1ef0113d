#include <cstdio>
#include <exception>
#include <new>

[[gnu::noipa]] const char *name(const std::exception *e)
{
	if (e && !*e->what())
		throw 1;
	return e ? e->what() : "none";
}

[[gnu::noipa]] int check(int n)
{
	std::puts(name(nullptr));
	return n;
}

int main()
{
	for (int i = 0; i < 3; i++)
		std::printf("%d\n", check(i));
}
