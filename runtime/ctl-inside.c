/* SPDX-License-Identifier: MIT */
/*
 * Who is in the way: which addresses of a module matter to a change, whether a thread stands there or may come back to
 * one of them, and how that is told.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ctl-job.h"

int ranges_of_old(struct ranges *r, const struct job *j)
{
	const struct hp_func *f = hp_patch_funcs(j->patch);
	int result = 0;

	for (uint32_t i = 0; i < j->patch->nfunc && result == 0; i++)
		result = ranges_add(r, j->target.base + f[i].old, j->target.base + f[i].old + f[i].old_size,
				    hp_patch_at(j->patch, f[i].name), true);
	return result;
}

/* The whole arena, with gates, and the rooms: whoever is at the jump in a room is about to be in the new code. And what
 * the patch keeps in the reserve, for there may be ways from it to the code. */
int ranges_of_new(struct ranges *r, const struct job *j)
{
	const struct hp_write *w = hp_patch_writes(j->patch);
	const struct hp_func *f = hp_patch_funcs(j->patch);
	uint64_t base = j->target.base;
	int result = 0;

	for (uint32_t i = 0; i < j->patch->nfunc && result == 0; i++)
		result = ranges_add(r, base + f[i].new_, base + f[i].new_ + f[i].new_size,
				    hp_patch_at(j->patch, f[i].name), false);
	if (result == 0)
		result = ranges_add(r, base + j->patch->arena, base + j->patch->arena_end, "code of the patch", false);
	if (result == 0)
		result = ranges_of_segments(r, j);
	if (result == 0)
		result = ranges_add_data(r, base + j->patch->reserve + HP_RESERVE_LEAD,
					 base + hp_reserve_code(j->patch->reserve, j->patch->reserve_end));
	for (uint32_t i = 0; i < j->patch->nwrite && result == 0; i++)
		if (w[i].phase == HP_ROOM)
			result = ranges_add(r, base + w[i].addr, base + w[i].addr + w[i].size,
					    "the jump to a new function", false);
	return result;
}

int ranges_of_code(struct ranges *r, const struct job *j)
{
	const struct hp_line *line = hp_patch_line(j->patch);

	return ranges_add(r, j->target.base + line->image, j->target.base + line->code_end, "code of the earlier patch",
			  false);
}

/* The part of [at, end) that no variable takes, up to the first one that does; *next: behind that. */
static uint64_t free_of_variables(const struct job *j, uint64_t at, uint64_t end, uint64_t *next)
{
	const struct hp_line *line = hp_patch_line(j->patch);
	const struct hp_var *v = hp_patch_at(j->patch, line->var);

	*next = end;
	for (uint32_t i = 0; i < line->nvar; i++)
		if (v[i].size && !(v[i].flags & HP_VAR_TLS) && v[i].addr >= at && v[i].addr < end) {
			end = v[i].addr;
			*next = v[i].addr + v[i].size;
		}
	return end;
}

int ranges_of_constants(struct ranges *r, const struct job *j)
{
	uint64_t end = hp_patch_line(j->patch)->reserve_used, next;
	int result = 0;

	for (uint64_t at = j->patch->reserve; at < end && result == 0; at = next) {
		uint64_t stop = free_of_variables(j, at, end, &next);
		result = ranges_add_data(r, j->target.base + at, j->target.base + stop);
	}
	return result;
}

/* The function of the patch, old or new, that ADDR lies in. */
static const char *function_at(const struct job *j, uint64_t addr)
{
	const struct hp_func *f = hp_patch_funcs(j->patch);
	uint64_t at = addr - j->target.base;

	for (uint32_t i = 0; i < j->patch->nfunc; i++)
		if (at - f[i].old < f[i].old_size || at - f[i].new_ < f[i].new_size)
			return hp_patch_at(j->patch, f[i].name);
	return j->before ? function_at(j->before, addr) : NULL;
}

/* For people: the function, in quotes, or what else of the patch ADDR lies in. One static buffer. */
static const char *place_name(const struct job *j, uint64_t addr, const char *range)
{
	static char buf[140];
	const char *name = function_at(j, addr);

	if (!name)
		return range;
	snprintf(buf, sizeof(buf), "'%.120s'", printable(name));
	return buf;
}

enum ctl_cause judge_looks(struct job *j, const struct threads *t, const struct hits *hits)
{
	const struct thread *who;
	const struct hit *hit;

	switch (threads_worst(t, &who)) {
	case LOOK_INSIDE:
		job_detail(j, "thread %d%s is in %s", who->tid, halted_by(who),
			   place_name(j, who->where, who->in->name));
		return CAUSE_BUSY;
	case LOOK_RUNNING:
		job_detail(j, "thread %d%s", who->tid, halted_by(who));
		hit = hits_parked(hits, t, j->proc, true);
		if (!hit)
			return CAUSE_RUNNING;
		break;
	case LOOK_BLIND:
		job_detail(j, "the stack of thread %d cannot be read", who->tid);
		return CAUSE_UNSTABLE;
	default:
		hit = hits_parked(hits, t, j->proc, false);
	}
	if (!hit)
		return CAUSE_NONE;
	job_detail(j, "the word at 0x%" PRIx64 " points into %s", hit->at, place_name(j, hit->value, hit->where));
	return CAUSE_PARKED;
}

