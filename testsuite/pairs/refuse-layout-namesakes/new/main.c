#include <stdio.h>

/* Two files of one name have a static variable of one name; in one of them it comes to hold another kind of value. */
int one(int n);
int two(int n);
int one_times(void), two_times(void);

int main(void)
{
	printf("%d %d %d %d\n", one(3), two(4), one_times(), two_times());
	return 0;
}
