static int sum = 5, times;

__attribute__((noipa)) void add(int n)
{
	sum += n;
	times++;
}

__attribute__((noipa)) int get(void)
{
	return 100 * sum + times;
}
