/* Tables that a library exports, though only its own code uses them. More than one word of each changes. */
struct row { const char *name; int value; };

const int limits[] = { 11, 20, 31, 40, 51 };
const struct row rows[] = { { "uno", 11 }, { "due", 22 }, { 0, 0 } };
const char title[] = "this is one of two ";

int limit(int i) { return limits[i]; }

int value(int i) { return rows[i].value; }
const char *name(int i) { return rows[i].name; }
const char *what(void) { return title; }
