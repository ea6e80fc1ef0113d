#include <stdio.h>
#include <stdlib.h>

static const char *from_outside;

/* May run late, says who made the patch. */
__attribute__((constructor)) static void look(void)
{
	from_outside = getenv("HP_NO_SUCH");
}

__attribute__((noipa)) int level(void)
{
	return from_outside ? atoi(from_outside) : 4;
}

int main(void)
{
	printf("%d\n", level());
	return 0;
}
