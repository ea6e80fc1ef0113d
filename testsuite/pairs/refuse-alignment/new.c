#include <stdint.h>
#include <stdio.h>

/* New code relies on an alignment that the variables never had. */
#define ALIGNED __attribute__((aligned(64)))

struct sums { char of[21]; };

static struct sums a ALIGNED = { { 1 } }, b ALIGNED = { { 2 } }, c ALIGNED = { { 3 } }, d ALIGNED = { { 4 } };

__attribute__((noipa)) static int add(int n)
{
	a.of[n]++, b.of[n]++, c.of[n]++, d.of[n]++;
	return ((uintptr_t)&a | (uintptr_t)&b | (uintptr_t)&c | (uintptr_t)&d) % 64;
}

int main(void)
{
	int rest = add(1);

	printf("%d %d\n", rest, a.of[1] + b.of[0] + c.of[0] + d.of[0]);
	return 0;
}
