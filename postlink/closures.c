// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Lambdas and types without a name: C++ numbers them in their function, {lambda(int)#1}, {lambda(int)#2}. Where one was
 * added or removed, the numbers of the others may have moved, and the twin by name is another closure. A live object
 * that holds an old one (std::function) would go on with the wrong code and the wrong captures. So a changed function of
 * such a name is certain only where both builds have as many of its kind, and where no other one of OLD does what it does:
 * then they changed places. In a process that starts with the patch (--startup) no object is old, and code names the
 * functions themselves.
 *
 *	steps.push_back([by](int x) { return x + by; });                  #1 in OLD, #2 where NEW has another before it
 *
 * So are several local classes of one name in a function.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/demangle.h>
#include "diff.h"

struct kinds { char **list; size_t count; };    /* names without their numbers, sorted, as often as there are functions */

/* The name of O, a method of a local class, without the number of the class: _ZZ4makevEN1L3runEv for _ZZ4makevEN1L3runE_0v.
 * The caller frees. */
static char *local_kind(const struct object *o)
{
	char *name = xstrdup(o->name), *to = name;

	for (const char *p = name; *p; ) {
		*to++ = *p++;
		if (p[-1] == 'E' && *p == '_' && isdigit((unsigned char)p[1]))
			p += 1 + strspn(p + 1, "0123456789");
	}
	*to = 0;
	return name;
}

/* As people write the name of O, with "#}" for "#1}"; NULL: nothing in it has a number. The caller frees. */
static char *kind_of(const struct object *o)
{
	bool numbered = !strncmp(o->name, "_Z", 2) && (strstr(o->name, "Ul") || strstr(o->name, "Ut"));
	char *name = numbered ? cplus_demangle(o->name, DMGL_PARAMS | DMGL_ANSI) : NULL, *to = name;

	for (const char *p = name; p && *p; ) {
		*to++ = *p++;
		while (p[-1] == '#' && isdigit((unsigned char)*p))
			p++;
	}
	if (name)
		*to = 0;
	if (name && strstr(name, "#}"))
		return name;
	free(name);
	return is_local_of_function(o->name) ? local_kind(o) : NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct kinds kinds_collect(const struct image *img)
{
	struct kinds k = { xcalloc(img->nobjects + 1, sizeof *k.list), 0 };

	for (uint32_t i = 0; i < img->nobjects; i++) {
		char *kind = is_code(&img->objects[i]) ? kind_of(&img->objects[i]) : NULL;

		if (kind)
			k.list[k.count++] = kind;
	}
	qsort(k.list, k.count, sizeof *k.list, by_name);
	return k;
}

static void kinds_release(struct kinds *k)
{
	for (size_t i = 0; i < k->count; i++)
		free(k->list[i]);
	free(k->list);
}

static size_t how_many(const struct kinds *k, const char *kind)
{
	char *const *found = bsearch(&kind, k->list, k->count, sizeof *k->list, by_name);
	size_t lo, hi;

	if (!found)
		return 0;
	for (lo = hi = found - k->list; lo && !strcmp(k->list[lo - 1], kind); lo--)
		;
	while (hi < k->count && !strcmp(k->list[hi], kind))
		hi++;
	return hi - lo;
}

/* A function that is here for its own change, and whose twin was found by a number. */
static char *doubtful(const struct object *o)
{
	return is_code(o) && o->twin && !o->hot && o->change == CHANGED ? kind_of(o) : NULL;
}

static bool is_same_code(const struct diff *d, const struct object *old, const struct object *new)
{
	uint64_t where;

	return old->size == new->size && bytes_same(d, old, new, old->addr, new->addr, new->size, &where);
}

/* What does in OLD what O of this KIND does in NEW; NULL: nothing but, perhaps, its twin. */
static const struct object *place_before(const struct diff *d, const struct object *o, const char *kind)
{
	for (uint32_t i = 0; i < d->old->nobjects; i++) {
		const struct object *old = &d->old->objects[i];
		char *other = is_code(old) && old != o->twin && is_same_code(d, old, o) ? kind_of(old) : NULL;
		bool same = other && !strcmp(other, kind);

		free(other);
		if (same)
			return old;
	}
	return NULL;
}

static void refuse_moved(struct diff *d, const struct object *o, const char *kind)
{
	const struct object *before = place_before(d, o, kind);

	if (before && !left_to_startup(d))
		refuse_add(d, CAUSE_AMBIGUOUS, o->name, "it is known by its number, and does what '%s' did", before->name);
}

void refuse_closures(struct diff *d)
{
	struct kinds old = { NULL, 0 }, new = { NULL, 0 };

	for (uint32_t i = 0; i < d->npicked; i++) {
		char *kind = doubtful(d->picked[i]);
		size_t n, m;

		if (!kind)
			continue;
		if (!old.list) {
			old = kinds_collect(d->old);
			new = kinds_collect(d->new);
		}
		n = how_many(&old, kind);
		m = how_many(&new, kind);
		if (n == m)
			refuse_moved(d, d->picked[i], kind);
		else if (!left_to_startup(d))
			refuse_add(d, CAUSE_AMBIGUOUS, d->picked[i]->name,
				   "it is known by its number, and OLD has %zu of them, NEW %zu", n, m);
		free(kind);
	}
	kinds_release(&old);
	kinds_release(&new);
}
