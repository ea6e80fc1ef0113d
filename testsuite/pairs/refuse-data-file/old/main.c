#include <stdio.h>

extern const char _binary_greeting_start[], _binary_greeting_end[];

int main(void)
{
	fwrite(_binary_greeting_start, 1, _binary_greeting_end - _binary_greeting_start, stdout);
	return 0;
}
