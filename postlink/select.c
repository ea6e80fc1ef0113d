// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What goes into the patch, and which old entries jump to it.
 *
 * In the patch is what changed, and then, until nothing more follows:
 *
 *   what included code refers to and OLD does not have                      new functions, variables, constants
 *   who uses changed constants                                              they must find the new ones
 *   who calls a changed function whose old entry can't be redirected        it must call the new one
 *   a constant table of labels of an included function                      `static const void *tab[] = { &&a, &&b }`
 *   the other half of a function with a cold part
 *   who has an object in its frame whose layout changed                     it must not be under way then
 *
 * A variable that exists in OLD is never copied, it lives. Where the chain would have to go on through one (it holds
 * the address of a changed constant, say), that is a refusal, unless the source says that it gets its new value.
 *
 * An included function that OLD has is redirected, but for two cases. Its entry does not allow it: then its callers are
 * here too. Or its contract with its callers changed and all that ever called it are in the patch: then the old code
 * goes on calling the old one, the new code the new one. If others call it too, they were compiled against the new
 * contract as well (they are equal in NEW), and only calls under way from old bodies of changed functions are at stake:
 * the patch is marked quiescent.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

#define MOST_HOLDERS 8          /* constants in a row, each of which holds the address of the next */

/* Refs of an image by the object they name: those of object I are ref[start[I]] ... ref[start[I + 1] - 1]. */
struct users { uint32_t *start, *ref; };

struct choice {
	struct diff *d;
	struct disasm *dis;                             /* of OLD */
	struct users old_users, new_users;              /* built when first asked for */
	struct object **todo;
	uint32_t ntodo, room;
};

/* ---- who uses it ------------------------------------------------------------------------------------------------- */

static void users_build(struct users *u, const struct image *img)
{
	uint32_t *next;

	if (u->start)
		return;
	u->start = xcalloc(img->nobjects + 2, sizeof *u->start);
	for (uint32_t i = 0; i < img->nrefs; i++)
		if (img->refs[i].target == TARGET_OBJECT)
			u->start[img->refs[i].object - img->objects + 1]++;
	for (uint32_t i = 0; i < img->nobjects; i++)
		u->start[i + 1] += u->start[i];
	u->ref = xmalloc((u->start[img->nobjects] + 1) * sizeof *u->ref);
	next = xmemdup(u->start, (img->nobjects + 1) * sizeof *next, (img->nobjects + 1) * sizeof *next);
	for (uint32_t i = 0; i < img->nrefs; i++)
		if (img->refs[i].target == TARGET_OBJECT)
			u->ref[next[img->refs[i].object - img->objects]++] = i;
	free(next);
}

static void users_release(struct users *u)
{
	free(u->start);
	free(u->ref);
	*u = (struct users){ NULL, NULL };
}

/* No use is what unwind tables and jump tables (distances in nameless data) say. */
static bool is_real_use(const struct image *img, const struct ref *r)
{
	const struct section *s = image_section_at(img, r->at);

	if (!s || !s->addr || !strncmp(s->name, ".eh_frame", 9) || !strncmp(s->name, ".rela", 5))
		return false;
	return r->kind != REF_PCREL_DATA || !is_code(r->object) || image_object_at(img, r->at);
}

/* ---- including --------------------------------------------------------------------------------------------------- */

static struct why *why_of(enum why_cause cause, struct object *other)
{
	struct why *w = xcalloc(1, sizeof *w);

	w->cause = cause;
	w->other = other;
	return w;
}

/* Compare's reason, a line that moved, does not bring code into the patch: this one does. */
static bool is_better_reason(const struct object *o, enum why_cause cause)
{
	return is_code(o) && o->change == LINES_ONLY && (cause == WHY_USES_DATA || cause == WHY_CALLS_UNREDIRECTED);
}

static void include(struct choice *c, struct object *o, enum why_cause cause, struct object *because)
{
	if (o->included || !o->section || o->kind == OBJECT_LABEL)
		return;
	o->included = true;
	if (!o->why)
		o->why = why_of(cause, because);
	else if (is_better_reason(o, cause))
		*o->why = (struct why){ .cause = cause, .other = because };
	if (c->ntodo == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->todo = xrealloc(c->todo, c->room * sizeof *c->todo);
	}
	c->todo[c->ntodo++] = o;
}

