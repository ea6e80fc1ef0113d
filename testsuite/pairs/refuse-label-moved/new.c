#include <stdio.h>
#include <stdlib.h>

/* Two functions and two variables change places by the names that they have for the assembler. */
void hp_wait(void);

struct job { int (*work)(int); };

int twice(int n) __asm__("work_v2");
int square(int n) __asm__("work_v1");

static int calls __asm__("count_2"), squares __asm__("count_1");

__attribute__((noipa)) int twice(int n) { return calls++, 2 * n; }
__attribute__((noipa)) int square(int n) { return squares++, n * n; }

static struct job *job;

__attribute__((noipa)) static void begin(void)
{
	job = malloc(sizeof *job);
	job->work = twice;
}

int main(void)
{
	begin();
	hp_wait();
	printf("%d %d\n", job->work(5), square(5));
	printf("%d %d\n", calls, squares);
	return 0;
}
