#include <stdio.h>

__attribute__((noinline, noclone)) static int run(const char *code)
{
	static const void *const step[] = { &&stop, &&up, &&down };
	int n = 0;

	goto *step[*code++ - '0'];
up:
	n += 3;
	goto *step[*code++ - '0'];
down:
	n -= 2;
	goto *step[*code++ - '0'];
stop:
	return n;
}

int main(void)
{
	printf("%d\n", run("11120"));
	return 0;
}
