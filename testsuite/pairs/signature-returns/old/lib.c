// A function that other modules can call comes to return something; who calls it as it was does not miss it.
static void (*keep)(int, int *);

void store(int n, int *v)
{
	*v = n;
}

int sum(int n)
{
	int v = 0;

	store(n, &v);
	return v + 1;
}

void install(void)
{
	keep = store;
}

void again(int n, int *v)
{
	if (keep)
		keep(n, v);
}
