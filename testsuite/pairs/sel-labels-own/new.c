#include <stdio.h>

/* Labels out of a table that go no farther than a jump, and what else the table holds. */
__attribute__((noinline)) static int run(const unsigned char *code)
{
	static const struct { const void *label; int cost; const char *name; } table[] = {
		{ &&add, 1, "add" }, { &&sub, 2, "sub" }, { &&end, 3, "end" }
	};
	const void *const own[] = { &&add, &&sub };
	const void *now = table[*code].label;
	int sum = 0;

	printf("%s %d %d\n", table[*code].name, table[*code].cost, now == own[0]);
	if (*code > 2)
		goto *own[*code & 1];
	code++;
	goto *now;
add:
	sum += 3;
	goto *table[*code++].label;
sub:
	sum -= 1;
	goto *table[*code++].label;
end:
	return sum;
}

int main(void)
{
	static const unsigned char code[] = { 0, 0, 1, 2 };

	printf("%d\n", run(code));
	return 0;
}
