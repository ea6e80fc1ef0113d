#include <cstdio>

class Counter {
	int step = 2;
	int count = 0;

public:
	virtual ~Counter() {}
	__attribute__((noipa)) int next() { return count += step; }
};

__attribute__((noipa)) static int next()
{
	static Counter *counter;

	if (!counter)
		counter = new Counter;
	return counter->next();
}

int main()
{
	next();
	std::printf("%d\n", next());
}
