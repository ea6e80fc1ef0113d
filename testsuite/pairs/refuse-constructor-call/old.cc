#include <cstdio>

[[gnu::noipa]] int mask()
{
	return 0;
}

int main()
{
	std::printf("%o\n", mask());
}