static char *place_of(const struct image *img, uint64_t addr)
{
	const struct object *o = image_object_at(img, addr);
	const struct section *s = image_section_at(img, addr);

	return xstrdup(o ? o->name : s ? s->name : "?");
}

/* A vtable, or what tells the type. */
static bool is_of_class(const char *name)
{
	return !strncmp(name, "_ZTV", 4) || !strncmp(name, "_ZTI", 4) || !strncmp(name, "_ZTT", 4);
}

static bool is_pinned_otherwise(const struct object *o)
{
	return o->twin->section->walked || is_of_class(o->name) || facts_kept(o) || facts_kept(o->twin);
}

static bool is_pinned_constant(const struct object *o)
{
	return o->twin->exported || is_pinned_otherwise(o);
}

/* In a program its own code does not go by the name, so it is a matter of other modules alone. */
static void refuse_pinned(struct diff *d, const struct object *o)
{
	if (o->twin->section->walked)
		refuse_add(d, CAUSE_DATA_USED, o->name, "it is an entry of '%s'", o->twin->section->name);
	else if (!o->twin->exported && d->opt.startup)
		d->startup_only = true;                 /* no object exists yet */
	else if (!o->twin->exported && !is_of_class(o->name))
		refuse_unless_accepted(d, CAUSE_DATA_USED, o->name, "objects that exist may hold its address");
	else if (o->twin->exported && d->new->kind != IMAGE_SHARED)
		refuse_unless_accepted(d, CAUSE_DATA_USED, o->name, "it is exported, and other modules may use it");
	else
		refuse_add(d, CAUSE_DATA_USED, o->name, o->twin->exported ? "it is exported" :
			   "objects that exist hold its address");
}

/* The variable USER holds the address of O in a field that is to get its new value. */
static bool is_set(struct choice *c, const struct object *user, const struct ref *r)
{
	struct value *v = user ? value_at(c->d, user, r->at - user->addr) : NULL;

	if (!v || v->keep)
		return false;
	v->active = true;
	return true;
}

/* The constant O of NEW differs from its twin: everybody who uses it must use the new one. */
static void include_users(struct choice *c, struct object *o)
{
	const struct image *img = c->d->new;
	uint32_t index = o - img->objects;

	users_build(&c->new_users, img);
	if (is_pinned_constant(o) && !o->owned)
		refuse_pinned(c->d, o);
	for (uint32_t i = c->new_users.start[index]; i < c->new_users.start[index + 1]; i++) {
		const struct ref *r = &img->refs[c->new_users.ref[i]];
		struct object *user = image_object_at(img, r->at);
		char *where;

		if (user == o || !is_real_use(img, r) || (user && is_value_mark(user)) || is_set(c, user, r))
			continue;
		if (user && (is_code(user) || (user->kind == OBJECT_DATA && (!is_writable(user) || !user->twin)))) {
			include(c, user, WHY_USES_DATA, o);
			continue;
		}
		where = place_of(img, r->at);
		refuse_add(c->d, CAUSE_DATA_USED, o->name, "'%s' holds its address", where);
		free(where);
	}
}

/* The old entry of O can't be redirected. Callers in NEW come along; whoever keeps its address can't be reached. */
static void include_callers(struct choice *c, struct object *o, const char *unfit)
{
	const struct image *img = c->d->new;
	uint32_t index = o - img->objects;
	enum cause cause = facts_never(c->d->old, o->twin) ? CAUSE_NEVER : CAUSE_UNREDIRECTABLE;

	users_build(&c->new_users, img);
	if (o->twin->exported)
		refuse_add(c->d, cause, o->name, "%s, and it is exported", unfit);
	for (uint32_t i = c->new_users.start[index]; i < c->new_users.start[index + 1]; i++) {
		const struct ref *r = &img->refs[c->new_users.ref[i]];
		struct object *user = image_object_at(img, r->at);
		char *where;

		if (user == o || (o->cold && user == o->cold) || !is_real_use(img, r))
			continue;
		if (user && is_code(user) && r->kind == REF_CALL) {
			include(c, user, WHY_CALLS_UNREDIRECTED, o);
			continue;
		}
		where = place_of(img, r->at);
		refuse_add(c->d, cause, o->name, "%s, and '%s' takes its address", unfit, where);
		free(where);
	}
}

