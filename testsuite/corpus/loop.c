/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Linked into the test programs of packages, whose main() is called once() then: where $LOOP names a file, once() is
 * called again and again until that file is gone, then one more time, which is the one that prints. The file's size is
 * the number of rounds, so that others can wait for them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int once(int argc, char **argv);

/* Another round into the file; false when it is gone. */
static int again(const char *name)
{
	int fd = open(name, O_WRONLY | O_APPEND), ok = fd >= 0 && write(fd, ".", 1) == 1;

	if (fd >= 0)
		close(fd);
	return ok;
}

static int quietly(int argc, char **argv)
{
	int status, out = dup(1), error = dup(2), null = open("/dev/null", O_WRONLY);

	dup2(null, 1);
	dup2(null, 2);
	status = once(argc, argv);
	fflush(stdout);
	dup2(out, 1);
	dup2(error, 2);
	close(out);
	close(error);
	close(null);
	return status;
}

int main(int argc, char **argv)
{
	const char *name = getenv("LOOP");

	int status = 0;

	while (name && again(name) && !status)
		status = quietly(argc, argv);
	if (status)
		fprintf(stderr, "%s: a round fails with status %d\n", argv[0], status);
	return status ? status : once(argc, argv);
}
