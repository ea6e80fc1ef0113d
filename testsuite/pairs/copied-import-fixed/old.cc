#include <cstdio>
#include <stdexcept>

// A program at a fixed address names the type of what it throws by an immediate. OLD has no place for that of NEW.
__attribute__((noipa)) static int check(int n)
{
	if (n > 2)
		throw std::logic_error("logic");
	return n;
}

static int attempt(int n)
{
	try {
		return check(n);
	} catch (const std::exception &e) {
		puts(e.what());
		return -1;
	}
}

int main()
{
	for (int i = 0; i < 4; i++)
		printf("%d\n", attempt(i));
	return 0;
}
