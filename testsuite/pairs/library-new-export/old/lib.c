/* NEW exports a function, a variable and a second name that OLD does not have; the library uses them through PLT and GOT. */
int scaled(int n)
{
	return 2 * n;
}

int measure(int n)
{
	return scaled(n);
}
