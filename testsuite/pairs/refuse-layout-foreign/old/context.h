struct context { int version; int limit; };

int context_open(struct context **made);
