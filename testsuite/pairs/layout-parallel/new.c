// A parallel region that takes one variable more; the struct that hands them over is the compiler's.
#include <stdio.h>

__attribute__((noipa)) static int total(int *a, int n)
{
	int sum = 0, most = a[0] + 20;

#pragma omp parallel for reduction(+:sum)
	for (int i = 0; i < n; i++)
		sum += a[i] > most ? most : a[i];
	return sum;
}

__attribute__((noipa)) static void scale(int *a, int n, int by)
{
#pragma omp parallel for
	for (int i = 0; i < n; i++)
		a[i] *= by;
}

int main(void)
{
	int a[6] = { 1, 2, 3, 4, 50, 6 };

	scale(a, 6, 2);
	printf("%d\n", total(a, 6));
	return 0;
}
