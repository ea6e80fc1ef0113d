#include <cstdio>
#include <sys/stat.h>

// In a static program it refers to nothing that OLD has: all that umask() does is a system call.
static const int before = umask(022);

[[gnu::noipa]] int mask()
{
	return before;
}

int main()
{
	std::printf("%o\n", mask());
}
