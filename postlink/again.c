// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Initialisers of C++ that come to a variable which lives. What says that they have run is a variable of its own (a guard); it
 * is new, so in a running process they would run, over what the variable holds by then.
 *
 *	static int served;                      ->      static int served = restored();
 *	thread_local int depth;                 ->      thread_local int depth = first_depth();
 */
#include <string.h>
#include "diff.h"

static bool lives(const struct object *o)
{
	return o->twin && !o->included && (o->kind == OBJECT_TLS || (o->kind == OBJECT_DATA && is_writable(o)));
}

/* _ZGVZ5countvE1n is the guard of _ZZ5countvE1n. */
static bool is_guard_of(const struct object *guard, const struct object *o)
{
	return !strncmp(o->name, "_Z", 2) && !strcmp(o->name + 2, guard->name + 4) &&
	       (!guard->file || !o->file || !strcmp(guard->file, o->file));
}

static void refuse_guarded(struct diff *d, const struct object *guard)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *o = &d->new->objects[i];

		if (is_guard_of(guard, o) && lives(o) && !left_to_startup(d))
			refuse_add(d, CAUSE_DATA_VALUE, o->name, "it has an initialiser now, which would run over what it holds");
	}
}

/* What initialises a unit's variables in each thread: __tls_init(), which has the names _ZTH... of the variables, too. */
static bool is_initialiser(const struct object *o)
{
	return !strncmp(o->name, "__tls_init", 10) || !strncmp(o->name, "_ZTH", 4);
}

static void refuse_variables_of(struct diff *d, const struct object *user)
{
	for (uint32_t i = 0; i < user->nrefs; i++) {
		const struct ref *r = &user->image->refs[user->first_ref + i];

		if (r->target == TARGET_OBJECT && r->object->kind == OBJECT_TLS && lives(r->object) && !left_to_startup(d))
			refuse_add(d, CAUSE_TLS_VALUE, r->object->name,
				   "it has an initialiser now, which would run over what threads hold");
	}
}

/* GUARD is that of a unit. Where all have the initialiser in them, they name what it initialises. */
static void refuse_threads(struct diff *d, const struct object *guard)
{
	bool apart = false;

	for (int round = 0; round < 2 && !apart; round++)
		for (uint32_t i = 0; i < d->new->nobjects; i++) {
			const struct object *o = &d->new->objects[i];

			if (!is_code(o) || !object_refers_to(o, guard) || is_initialiser(o) == (round == 1))
				continue;
			apart = !round;
			refuse_variables_of(d, o);
		}
}

void refuse_again(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (o->twin || is_code(o))
			continue;
		if (!strncmp(o->name, "_ZGV", 4))
			refuse_guarded(d, o);
		else if (!o->global && !strcmp(o->name, "__tls_guard"))
			refuse_threads(d, o);
	}
}
