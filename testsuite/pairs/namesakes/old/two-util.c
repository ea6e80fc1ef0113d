static int served;

static int serve(int n) { return served += n; }

int server(void)
{
	return serve(1);
}

int both(void) { return served; }
