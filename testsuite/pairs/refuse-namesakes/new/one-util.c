/* Of two files of one name one loses its variable, and the other gets one. */

int client(void)
{
	return 10;
}
