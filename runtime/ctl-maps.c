/* SPDX-License-Identifier: MIT */
/*
 * /proc/PID/maps: one text file, read whole, cut into struct map.
 *
 * The kernel writes it a page at a time, so two reads of a busy process may disagree about a mapping that moved between
 * them; what is found here is a hint, and every address is proved by reading memory through it. Names are shown to
 * people only. A line that does not parse is left out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ctl.h"

static int text_grow(struct maps *maps, size_t need)
{
	if (need <= maps->text_room)
		return 0;
	size_t room = maps->text_room ? maps->text_room : 8192;
	while (room < need)
		room *= 2;
	char *text = realloc(maps->text, room);
	if (!text)
		return -1;
	maps->text = text;
	maps->text_room = room;
	return 0;
}

/* The whole file with a NUL behind it; its length or -1. */
static ssize_t text_read(struct maps *maps, int fd)
{
	size_t n = 0;

	for (;;) {
		if (text_grow(maps, n + 4097) < 0)
			return -1;
		ssize_t got = read(fd, maps->text + n, maps->text_room - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	maps->text[n] = '\0';
	return (ssize_t)n;
}

static bool number(char **at, unsigned base, char stop, uint64_t *value)
{
	char *p = *at;
	uint64_t v = 0;

	for (; *p && *p != stop; p++) {
		unsigned digit = *p >= '0' && *p <= '9' ? (unsigned)(*p - '0') :
				 *p >= 'a' && *p <= 'f' ? (unsigned)(*p - 'a') + 10 : 99;
		if (digit >= base)
			return false;
		v = v * base + digit;
	}
	if (*p != stop || p == *at)
		return false;
	*value = v;
	*at = p + 1;
	return true;
}

/* "55e0-55f0 r-xp 00001000 fd:01 1234   /usr/bin/x" */
static bool map_parse(char *line, struct map *map)
{
	uint64_t major, minor;
	char *p = line;

	if (!number(&p, 16, '-', &map->start) || !number(&p, 16, ' ', &map->end) || strnlen(p, 5) < 5 || p[4] != ' ')
		return false;
	map->read = p[0] == 'r';
	map->write = p[1] == 'w';
	map->exec = p[2] == 'x';
	map->shared = p[3] == 's';
	p += 5;
	if (!number(&p, 16, ' ', &map->offset) || !number(&p, 16, ':', &major) || !number(&p, 16, ' ', &minor))
		return false;
	map->dev = major << 32 | minor;
	map->inode = strtoull(p, &p, 10);
	map->name = p + strspn(p, " ");
	return map->start < map->end;
}

static int list_add(struct maps *maps, const struct map *map)
{
	if (maps->count == maps->room) {
		size_t room = maps->room ? 2 * maps->room : 64;
		struct map *list = reallocarray(maps->list, room, sizeof(*list));
		if (!list)
			return -1;
		maps->list = list;
		maps->room = room;
	}
	maps->list[maps->count++] = *map;
	return 0;
}

int maps_read(struct maps *maps, int proc_dir, const char *file)
{
	maps->count = 0;
	int fd = openat(proc_dir, file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = text_read(maps, fd);
	close(fd);
	if (n < 0)
		return -1;

	uint64_t last = 0;
	for (char *line = maps->text, *end; *line; line = end) {
		struct map map = {0};
		end = strchrnul(line, '\n');
		if (*end)
			*end++ = '\0';
		/* A mapping that moved while the file was read may come twice: keep the list ascending. */
		if (!map_parse(line, &map) || map.start < last)
			continue;
		if (list_add(maps, &map) < 0)
			return -1;
		last = map.end;
	}
	return 0;
}

void maps_free(struct maps *maps)
{
	free(maps->list);
	free(maps->text);
	*maps = (struct maps){0};
}

const struct map *maps_find(const struct maps *maps, uint64_t addr)
{
	size_t low = 0, high = maps->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (maps->list[mid].end <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == maps->count || addr < maps->list[low].start)
		return NULL;
	return &maps->list[low];
}

bool maps_cover(const struct maps *maps, uint64_t addr, uint64_t size, bool write, bool exec)
{
	const struct map *map = maps_find(maps, addr);

	if (!map || addr + size < addr)
		return false;
	for (;; map++) {
		if (!map->read || (write && !map->write) || (exec && !map->exec))
			return false;
		if (addr + size <= map->end)
			return true;
		if (map + 1 == maps->list + maps->count || map[1].start != map->end)
			return false;
	}
}
