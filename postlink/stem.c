// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Names without the numbers in them that an edit elsewhere changes.
 *
 * Compilers count the names that they make up, and clones. And a macro may paste the number of its line to a name to make
 * it unique:
 *
 *	#define ONCE(x) static int PASTE(once_, __LINE__); if (!PASTE(once_, __LINE__)++) x
 *
 * An edit above renames them all, and may give one the name that another had. The plugin says which numbers are lines (L
 * facts of the variable or function itself), so what is in a number's place counts as a name's part no more: once_42.f.0 is
 * once_#.f.0. In C++ the length of the name, which stands before it, changes with the number. So it is with values of
 * __COUNTER__ (Y facts), but which name comes first says less of them: what moves is not the place but the count.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

/* ---- of compilers ------------------------------------------------------------------------------------------------ */

static bool all_digits(const char *p, const char *end)
{
	if (p == end)
		return false;
	for (; p < end; p++)
		if (*p < '0' || *p > '9')
			return false;
	return true;
}

/* C++: a variable or a class inside a function, or the guard of such a variable. */
bool is_local_of_function(const char *name)
{
	return !strncmp(name, "_ZZ", 3) || !strncmp(name, "_ZGVZ", 5);
}

/*
 * What runs the constructors or destructors of a unit is named after another of its functions, or its file. There is one
 * of each kind and priority: _GLOBAL__sub_I__Z4mainv is _GLOBAL__sub_I, _GLOBAL__sub_D.00101_a.cc.cold is
 * _GLOBAL__sub_D.00101.cold.
 */
static const char *stem_of_run(const char *name, char *buf)
{
	const char *bar = strchrnul(name + strlen("_GLOBAL__sub_I"), '_');

	sprintf(buf, "%.*s%s", (int)(bar - name), name, strstr(bar, ".cold") ? ".cold" : "");
	return buf;
}

/*
 * NAME without the numbers that compilers count with, into BUF (of strlen (NAME) + 1): f.isra.0 is f.isra, CSWTCH.7 is
 * CSWTCH, x.lto_priv.3 is x, _ZZ1fvE1n_0 is _ZZ1fvE1n. Returns NAME itself when there are none.
 */
const char *name_stem(const char *name, char *buf)
{
	const char *dot = strchr(name + (*name == '.'), '.');
	size_t n;

	if (!strncmp(name, "_GLOBAL__sub_I", 14) || !strncmp(name, "_GLOBAL__sub_D", 14))
		return stem_of_run(name, buf);
	if (!dot) {
		const char *bar = is_local_of_function(name) ? strrchr(name, '_') : NULL;

		if (!bar || !all_digits(bar + 1, name + strlen(name)))
			return name;
		n = bar - name;
		memcpy(buf, name, n);
		buf[n] = 0;
		return buf;
	}
	n = dot - name;
	memcpy(buf, name, n);
	while (*dot) {
		const char *end = strchrnul(dot + 1, '.');

		if (!all_digits(dot + 1, end) && strncmp(dot, ".lto_priv", 9)) {
			memcpy(buf + n, dot, end - dot);
			n += end - dot;
		}
		dot = end;
	}
	buf[n] = 0;
	return strcmp(buf, name) ? buf : name;
}

/* ---- of lines and counters --------------------------------------------------------------------------------------- */

static const char *number_end(const char *p)
{
	while (isdigit((unsigned char)*p))
		p++;
	return p;
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

static bool is_mangled(const char *name)
{
	return name[0] == '_' && name[1] == 'Z';
}

/* Where in NAME the first of VALUES stands as a number of an identifier, NULL: nowhere. */
static const char *value_in_name(const char *name, const char *values)
{
	uint64_t value = strtoull(values, NULL, 10);

	for (const char *p = name, *end; *p; p = end) {
		end = number_end(p);
		if (end == p)
			end++;
		else if (strtoull(p, NULL, 10) == value && (!is_mangled(name) || length_before(name, p)))
			return p;
	}
	return NULL;
}

/* Where in O's name the number of its line stands, NULL: nowhere. It comes before other values, which those of a function's
 * body are. */
static const char *line_in_name(const struct object *o)
{
	const char *lines = strpbrk(o->name, "123456789") ? facts_own_lines(o) : NULL;

	return lines && *lines != '0' ? value_in_name(o->name, lines) : NULL;
}

static const char *counter_in_name(const struct object *o)
{
	const char *counter = strpbrk(o->name, "0123456789") ? facts_counter(o) : NULL;

	return counter ? value_in_name(o->name, counter) : NULL;
}

uint64_t name_line(const struct object *o)
{
	const char *number = o->global ? NULL : line_in_name(o);

	return number ? strtoull(number, NULL, 10) : 0;
}

bool name_is_counted(const struct object *o)
{
	return !o->global && counter_in_name(o);
}

char *line_stem(const struct object *o)
{
	const char *number = o->global ? NULL : line_in_name(o), *length;

	if (!number && !o->global)
		number = counter_in_name(o);
	if (!number || hp_broken("line-stems"))
		return NULL;
	length = is_mangled(o->name) ? length_before(o->name, number) : NULL;
	if (!length)
		return xasprintf("%.*s#%s", (int)(number - o->name), o->name, number_end(number));
	return xasprintf("%.*s#%.*s#%s", (int)(length - o->name), o->name, (int)(number - number_end(length)),
			 number_end(length), number_end(number));
}

/* ---- both -------------------------------------------------------------------------------------------------------- */

const char *object_stem(const struct object *o, char *buf)
{
	char *stem = line_stem(o);
	const char *plain;

	if (!stem)
		return name_stem(o->name, buf);
	plain = name_stem(stem, buf);
	if (plain != buf)
		strcpy(buf, plain);
	free(stem);
	return buf;
}

/* Up to the first dot: what the source calls it. */
size_t source_name(const char *name)
{
	return strchrnul(name + (*name == '.'), '.') - name;
}
