int (*held)(int);

static int assist(int x)
{
	return x + 5;
}

void hold(void)
{
	held = assist;
}
