#include <stdio.h>
#include <hotpatch.h>

static int retries = 5;
HP_SET_VALUE(retries);
static char greeting[16] = "good evening";
HP_SET_VALUE(greeting);

int main(void)
{
	printf("%d %s\n", retries, greeting);
	retries++;
	greeting[0]++;
	return retries > 10;
}
