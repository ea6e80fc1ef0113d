static int calls;

int server(void)
{
	return calls++;
}

int both(void) { return 7; }
