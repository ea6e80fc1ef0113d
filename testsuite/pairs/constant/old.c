#include <stdio.h>

static int limit(int n)
{
	return n > 100 ? 100 : n;
}

int __attribute__((noipa)) clamp(int n)
{
	return limit(n) + 1;
}

int main(void)
{
	printf("clamp %d\n", clamp(5000));
	return 0;
}
