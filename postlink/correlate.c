// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Twins: which function and variable of NEW is which of OLD.
 *
 * A name of a global symbol is unique in its module and settles it. A local one is unique per source file at best, and
 * compilers make names up: parse.constprop.0, CSWTCH.12, buf.lto_priv.3, a second `n` in one function. Their numbers
 * count positions, so an edit renumbers them; so it does names that hold a line number (stem.c). The funnel:
 *
 *   1. globals by name;
 *   2. the rest in groups of one file and one name without its numbers; one on each side: twins, unless they are of
 *      two files, which the linked file does not tell with -flto;
 *   3. in a larger group, equal content that nobody else in the group has; static variables of a function by the blocks
 *      that declare them (blocks.c);
 *   4. what paired functions of equal content use at equal places;
 *   5. as many members on both sides: by full name, or by line; then by order, which is not proven (object.ambiguous);
 *   6. what is left over anywhere, by name alone: a function that moved to another file as it was, a static that became
 *      global, f that became f.isra.0.
 *
 * A wrong guess costs nothing where the bytes turn out equal; select and refuse see to the other cases. Step 6 never
 * takes a writable variable from one file or function to another: its live value would go to a stranger. Last, files that
 * are known by one name (namesakes.c).
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <obstack.h>
#include "diff.h"

#define obstack_chunk_alloc xmalloc
#define obstack_chunk_free free

enum class { CLASS_CODE, CLASS_DATA, CLASS_TLS, CLASS_LABEL };

/* Objects of both images that share file and canonical name. */
struct group {
	uint64_t hash;
	const char *file;                               /* of its first member */
	const struct object *first;
	enum class class;
	bool numbered;                                  /* some name has a number in it */
	bool lines;                                     /* which are line numbers */
	bool counted;                                   /* which are values of __COUNTER__ */
	bool told;                                      /* blocks.c: the numbers say nothing more */
	struct object **old, **new;
	uint32_t nold, nnew;
	struct object *one_old, *one_new;               /* the list of one member: most groups have no more */
	struct group *next;
};

struct groups {
	struct group **slot;
	size_t mask;
	struct group *all;
	struct obstack memory;
};

static enum class object_class(const struct object *o)
{
	switch (o->kind) {
	case OBJECT_FUNC: case OBJECT_IFUNC: return CLASS_CODE;
	case OBJECT_TLS: return CLASS_TLS;
	case OBJECT_LABEL: return CLASS_LABEL;
	default: return CLASS_DATA;
	}
}

