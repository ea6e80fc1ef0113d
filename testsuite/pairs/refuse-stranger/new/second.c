int (*other)(int);

static int helper(int x)
{
	return x * 1000;
}

void hold_other(void)
{
	other = helper;
}
