// What is handed to a task is copied, and waits for a thread when the function has returned.
#include <stdio.h>

__attribute__((noipa)) static void add(int *a, int n)
{
#pragma omp task firstprivate(n)
	a[n] += n;
}

int main(void)
{
	int a[4] = { 1, 2, 3, 4 };

#pragma omp parallel
#pragma omp single
	for (int i = 0; i < 4; i++)
		add(a, i);
	printf("%d\n", a[0] + a[3]);
	return 0;
}
