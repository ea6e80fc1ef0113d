#include <cstdio>
#include <exception>
#include <new>

[[gnu::noipa]] const char *name(const std::exception *e)
{
	if (e && !*e->what())
		throw 1;
	return e ? e->what() : "none";
}

// At a fixed address an object of the library's class gets its table by an immediate: on the stack, by a pointer, in an array.
[[gnu::noipa]] void fill(std::bad_alloc *all, long n)
{
	new (&all[n]) std::bad_alloc;
}

[[gnu::noipa]] int check(int n)
{
	std::exception plain;
	std::bad_alloc all[3];

	fill(all, n);
	std::puts(name(&plain));
	std::puts(name(&all[n]));
	return n * 2;
}

int main()
{
	for (int i = 0; i < 3; i++)
		std::printf("%d\n", check(i));
}
