// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Changed constants that other modules may know by their symbol, and that can't change in place while code runs.
 *
 * Most libraries export all they have, in C++ nearly always: a static member that is a table is such a constant, though
 * nobody else uses it. Code of the library goes by the symbol, too. From here on it means the library's own: it gets a
 * copy, as it does of any constant, and comes along. In OLD's place the new bytes are written where nothing has run yet,
 * at startup and in the coldpatched file, so that others find NEW's. In a process that runs nobody writes there: hp-ctl
 * looks whether another module has bound the symbol (HP_BIND_ALONE), and refuses the process then.
 *
 *	struct D { static const int tab[4]; int at(int n); };
 *	const int D::tab[4] = { 1, 2, 3, 4 };   ->      { 1, 5, 3, 9 }
 *
 * One that grew has no room where it stands: others go on with OLD's, whose size they know. That is for the user to
 * accept.
 */
#include "diff.h"

/* By one name, and nothing that the linker has moved to the program. */
static bool is_plain(const struct object *o)
{
	return o->kind == OBJECT_DATA && o->global && o->exported && !o->aliases && !o->copied && !o->ambiguous &&
	       !is_writable(o) && !o->unwritten;
}

/* More than one write would have to reach those who run. */
static bool is_torn(const struct diff *d, const struct object *o, struct value *v)
{
	return fits_in_place(d, o) && change_extent(d, o, v) && !change_is_one_write(v);
}

static bool names(const struct ref *r, const struct object *o)
{
	return r->target == TARGET_OBJECT ? r->object == o : r->target == TARGET_IMPORT && is_called(r->import, o->name);
}

/* Whoever uses it in this module is a function, which can come along; and there is one. */
static bool is_used_by_code(const struct image *new, const struct object *o)
{
	bool any = false;

	for (uint32_t i = 0; i < new->nrefs; i++) {
		const struct ref *r = &new->refs[i];
		const struct object *user = names(r, o) ? image_object_at(new, r->at) : NULL;

		if (!names(r, o) || !image_section_at(new, r->at))
			continue;
		if (!user || !is_code(user))
			return false;
		any = true;
	}
	return any;
}

static bool may_go_on(struct diff *d, const struct object *o)
{
	if (!is_accepted(d, CAUSE_DATA_USED, o->name))
		return false;
	accepted_add(d, CAUSE_DATA_USED, o->name, "%llu bytes, was %llu; other modules go on with the one of OLD",
		     (unsigned long long)o->size, (unsigned long long)o->twin->size);
	return true;
}

bool copy_exported(struct diff *d, struct object *o)
{
	struct value v = { .object = o, .constant = true, .active = true, .keep = true, .alone = true };
	bool grew = o->size > o->twin->size;

	if (hp_broken("exported") || !is_plain(o) || !is_plain(o->twin) || !(grew || is_torn(d, o, &v)))
		return false;
	if (!is_used_by_code(d->new, o) || (grew && !may_go_on(d, o)))
		return false;
	own_take(d, o);
	if (!grew)
		value_add(d, &v);
	return o->owned = true;
}
