#include <cstdio>
#include <string>

/* Variables that live get initialisers: these would run over what the variables hold. */
static volatile int first = 40;
static std::string name("x");

__attribute__((noipa)) static int restored() { return first; }

static thread_local int depth;

__attribute__((noipa)) static int &served()
{
	static int n;
	return n;
}

__attribute__((noipa)) static int &other()
{
	static int n = restored();
	return n;
}

__attribute__((noipa)) static void work()
{
	std::printf("%d %d %d %s\n", ++served(), ++depth, ++other(), name.c_str());
}

int main()
{
	work();
	work();
	return 0;
}
