#include <getopt.h>
#include <stdio.h>
#include <sys/single_threaded.h>

/* Variables of the library, each used where it stands: a byte, a word, a pointer, some bits are compared, others changed; in a
 * function without a frame, which has its array below the stack pointer. */
__attribute__((noipa)) int state(int n)
{
	volatile int below[16];

	for (int i = 0; i < 16; i++)
		below[i] = i;
	if (__libc_single_threaded)
		n += 10;
	if (optind == 1)
		n += 100;
	if (stderr == NULL)
		n += 1000;
	if (__libc_single_threaded & 4)
		n += 10000;
	optind += n;
	opterr = 0;
	optopt = optind > n ? optopt : n;
	n += optind++ + opterr;
	for (int i = 0; i < 16; i++)
		n += below[i] != i;
	return n;
}

int main(int argc, char **argv)
{
	(void)argv;
	printf("%d\n", state(argc));
	return 0;
}
