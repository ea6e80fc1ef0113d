/* The build calls its directory one of the system (-isystem), but it is the program's. */
struct table {
	int used;
	int limit;
	int last;
};
