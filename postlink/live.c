// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Objects of OLD that code of NEW would misread, because the layout of their type changed.
 *
 * The rule: a type counts when a unit uses it in which a function changed or is new, or uses a constant that did (a table
 * of the places of fields), and the layout that the unit knows in NEW fits none that it (or, for a unit that is new, any
 * other) knew in OLD. Code that is equal in both builds goes on with the objects as before, so a change that no code of
 * the patch sees is none.
 *
 * Such a type is refused, unless its objects are in frames of functions only: no variable with static storage, but for
 * constants that the patch replaces, holds one, no pointer to one was ever made from, or turned into, an untyped one
 * (so none is on the heap or in other bytes), no function that other modules can call, or that is another module's, has
 * one among its parameters, and every function with one in its frame, or with a pointer to one of those constants, is in
 * the patch: select takes those along whose code is the same, since a frame may have been rounded up to what it is now.
 * Only main(), which nobody calls again, does not come. Then no object is alive while none of those functions is under
 * way: the patch is marked quiescent.
 *
 * What OpenMP hands to a parallel region is a struct that the compiler makes, `.omp_data_s.1`. It lives in the frame of the
 * function around the region, whose code and the region's fit each other in both builds; so old frames alone matter. That
 * of a task is copied, and outlives the frame: where OLD has tasks these structs are as any other.
 *
 * Whether two types of one name are the same type is decided by unit. A type that is new, gone, renamed or without a
 * name is not looked at; a struct without a name is part of the one that holds it. What the user knows better, such as
 * that all objects of a type are short-lived, is said with --accept=layout:NAME.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "types.h"
#include "facts.h"

struct live {
	struct diff *d;
	struct types old, new;
	struct both both;                       /* these */
	const char **units; uint32_t nunits;    /* of NEW, in which code changed; sorted */
	void (*found)(void *, struct object *, const char *); void *data;      /* layouts_in_frames(); NULL: to be judged */
};

/* ---- units with changed code ------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_unit(struct live *l, const char *unit)
{
	if (!(l->nunits & (l->nunits - 1)))
		l->units = xrealloc(l->units, (2 * l->nunits + 1) * sizeof *l->units);
	l->units[l->nunits++] = unit;
}

/* A local function's own unit; all that have a global one of this name. */
static void add_units_of(struct live *l, const struct object *func)
{
	const char *unit, *type;
	uint32_t before = l->nunits;
	struct fact *f;

	for (f = NULL; func->file && (unit = facts_unit(func, &f, &type)); )
		if (!strcmp(unit, func->file))
			add_unit(l, unit);
	for (f = NULL; l->nunits == before && (unit = facts_unit(func, &f, &type)); )
		add_unit(l, unit);
}

static bool uses_changed_constant(const struct image *new, const struct object *func)
{
	for (uint32_t i = 0; i < func->nrefs; i++) {
		const struct ref *r = &new->refs[func->first_ref + i];
		const struct object *o = r->target == TARGET_OBJECT ? r->object : NULL;

		if (o && !is_code(o) && o->change == CHANGED && !is_writable(o))
			return true;
	}
	return false;
}

/* FOUND: select has not chosen yet, so every new function counts. */
static void collect_units(struct live *l)
{
	const struct image *new = l->d->new;

	for (uint32_t i = 0; i < new->nobjects; i++) {
		const struct object *o = &new->objects[i];

		if (!is_code(o) || o->hot)
			continue;
		if (o->change == CHANGED || o->change == ADDED ? o->included || l->found : uses_changed_constant(new, o))
			add_units_of(l, o);
	}
	if (l->nunits)
		qsort(l->units, l->nunits, sizeof *l->units, by_text);
}

static bool has_changed_code(const struct live *l, const char *unit)
{
	return l->nunits && bsearch(&unit, l->units, l->nunits, sizeof unit, by_text);
}

/* ---- where objects are ------------------------------------------------------------------------------------------- */

static bool has_hash(const char *list, uint32_t hash)
{
	char text[16];
	size_t n = sprintf(text, "%x", hash);

	for (const char *p = list; (p = strstr(p, text)); p++)
		if ((p == list || !isxdigit((unsigned char)p[-1])) && !isxdigit((unsigned char)p[n]))
			return true;
	return false;
}

