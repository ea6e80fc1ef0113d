#include <stdio.h>

/* A program is translated once into the labels of what carries it out, and lives longer than a call. */
static const void *steps[8];

__attribute__((noinline)) static int run(const unsigned char *code, int n)
{
	static const void *const table[] = { &&add, &&sub, &&end };
	const void **step = steps;
	int sum = 0;

	if (code) {
		for (int i = 0; i < n; i++)
			steps[i] = table[code[i]];
		return 0;
	}
	goto **step++;
add:
	sum += 2;
	goto **step++;
sub:
	sum -= 1;
	goto **step++;
end:
	return sum;
}

int main(void)
{
	static const unsigned char code[] = { 0, 0, 1, 2 };

	run(code, sizeof code);
	printf("%d\n", run(NULL, 0));
	return 0;
}
