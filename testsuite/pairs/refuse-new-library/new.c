#include <math.h>
#include <stdio.h>

__attribute__((noipa)) static double half(double x)
{
	return cos(x) / 2;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%.2f\n", half(argc));
	return 0;
}
