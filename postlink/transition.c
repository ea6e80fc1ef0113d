// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What is right before and after the patch, but not in between.
 *
 * A function that returns where it never did: an old caller that is under way has no code behind the call. A lock that
 * new code takes: a thread that is in old code has not taken it, and both are where only one should be. So the patch
 * is marked: in a running process it is applied while no thread is in a changed function, even if there is only one.
 *
 * Nobody calls main() a second time: where it changed, a process that runs goes on in the old one.
 *
 * A lock is known by the name of the function that takes it, and new when the new function calls that more often than
 * the old one does. Locks of the program's own making are not seen.
 */
#include <string.h>
#include "diff.h"
#include "facts.h"

static const char *const lock_names[] = {
	"pthread_mutex_lock", "pthread_mutex_trylock", "pthread_mutex_timedlock", "pthread_mutex_clocklock",
	"pthread_spin_lock", "pthread_spin_trylock", "pthread_rwlock_rdlock", "pthread_rwlock_wrlock",
	"pthread_rwlock_tryrdlock", "pthread_rwlock_trywrlock", "sem_wait", "sem_trywait", "mtx_lock", "mtx_trylock",
	"flock", "lockf", "lockf64", "flockfile",
};

#define NLOCKS (sizeof lock_names / sizeof *lock_names)

static int lock_of_name(const char *name)
{
	return index_of_name(name, lock_names, NLOCKS);
}

static int lock_of_object(const struct object *o)
{
	int lock = lock_of_name(o->name);

	for (const struct alias *a = o->aliases; a && lock < 0; a = a->next)
		lock = lock_of_name(a->name);
	return lock;
}

static int lock_of(const struct ref *r)
{
	if (r->target == TARGET_IMPORT)
		return lock_of_name(r->import);
	return r->target == TARGET_OBJECT ? lock_of_object(r->object) : -1;
}

/* Adds SIGN for every use that O, and its cold part, make of each. */
static void count_locks(const struct object *o, int sign, int count[NLOCKS])
{
	for (uint32_t i = 0; o && i < o->nrefs; i++) {
		int lock = lock_of(&o->image->refs[o->first_ref + i]);

		if (lock >= 0)
			count[lock] += sign;
	}
	if (o && o->cold)
		count_locks(o->cold, sign, count);
}

static void check_locks(struct diff *d, const struct object *o)
{
	int count[NLOCKS] = { 0 };

	count_locks(o, 1, count);
	count_locks(o->twin, -1, count);
	for (size_t i = 0; i < NLOCKS; i++)
		if (count[i] > 0) {
			d->quiescent = true;
			warn_add(d, WARNING_LOCK, o->name, "%s()", lock_names[i]);
		}
}

static void check_main(struct diff *d, const struct object *o)
{
	if (o->redirected && !strcmp(o->name, "main") && d->new->kind != IMAGE_SHARED && !d->opt.startup)
		warn_add(d, WARNING_MAIN, o->name, "%s", "");
}

void warn_transition(struct diff *d)
{
	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (o->kind != OBJECT_FUNC || o->hot)
			continue;
		check_locks(d, o);
		check_main(d, o);
		if (o->redirected && facts_returns_now(o)) {
			d->quiescent = true;
			warn_add(d, WARNING_RETURNS, o->name, "%s", "");
		}
	}
}
