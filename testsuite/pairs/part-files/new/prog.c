#include <stdio.h>
#include "part.h"

void hp_wait(void);

static void show(void)
{
	printf("%d %d %d %d\n", ant(3), bee(5), cat(6), dog(7));
	printf("%d %d %d\n", bee_again(15), cat_again(16), dog_again(7));
}

int main(void)
{
	show();
	hp_wait();
	show();
	return 0;
}
