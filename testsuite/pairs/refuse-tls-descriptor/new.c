static __thread int mine = 3;

int work(int n)
{
	static __thread int calls;

	return n + ++calls;
}

int use(void)
{
	return mine++;
}
