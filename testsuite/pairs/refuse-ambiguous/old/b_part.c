__attribute__((noinline, nocltwo)) static int number(int i)
{
	return i * 5;
}

int two(int i)
{
	return number(i) + 1;
}
