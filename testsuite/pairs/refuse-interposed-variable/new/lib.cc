#include "registry.h"

int enter()
{
	return ++the_registry().entries;
}
