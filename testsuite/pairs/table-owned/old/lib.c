/* Tables that a library exports, though only its own code uses them. More than one word of each changes. */
struct row { const char *name; int value; };

const int limits[] = { 10, 20, 30, 40, 50 };
const struct row rows[] = { { "one", 1 }, { "two", 2 }, { 0, 0 } };
const char title[] = "the first of two titles";

int limit(int i) { return limits[i]; }

int value(int i) { return rows[i].value; }
const char *name(int i) { return rows[i].name; }
const char *what(void) { return title; }
