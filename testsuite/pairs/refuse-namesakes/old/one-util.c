/* Of two files of one name one loses its variable, and the other gets one. */
static int calls;

int client(void)
{
	return calls++;
}
