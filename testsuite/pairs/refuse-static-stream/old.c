#include <stdio.h>

__attribute__((noipa)) void show(int n)
{
	puts(n > 5 ? "large" : "small");
}

int main(void)
{
	show(3);
	show(7);
	return 0;
}
