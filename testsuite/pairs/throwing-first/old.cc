#include <cstdio>

[[gnu::noipa]] int at(const int *table, int n)
{
	return table[n];
}

[[gnu::noipa]] void show(int n)
{
	static const int table[] = { 10, 20, 30, 4444 };
	char text[20];

	std::sprintf(text, "%d", at(table, n));
	std::puts(text);
}

int main()
{
	show(1);
	show(3);
}
