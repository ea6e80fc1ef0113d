struct method { int (*run)(int); const char *name; };

const struct method *held;
static int count;

static int plus(int x)
{
	return x + 1;
}

static const struct method method = { plus, "first" };

static __attribute__((noinline)) int more(int n)
{
	return n + 7;
}

void hold(void)
{
	held = &method;
	count = more(count);
}
