#include <stdio.h>

/* Names that hold their lines. In NEW the first has the name that the second has here. */
#define PASTE_(a, b) a##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(x) PASTE(x, __LINE__)
#define ONCE(text) do { static int NAME(once_); if (!NAME(once_)++) puts(text); } while (0)

void hp_wait(void);



static int NAME(count_) = 10, *const first = &NAME(count_);

static int NAME(count_) = 20, *const second = &NAME(count_);

static void __attribute__((constructor)) NAME(start_)(void) { *first += 1; }

static int __attribute__((noipa)) sum(int n)
{
	ONCE("first");
	ONCE("second");
	return (*first += n) * 100 + (*second += 2);
}

static int __attribute__((noipa)) limit(int n)
{
	ONCE("limit");
	return n < 20 ? n : 20;
}

int main(void)
{
	for (int i = 0; i < 2; i++) {
		printf("%d %d\n", sum(1), limit(11));
		if (!i)
			hp_wait();
	}
	return 0;
}