void make_twins(struct object *old, struct object *new)
{
	if (hp_broken("correlate") && is_writable(old))
		return;
	old->twin = new;
	new->twin = old;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Only its one parent or its direct callers know its address, so that without a twin it is just new. */
static bool is_clone(const char *name)
{
	return strstr(name, ".constprop") || strstr(name, ".isra") || strstr(name, ".part") || strstr(name, "._omp_fn");
}

static uint64_t hash_bytes(uint64_t h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (; n >= 8; n -= 8, p += 8) {
		uint64_t w;

		memcpy(&w, p, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15;
		h ^= h >> 29;
	}
	for (; n; n--)
		h = (h ^ *p++) * 0x100000001b3;
	return h ^ h >> 32;
}

static uint64_t hash_string(uint64_t h, const char *s)
{
	return hash_bytes(h, s, strlen(s));
}

/* ---- globals ----------------------------------------------------------------------------------------------------- */

struct name { uint64_t hash; const char *name; struct object *object; };

struct names { struct name *slot; size_t mask; };

static void names_init(struct names *t, size_t n)
{
	size_t size = 64;

	while (size < 2 * n)
		size *= 2;
	t->slot = xcalloc(size, sizeof *t->slot);
	t->mask = size - 1;
}

/* The slot of NAME: filled, or the empty one where it belongs. */
static struct name *names_slot(struct names *t, uint64_t hash, const char *name)
{
	size_t i = hash & t->mask;

	while (t->slot[i].name && (t->slot[i].hash != hash || strcmp(t->slot[i].name, name)))
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

static void names_add(struct names *t, const char *name, struct object *o)
{
	uint64_t hash = hash_string(0, name);
	struct name *s = names_slot(t, hash, name);

	if (!s->name)
		*s = (struct name){ hash, name, o };
}

static struct object *names_find(struct names *t, const char *name)
{
	return names_slot(t, hash_string(0, name), name)->object;
}

/* Static variables of inline functions are global, but their names are numbered: they go through the groups. */
static bool is_by_name(const struct object *o)
{
	return o->global && !is_local_of_function(o->name);
}

static void pair_by_alias(struct names *t, struct object *new)
{
	for (struct alias *a = new->aliases; a && !new->twin; a = a->next) {
		struct object *old = a->global ? names_find(t, a->name) : NULL;

		if (old && !old->twin && object_class(old) == object_class(new))
			make_twins(old, new);
	}
}

static void pair_globals(struct image *old, struct image *new)
{
	struct names t;
	uint32_t n = 0;

	for (uint32_t i = 0; i < old->nobjects; i++)
		for (struct alias *a = (n += old->objects[i].global, old->objects[i].aliases); a; a = a->next)
			n += a->global;
	names_init(&t, n);
	for (uint32_t i = 0; i < old->nobjects; i++) {
		struct object *o = &old->objects[i];

		if (is_by_name(o))
			names_add(&t, o->name, o);
		for (struct alias *a = o->aliases; a; a = a->next)
			if (a->global)
				names_add(&t, a->name, o);
	}
	for (uint32_t i = 0; i < new->nobjects; i++) {
		struct object *o = &new->objects[i], *twin = is_by_name(o) ? names_find(&t, o->name) : NULL;

		if (twin && !twin->twin && object_class(twin) == object_class(o))
			make_twins(twin, o);
	}
	for (uint32_t i = 0; i < new->nobjects; i++)
		if (!new->objects[i].twin)
			pair_by_alias(&t, &new->objects[i]);
	free(t.slot);
}

/* ---- groups ------------------------------------------------------------------------------------------------------ */

static void groups_init(struct groups *g, size_t n)
{
	size_t size = 64;

	while (size < 2 * n)
		size *= 2;
	g->slot = xcalloc(size, sizeof *g->slot);
	g->mask = size - 1;
	g->all = NULL;
	obstack_init(&g->memory);
}

static void groups_release(struct groups *g)
{
	for (struct group *p = g->all; p; p = p->next) {
		if (p->old != &p->one_old)
			free(p->old);
		if (p->new != &p->one_new)
			free(p->new);
	}
	obstack_free(&g->memory, NULL);
	free(g->slot);
}

static bool group_has_name(const struct group *p, const char *stem, char *buf)
{
	return !strcmp(object_stem(p->first, buf), stem);
}

static struct group *groups_at(struct groups *g, const struct object *o, const char *stem, char *buf)
{
	const char *file = o->file ? o->file : "";
	enum class class = object_class(o);
	uint64_t hash = hash_string(hash_string(class + 1, file), stem);
	size_t i = hash & g->mask;
	struct group *p;

	for (; (p = g->slot[i]); i = (i + 1) & g->mask)
		if (p->hash == hash && p->class == class && !strcmp(p->file, file) && group_has_name(p, stem, buf))
			return p;
	p = obstack_alloc(&g->memory, sizeof *p);
	*p = (struct group){ .hash = hash, .file = file, .first = o, .class = class, .next = g->all };
	return g->slot[i] = g->all = p;
}

static void push(struct object ***list, uint32_t *n, struct object **one, struct object *o)
{
	if (!*n)
		*list = one;
	else if (*n == 1)
		*list = xmemdup(one, sizeof *one, 2 * sizeof *one);
	else if (!(*n & (*n - 1)))                      /* grows at powers of two */
		*list = xrealloc(*list, 2 * *n * sizeof **list);
	(*list)[(*n)++] = o;
}

static bool is_cold_part(const struct object *o)
{
	return o->hot;
}

static void groups_fill(struct groups *g, struct image *img, bool new, size_t longest)
{
	char *buf = xmalloc(longest + 1), *other = xmalloc(longest + 1);

	for (uint32_t i = 0; i < img->nobjects; i++) {
		struct object *o = &img->objects[i];
		const char *stem;
		struct group *p;

		if (o->twin || is_by_name(o) || is_cold_part(o))
			continue;
		stem = object_stem(o, buf);
		p = groups_at(g, o, stem, other);
		p->numbered |= stem != o->name;
		p->lines |= name_line(o) != 0;
		p->counted |= name_is_counted(o);
		if (new)
			push(&p->new, &p->nnew, &p->one_new, o);
		else
			push(&p->old, &p->nold, &p->one_old, o);
	}
	free(other);
	free(buf);
}

static size_t longest_name(const struct image *img)
{
	size_t longest = 0;

	for (uint32_t i = 0; i < img->nobjects; i++) {
		size_t n = strlen(img->objects[i].name);

		longest = n > longest ? n : longest;
	}
	return longest;
}

/* Objects without a twin move to the front; the rest is forgotten. */
static void drop_paired(struct group *p)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->nold; i++)
		if (!p->old[i]->twin)
			p->old[n++] = p->old[i];
	p->nold = n;
	n = 0;
	for (uint32_t i = 0; i < p->nnew; i++)
		if (!p->new[i]->twin)
			p->new[n++] = p->new[i];
	p->nnew = n;
}

/* ---- content ----------------------------------------------------------------------------------------------------- */

static uint64_t hash_target(uint64_t h, const struct image *img, const struct ref *r)
{
	char buf[256];
	const char *s;

	h = hash_bytes(h, &(uint16_t){ r->kind << 8 | r->target }, 2);
	switch (r->target) {
	case TARGET_OBJECT:
		s = strlen(r->object->name) < sizeof buf ? name_stem(r->object->name, buf) : r->object->name;
		return hash_string(h, s);
	case TARGET_IMPORT:
		return hash_string(h, r->import);
	case TARGET_ANON:
		s = r->literal ? anon_string(img, r->addr) : NULL;
		return s ? hash_string(h, s) : h;
	default:
		return h;
	}
}

/* What an object is, but for where it and its targets stand: equal for twins that did not change. */
static uint64_t shape(const struct object *o)
{
	const struct image *img = o->image;
	const uint8_t *p = o->section->nobits ? NULL : image_bytes(img, o->addr, o->size);
	uint64_t h = hash_bytes(1, &o->size, 8), done = 0;

	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = &img->refs[o->first_ref + i];
		uint64_t at = r->at - o->addr;

		if (p && at > done)
			h = hash_bytes(h, p + done, at - done);
		h = hash_target(h, img, r);
		done = at + r->size;
	}
	return p && done < o->size ? hash_bytes(h, p + done, o->size - done) : h;
}

