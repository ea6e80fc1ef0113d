#include <cstdio>
#include "registry.h"

int main()
{
	the_registry().entries += 10;
	enter();
	std::printf("%d\n", the_registry().entries);
	return 0;
}
