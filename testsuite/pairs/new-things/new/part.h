#include <stdlib.h>
#include <unistd.h>
int clip(int n, int limit);
