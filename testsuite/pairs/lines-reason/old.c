#include <stdio.h>

/* A function that changes below a line that moves: the reason is the change. */
static int last_line;

static int __attribute__((noipa)) scale(int n)
{
	last_line = __LINE__;
	return n * 100;
}

int main(void)
{
	printf("%d\n", scale(3));
	return last_line < 0;
}