/* Live data of OLD may hold the address even where NEW takes it no more. */
static bool old_address_escapes(struct choice *c, const struct object *old)
{
	const struct image *img = c->d->old;
	uint32_t index = old - img->objects;

	users_build(&c->old_users, img);
	for (uint32_t i = c->old_users.start[index]; i < c->old_users.start[index + 1]; i++) {
		const struct ref *r = &img->refs[c->old_users.ref[i]];
		const struct object *user = image_object_at(img, r->at);

		if (r->kind != REF_CALL && user != old && (!old->cold || user != old->cold) && is_real_use(img, r))
			return true;
	}
	return false;
}

/* ---- what an included object needs ------------------------------------------------------------------------------- */

static void need(struct choice *c, struct object *user, const struct ref *r, int depth)
{
	uint32_t n, width;
	uint64_t size, start;
	const struct ref *inner;
	bool several;

	if (r->target == TARGET_OBJECT || r->target == TARGET_IMPORT) {
		struct object *o = r->target == TARGET_OBJECT ? r->object : indirect_function(c->d, r->import, &several);

		if (o && !o->twin)
			include(c, o, WHY_NEW, user);
		return;
	}
	if (r->target != TARGET_ANON || depth > 4 || jump_table(c->d->new, r, user, &n, &width))
		return;
	size = anon_whole(c->d->new, r, &start);
	inner = size ? image_refs_in(c->d->new, start, start + size, &n) : NULL;
	for (uint32_t i = 0; inner && i < n; i++)
		need(c, user, &inner[i], depth + 1);
}

static bool has_label_of(const struct object *table, const struct object *func)
{
	for (uint32_t i = 0; i < table->nrefs; i++) {
		const struct ref *r = &table->image->refs[table->first_ref + i];

		if (r->target == TARGET_OBJECT && r->offset && (r->object == func || (func->cold && r->object == func->cold)))
			return true;
	}
	return false;
}

/* `goto *tab[i]`: the table of an included function must lead into its copy. */
static void include_label_table(struct choice *c, struct object *func, struct object *table)
{
	if (table->kind != OBJECT_DATA || table->included || !has_label_of(table, func))
		return;
	if (is_writable(table) && table->twin)
		refuse_add(c->d, CAUSE_DATA_VALUE, table->name, "it holds labels of '%s'", func->name);
	else
		include(c, table, WHY_TABLE, func);
}

static void follow_refs(struct choice *c, struct object *o)
{
	const struct image *img = c->d->new;

	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = &img->refs[o->first_ref + i];

		need(c, o, r, 0);
		if (r->target == TARGET_OBJECT && is_code(o))
			include_label_table(c, o->hot ? o->hot : o, r->object);
	}
	if (o->fde && o->fde->lsda) {
		uint32_t n;
		const struct ref *r = image_refs_in(img, o->fde->lsda, o->fde->lsda_end, &n);

		for (uint32_t i = 0; i < n; i++)
			need(c, o, &r[i], 0);
	}
}

static void follow_function(struct choice *c, struct object *o)
{
	const char *unfit;

	if (o->cold)
		include(c, o->cold, o->why->cause, o);
	if (o->hot) {
		include(c, o->hot, o->why->cause, o);
		return;
	}
	if (!o->twin || !(unfit = entry_unfit(c->dis, o->twin)))
		return;
	o->entry_stays = xstrdup(unfit);
	if (old_address_escapes(c, o->twin))
		refuse_add(c->d, facts_never(c->d->old, o->twin) ? CAUSE_NEVER : CAUSE_UNREDIRECTABLE, o->name,
			   "%s, and its address is taken", unfit);
	else
		include_callers(c, o, unfit);
}

