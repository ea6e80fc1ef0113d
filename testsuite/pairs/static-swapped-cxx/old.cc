#include <cstdio>

extern "C" void hp_wait(void);

/* The variables changed places, and with each its guard. */
struct counter {
	int n;
	explicit counter(int start) : n(start) { printf("start %d\n", start); }
};

__attribute__((noinline)) static int next(int k)
{
	if (k > 1) {
		static counter count(k);
		return count.n++;
	} else {
		static counter count(k * 100);
		return count.n--;
	}
}

__attribute__((noinline)) static int shown(int k) { return next(k); }

int main()
{
	printf("%d\n", shown(2));
	printf("%d\n", shown(2));
	hp_wait();
	printf("%d\n", shown(2));
	printf("%d\n", shown(1));
	printf("%d\n", shown(1));
	return 0;
}
