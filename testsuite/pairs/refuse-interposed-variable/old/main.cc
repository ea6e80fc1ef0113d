#include <cstdio>
#include "registry.h"

/* What a library has had, the program comes to use. */
__attribute__((noipa)) int entered()
{
	return 0;
}

int main()
{
	enter();
	std::printf("%d\n", entered());
	return 0;
}
