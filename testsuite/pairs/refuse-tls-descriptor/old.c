static __thread int mine = 3;

int work(int n)
{
	return n;
}

int use(void)
{
	return mine++;
}
