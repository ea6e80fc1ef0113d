#include <stdio.h>
#include "lib.h"

int main()
{
	Reader r("1 20 300");

	printf("%d\n", r.sum());
	return 0;
}
