static int __attribute__((noinline)) step(int x)
{
	return x * 3;
}

int other(int x)
{
	return step(x) + 7 * x;
}
