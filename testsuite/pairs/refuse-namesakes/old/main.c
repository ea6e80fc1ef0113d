#include <stdio.h>

int client(void), server(void), both(void);
void hp_wait(void);

int main(void)
{
	printf("%d %d %d\n", client(), server(), both());
	printf("%d %d %d\n", client(), server(), both());
	hp_wait();
	printf("%d %d %d\n", client(), server(), both());
	return 0;
}
