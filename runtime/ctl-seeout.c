/* SPDX-License-Identifier: MIT */
/*
 * Seeing threads out of code that nobody can enter any more.
 *
 * Who is inside comes out as soon as he runs. So a thread that runs all the time is asked to stop, to be looked at,
 * only after it was seen to have run: then it is outside, and stops at once if it still has its turn. Asked before, it
 * would stop where it stands, that is inside, and with many threads to a processor its next turn is long to come. What
 * it once left on its stack counts as well, so it may take several turns; each thread is on its own in that.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "ctl-stack.h"

#define POLL_NS 2000000                 /* less than a turn on a processor */
#define REST_NS 3000000                 /* between two looks at who was inside */

static void mark(struct thread *t)
{
	t->mark.time = thread_ran(t, &t->mark.runs);
}

static bool has_run(const struct thread *t)
{
	uint64_t runs, time = thread_ran(t, &runs);

	return runs == UINT64_MAX || runs != t->mark.runs || time != t->mark.time;
}

/* It runs, or was seen inside when it did; else there is nothing more to wait for. */
static bool is_coming(const struct thread *t)
{
	return t->look == LOOK_RUNNING || (t->look == LOOK_INSIDE && t->ran);
}

/* It runs, as far as is known. Where it was seen last is kept, for the report. */
static void look_or_ask(struct thread *t, struct proc *p, const struct ranges *r)
{
	struct thread was = *t;

	thread_look(t, p, r);
	if (t->look != LOOK_RUNNING)
		return;
	t->look = was.look;
	t->in = was.in;
	t->where = was.where;
	thread_ask(t);
}

/* True when it is out, or stands still inside. */
static bool see_out(struct threads *t, struct thread *who, struct proc *p, const struct ranges *r, uint64_t now)
{
	if (who->look == LOOK_OUT || who->look == LOOK_GONE)
		return true;
	if (who->stopping) {
		if (!thread_collect(t, who, p, r))
			return false;
		mark(who);
		who->rest = now + REST_NS;
	} else if (!is_coming(who)) {
		who->ran = false;
		thread_look(who, p, r);
	} else if (who->halted || (now >= who->rest && has_run(who))) {
		look_or_ask(who, p, r);
	}
	return !is_coming(who);
}

static bool see_all_out(struct threads *t, struct proc *p, const struct ranges *r)
{
	uint64_t now = now_ns();
	bool all = true;

	for (size_t i = 0; i < t->count; i++)
		all = see_out(t, &t->list[i], p, r, now) && all;
	return all;
}

bool threads_see_out(struct threads *t, struct proc *p, const struct ranges *r, uint64_t deadline)
{
	static const struct timespec moment = { .tv_nsec = POLL_NS };
	bool born = true;

	while (born) {
		for (size_t i = 0; i < t->count; i++)
			if (!t->list[i].mark.runs)
				mark(&t->list[i]);
		while (!see_all_out(t, p, r)) {
			if (now_ns() > deadline)
				return false;
			nanosleep(&moment, NULL);
		}
		if (!threads_add_born(t, p, &born))
			return false;
	}
	return true;
}
