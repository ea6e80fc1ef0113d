#include <stdio.h>

static int seen;

/* Where no case fits nothing is left of these functions: an empty cold part, or their end. The tables lead there, too. */
__attribute__((noinline)) static int digit(int x)
{
	switch (x) {
	case 1: seen++; return putchar('a');
	case 2: seen += 2; return puts("b");
	case 3: seen += 3; return putchar('c');
	case 4: seen += 4; return puts("d");
	case 5: seen += 5; return putchar('e');
	case 6: seen += 6; break;
	default: goto never;
	}
	__asm__ goto("cmpl $99, %0; je %l1" : : "r"(seen) : "cc" : never);
	return puts("f");
never:	__attribute__((cold));
	__builtin_unreachable();
}

__attribute__((noinline)) static int letter(int x)
{
	switch (x) {
	case 1: seen += 8; return putchar('A');
	case 2: seen += 7; return puts("B");
	case 3: seen += 6; return putchar('C');
	case 4: seen += 5; return puts("D");
	case 5: seen += 4; return putchar('E');
	case 6: seen += 3; return puts("F");
	default: goto never;
	}
never:	__asm__ volatile("");
	__builtin_unreachable();
}

__attribute__((noinline)) static int other(int x)
{
	return x * 3;
}

int main(int argc, char **argv)
{
	(void)argv;
	digit(argc + 1);
	letter(argc + 3);
	printf("%d %d\n", seen, other(argc));
	return 0;
}
