#include "registry.h"

/* What the program has had, the library comes to use. */
int enter()
{
	return ++the_registry().entries;
}
