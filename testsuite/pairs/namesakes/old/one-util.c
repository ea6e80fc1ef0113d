/* Of two files of one name one loses its variable, and that of the other is still its own. */
static int only;

int client(void)
{
	return only++;
}
