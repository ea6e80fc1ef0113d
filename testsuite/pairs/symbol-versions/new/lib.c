/* One function in two versions, of which one changes; and two names of another, in two nodes. */
__attribute__((symver("get@V1"))) int get_first(int i) { return i + 10; }
__attribute__((symver("get@@V2"))) int get_second(int i) { return i + 2; }

static __attribute__((noipa)) int inner(int i) { return i * 30; }

int twice(int i) { return inner(i) * 2; }
int both(int) __attribute__((alias("twice")));
