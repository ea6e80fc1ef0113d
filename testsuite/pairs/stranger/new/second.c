struct method { int (*run)(int); const char *name; };

const struct method *other;
int count;

static __attribute__((noinline)) int more(int n)
{
	return 10 * n + 1;
}

static int times(int x)
{
	return more(x) * 100;
}

static const struct method method = { times, "second" };

int count_up(void)
{
	other = &method;
	return ++count;
}
