#include <stdio.h>

int limit = 10;

__attribute__((noinline, noclone)) static void show(void)
{
	printf("limit %d\n", limit++);
}

int main(void)
{
	show();
	return 0;
}
