/* SPDX-License-Identifier: MIT */
/*
 * Live variables when one patch takes over from another.
 *
 * Each patch keeps an account of the variables of the old build that it set: what they held before (struct hp_saved).
 * Going over, the program must end up with what the newer patch says, and taking that back later must bring what the
 * old build had, not what the earlier patch had set. So a variable that
 *
 *   only the earlier patch set   gets back what it held
 *   only the newer one sets      is set, as ever
 *   both set                     passes on with its account; it is written only where they set it to different values,
 *                                and at no time holds again what the old build gave it
 *
 * A value that is only an update is set where the earlier patch had found what the old build starts with, and nobody
 * has changed it since; elsewhere the variable gets back what it held.
 *
 * What the program itself has changed since is its own. All is done again after a kill without harm, and the other way
 * round when the switch does not come to pass.
 */
#define _GNU_SOURCE
#include <stddef.h>
#include <string.h>
#include "ctl-job.h"

#define PART 4096

/* A process that runs keeps those that are for the start only. */
static bool counts(const struct hp_value *v)
{
	return !(v->flags & HP_VALUE_START);
}

bool values_are_set(const struct job *j)
{
	uint32_t n;
	const struct hp_value *v = hp_patch_values(j->patch, &n);

	while (n && !counts(v))
		n--, v++;
	return n;
}

/* What OTHER says of the very same bytes, NULL: nothing. */
static const struct hp_value *same_in(const struct job *other, const struct hp_value *v)
{
	uint32_t n;
	const struct hp_value *w = hp_patch_values(other->patch, &n);

	for (; n; n--, w++)
		if (counts(w) && w->dst == v->dst && w->size == v->size)
			return w;
	return NULL;
}

/* V alone, set or taken back by the engine. */
static enum hp_fault one(struct job *j, const struct hp_value *v, bool back)
{
	struct { struct hp_boot head; struct hp_value value; } record = {
		{ .magic = HP_BOOT_MAGIC, .size = sizeof(record),
		  .value = offsetof(__typeof__(record), value), .nvalue = 1 }, *v
	};

	return boot_values(&j->target.target, &record.head, back);
}

static bool state_get(struct job *j, const struct hp_value *v, uint32_t *state)
{
	return proc_read(j->proc, j->target.base + v->saved + offsetof(struct hp_saved, state), state, sizeof(*state));
}

static bool state_put(struct job *j, const struct hp_value *v, uint32_t state)
{
	j->engine.bad = v->saved + offsetof(struct hp_saved, state);
	return !j->target.target.write(&j->target.target, j->engine.bad, &state, sizeof(state));
}

static bool equal(const struct job *j, uint64_t a, uint64_t b, uint64_t size)
{
	uint8_t x[PART], y[PART];

	for (uint64_t done = 0, n; done < size; done += n) {
		n = size - done < PART ? size - done : PART;
		if (!proc_read(j->proc, j->target.base + a + done, x, n) ||
		    !proc_read(j->proc, j->target.base + b + done, y, n) || memcmp(x, y, n))
			return false;
	}
	return true;
}

static bool copy_account(struct job *j, const struct hp_value *to, const struct hp_value *from)
{
	uint64_t bytes = offsetof(struct hp_saved, bytes);
	uint8_t part[PART];

	for (uint64_t done = 0, n; done < to->size; done += n) {
		n = to->size - done < PART ? to->size - done : PART;
		if (!proc_read(j->proc, j->target.base + from->saved + bytes + done, part, n) ||
		    j->target.target.write(&j->target.target, to->saved + bytes + done, part, n))
			return false;
	}
	return true;
}

/* V, an update, begins anew: the program has changed what W set, or W had not found what V is to replace. */
static bool begins_anew(const struct job *j, const struct hp_value *v, const struct hp_value *w, bool changed)
{
	uint64_t bytes = offsetof(struct hp_saved, bytes);

	return v->flags & HP_VALUE_UPDATE && !hp_broken("values-anew") &&
	       (changed || !equal(j, v->saved + bytes, w->saved + bytes, v->size));
}

