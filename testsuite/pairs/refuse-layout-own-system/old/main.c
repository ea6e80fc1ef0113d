#include <stdio.h>
#include <stdlib.h>
#include <table.h>

static struct table *table;

__attribute__((noipa)) static void begin(void)
{
	table = calloc(1, 32);
	table->last = 3;
}

__attribute__((noipa)) static void show(void)
{
	printf("%d\n", table->last);
}

int main(void)
{
	begin();
	show();
	return 0;
}
