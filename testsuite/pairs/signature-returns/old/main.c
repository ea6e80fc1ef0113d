#include <stdio.h>

void store(int n, int *v);
int sum(int n);
void install(void);
void again(int n, int *v);

int main(void)
{
	int v = 0, w = 7;

	install();
	store(5, &v);
	again(5, &w);
	printf("stored %d, sum %d, again %d\n", v, sum(5), w);
	return 0;
}
