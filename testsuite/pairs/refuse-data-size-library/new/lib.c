/* The program has a copy of it, as large as the symbol says. */
int table[6] = { 1, 2, 3, 4, 5, 6 };

int last(void)
{
	return table[sizeof table / sizeof *table - 1]++;
}
