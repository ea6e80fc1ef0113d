__attribute__((noinline, noclone)) static int number(int i)
{
	return i * 3;
}

int one(int i)
{
	return number(i) + 1;
}