void verdict_add(struct verdict *v, const struct job *j, enum ctl_cause cause)
{
	v->count++;
	v->last = cause;
	memcpy(v->last_detail, j->result->detail, sizeof(v->last_detail));
	if (cause != CAUSE_BUSY && cause != CAUSE_PARKED)
		return;
	v->nnamed++;
	v->named = cause;
	memcpy(v->named_detail, j->result->detail, sizeof(v->named_detail));
}

enum ctl_cause verdict_give(const struct verdict *v, struct job *j)
{
	bool final = v->last == CAUSE_NONE || v->last == CAUSE_GONE || v->last == CAUSE_WRITE;
	bool named = !final && v->nnamed && 4 * v->nnamed >= v->count;

	memcpy(j->result->detail, named ? v->named_detail : v->last_detail, sizeof(v->last_detail));
	return named ? v->named : v->last;
}

#define TURN_NS 10000000                /* until one more thread has had its turn on a busy processor */
#define PROGRESS_NS 500000000

/* With the entries out of the way who is outside now stays outside. */
static bool drain(struct job *j, struct threads *t, const struct ranges *r, const struct hits *hits, uint64_t deadline)
{
	uint64_t now = now_ns(), turn = now + 100000000 + t->count * TURN_NS, end = deadline > turn ? deadline : turn;
	bool all = false;

	host_hurry(true);
	for (; !all && now < end; now = now_ns()) {
		all = threads_see_out(t, j->proc, r, now + PROGRESS_NS < end ? now + PROGRESS_NS : end);
		if (!all)
			wait_progress(j->opt, j->result, judge_looks(j, t, hits));
	}
	host_hurry(false);
	return all;
}

#define SCAN_NS 2000000000              /* what the memory of a process may take, whatever the timeout */

enum ctl_cause job_scan(struct job *j, const struct ranges *r, struct hits *hits)
{
	uint64_t least = now_ns() + SCAN_NS;

	if (memory_scan(j->proc, r, hits, j->deadline > least ? j->deadline : least) == 0)
		return CAUSE_NONE;
	job_detail(j, "its memory could not be looked through in time");
	return job_gone_or(j, CAUSE_UNSTABLE);
}

enum ctl_cause job_look(struct job *j, const struct ranges *r, struct threads *t, struct hits *hits)
{
	enum ctl_cause cause;

	*t = (struct threads){0};
	if (proc_read_maps(j->proc) < 0 || threads_open(t, j->proc) < 0)
		return job_gone_or(j, CAUSE_UNSTABLE);
	cause = job_scan(j, r, hits);
	if (!cause)
		threads_precheck(t, j->proc, r);
	return cause;
}

static enum ctl_cause look_once(struct job *j, const struct ranges *r, uint64_t deadline)
{
	static struct hits hits;
	struct threads threads;
	enum ctl_cause cause = job_look(j, r, &threads, &hits);

	if (cause) {
		threads_close(&threads);
		return cause;
	}
	bool all = drain(j, &threads, r, &hits, deadline);
	threads_settle(&threads);
	/* Who was running may have left a stack on which he was inside. */
	if (all && threads_moved(&threads) && job_scan(j, r, &hits))
		all = false;
	cause = judge_looks(j, &threads, &hits);
	if (!cause && !all)
		cause = CAUSE_UNSTABLE;
	threads_close(&threads);
	return cause;
}

enum ctl_cause job_wait_outside(struct job *j, struct ranges *r, uint64_t deadline)
{
	struct verdict v = { .last = CAUSE_UNSTABLE };
	uint64_t registry = j->target.base + j->patch->registry;
	unsigned pause = 500;

	/* At a fixed address what the registry says of the arena is a pointer into it. A pointer to the registry means nothing:
	 * the stub leaves such on the stack. */
	if (!hp_broken("registry-hidden"))
		ranges_hide(r, registry, registry + sizeof(struct hp_registry));
	ranges_sort(r);
	verdict_add(&v, j, look_once(j, r, deadline));
	while (v.last && v.last != CAUSE_GONE && now_ns() < deadline) {
		wait_progress(j->opt, j->result, v.last);
		usleep(pause);
		pause = pause < 100000 ? pause * 2 : pause;
		verdict_add(&v, j, look_once(j, r, deadline));
	}
	return verdict_give(&v, j);
}

bool job_stays(struct job *j)
{
	if (!(j->patch->flags & HP_PATCH_STAYS) || hp_broken("staying"))
		return false;
	job_detail(j, "functions of it may be registered where nobody sees it");
	return true;
}
