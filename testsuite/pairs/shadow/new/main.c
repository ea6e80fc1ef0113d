#include <stdio.h>
#include <stdlib.h>
#include "conn.h"

int main(void)
{
	struct conn *list[40];

	for (int i = 0; i < 40; i++) {
		list[i] = calloc(1, sizeof *list[i]);
		list[i]->number = i;
		use_conn(list[i]);
	}
	hp_wait();
	for (int n = 0; n < 3; n++)
		for (int i = 0; i < 40; i++)
			use_conn(list[i]);
	for (int i = 0; i < 40; i++)
		end_conn(list[i]);
	return 0;
}
