/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process that fuzz-ctl looks at: has imports, one of which a resolver chooses, says that it is there, and sleeps. */
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	(void)argc;
	if (write(1, argv[0], strlen(argv[0]) > 0) == 1)
		pause();
	return 0;
}