static void follow(struct choice *c)
{
	while (c->ntodo) {
		struct object *o = c->todo[--c->ntodo];

		follow_refs(c, o);
		if (is_code(o))
			follow_function(c, o);
		else if (o->twin && o->why->cause != WHY_TABLE)
			include_users(c, o);
	}
}

/* ---- seeds ------------------------------------------------------------------------------------------------------- */

static bool has_users(struct choice *c, const struct object *o)
{
	uint32_t index = o - c->d->new->objects;

	users_build(&c->new_users, c->d->new);
	return c->new_users.start[index] < c->new_users.start[index + 1];
}

/* A constant that changed, or that is constant in one build only: then OLD's bytes can't stand for it. A variable in
 * both is refuse's. */
static bool is_changed_constant(const struct object *o)
{
	return o->kind == OBJECT_DATA && o->twin && (!is_writable(o) || !is_writable(o->twin));
}

/* Somebody has the address of constant O whom no copy would reach: by its name, in a live variable, or in another such
 * constant. */
static bool must_stay(struct choice *c, const struct object *o, int depth)
{
	const struct image *img = c->d->new;
	uint32_t index = o - img->objects;

	if (!o->twin || depth > MOST_HOLDERS)
		return false;
	if (is_pinned_constant(o))
		return true;
	users_build(&c->new_users, img);
	for (uint32_t i = c->new_users.start[index]; i < c->new_users.start[index + 1]; i++) {
		const struct ref *r = &img->refs[c->new_users.ref[i]];
		struct object *user = image_object_at(img, r->at);

		if (!user || user == o || user->kind != OBJECT_DATA || is_value_mark(user) || !is_real_use(img, r))
			continue;
		if (is_writable(user) ? user->twin && !is_set(c, user, r) : must_stay(c, user, depth + 1))
			return true;
	}
	return false;
}

static void include_constant(struct choice *c, struct object *o)
{
	if (!has_users(c, o) && !o->twin->exported && !o->twin->section->walked)
		return;
	if (o->twin->exported && !is_pinned_otherwise(o) && copy_exported(c->d, o))
		users_release(&c->new_users);           /* there are more of them now */
	if (o->owned || !must_stay(c, o, 0) || !change_in_place(c->d, o))
		include(c, o, WHY_CODE, NULL);
}

/* What the new value of a live variable points to. */
static void include_values(struct choice *c)
{
	for (uint32_t i = 0; i < c->d->nvalues; i++) {
		const struct value *v = &c->d->values[i];
		uint64_t at = v->object->addr + v->offset;
		uint32_t n = 0;
		const struct ref *r = v->active ? image_refs_in(c->d->new, at, at + v->size, &n) : NULL;

		for (; n; n--, r++)
			need(c, v->object, r, 0);
	}
}

/* Its code is the same; but nobody may be in there when the functions that it hands the object to change over. */
static void include_holder(void *choice, struct object *o, const char *type)
{
	bool new = !o->why;

	include(choice, o, WHY_CODE, NULL);
	if (new && o->why)
		o->why->text = xasprintf("has a '%s' in its frame, whose layout changed", type);
}

/* Nobody in the program calls them. */
static void include_hooks(struct choice *c)
{
	for (uint32_t i = 0; i < c->d->nhooks; i++)
		include(c, c->d->hooks[i].object, WHY_NEW, NULL);
}

