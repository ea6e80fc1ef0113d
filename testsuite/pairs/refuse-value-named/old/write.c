extern int other_name __attribute__((visibility("hidden")));

void more(void) { other_name += 100; }