/* A function that other modules call takes or returns it: they have such objects, too. */
static bool is_exported(const struct image *old, const struct layout *l)
{
	char **field;

	for (uint32_t i = 0; (field = facts_next(old, 'F', &i)); ) {
		const struct object *o = has_hash(field[5], l->hash) ? image_find(old, field[2]) : NULL;

		if (o && o->exported)
			return true;
	}
	return false;
}

/* Another module has a function or variable of it. */
static bool is_imported(const struct image *old, const struct layout *l)
{
	char **field;

	for (uint32_t i = 0; (field = facts_next(old, 'E', &i)); )
		if (has_hash(field[3], l->hash) && !image_find(old, field[2]))
			return true;
	return false;
}

static bool is_in_frames(const struct image *old, const struct layout *l)
{
	char **field;

	for (uint32_t i = 0; (field = facts_next(old, 'A', &i)); )
		if (has_hash(field[3], l->hash))
			return true;
	return false;
}

/* The next function of OLD, from *next on, that UNIT calls NAME and that is not in the patch; NULL: there is none. */
static const struct object *other_function(const struct image *old, const char *unit, const char *name, uint32_t *next)
{
	while (*next < old->nobjects) {
		const struct object *o = &old->objects[(*next)++];

		if (is_code(o) && !strcmp(o->name, name) && (!o->file || !strcmp(o->file, unit)) &&
		    (!o->twin || !o->twin->included))
			return o;
	}
	return NULL;
}

static bool is_in_other_frames(const struct image *old, const struct layout *l)
{
	char **field;
	uint32_t none;

	for (uint32_t i = 0; (field = facts_next(old, 'A', &i)) && !hp_broken("frames"); )
		if (has_hash(field[3], l->hash) && other_function(old, field[1], field[2], (none = 0, &none)))
			return true;
	return false;
}

static bool starts_tasks(const struct image *old)
{
	for (uint32_t i = 0; i < old->nrefs; i++)
		if (old->refs[i].target == TARGET_IMPORT && !strncmp(old->refs[i].import, "GOMP_task", 9))
			return true;
	return false;
}

static bool is_of_parallel_region(const struct image *old, const struct layout *l)
{
	return strstr(l->name, ".omp_data_s") && !starts_tasks(old);
}

/* Elsewhere than in frames. Where there is code for objects, and neither a frame nor a constant here that holds one, they are
 * another module's. */
static bool may_be_alive(const struct live *l, const struct layout *layout)
{
	uint32_t n;
	const struct use *u = types_find(&l->old, layout->name, NULL, &n);
	bool here = is_in_frames(l->d->old, layout);

	if (is_of_parallel_region(l->d->old, layout))
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (u[i].layout == layout && u[i].lives)
			return true;
		here |= u[i].layout == layout && u[i].constants;
	}
	return !here || is_exported(l->d->old, layout) || is_imported(l->d->old, layout);
}

/* Nobody calls main() again, so nobody would ever be outside. */
static void find_holders(struct live *l, const struct layout *layout, const char *name)
{
	const struct image *old = l->d->old;
	const struct object *o;
	char **field;
	uint32_t k;

	for (uint32_t i = 0; (field = facts_next(old, 'A', &i)); )
		for (k = 0; has_hash(field[3], layout->hash) && (o = other_function(old, field[1], field[2], &k)); )
			if (o->twin && strcmp(o->name, "main"))
				l->found(l->data, o->twin, name);
}

/* ---- the decision ------------------------------------------------------------------------------------------------ */

/* The layouts of OLD that a use of NEW can mean. */
static const struct use *counterparts(const struct live *l, const struct use *now, uint32_t *n)
{
	const struct use *was = types_find(&l->old, now->layout->name, now->unit, n);

	return *n ? was : types_find(&l->old, now->layout->name, NULL, n);
}

static void judge(struct live *l, const struct layout *old, const struct layout *new)
{
	char *name = layout_plain_name(old), *difference = layout_difference(&l->both, old, new);
	bool alive = may_be_alive(l, old), frames = !is_of_parallel_region(l->d->old, old);

	if (l->found) {
		if (!alive && frames && !is_accepted(l->d, CAUSE_LAYOUT, name))
			find_holders(l, old, name);
	} else if (alive || (frames && is_in_other_frames(l->d->old, old)))
		refuse_unless_accepted(l->d, CAUSE_LAYOUT, name, "%s", difference);
	else {
		l->d->quiescent = true;
		warn_add(l->d, WARNING_FRAMES, name, "%s", difference);
	}
	free(name);
	free(difference);
}

