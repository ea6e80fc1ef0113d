/* Functions of the library's own that are not static: the linker makes them local ones, of no file. One counts to the end of a
 * table, which is where the next one starts. */
#define OWN __attribute__((noipa, visibility("hidden")))

static int other[8] = { 9, 9, 9, 9, 9, 9, 9, 9 };
static int tab[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

OWN int *end(int n) { return tab + 8 - (n == 77); }

OWN int sum(int *from)
{
	int s = 0;

	for (int *p = tab; p < end(*from); p++)
		s += *p += *from;
	return s;
}

OWN int *place(int n) { return &other[n]; }
