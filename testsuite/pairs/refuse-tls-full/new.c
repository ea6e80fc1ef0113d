#include <stdio.h>

__thread char texts[256];
__thread int calls;

__attribute__((noinline, noclone)) static void show(int i)
{
	printf("%d\n", i + calls++ + texts[i]);
}

int main(int argc, char **argv)
{
	(void)argv;
	show(argc);
	return 0;
}
