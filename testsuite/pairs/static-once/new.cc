#include <cstdio>
#include <string>

// Initialised when control first gets there; a running process keeps what it has.
__attribute__((noipa)) static int limit(int n)
{
	static const std::string name(20, "x"[n & 0]);
	static const std::string same(5, "y"[n & 0]);

	return name.size() + same.size() * n;
}

extern "C" void hp_wait(void);

int main()
{
	std::printf("%d\n", limit(1));
	hp_wait();
	std::printf("%d\n", limit(1));
}
