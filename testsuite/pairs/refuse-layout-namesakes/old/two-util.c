static int mark;

int two(int n)
{
	mark += n * 2;
	return mark;
}

int two_times(void)
{
	static int times;

	*(volatile char *)&mark ^= 0;
	return ++times;
}