static bool fits(struct live *l, const struct layout *old, const struct layout *new)
{
	char *difference = layout_difference(&l->both, old, new);

	free(difference);
	return !difference;
}

static void judge_use(struct live *l, const struct use *now)
{
	uint32_t n;
	const struct use *was = counterparts(l, now, &n);

	for (uint32_t i = 0; i < n; i++)
		if (fits(l, was[i].layout, now->layout))
			return;
	for (uint32_t i = 0; i < n; i++)
		judge(l, was[i].layout, now->layout);
}

/* ---- a build of two ages ----------------------------------------------------------------------------------------- */

/* Of N uses in NEW: one that has the layout of OLD, one that has another. */
static void warn_if_stale(struct live *l, const struct layout *was, const struct use *now, uint32_t n)
{
	const struct use *stale = NULL, *fresh = NULL;
	char *name;

	for (uint32_t i = 0; i < n; i++) {
		if (now[i].layout->hash == was->hash)
			stale = stale ? stale : &now[i];
		else if (!fresh && !fits(l, was, now[i].layout))
			fresh = &now[i];
	}
	if (!stale || !fresh)
		return;
	name = layout_plain_name(was);
	warn_add(l->d, WARNING_STALE, name, "'%s' has it as OLD, '%s' changed", stale->unit, fresh->unit);
	free(name);
}

/* A makefile that does not know all headers of a unit leaves it as it was. In C two units may have types of one name that
 * are not the same; so it is only said. */
static void warn_stale(struct live *l)
{
	const struct use *now;
	uint32_t n;

	for (uint32_t i = 0; i < l->new.nuses; i += n) {
		const struct layout *was = types_only(&l->old, l->new.uses[i].layout->name);

		now = types_find(&l->new, l->new.uses[i].layout->name, NULL, &n);
		if (was)
			warn_if_stale(l, was, now, n);
	}
}

/* ---- variables --------------------------------------------------------------------------------------------------- */

static bool is_live_variable(const struct object *o)
{
	return o->twin && o->size == o->twin->size && is_writable(o) &&
	       (o->kind == OBJECT_DATA || o->kind == OBJECT_TLS);
}

/* Code of NEW takes what is in a live variable for something else: int for float, pointer for long. */
static void judge_variable(struct live *l, const struct object *o)
{
	const char *now = is_live_variable(o) ? facts_kind(o) : NULL, *was = now ? facts_kind(o->twin) : NULL;

	if (was && !kind_fits(&l->both, was, strlen(was), now, strlen(now)))
		refuse_unless_accepted(l->d, CAUSE_LAYOUT, o->name, "it %s, for new code",
				       kind_change(was, strlen(was), now, strlen(now)));
	if (is_live_variable(o) && facts_kinds_differ(o))
		refuse_unless_accepted(l->d, CAUSE_LAYOUT, o->name, "two files of one name have it, and one has another kind of it");
}

static void judge_variables(struct live *l)
{
	for (uint32_t i = 0; l->d->npicked && i < l->d->new->nobjects; i++)
		judge_variable(l, &l->d->new->objects[i]);
}

static void open_types(struct live *l)
{
	types_init(&l->old, l->d->old);
	types_init(&l->new, l->d->new);
	l->both = (struct both){ .old = &l->old, .new = &l->new };
	collect_units(l);
}

static void judge_uses(struct live *l)
{
	for (uint32_t i = 0; i < l->new.nuses; i++)
		if (has_changed_code(l, l->new.uses[i].unit))
			judge_use(l, &l->new.uses[i]);
}

static void close_types(struct live *l)
{
	types_release(&l->old);
	types_release(&l->new);
	free(l->units);
}

void layouts_in_frames(struct diff *d, void (*found)(void *, struct object *, const char *), void *data)
{
	struct live l = { .d = d, .found = found, .data = data };

	if (d->opt.startup)
		return;
	open_types(&l);
	judge_uses(&l);
	close_types(&l);
}

void refuse_layouts(struct diff *d)
{
	struct live l = { .d = d };

	open_types(&l);
	judge_variables(&l);
	judge_uses(&l);
	warn_stale(&l);
	close_types(&l);
}
