/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hp-ctl's reader of memory cgroups on a tree of files: unit-cgroup DIRECTORY BYTES says whether the process, whose
 * /proc/PID is DIRECTORY, may be charged so many more. What is mounted stands in the file `mounts`.
 */
#define MOUNTS "mounts"
#include "../runtime/ctl-host.c"

ssize_t proc_read_file(int dir, const char *name, char *buf, size_t size)
{
	int fd = openat(dir, name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

int main(int argc, char **argv)
{
	struct proc p = { .dir = argc == 3 ? open(argv[1], O_RDONLY | O_DIRECTORY) : -1 };

	if (p.dir < 0)
		return 2;
	puts(memory_has_room(&p, strtoull(argv[2], NULL, 10)) ? "room" : "full");
	return 0;
}
