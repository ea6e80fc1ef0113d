static float mark;

int two(int n)
{
	mark += n * 2.5f;
	return mark;
}

int two_times(void)
{
	static int times;

	*(volatile char *)&mark ^= 0;
	return ++times;
}
