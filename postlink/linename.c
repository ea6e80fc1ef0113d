// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Names that hold the number of the line on which they stand, which a macro has pasted to them to make them unique:
 *
 *	#define ONCE(x) static int PASTE(once_, __LINE__); if (!PASTE(once_, __LINE__)++) x
 *
 * An edit above renames them all, and may give one the name that another had. The plugin says which numbers are lines (L
 * facts of the variable or function itself), so what is in a number's place counts as a name's part no more: once_42.f.0 is
 * once_#.f.0. In C++ the length of the name, which stands before it, changes with the number.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

static const char *number_end(const char *p)
{
	while (isdigit((unsigned char)*p))
		p++;
	return p;
}

/* Where in O's name the number of its line stands, NULL: nowhere. It comes before other values, which those of a function's
 * body are. */
static const char *line_in_name(const struct object *o)
{
	const char *lines = facts_own_lines(o);
	uint64_t line = lines ? strtoull(lines, NULL, 10) : 0;

	for (const char *p = o->name, *end; line && *p; p = end) {
		end = number_end(p);
		if (end == p)
			end++;
		else if (strtoull(p, NULL, 10) == line)
			return p;
	}
	return NULL;
}

uint64_t name_line(const struct object *o)
{
	const char *number = o->global ? NULL : line_in_name(o);

	return number ? strtoull(number, NULL, 10) : 0;
}

/* _ZL10counter_10, _ZZ1fvE9once_1000: the length of the identifier in which NUMBER stands, NULL: it has none. */
static const char *length_before(const char *name, const char *number)
{
	const char *length = NULL, *end;

	for (const char *p = name; p < number; p = end) {
		end = number_end(p);
		if (end == p)
			end++;
		else if ((uint64_t)(number - end) < strtoull(p, NULL, 10))
			length = p;
	}
	return length;
}

char *line_stem(const struct object *o)
{
	const char *number = o->global ? NULL : line_in_name(o), *length;

	if (!number)
		return NULL;
	length = o->name[0] == '_' && o->name[1] == 'Z' ? length_before(o->name, number) : NULL;
	if (!length)
		return xasprintf("%.*s#%s", (int)(number - o->name), o->name, number_end(number));
	return xasprintf("%.*s#%.*s#%s", (int)(length - o->name), o->name, (int)(number - number_end(length)),
			 number_end(length), number_end(number));
}
