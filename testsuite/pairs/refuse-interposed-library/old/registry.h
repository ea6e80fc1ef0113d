struct registry { int entries = 0; };

/* One of a process, whichever module asks. */
inline registry &the_registry()
{
	static registry r;
	return r;
}

int enter();
int entered();
