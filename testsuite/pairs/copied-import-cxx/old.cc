#include <cstdio>
#include <stdexcept>

// NEW throws and catches a class of the library that OLD never named: its type information is a variable of another module.
[[gnu::noipa]] int check(int x)
{
	if (x == 7)
		throw x;
	return x + 1;
}

int main(int argc, char **)
{
	try {
		std::printf("%d\n", check(argc));
	} catch (const std::exception &) {
		std::puts("caught");
	}
	return 0;
}