static void include_changed(struct choice *c)
{
	struct image *new = c->d->new;

	for (uint32_t i = 0; i < new->nobjects; i++) {
		struct object *o = &new->objects[i];

		if (o->change != CHANGED)
			continue;
		if (o->kind == OBJECT_FUNC)
			include(c, o, WHY_CODE, NULL);
		else if (is_changed_constant(o))
			include_constant(c, o);
	}
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static bool in_patch(const struct object *old)
{
	return !old->twin || old->twin->included;
}

/* Everybody who refers to OLD is in the patch or gone. */
static bool all_users_in_patch(struct choice *c, const struct object *old)
{
	const struct image *img = c->d->old;
	uint32_t index = old - img->objects;

	if (old->exported)
		return false;
	users_build(&c->old_users, img);
	for (uint32_t i = c->old_users.start[index]; i < c->old_users.start[index + 1]; i++) {
		const struct ref *r = &img->refs[c->old_users.ref[i]];
		const struct object *user = image_object_at(img, r->at);

		if (user == old || !is_real_use(img, r))
			continue;
		if (!user || !is_code(user) || !in_patch(user))
			return false;
	}
	return true;
}

/* The old code of O may go on: nobody but what is in the patch ever called it. Live data may hold its address, and would
 * never get to the fix; unless O has other parameters now, so that such a call would go wrong. */
static bool may_stay(struct choice *c, const struct object *o)
{
	const char *was, *now;

	return facts_contract_changed(c->d->old, c->d->new, o) && all_users_in_patch(c, o->twin) &&
	       (facts_type_changed(o, &was, &now) || !old_address_escapes(c, o->twin));
}

static void choose_entries(struct choice *c)
{
	struct image *new = c->d->new;

	for (uint32_t i = 0; i < new->nobjects; i++) {
		struct object *o = &new->objects[i];

		if (!o->included || !is_code(o) || !o->twin || o->hot || o->entry_stays)
			continue;
		if (may_stay(c, o))
			o->entry_stays = xstrdup("its contract with its callers may have changed, and all of them are "
						 "in the patch");
		else
			o->redirected = !hp_broken("select");
	}
}

/* The old body of a changed function may be under way; will what it calls keep the promises it was compiled against? */
bool call_is_at_stake(const struct diff *d, const struct ref *r)
{
	const struct object *callee = r->target == TARGET_OBJECT && r->kind == REF_CALL ? r->object->twin : NULL;

	if (!callee || !is_code(callee) || (callee->included && !callee->redirected))
		return false;
	return callee->included ? facts_contract_changed(d->old, d->new, callee) :
				  facts_clobbers_more(d->old, d->new, callee);
}

static bool is_quiescent(const struct diff *d)
{
	const struct image *old = d->old;

	for (uint32_t i = 0; i < old->nobjects; i++) {
		const struct object *o = &old->objects[i];

		if (!is_code(o) || !in_patch(o))
			continue;
		for (uint32_t k = 0; k < o->nrefs; k++) {
			const struct ref *r = &old->refs[o->first_ref + k];

			if (!(r->target == TARGET_OBJECT && r->object == o) && call_is_at_stake(d, r))
				return true;
		}
	}
	return false;
}

/* ---- the list ---------------------------------------------------------------------------------------------------- */

static int by_kind_and_address(const void *a, const void *b)
{
	const struct object *x = *(struct object *const *)a, *y = *(struct object *const *)b;

	if (is_code(x) != is_code(y))
		return is_code(x) ? -1 : 1;
	return (x->addr > y->addr) - (x->addr < y->addr);
}

static void list_picked(struct diff *d)
{
	struct image *new = d->new;

	for (uint32_t i = 0; i < new->nobjects; i++)
		d->npicked += new->objects[i].included;
	d->picked = xmalloc((d->npicked + 1) * sizeof *d->picked);
	d->npicked = 0;
	for (uint32_t i = 0; i < new->nobjects; i++)
		if (new->objects[i].included)
			d->picked[d->npicked++] = &new->objects[i];
	qsort(d->picked, d->npicked, sizeof *d->picked, by_kind_and_address);
}

void select_changed(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++)
		d->new->objects[i].included = d->new->objects[i].change == CHANGED || d->new->objects[i].change == ADDED;
	list_picked(d);
}

void select_objects(struct diff *d)
{
	struct choice c = { .d = d, .dis = disasm_open(d->old) };

	include_changed(&c);
	include_hooks(&c);
	include_values(&c);
	layouts_in_frames(d, include_holder, &c);
	follow(&c);
	include_values(&c);             /* of those that select found active */
	follow(&c);
	choose_entries(&c);
	list_picked(d);
	d->quiescent = d->npicked && (values_set(d) || is_quiescent(d));
	disasm_close(c.dis);
	users_release(&c.old_users);
	users_release(&c.new_users);
	free(c.todo);
}
