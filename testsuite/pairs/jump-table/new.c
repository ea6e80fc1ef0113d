#include <stdio.h>

/* A dense switch with calls becomes a jump table: anonymous bytes whose entries are distances to the table. */
int __attribute__((noipa)) act(int op, int n)
{
	switch (op) {
	case 0: return printf("add %d\n", n + 1);
	case 1: return printf("double %d\n", n * 2);
	case 2: return printf("square %d\n", n * n);
	case 3: puts("three"); return n;
	case 4: return printf("negate %d\n", -n);
	case 5: putchar('5'); return putchar('\n');
	case 6: return printf("half %d\n", n / 2);
	case 7: return printf("seven %d\n", n + 7);
	case 8: puts("eight"); return 8;
	default: return printf("what %d\n", op);
	}
}

int main(void)
{
	for (int i = 0; i < 10; i++)
		act(i, 12);
	return 0;
}
