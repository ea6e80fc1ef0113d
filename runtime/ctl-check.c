/* SPDX-License-Identifier: MIT */
/*
 * Does a module run what a patch brings? The registry only says what was meant; the entries of the functions are the
 * truth.
 *
 * A run that was to lead from one patch to the next may have been cut short. Then each function is on one of two sides,
 * the earlier patch's or the newer one's (ctl-gate.h), and the newer one fixes what the earlier one fixes. So all is
 * well for who asks for the earlier one; the newer one is there when all are on its side.
 */
#include <string.h>
#include "ctl-gate.h"

static bool follows(const struct patch_file *f, const struct patch_file *earlier)
{
	const struct hp_line *line = hp_patch_line(f->patch);
	const struct hp_base *base = line ? hp_patch_at(f->patch, line->base) : NULL;

	for (uint32_t i = 0; line && i < line->nbase; i++)
		if (!memcmp(base[i].id, earlier->patch->id, HP_ID_SIZE))
			return true;
	return false;
}

/* F fixes what WANTED fixes: it is that, or follows it. */
static bool fixes(const struct patch_file *f, const struct patch_file *wanted)
{
	return f && (!memcmp(f->patch->id, wanted->patch->id, HP_ID_SIZE) || follows(f, wanted));
}

/* ---- one patch --------------------------------------------------------------------------------------------------- */

static bool entries_are_new(const struct options *opt, struct proc *p, struct module *m,
			    const struct patch_file *active, const struct patch_file *wanted)
{
	struct result result = {0};
	struct job job;
	bool good;

	job_open(&job, opt, p, m, active, &result);
	job.engine.resolve = NULL;
	replace_show(&job, wanted, 1);
	enum hp_fault fault = engine_check(&job.engine);
	good = hp_broken("check-entries") || ((!fault || fault == FAULT_UNBOUND) && !job.engine.census.old[HP_ENTRY]);
	job_close(&job);
	return good;
}

/* ---- between two ------------------------------------------------------------------------------------------------- */

enum led { LED_NOWHERE = 0, LED_TO_ROOM = 1, LED_UNKNOWN };

static enum led entry_leads(struct job *j, const struct hp_write *w)
{
	uint8_t there[8];
	bool old = true, new_ = true;

	if (w->size > sizeof(there) || !proc_read(j->proc, j->target.base + w->addr, there, w->size))
		return LED_UNKNOWN;
	for (uint32_t i = 0; i < w->size; i++) {
		uint8_t was = hp_write_old(j->patch, w, i), is = hp_write_new(j->patch, w, i);
		old = old && (was == is || there[i] == was);
		new_ = new_ && (was == is || there[i] == is);
	}
	return new_ ? LED_TO_ROOM : old ? LED_NOWHERE : LED_UNKNOWN;
}

/* Where the gate lets people go. Nobody opens a closed one but those who wait, to side 0, unless the verdict is
 * there. */
static int gate_side(struct job *j, const struct gate *gate)
{
	struct hp_gate word;
	uint32_t phase;

	if (!proc_read(j->proc, j->target.base + gate->word, &word, sizeof(word)))
		return 0;
	if (word.phase != HP_GATE_NEW && (word.phase != HP_GATE_CLOSED || word.verdict != VERDICT_NEW))
		return 0;
	return !gate->ask ||
	       (proc_read(j->proc, j->target.base + gate->phase, &phase, sizeof(phase)) && phase == HP_HOOKS_NEW);
}

/* The side on which a call of the function ends up; -1: on neither. GATED: the side of who comes to the gate, -1: there
 * is none. */
static int side_of(struct job *j, const struct passage *g, int gated)
{
	struct job *owner = g->entry[1] ? j : j->before;
	uint8_t room[HP_ROOM_SIZE];
	enum led led = entry_leads(owner, g->entry[1] ? g->entry[1] : g->entry[0]);

	if (led == LED_NOWHERE)
		return !g->side[0] ? 0 : !g->side[1] ? 1 : -1;
	if (led == LED_UNKNOWN || !proc_read(j->proc, j->target.base + g->room, room, sizeof(room)))
		return -1;
	for (int side = 0; side < 2; side++)
		if (g->side[side] && !memcmp(room, g->direct[side], HP_ROOM_SIZE))
			return side;
	return memcmp(room, g->gated, HP_ROOM_SIZE) ? -1 : hp_broken("check-gated") ? 1 : gated;
}

/* How many functions are on each side, in COUNT; false: some are on neither. */
static bool count_sides(struct job *j, size_t count[2])
{
	struct gate gate;
	bool known = !gate_list(j, &gate, false), stands;

	stands = known && !gate_build(j, &gate) && gate_stands(j, &gate);
	int gated = stands ? gate_side(j, &gate) : -1;
	count[0] = count[1] = 0;
	for (size_t i = 0; known && i < gate.count; i++) {
		int side = side_of(j, &gate.list[i], gated);
		known = side >= 0;
		count[side == 1] += known;
	}
	gate_release(&gate);
	return known;
}

/* ACTIVE is to give way to BESIDE, or came back to it, and a run that was at it has died. */
static bool is_fixed_between(const struct options *opt, struct proc *p, struct module *m,
			     const struct patch_file *active, const struct patch_file *beside,
			     const struct patch_file *wanted)
{
	struct result result = {0};
	struct job job, before;
	size_t count[2];
	bool known;

	job_open(&before, opt, p, m, active, &result);
	job_open(&job, opt, p, m, beside, &result);
	job.before = &before;
	known = count_sides(&job, count);
	job_close(&job);
	job_close(&before);
	return known && ((fixes(active, wanted) || !count[0]) && (fixes(beside, wanted) || !count[1]));
}

/* ---- the question ------------------------------------------------------------------------------------------------ */

static const struct patch_file *file_of(const struct options *opt, const struct module *m, const uint8_t id[HP_ID_SIZE],
					const struct patch_file *wanted)
{
	struct module named = *m;

	memcpy(named.registry.id, id, HP_ID_SIZE);
	return patch_by_id(opt, wanted, 1, &named);
}

bool module_is_fixed(const struct options *opt, struct proc *p, struct module *m, const struct patch_file *f)
{
	const struct hp_registry *r = &m->registry;
	const struct patch_file *active, *beside = NULL;

	if (!m->registry_ok || r->state != HP_ACTIVE || !strcmp(module_state(m), "vetoed"))
		return false;
	active = file_of(opt, m, r->id, f);
	if (r->beside.state == HP_BESIDE_LOADED)
		beside = file_of(opt, m, r->beside.id, f);
	if (active && beside && follows(beside, active) && proc_read_maps(p) == 0)
		return is_fixed_between(opt, p, m, active, beside, f);
	if (!fixes(active, f))
		return false;
	return r->cold == HP_COLD || (proc_read_maps(p) == 0 && entries_are_new(opt, p, m, active, f));
}