struct shaped { uint64_t shape; struct object *object; };

static int by_shape(const void *a, const void *b)
{
	const struct shaped *x = a, *y = b;

	if (x->shape != y->shape)
		return x->shape < y->shape ? -1 : 1;
	return (x->object->addr > y->object->addr) - (x->object->addr < y->object->addr);
}

static struct shaped *shapes(struct object **list, uint32_t n)
{
	struct shaped *s = xmalloc((n + 1) * sizeof *s);

	for (uint32_t i = 0; i < n; i++)
		s[i] = (struct shaped){ shape(list[i]), list[i] };
	qsort(s, n, sizeof *s, by_shape);
	return s;
}

static uint32_t run(const struct shaped *s, uint32_t i, uint32_t n)
{
	uint32_t k = 1;

	while (i + k < n && s[i + k].shape == s[i].shape)
		k++;
	return k;
}

/* A constant that a compiler made: nobody asks for its address, equal ones serve each other. */
static bool is_made_constant(const struct object *o)
{
	char buf[256];

	return object_class(o) == CLASS_DATA && !o->global && !is_writable(o) && strlen(o->name) < sizeof buf &&
	       name_stem(o->name, buf) != o->name;
}

/* Step 3. Equal content is proof only where the members of the group differ among themselves, and for a variable its
 * initial value says too little. */