/* As if W had never set it. */
static enum hp_fault begin_anew(struct job *j, const struct hp_value *v, const struct hp_value *w, bool changed)
{
	enum hp_fault fault = changed ? FAULT_NONE : one(j, w, true);

	return fault ? fault : one(j, v, false);
}

/* V of the newer patch from W of the earlier one. */
static enum hp_fault pass_on(struct job *j, const struct hp_value *v, const struct hp_value *w)
{
	uint32_t state, before;

	if (!state_get(j, v, &state) || !state_get(j, w, &before))
		return FAULT_READ;
	if (state == HP_SAVED_AND_SET || before == HP_SAVED_NOT)
		return one(j, v, false);
	bool changed = !equal(j, v->dst, w->src, v->size);
	if (state == HP_SAVED_NOT && begins_anew(j, v, w, changed))
		return begin_anew(j, v, w, changed);
	if (state == HP_SAVED_NOT && ((!hp_broken("values-account") && !copy_account(j, v, w)) || !state_put(j, v, HP_SAVED)))
		return FAULT_WRITE;
	if (!equal(j, v->src, w->src, v->size))
		return one(j, v, false);
	return state_put(j, v, HP_SAVED_AND_SET) ? FAULT_NONE : FAULT_WRITE;
}

/* W, whose account still stands, has its value again; V is told nothing of it any more. */
static enum hp_fault hand_back(struct job *j, const struct hp_value *v, const struct hp_value *w)
{
	uint32_t state, before;
	enum hp_fault fault = FAULT_NONE;

	if (!state_get(j, v, &state) || !state_get(j, w, &before))
		return FAULT_READ;
	if (before == HP_SAVED_NOT || state == HP_SAVED_NOT) {
		fault = one(j, v, true);
		return fault ? fault : one(j, w, false);
	}
	/* Once more from SAVED the engine writes it; a kill in between leaves SAVED to whoever comes next. */
	if (before == HP_SAVED || (equal(j, v->dst, v->src, v->size) && !equal(j, v->src, w->src, v->size)))
		fault = state_put(j, w, HP_SAVED) ? one(j, w, false) : FAULT_WRITE;
	if (fault)
		return fault;
	return state_put(j, v, HP_SAVED_NOT) ? FAULT_NONE : FAULT_WRITE;
}

/* The variables that only the earlier patch sets. */
static enum hp_fault go_earlier(struct job *j, bool back)
{
	uint32_t n;
	const struct hp_value *w = hp_patch_values(j->before->patch, &n);
	enum hp_fault fault = FAULT_NONE;

	for (; n && !fault; n--, w++)
		if (counts(w) && !same_in(j, w))
			fault = one(j, w, !back);
	return fault;
}

static enum hp_fault go_newer(struct job *j, bool back)
{
	uint32_t n;
	const struct hp_value *v = hp_patch_values(j->patch, &n);
	enum hp_fault fault = FAULT_NONE;

	for (; n && !fault; n--, v++) {
		const struct hp_value *w = counts(v) ? same_in(j->before, v) : NULL;
		if (counts(v))
			fault = !w ? one(j, v, back) : back ? hand_back(j, v, w) : pass_on(j, v, w);
	}
	return fault;
}

/* Parts of one variable may overlap: what is to be taken back goes first. */
enum ctl_cause values_go_over(struct job *j, bool back)
{
	enum hp_fault fault = back ? go_newer(j, true) : go_earlier(j, false);

	if (!fault)
		fault = back ? go_earlier(j, true) : go_newer(j, false);
	return job_fault(j, fault);
}

void values_note(struct job *j)
{
	uint32_t n, left = 0, state;
	const struct hp_value *v = hp_patch_values(j->patch, &n);
	size_t used = strlen(j->result->note);

	for (; n; n--, v++)
		left += v->flags & HP_VALUE_UPDATE && state_get(j, v, &state) && state == HP_SAVED_NOT;
	if (left)
		snprintf(j->result->note + used, sizeof(j->result->note) - used, "%s%u of its values not set: the process "
			 "had set its own", used ? "; " : "", left);
}
