__attribute__((noinline, noclone)) static int number(int i)
{
	return i * 3 + 7;
}

int one(int i)
{
	return number(i) + 1;
}
int (*volatile one_number)(int) = number;
