#include <stdio.h>

/* The linker gives it another name, by which another file writes to it. */
int limit __attribute__((visibility("hidden"))) = 5;

void more(void);

__attribute__((noipa)) static void show(void) { printf("%d\n", limit); }

int main(void)
{
	show();
	more();
	show();
	return 0;
}