static void pair_by_content(struct group *p)
{
	struct shaped *old, *new;
	uint32_t i = 0, k = 0;

	if (p->class == CLASS_LABEL || p->class == CLASS_TLS || is_writable(p->old[0]))
		return;
	old = shapes(p->old, p->nold);
	new = shapes(p->new, p->nnew);
	while (i < p->nold && k < p->nnew) {
		uint32_t ni = run(old, i, p->nold), nk = run(new, k, p->nnew);

		if (old[i].shape == new[k].shape) {
			if (ni == 1 && nk == 1)
				make_twins(old[i].object, new[k].object);
			for (uint32_t j = 0; ni + nk > 2 && j < ni && j < nk && is_made_constant(old[i].object); j++)
				make_twins(old[i + j].object, new[k + j].object);
			i += ni;
			k += nk;
		} else if (old[i].shape < new[k].shape) {
			i += ni;
		} else {
			k += nk;
		}
	}
	free(old);
	free(new);
}

/* ---- strangers --------------------------------------------------------------------------------------------------- */

/* Another file has something else of this name: that went, and this came. Of a variable the value says too little. */
static bool is_stranger(const struct object *old, const struct object *new)
{
	return file_differs(old, new) && (is_writable(old) || is_writable(new) || shape(old) != shape(new));
}

static void pair_unproven(struct object *old, struct object *new)
{
	make_twins(old, new);
	old->ambiguous = new->ambiguous = true;
}

/* Who holds the address of a function means what it was: it must not become a stranger, nor be left behind if it is none. */
static void pair_named(struct diff *d, struct object *old, struct object *new)
{
	if (!is_stranger(old, new))
		make_twins(old, new);
	else if ((is_function_held(old) || may_be_shared_now(old, new)) && !left_to_startup(d))
		pair_unproven(old, new);
}

/* Step 2, and 3 for larger groups. */
static void pair_groups(struct diff *d, struct groups *g)
{
	for (struct group *p = g->all; p; p = p->next) {
		if (!p->nold || !p->nnew)
			continue;
		if (p->nold == 1 && p->nnew == 1) {
			pair_named(d, p->old[0], p->new[0]);
			p->nold = p->nnew = 0;
			continue;
		}
		pair_by_content(p);
		drop_paired(p);
		p->told = p->nold && p->nnew && p->numbered && pair_by_block(p->old, p->nold, p->new, p->nnew);
		drop_paired(p);
	}
}

/* ---- use --------------------------------------------------------------------------------------------------------- */

/* What two functions use at the K-th place, when neither is paired yet but may be. */
static bool may_be_twins(const struct ref *a, const struct ref *b)
{
	if (a->target != TARGET_OBJECT || b->target != TARGET_OBJECT || a->kind != b->kind || a->offset != b->offset)
		return false;
	if (a->object->twin || b->object->twin || object_class(a->object) != object_class(b->object))
		return false;
	return object_class(a->object) == CLASS_CODE ||
	       (is_writable(a->object) == is_writable(b->object) && a->object->size == b->object->size);
}

static bool same_name(const struct object *a, const struct object *b)
{
	char *p = line_stem(a), *q = line_stem(b);
	const char *x = p ? p : a->name, *y = q ? q : b->name;
	size_t n = source_name(x);
	bool same = n == source_name(y) && !strncmp(x, y, n);

	free(p);
	free(q);
	return same;
}

/* Votes: each unpaired object of OLD names the one of NEW that stands at its place, and the other way round. */
struct votes { struct object **old, **new; const struct image *img_old, *img_new; struct object none; };

static void vote(struct votes *v, struct object *old, struct object *new)
{
	struct object **o = &v->old[old - v->img_old->objects], **n = &v->new[new - v->img_new->objects];

	*o = *o && *o != new ? &v->none : new;
	*n = *n && *n != old ? &v->none : old;
}

static bool has_open_target(const struct image *img, const struct object *o)
{
	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = &img->refs[o->first_ref + i];

		if (r->target == TARGET_OBJECT && !r->object->twin)
			return true;
	}
	return false;
}

