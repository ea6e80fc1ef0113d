/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * New functions that are registered where nobody sees it: the kernel keeps the handlers of signals, and the C library
 * what is called at the end of a process or a thread, with addresses that it mangles. hp-ctl looks through memory for ways
 * into the code of a patch before it removes that, and would not find these. So the patch is marked, and its code
 * stays loaded when it is taken back. Example: a new `thread_local` of a class with a destructor.
 *
 * The signs are the address of a function that stands in the patch, and a function of the patch that registers, or calls one
 * of the program that does. Left out: what a function further down, or of another module, registers.
 */
#include <string.h>
#include "diff.h"

static const char *const registering[] = {
	"atexit", "on_exit", "at_quick_exit", "__cxa_atexit", "__cxa_at_quick_exit", "__cxa_thread_atexit",
	"__cxa_thread_atexit_impl", "signal", "sigaction", "__sysv_signal", "sysv_signal", "bsd_signal", "sigset", "timer_create",
	"fopencookie",
};

static bool is_registering(const char *name)
{
	return index_of_name(name, registering, sizeof registering / sizeof *registering) >= 0;
}

static bool registers(const struct object *o, bool callees)
{
	for (uint32_t i = 0; o && i < o->nrefs; i++) {
		const struct ref *r = &o->image->refs[o->first_ref + i];

		if (r->target == TARGET_IMPORT && is_registering(r->import))
			return true;
		if (r->target == TARGET_OBJECT && is_code(r->object) &&
		    (is_registering(r->object->name) || (callees && registers(r->object, false))))
			return true;
	}
	return o && o->cold && registers(o->cold, callees);
}

static bool is_part_of(const struct object *part, const struct object *o)
{
	return part == o || part == o->hot || part == o->cold;
}

/* Takes O, other than a table of virtual functions, the address of a function that stands in the patch? */
static bool takes_address(const struct object *o)
{
	if (!strncmp(o->name, "_ZTV", 4) || !strncmp(o->name, "_ZTC", 4))
		return false;
	for (uint32_t i = 0; i < o->nrefs; i++) {
		const struct ref *r = &o->image->refs[o->first_ref + i];
		const struct object *f = r->target == TARGET_OBJECT ? r->object : NULL;

		if (f && is_code(f) && r->kind != REF_CALL && !is_part_of(f, o) && (!f->twin || (f->included && !f->redirected)))
			return true;
	}
	return o->cold && takes_address(o->cold);
}

void warn_stays(struct diff *d)
{
	const struct object *who = NULL;
	bool taken = false;

	for (uint32_t i = 0; i < d->npicked && !taken; i++)
		taken = takes_address(d->picked[i]);
	for (uint32_t i = 0; i < d->npicked && taken && !who; i++)
		if (is_code(d->picked[i]) && registers(d->picked[i], true))
			who = d->picked[i];
	if (who)
		warn_add(d, WARNING_STAYS, who->name, "%s", "");
	d->stays = who;
}
