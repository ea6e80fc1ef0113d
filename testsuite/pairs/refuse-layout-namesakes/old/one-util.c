static int mark = 5;

int one(int n)
{
	mark += n;
	return mark;
}

int one_times(void)
{
	static int times;

	*(volatile char *)&mark ^= 0;
	return ++times;
}
