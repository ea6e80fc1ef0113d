#include <stdio.h>

static int retries = 3;
static char greeting[16] = "good morning";

int main(void)
{
	printf("%d %s\n", retries, greeting);
	retries++;
	greeting[0]++;
	return retries > 10;
}
