#include <cstdio>

/* One of the counted variables went, and another came: it would start with what the first held. */
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define DEFINE(func, state) \
	static int state; \
	int __attribute__((noipa)) func(int n) { return state += n; }
#define COUNTED(func) DEFINE(func, PASTE(state, __COUNTER__))

extern "C" void hp_wait(void);

COUNTED(second)
COUNTED(third)

static int __attribute__((noipa)) limit(int n)
{
	return n < 10 ? n : 10;
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		printf("%d %d %d\n", third(1), second(20), limit(11));
		if (!i)
			hp_wait();
	}
	return 0;
}
