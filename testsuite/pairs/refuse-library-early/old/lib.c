/* By -Wl,-init, which runs before .init_array. The callee may be replaced, so it goes by its name. */
static int limit;

int usual(void)
{
	return 5;
}

void start(void) { limit = usual(); }

int limited(int n) { return n < limit ? n : limit; }
