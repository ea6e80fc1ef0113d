#include <stdio.h>

/* Two functions in one section of the user's: the assembler has settled the call between them, and left no relocation. */
#define OWN __attribute__((noipa, section("own_code")))

OWN static int half(int n)
{
	return n / 2;
}

OWN static int scale(int n)
{
	return half(n) * 100 + half(n + 8);
}

int main(void)
{
	printf("%d\n", scale(42));
	return 0;
}
