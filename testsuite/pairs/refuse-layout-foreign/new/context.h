struct context { int version; int weak, strong; int limit; };

int context_open(struct context **made);
