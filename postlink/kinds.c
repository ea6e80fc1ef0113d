// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Kinds of fields and variables (plugin/FACTS): does code of NEW take what old code left there for what it is?
 *
 * Two kinds fit when they are the same, down to what a pointer leads to. Plain bytes go by several names (void, char).
 * A struct may have got another name: then all that is in it must fit, and what leads to it, too. Where OLD knows the
 * new name, or nothing is known of one of the two (a type of a library), they are two structs. An enumeration is a
 * number, but the constants that both builds have must have their values.
 *
 *	p8>i2                   p8>i4                   short *counts           int *counts             no
 *	p8>{struct node}        p8>{struct entry}       struct node *head       struct entry *head      if all fits
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "types.h"

/* Two names of one struct, as long as that is looked into: it may lead to itself. */
struct renamed {
	const char *was, *now;
	const struct renamed *outer;
};

struct kind { const char *p; size_t n; };

/* Splits "{NAME}24", behind the dimensions: the name of the struct and *n; NULL for other kinds. */
const char *kind_struct(const char *kind, size_t nkind, size_t *n)
{
	const char *p = kind, *end;

	while (p < kind + nkind && *p == '[')
		p += strcspn(p, "]") + 1;
	end = p < kind + nkind && *p == '{' ? memchr(p, '}', kind + nkind - p) : NULL;
	*n = end ? end - p - 1 : 0;
	return end ? p + 1 : NULL;
}

/* The kind without what a pointer leads to; *rest: that, from its '>' or '=' on. */
static struct kind base_of(const struct kind *k, struct kind *rest)
{
	size_t n;
	const char *name = kind_struct(k->p, k->n, &n), *p = name ? name + n : k->p;

	while (p < k->p + k->n && *p != '>' && *p != '=')
		p++;
	*rest = (struct kind){ p, k->p + k->n - p };
	return (struct kind){ k->p, p - k->p };
}

static bool is_same(const struct kind *a, const struct kind *b)
{
	return a->n == b->n && !memcmp(a->p, b->p, a->n);
}

/* ---- structs that got another name ------------------------------------------------------------------------------- */

static bool is_assumed(const struct renamed *r, const char *was, const char *now)
{
	for (; r; r = r->outer)
		if (!strcmp(r->was, was) && !strcmp(r->now, now))
			return true;
	return false;
}

static bool layouts_fit(struct both *b, const char *was, const char *now)
{
	const struct layout *old = types_only(b->old, was), *new = types_only(b->new, now);
	struct renamed inner = { was, now, b->renamed };
	char *difference;

	if (!old || !new)
		return false;
	b->renamed = &inner;
	difference = layout_difference(b, old, new);
	b->renamed = inner.outer;
	free(difference);
	return !difference;
}

static bool is_renamed(struct both *b, const char *name_was, size_t nwas, const char *name_now, size_t nnow)
{
	char *was = xstrndup(name_was, nwas), *now = xstrndup(name_now, nnow);
	uint32_t known;
	bool renamed = is_assumed(b->renamed, was, now);

	if (!renamed) {
		types_find(b->old, now, NULL, &known);
		renamed = !known && layouts_fit(b, was, now);
	}
	free(was);
	free(now);
	return renamed;
}

/* ---- the question ------------------------------------------------------------------------------------------------ */

/* What stands before and behind the name: dimensions and size. */
static bool surroundings_same(const struct kind *was, const char *x, size_t n,
			      const struct kind *now, const char *y, size_t m)
{
	struct kind before_x = { was->p, x - was->p }, before_y = { now->p, y - now->p };
	struct kind behind_x = { x + n, was->p + was->n - x - n }, behind_y = { y + m, now->p + now->n - y - m };

	return is_same(&before_x, &before_y) && is_same(&behind_x, &behind_y);
}

/* "i4%1f2e3d4c:color" without the enumeration, and its name, NULL: it is none. The caller frees that. */
static struct kind number_of(const struct kind *k, char **name)
{
	const char *p = memchr(k->p, '%', k->n), *colon = p ? memchr(p, ':', k->p + k->n - p) : NULL;

	*name = colon ? xstrndup(colon + 1, k->p + k->n - colon - 1) : NULL;
	return (struct kind){ k->p, p ? (size_t)(p - k->p) : k->n };
}

/* A truth value is a number; a number that is neither 0 nor 1 is none. */
static bool is_truth_now_number(const struct kind *was, const struct kind *now)
{
	return was->n == now->n && was->n && *was->p == 't' && *now->p == 'i' && !memcmp(was->p + 1, now->p + 1, was->n - 1);
}

static bool number_fits(struct both *b, const struct kind *was, const struct kind *now)
{
	char *from, *to;
	struct kind x = number_of(was, &from), y = number_of(now, &to);
	bool fits = (is_same(&x, &y) || is_truth_now_number(&x, &y)) &&
		    (!from || !to || strcmp(from, to) || enum_is_kept(b->old->img, b->new->img, to));

	free(from);
	free(to);
	return fits;
}

static bool base_fits(struct both *b, const struct kind *was, const struct kind *now)
{
	size_t n, m;
	const char *x = kind_struct(was->p, was->n, &n), *y = kind_struct(now->p, now->n, &m);

	if (is_same(was, now))
		return true;
	if (!x && !y)
		return number_fits(b, was, now);
	if (!x || !y || !surroundings_same(was, x, n, now, y, m))
		return false;
	return is_renamed(b, x, n, y, m);
}

static bool is_bytes(const struct kind *k)
{
	return (k->n == 1 && *k->p == 'v') || (k->n == 2 && !memcmp(k->p, "i1", 2));
}

static bool target_fits(struct both *b, const struct kind *was, const struct kind *now)
{
	struct kind x = { was->p + 1, was->n - 1 }, y = { now->p + 1, now->n - 1 };

	if (!was->n && !now->n)
		return true;
	if (!was->n || !now->n)                 /* a function without a prototype, or a build of two plugins */
		return *(was->n ? was : now)->p == '=';
	if (*was->p != *now->p)
		return false;
	if (*was->p == '=')
		return callee_fits(b->old->img, x.p, x.n, y.p, y.n);
	return (is_bytes(&x) && is_bytes(&y)) || kind_fits(b, x.p, x.n, y.p, y.n);
}

bool kind_fits(struct both *b, const char *was, size_t nwas, const char *now, size_t nnow)
{
	struct kind old = { was, nwas }, new = { now, nnow }, old_target, new_target;
	struct kind old_base = base_of(&old, &old_target), new_base = base_of(&new, &new_target);

	return is_same(&old, &new) || hp_broken("kinds") ||
	       (base_fits(b, &old_base, &new_base) && target_fits(b, &old_target, &new_target));
}

const char *kind_change(const char *was, size_t nwas, const char *now, size_t nnow)
{
	bool pointers = *was == 'p' && *now == 'p';

	if (pointers && memchr(was, '=', nwas) && memchr(now, '=', nnow))
		return "points to functions of another type";
	if (pointers)
		return "points to something else";
	if (memchr(was, '%', nwas) && memchr(now, '%', nnow))
		return "holds constants that got other values";
	return "is of another kind";
}
