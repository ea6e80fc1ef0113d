#include <stdio.h>

/*
 * The compiler numbers static locals of one name through the unit. Here one comes, one goes, two change places, and
 * "count" and "state" stand in several functions: each keeps its own value.
 */
void hp_wait(void);

int __attribute__((noipa)) added(void)
{
	static int count;

	{
		static int state = 10;

		return ++state * 100 + ++count;
	}
}

int __attribute__((noipa)) removed(void)
{
	static int state = 20;

	return ++state;
}

int __attribute__((noipa)) reordered(int n)
{
	static int second = 100, first = 1;

	return (n ? first++ : second++) + 1000;
}

int __attribute__((noipa)) scopes(int n)
{
	if (n) {
		static int count = 30;

		return ++count + 1000;
	} else {
		static int count = 40;

		return ++count;
	}
}

int __attribute__((noipa)) alone(void)
{
	static int count = 50;

	return ++count;
}

static void all(void)
{
	printf("%d %d %d %d %d %d %d\n", added(), removed(), reordered(0), reordered(1), scopes(0), scopes(1), alone());
}

int main(void)
{
	all();
	hp_wait();
	all();
	return 0;
}
