static int mark = 5;

__attribute__((noipa)) int other(void)
{
	return mark++;
}
