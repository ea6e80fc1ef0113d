#include <stdio.h>

/* A constant in between gives those behind it other values; one at the end moves the count only. All that holds one is in
 * frames of changed functions. */
enum color { RED, PINK, GREEN, BLUE };
enum unit { METER, FOOT, INCH, UNITS };

struct thing { enum color color; enum unit unit; };

__attribute__((noipa)) static const char *name(const struct thing *t)
{
	switch (t->color) {
	case RED: return "red";
	case PINK: return "pink";
	case GREEN: return "green";
	case BLUE: return "bleu";
	}
	return "none";
}

__attribute__((noipa)) static int units(const struct thing *t) { return t->unit < UNITS ? UNITS : 0; }

__attribute__((noipa)) static void make(struct thing *t) { *t = (struct thing){ BLUE, FOOT }; }

__attribute__((noipa)) static void show(void)
{
	struct thing t;

	make(&t);
	printf("%s %d %d\n", name(&t), units(&t), t.color == BLUE);
}

int main(void)
{
	show();
	return 0;
}
