#include <stdio.h>

/* NEW is linked with -rdynamic: .init and .fini have got other symbols, and a patch has none. */
__attribute__((noipa)) int size(void)
{
	return 2;
}

int main(void)
{
	printf("%d\n", size());
	return 0;
}
