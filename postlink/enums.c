// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Constants of enumerations that got another value, because one was put in or taken out before them. Objects that live
 * hold the old numbers, and new code takes them for others. Where a field of such an object or a variable holds one, its
 * layout is another (kinds.c). Elsewhere, in frames or as plain numbers, it is a warning.
 *
 *	enum color { RED, GREEN, BLUE };        ->      enum color { RED, PINK, GREEN, BLUE };
 *
 * The highest constant of both builds may move where it counts the others, which its name tells (COLORS_MAX, kLast,
 * NCOLORS, COLORS): no object holds it. Of two enumerations of one name in a unit (in C++) nothing is known.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

/* The one fact about NAME in UNIT, NULL when there are several or none. */
static const char *constants_of(const struct image *img, const char *unit, const char *name)
{
	const char *found = NULL;
	uint32_t next = 0;

	for (char **f; (f = facts_next(img, 'N', &next));)
		if (!strcmp(f[1], unit) && !strcmp(f[2], name)) {
			if (found && strcmp(found, f[3]))
				return NULL;
			found = f[3];
		}
	return found;
}

/* One constant of LIST: its name is NAME[0] to NAME[N - 1]; the rest of the list, NULL at its end. */
static const char *next_constant(const char *list, const char **name, size_t *n, long *value)
{
	char *end;

	if (!list || !*list)
		return NULL;
	*name = list;
	*n = strcspn(list, " ");
	*value = strtol(list + *n, &end, 10);
	return *end == ',' ? end + 1 : end;
}

static bool find_constant(const char *list, const char *wanted, size_t length, long *value)
{
	const char *name;
	size_t n;

	while ((list = next_constant(list, &name, &n, value)))
		if (n == length && !strncmp(name, wanted, n))
			return true;
	return false;
}

static long highest(const char *list)
{
	const char *name;
	long value, most = 0;
	size_t n;

	while ((list = next_constant(list, &name, &n, &value)))
		most = value > most ? value : most;
	return most;
}

struct constant {
	const char *name; size_t n;
	long was, value;
};

/* The length of the word at P: "kLastColor" has three, "COLORS_MAX" two. */
static size_t word_length(const char *p, size_t n)
{
	size_t i = 1;

	while (i < n && isalnum((unsigned char)p[i]) && !(islower((unsigned char)p[i - 1]) && isupper((unsigned char)p[i])))
		i++;
	return i;
}

static bool is_counting_word(const char *p, size_t n)
{
	static const char *const words[] = { "max", "maximum", "count", "num", "number", "last", "end", "size", "len", "length",
					     "total", "sentinel", "limit", "bound", "top", "nb", "nr", "n" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == n && !strncasecmp(p, words[i], n))
			return true;
	return (n > 3 && !strncasecmp(p + n - 3, "max", 3)) || (n > 5 && !strncasecmp(p + n - 5, "count", 5));
}

/* "UNITS" of enum unit. */
static bool is_plural(const char *name, size_t n, const char *type)
{
	return n == strlen(type) + 1 && tolower((unsigned char)name[n - 1]) == 's' && !strncasecmp(name, type, n - 1);
}

/* By its name it is the number of the others, or where they end. */
static bool counts_others(const char *name, size_t n, const char *type)
{
	size_t length;

	if (is_plural(name, n, type) || (n > 2 && name[0] == 'N' && name[n - 1] == 'S' && !memchr(name, '_', n)))
		return true;
	for (size_t i = 0; i < n; i += length) {
		length = word_length(name + i, n - i);
		if (is_counting_word(name + i, length))
			return true;
	}
	return false;
}

/* The first of NEW that has another value in OLD. */
static bool find_moved(const char *type, const char *old, const char *new, struct constant *c)
{
	long last = highest(new), old_last = highest(old);

	while ((new = next_constant(new, &c->name, &c->n, &c->value)))
		if (find_constant(old, c->name, c->n, &c->was) && c->was != c->value &&
		    (c->was != old_last || c->value != last || !counts_others(c->name, c->n, type)))
			return true;
	return false;
}

static void compare_constants(struct diff *d, const char *type, const char *old, const char *new)
{
	struct constant c;

	if (find_moved(type, old, new, &c))
		warn_add(d, WARNING_ENUM, type, "'%.*s' is %ld, was %ld", (int)c.n, c.name, c.value, c.was);
}

/* Is one of OLD's enumerations of this name as NEW knows it? */
static bool is_in_old(const struct image *old, const char *name, const char *new)
{
	uint32_t next = 0;
	struct constant c;

	for (char **f; (f = facts_next(old, 'N', &next));)
		if (!strcmp(f[2], name) && !find_moved(name, f[3], new, &c))
			return true;
	return false;
}

bool enum_is_kept(const struct image *old, const struct image *new, const char *name)
{
	uint32_t next = 0;
	bool known = false;

	for (char **f; (f = facts_next(new, 'N', &next));) {
		if (strcmp(f[2], name))
			continue;
		if (!is_in_old(old, name, f[3]))
			return false;
		known = true;
	}
	return known;
}

void warn_enums(struct diff *d)
{
	uint32_t next = 0;

	if (!d->npicked || d->opt.startup)
		return;
	for (char **f; (f = facts_next(d->new, 'N', &next));) {
		const char *old = constants_of(d->old, f[1], f[2]), *new = old ? constants_of(d->new, f[1], f[2]) : NULL;

		if (new && strcmp(old, new))
			compare_constants(d, f[2], old, new);
	}
}
