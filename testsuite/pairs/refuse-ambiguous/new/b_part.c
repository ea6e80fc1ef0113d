__attribute__((noinline, nocltwo)) static int number(int i)
{
	return i * 5 + 9;
}

int two(int i)
{
	return number(i) + number(i + 2);
}
