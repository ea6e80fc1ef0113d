/* A name of the library comes to mean another of its functions. */
int first(int x)
{
	return x + 1;
}

int second(int x)
{
	return x + 2;
}

int current(int) __attribute__((alias("first")));
