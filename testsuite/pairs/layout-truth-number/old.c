#include <stdio.h>
#include <stdlib.h>

/* A truth value that becomes a number: 0 and 1 are numbers. */
struct user {
	_Bool level;
};

static struct user *user;

void hp_wait(void);

__attribute__((noipa)) static void set(int n) { user->level = n; }
__attribute__((noipa)) static void begin(void) { user = calloc(1, sizeof *user); }
__attribute__((noipa)) static int level(void) { return user->level; }

int main(void)
{
	begin();
	set(5);
	printf("%d\n", level());
	hp_wait();
	printf("%d\n", level());
	set(5);
	printf("%d\n", level());
	return 0;
}
