#include <stdio.h>

/* What one file has goes, and another file comes to have something else of that name: function, constant, variable. */
struct method { int (*run)(int); const char *name; };

void hp_wait(void);
void hold(void);
int count_up(void);
extern const struct method *held, *other;

int main(void)
{
	for (int i = 0; i < 2; i++) {
		int count;

		hold();
		count = count_up();
		printf("%s %d %d %s %d\n", held->name, held->run(1), count, other ? other->name : "-", other ? other->run(1) : 0);
		hp_wait();
	}
	return 0;
}
