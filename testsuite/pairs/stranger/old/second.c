struct method { int (*run)(int); const char *name; };

const struct method *other;

int count_up(void)
{
	return 0;
}
