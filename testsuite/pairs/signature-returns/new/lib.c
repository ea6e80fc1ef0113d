// A function that other modules can call comes to return something; who calls it as it was does not miss it.
static int (*keep)(int, int *);

int store(int n, int *v)
{
	if (n > 3)
		return -1;
	*v = n;
	return 0;
}

int sum(int n)
{
	int v = 0;

	if (store(n, &v))
		return 0;
	return v + 1;
}

void install(void)
{
	keep = store;
}

void again(int n, int *v)
{
	if (keep && keep(n, v))
		*v = -1;
}
