#include <stdio.h>
#include <string.h>

/* Weak, alias, hidden, ifunc, COMMON, user's sections and attributes: each keeps its identity while its code changes. */
int common;
int __attribute__((weak, noipa)) weak_one(int n)
{
	return n + 2;
}

int __attribute__((noipa)) real_name(int n)
{
	return n * 3;
}
int other_name(int) __attribute__((alias("real_name")));
int weak_name(int) __attribute__((weak, alias("real_name")));

int __attribute__((visibility("hidden"), noipa)) hidden_one(int n)
{
	common += n;
	return common * 10;
}

static int __attribute__((noipa)) fast(int n)
{
	return n - 2;
}
static int (*choose(void))(int) { return fast; }
int chosen(int) __attribute__((ifunc("choose")));

int __attribute__((section(".text.mine"), noipa)) placed(int n)
{
	static int __attribute__((section(".data.mine"))) kept = 7;

	return kept += 100 * n;
}

int __attribute__((section("own_code"), aligned(64), noipa)) own(int n)
{
	return n ^ 3;
}

static void __attribute__((noipa)) tidy(int *n)
{
	printf("tidied %d\n", *n);
}

int __attribute__((noipa)) cleaned(int n)
{
	int __attribute__((cleanup(tidy))) local = n;

	return local + 1;
}

int __attribute__((ms_abi, noipa)) foreign(int a, int b)
{
	return b - a;
}

typedef int unary(int);

int __attribute__((noipa)) same(unary *a, unary *b) { return a == b; }

int main(void)
{
	printf("%d %d %d\n", weak_one(1), other_name(2), weak_name(3));
	printf("%d %d\n", hidden_one(4), hidden_one(1));
	printf("%d %d %d\n", chosen(5), placed(1), placed(2));
	printf("%d %d %d\n", own(4), cleaned(3), foreign(9, 4));
	printf("%d %d %d\n", same(real_name, other_name), same(chosen, chosen), ((size_t)(void *)own & 63) == 0);
	return 0;
}
