#include <stdio.h>

static int retries = 5;
static char greeting[16] = "good evening";

int main(void)
{
	printf("%d %s\n", retries, greeting);
	retries++;
	greeting[0]++;
	return retries > 10;
}
