/* NEW exports a function, a variable and a second name that OLD does not have; the library uses them through PLT and GOT. */
int maximum = 30;
int (*hook)(int);

int scaled(int n)
{
	return 2 * n;
}

int doubled(int n) __attribute__((alias("scaled")));

int limited(int n)
{
	return n > maximum ? maximum : n;
}

int measure(int n)
{
	hook = limited;
	return hook(doubled(n)) + limited(n);
}
