#include <stdio.h>

int limit = 20;

__attribute__((noinline, noclone)) static void show(void)
{
	printf("limit %d\n", limit++);
}

int main(void)
{
	show();
	return 0;
}
