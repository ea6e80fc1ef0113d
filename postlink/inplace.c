// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Constants that change where they stand.
 *
 * A changed constant is copied, and all who use it come along. That does not reach everybody where others hold its
 * address: other modules by its name, live variables, objects through a vtable. Such a constant, unless it grew, gets its
 * new bytes in place: at startup before anything has looked at it, in a running process by one write, which is only
 * sound where all that changes lies in one aligned quadword; of more than that a reader could see a part. For more the
 * patch is for processes that start, or the user accepts it.
 *
 *	const struct method deflate = { .name = "deflate", .run = deflate_run };       was .run = slow_run, 8 bytes
 *
 * A program may have a copy of its own of what a library exports (R_X86_64_COPY); that is seen when the patch is applied,
 * see HP_BIND_HERE.
 */
#include <stdlib.h>
#include <libiberty/libiberty.h>
#include "diff.h"

/* Start and end of the bytes of O that differ from its twin, whole fields of references. False: none do. */
static bool differing(const struct diff *d, const struct object *o, uint64_t *start, uint64_t *end)
{
	const struct object *old = o->twin;
	uint64_t at = 0, where;

	*start = *end = 0;
	while (at < o->size && !bytes_same(d, old, o, old->addr + at, o->addr + at, o->size - at, &where)) {
		uint32_t n;
		const struct ref *r = image_refs_in(d->new, o->addr + at + where, o->addr + at + where + 1, &n);

		if (!*end)
			*start = at + where;
		at += where + (n ? r->size : 1);
		*end = at;
	}
	return *end;
}

/* A field of a reference that OLD has and NEW has not, or the other way round, may begin before the first difference. */
static void widen(uint64_t addr, uint64_t size, uint64_t *start, uint64_t *end)
{
	uint64_t lo = (addr + *start) & ~7ull, hi = (addr + *end + 7) & ~7ull;

	*start = lo > addr ? lo - addr : 0;
	*end = hi - addr < size ? hi - addr : size;
}

bool change_extent(const struct diff *d, const struct object *o, struct value *v)
{
	uint64_t end;

	if (!differing(d, o, &v->offset, &end))
		return false;
	widen(o->twin->addr, o->size, &v->offset, &end);
	v->size = end - v->offset;
	return true;
}

bool change_is_one_write(const struct value *v)
{
	uint64_t start = v->object->twin->addr + v->offset;

	return start / 8 == (start + v->size - 1) / 8 || hp_broken("in-place");
}

/* More than one write: a process that starts does not mind. */
static void allow_torn(struct diff *d, const struct object *o, uint64_t size)
{
	if (!left_to_startup(d))
		refuse_unless_accepted(d, CAUSE_DATA_USED, o->name, "it must change in place, and running code could see a part "
				       "of the %llu bytes changed", (unsigned long long)size);
}

bool fits_in_place(const struct diff *d, const struct object *o)
{
	const struct object *old = o->twin;

	return o->size <= old->size && !is_writable(o) && !is_writable(old) && !d->nhooks && !o->copied && !old->copied &&
	       image_bytes(d->new, o->addr, o->size) && image_bytes(d->old, old->addr, old->size);
}

bool change_in_place(struct diff *d, struct object *o)
{
	struct value v = { .object = o, .constant = true, .active = true };

	if (!fits_in_place(d, o))
		return false;
	if (!change_extent(d, o, &v))
		return true;
	if (!change_is_one_write(&v))
		allow_torn(d, o, v.size);
	value_add(d, &v);
	return true;
}

/* A name under which others find it. */
const char *exported_name(const struct object *o)
{
	const struct alias *a = o->aliases;

	while (!o->global && a && !a->exported)
		a = a->next;
	return o->global || !a ? o->name : a->name;
}
