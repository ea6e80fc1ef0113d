#include <stdio.h>
#include "lib.h"

int main(void)
{
	lib_level = 4;
	lib_log("start");
	printf("%d\n", lib_scale(21));
	printf("hits %d\n", lib_hits());
	return 0;
}
