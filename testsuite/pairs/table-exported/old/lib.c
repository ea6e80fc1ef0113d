/* What a library exports: its own code goes by the name, too. */
const int limits[] = { 10, 20, 30, 40 };
const char *const names[] = { "zero", "one", "two" };
const char version[] = "1.0.1";
static const int *const which = limits;

int limit(int i) { return limits[i] * 1000 + which[i]; }
const char *name(int i) { return names[i]; }
const char *what(void) { return version; }
