#include <cstdio>
#include "lib.h"

int main()
{
	shape *s = make();

	std::printf("%d\n", s->area(3));
	delete s;
}
