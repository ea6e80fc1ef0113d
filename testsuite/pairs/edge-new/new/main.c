#include <stdio.h>

int plain(int n), queue(int n);

/* Of an archive without the plugin, the fix needs a member whose variables stand side by side: `low + 4` and `high` are one
 * address, which the relocation does not tell apart. */
__attribute__((noipa)) int count(int n)
{
	return plain(n) + queue(n);
}

int main(void)
{
	for (int i = 0; i < 5; i++)
		printf("%d\n", count(i));
	return 0;
}
