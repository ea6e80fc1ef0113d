static int low[4], high[4], *put = low;

__attribute__((noipa)) static int sum(const int *from, const int *to)
{
	int s = 0;

	while (from < to)
		s += *from++;
	return s;
}

/* Fills low up to its end, then starts again; high counts how often. */
int queue(int n)
{
	*put++ = n;
	high[1]++;
	if (put == low + 4)
		put = low;
	return sum(low, low + 4) + 10 * sum(high, high + 4);
}
