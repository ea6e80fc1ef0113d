#include <cstdio>

int weight(int n);
extern "C" void hp_wait(void);

static void show()
{
	for (int i = 0; i < 4; i++)
		printf("%d ", weight(i));
	printf("\n");
}

int main()
{
	show();
	hp_wait();
	show();
	return 0;
}