static void vote_by(struct votes *v, const struct object *old, const struct object *new)
{
	if (old->nrefs != new->nrefs || old->size != new->size || !has_open_target(v->img_new, new))
		return;
	for (uint32_t i = 0; i < new->nrefs; i++) {
		const struct ref *a = &v->img_old->refs[old->first_ref + i], *b = &v->img_new->refs[new->first_ref + i];

		if (a->at - old->addr != b->at - new->addr)
			return;
		if (may_be_twins(a, b) && same_name(a->object, b->object))
			vote(v, a->object, b->object);
	}
}

/* Step 4, one round: true when something was paired. */
static bool pair_by_use(struct diff *d)
{
	struct votes v = { .img_old = d->old, .img_new = d->new };
	bool progress = false;

	v.old = xcalloc(d->old->nobjects + 1, sizeof *v.old);
	v.new = xcalloc(d->new->nobjects + 1, sizeof *v.new);
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *new = &d->new->objects[i];

		if (new->twin && new->kind != OBJECT_LABEL && new->section && !new->section->nobits)
			vote_by(&v, new->twin, new);
	}
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *new = &d->new->objects[i], *old = v.new[i];

		if (!old || old == &v.none || v.old[old - d->old->objects] != new)
			continue;
		make_twins(old, new);
		progress = true;
	}
	free(v.old);
	free(v.new);
	return progress;
}

static bool groups_are_open(struct groups *g)
{
	for (struct group *p = g->all; p; p = p->next)
		if (p->nold && p->nnew)
			return true;
	return false;
}

static void pair_groups_by_use(struct diff *d, struct groups *g)
{
	for (int round = 0; round < 8 && groups_are_open(g) && pair_by_use(d); round++)
		for (struct group *p = g->all; p; p = p->next)
			drop_paired(p);
}

/* ---- what is not proven ------------------------------------------------------------------------------------------ */

static int by_line(const void *a, const void *b)
{
	const struct object *x = *(struct object *const *)a, *y = *(struct object *const *)b;
	uint64_t m = name_line(x), n = name_line(y);

	return (m > n) - (m < n);
}

/* Lines move, but past each other only when somebody moves what stands there. */
static void pair_by_line(struct group *p)
{
	qsort(p->old, p->nold, sizeof *p->old, by_line);
	qsort(p->new, p->nnew, sizeof *p->new, by_line);
	for (uint32_t i = 0; i < p->nold; i++)
		make_twins(p->old[i], p->new[i]);
	drop_paired(p);
}

/* Somebody who used the one uses the other. */
static bool have_a_user(const struct object *old, const struct object *new)
{
	for (uint32_t i = 0; i < new->image->nobjects; i++) {
		const struct object *user = &new->image->objects[i];

		if (user->twin && object_refers_to(user, new) && object_refers_to(user->twin, old))
			return true;
	}
	return false;
}

/* A counter goes on when something of another kind comes in between, and the same name may be given to a stranger. */
static void pair_same_names(struct group *p)
{
	for (uint32_t i = 0; i < p->nold; i++)
		for (uint32_t k = 0; k < p->nnew && !p->old[i]->twin; k++)
			if (!p->new[k]->twin && !strcmp(p->old[i]->name, p->new[k]->name) &&
			    (!p->counted || have_a_user(p->old[i], p->new[k])))
				make_twins(p->old[i], p->new[k]);
	drop_paired(p);
}

/* Step 5. As many numbered names on both sides: nothing came or went, so the numbers hold. Names that are really the
 * same (two files of one base name) are paired in order, which is likely, not proven. */
static void pair_equal_numbers(struct group *p)
{
	bool equal = p->nold == p->nnew && !p->told;

	if (equal && p->lines)
		pair_by_line(p);
	else if (equal && p->numbered)
		pair_same_names(p);
	for (uint32_t i = 0; equal && i < p->nold && i < p->nnew; i++)
		pair_unproven(p->old[i], p->new[i]);
	drop_paired(p);
	for (uint32_t i = 0; p->nold && p->nnew && i < p->nold; i++)
		p->old[i]->ambiguous = !is_made_constant(p->old[i]) && !is_clone(p->old[i]->name);
	for (uint32_t i = 0; p->nold && p->nnew && i < p->nnew; i++)
		p->new[i]->ambiguous = !is_made_constant(p->new[i]) && !is_clone(p->new[i]->name);
}

