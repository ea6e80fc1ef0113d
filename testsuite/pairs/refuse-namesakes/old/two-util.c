
int server(void)
{
	return 0;
}

int both(void) { return 7; }
