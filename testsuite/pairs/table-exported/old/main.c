#include <stdio.h>

int limit(int i);
const char *name(int i);
const char *what(void);
void hp_wait(void);

static void show(const char *version)
{
	for (int i = 0; i < 3; i++)
		printf("%d %s, ", limit(i), name(i));
	printf("%s %d\n", what(), version == what());
}

int main(void)
{
	const char *version = what();

	show(version);
	hp_wait();
	show(version);
	return 0;
}