/* ---- leftovers --------------------------------------------------------------------------------------------------- */

struct leftover { const char *name; size_t n; struct object *object; };

static int by_source_name(const void *a, const void *b)
{
	const struct leftover *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int c = memcmp(x->name, y->name, n);

	return c ? c : (x->n > y->n) - (x->n < y->n);
}

static struct leftover *leftovers(struct image *img, uint32_t *n)
{
	struct leftover *list;

	*n = 0;
	for (uint32_t i = 0; i < img->nobjects; i++)
		*n += !img->objects[i].twin;
	list = xmalloc((*n + 1) * sizeof *list);
	*n = 0;
	for (uint32_t i = 0; i < img->nobjects; i++) {
		struct object *o = &img->objects[i];

		if (o->twin || o->kind == OBJECT_LABEL || o->ambiguous || is_cold_part(o) || name_line(o) ||
		    name_is_counted(o))
			continue;
		list[(*n)++] = (struct leftover){ o->name, source_name(o->name), o };
	}
	qsort(list, *n, sizeof *list, by_source_name);
	return list;
}

/* `count.f.0` and `count.g.0` are static locals of two functions. One of a function and one of none may be the same. */
static bool function_differs(const struct object *old, const struct object *new)
{
	char *a = xmalloc(strlen(old->name) + 1), *b = xmalloc(strlen(new->name) + 1);
	const char *of = name_stem(old->name, a), *nf = name_stem(new->name, b);
	bool differs;

	of += source_name(of);
	nf += source_name(nf);
	differs = *of && *nf && strcmp(of, nf);
	free(a);
	free(b);
	return differs;
}

static bool may_have_moved(const struct object *old, const struct object *new)
{
	if (object_class(old) != object_class(new) || is_made_constant(old) || is_made_constant(new))
		return false;
	if (!strstr(old->name, ".part") != !strstr(new->name, ".part"))
		return false;
	if (object_class(new) == CLASS_CODE)
		return true;
	return !is_writable(old) || (!function_differs(old, new) && !file_differs(old, new));
}

static uint32_t name_run(const struct leftover *list, uint32_t i, uint32_t n)
{
	uint32_t k = 1;

	while (i + k < n && !by_source_name(&list[i], &list[i + k]))
		k++;
	return k;
}

/* Step 6. */
static void pair_leftovers(struct diff *d)
{
	uint32_t nold, nnew, i = 0, k = 0;
	struct leftover *old = leftovers(d->old, &nold), *new = leftovers(d->new, &nnew);

	while (i < nold && k < nnew) {
		uint32_t ni = name_run(old, i, nold), nk = name_run(new, k, nnew);
		int c = by_source_name(&old[i], &new[k]);

		if (!c && ni == 1 && nk == 1 && may_have_moved(old[i].object, new[k].object))
			pair_named(d, old[i].object, new[k].object);
		i += c <= 0 ? ni : 0;
		k += c >= 0 ? nk : 0;
	}
	free(old);
	free(new);
}

static void pair_cold_parts(struct image *new)
{
	for (uint32_t i = 0; i < new->nobjects; i++) {
		struct object *o = &new->objects[i];

		if (o->cold && o->twin && o->twin->cold)
			make_twins(o->twin->cold, o->cold);
	}
}

void correlate(struct diff *d)
{
	struct groups g;
	size_t longest = longest_name(d->old), longest_new = longest_name(d->new);

	longest = longest > longest_new ? longest : longest_new;
	pair_globals(d->old, d->new);
	groups_init(&g, d->old->nobjects + d->new->nobjects);
	groups_fill(&g, d->old, false, longest);
	groups_fill(&g, d->new, true, longest);
	pair_groups(d, &g);
	pair_groups_by_use(d, &g);
	for (struct group *p = g.all; p; p = p->next)
		if (p->nold && p->nnew)
			pair_equal_numbers(p);
	pair_leftovers(d);
	pair_cold_parts(d->new);
	groups_release(&g);
	namesakes_doubt(d);
	labels_doubt(d);
}
