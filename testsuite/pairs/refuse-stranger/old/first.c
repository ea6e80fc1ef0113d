int (*held)(int);

static int helper(int x)
{
	return x + 1;
}

void hold(void)
{
	held = helper;
}
