/* SPDX-License-Identifier: MIT */
/*
 * From one patch to the next, with no moment of the old build in between.
 *
 * The newer patch was made to follow the active one (hp-diff --after), so both can be loaded at once: their images do
 * not overlap, and a variable that both have stands at one address. The registry names the active patch all the time,
 * and the other one beside it:
 *
 *   1  beside LOADING    image, boot record (but for variables that have values already) and unwind slots are written
 *   2  beside LOADED     all functions that either patch redirects go over, and the variables that either one sets:
 *                        through the gate, or one by one
 *   3  beside LEFT       the registry names the newer patch; the earlier one's code stays until nobody can be in it
 *
 * What a function leads to, before and after, is side 0 and side 1 of its passage (ctl-gate.h): the code of a patch,
 * or, for one that only the other patch redirects, the function of the old build.
 *
 * Whatever an earlier run left is settled first: decided for the newer patch it is brought to that end, else undone.
 * testsuite/takeover.pml is a model of all that.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include "ctl-gate.h"
#include "ctl-hooks.h"

#define CLEAN_NS 1000000000ull          /* how long a run that is through waits for the earlier code to be left */

/* The id goes first: a state without it would name nobody. */
static enum ctl_cause set_beside(struct job *j, enum hp_beside_state state, const uint8_t id[HP_ID_SIZE])
{
	struct hp_beside beside = { .state = state };
	size_t at = offsetof(struct hp_registry, beside);
	enum ctl_cause cause;

	memcpy(beside.id, id, HP_ID_SIZE);
	cause = job_write_registry(j, at + offsetof(struct hp_beside, id), beside.id, HP_ID_SIZE);
	return cause ? cause : job_write_registry(j, at, &beside.state, sizeof(beside.state));
}

static enum ctl_cause clear_beside(struct job *j)
{
	static const struct hp_beside none;

	return job_write_registry(j, offsetof(struct hp_registry, beside), &none, sizeof(none));
}

/* Threads may have run code of the patch, which does not stay. */
static enum ctl_cause note_tls(struct job *j)
{
	uint32_t used = j->patch->tls_used;

	if (used <= j->module->registry.tls_left || hp_broken("tls-note"))
		return CAUSE_NONE;
	return job_write_registry(j, offsetof(struct hp_registry, tls_left), &used, sizeof(used));
}

static const struct hp_base *base_of(const struct job *j, const struct job *before)
{
	const struct hp_line *line = hp_patch_line(j->patch);
	const struct hp_base *base = line ? hp_patch_at(j->patch, line->base) : NULL;

	for (uint32_t i = 0; line && i < line->nbase; i++)
		if (!memcmp(base[i].id, before->patch->id, HP_ID_SIZE))
			return &base[i];
	return NULL;
}

/* ---- going over -------------------------------------------------------------------------------------------------- */

/* The entry of one function, to where it belongs on SIDE: to the room, or to the function of the old build. */
static enum ctl_cause turn_entry(struct job *j, const struct passage *g, int side)
{
	struct job *other = side ? j->before : j;

	if (g->side[side])
		return job_fault(j, engine_record(side ? &j->engine : &j->before->engine, g->entry[side], false));
	return job_fault(other, engine_record(&other->engine, g->entry[!side], true));
}

/* Each function by itself; or, where all are on SIDE by the word of the gate, to the direct way. A room that leads
 * nowhere on this side stays as it is, for those who are on their way to it. */
static enum ctl_cause turn(struct job *j, const struct gate *gate, int side)
{
	enum ctl_cause cause = CAUSE_NONE;

	for (size_t i = 0; i < gate->count && !cause; i++) {
		const struct passage *g = &gate->list[i];
		ctl_step("turn");
		if (g->side[side])
			cause = gate_room(j, g, side);
		if (!cause)
			cause = turn_entry(j, g, side);
	}
	return cause;
}

/* All are on side 1, where the hooks of the patch have to run, if it has any of its own. CAUSE_VETO: on side 0 again.
 * CAUSE_HOOKS: it will be seen when somebody calls. */
static enum ctl_cause ask_hooks(struct job *j, const struct gate *gate)
{
	enum ctl_cause cause = gate->ask ? hooks_ask(j) : CAUSE_NONE, back;

	ctl_step("asked");
	if (cause != CAUSE_VETO)
		return cause;
	back = gate_go_old(j, gate);
	ctl_step("vetoed");
	return back ? back : cause;
}

static enum ctl_cause through_gate(struct job *j, const struct gate *gate)
{
	char detail[sizeof(j->result->detail)];
	enum ctl_cause cause = gate_install(j, gate), left;

	if (!cause)
		cause = gate_try(j, gate);
	if (cause == CAUSE_GONE)
		return cause;
	ctl_step("decided");
	if (!cause)
		cause = ask_hooks(j, gate);
	if (cause == CAUSE_HOOKS || cause == CAUSE_GONE)
		return cause;
	memcpy(detail, j->result->detail, sizeof(detail));
	left = cause ? values_go_over(j, true) : CAUSE_NONE;
	if (!left)
		left = turn(j, gate, !cause);
	memcpy(j->result->detail, detail, sizeof(detail));
	return left ? left : cause;
}

/* In one write, which leaves out the gate's word: threads may be about to ask it. */
static enum ctl_cause take_over(struct job *j)
{
	struct hp_registry r = j->module->registry;
	const char *label = hp_patch_at(j->patch, j->patch->label);
	enum ctl_cause cause;

	ctl_step("take-over");
	cause = job_write_registry(j, offsetof(struct hp_registry, hooks), &j->patch->hooks, sizeof(j->patch->hooks));
	ctl_step("take-over-hooks");
	if (cause)
		return cause;
	r.boot = j->patch->boot;
	r.since = (uint64_t)time(NULL);
	r.generation++;
	memcpy(r.id, j->patch->id, HP_ID_SIZE);
	memset(r.label, 0, sizeof(r.label));
	for (size_t i = 0; i + 1 < sizeof(r.label) && label[i]; i++)
		r.label[i] = label[i];
	r.beside.state = HP_BESIDE_LEFT;
	memcpy(r.beside.id, j->before->patch->id, HP_ID_SIZE);
	if (r.cold)
		r.cold = HP_COLD_EARLIER;
	return job_write_registry(j, 0, &r, offsetof(struct hp_registry, gate));
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

static enum ctl_cause load_beside(struct job *j, const struct hp_base *base)
{
	const struct hp_registry *r = &j->module->registry;
	enum ctl_cause cause = CAUSE_NONE;

	if (r->beside.state == HP_BESIDE_LOADED)
		return CAUSE_NONE;
	ctl_step("beside");
	if (r->beside.state == HP_BESIDE_NONE)
		cause = set_beside(j, HP_BESIDE_LOADING, j->patch->id);
	j->target.kept = j->patch->reserve;
	j->target.kept_end = hp_broken("keeping") ? j->patch->reserve : base->reserve_used;
	if (!cause)
		cause = job_load(j);
	j->target.kept = j->target.kept_end = 0;
	if (!cause)
		cause = hooks_carry(j);
	return cause ? cause : set_beside(j, HP_BESIDE_LOADED, j->patch->id);
}

/* Every byte is known, in both patches, before the first is written. */
static enum ctl_cause check_both(struct job *j, const struct gate *gate)
{
	const struct census *c = &j->before->engine.census;
	bool fresh = j->module->registry.beside.state == HP_BESIDE_NONE;
	enum ctl_cause cause;

	if (!pairs_show(j, j->before->patch) || !pairs_show(j->before, j->patch))
		return CAUSE_UNSTABLE;
	gate_show(j->before, gate, 1, 0);
	cause = job_fault(j->before, engine_check(&j->before->engine));
	if (!cause && (c->torn || c->old[HP_IMAGE] || c->old[HP_UNWIND] ||
		       (fresh && (c->old[HP_ROOM] || c->old[HP_ENTRY])) || !segments_are_there(j->before)))
		return CAUSE_STATE;
	if (cause)
		return cause;
	gate_show(j, gate, 0, 1);
	j->engine.beside = true;
	return job_fault(j, engine_check(&j->engine));
}

static bool wants_gate(const struct job *j, const struct gate *gate)
{
	return gate->ask || job_wants_gate(j, (unsigned)gate->count);
}

/* An earlier run saw, or could have seen, that a hook said no. */
static enum ctl_cause go_back(struct job *j, const struct gate *gate)
{
	enum ctl_cause cause = values_go_over(j, true);

	if (!cause)
		cause = turn(j, gate, 0);
	return cause ? cause : CAUSE_VETO;
}

static enum ctl_cause go_over(struct job *j, struct gate *gate, const struct hp_base *base)
{
	bool stands = gate_stands(j, gate);
	enum ctl_cause cause = CAUSE_NONE;
	int side = 0;

	if (stands)
		cause = gate_fall_back(j, gate, &side);
	if (!cause && side)
		cause = ask_hooks(j, gate);
	else if (!cause && stands && hooks_are_off(j))
		cause = CAUSE_VETO;
	if (cause == CAUSE_VETO)
		return go_back(j, gate);
	if (!cause && !side)
		cause = load_beside(j, base);
	ctl_step("switch");
	if (!cause && !side && wants_gate(j, gate))
		return through_gate(j, gate);
	if (!cause)
		cause = values_go_over(j, false);
	ctl_step("values");
	return cause ? cause : turn(j, gate, 1);
}

/* With the gate's code where it has room; where it has none, only one by one is left. */
static enum ctl_cause plan(struct job *j, struct gate *gate)
{
	enum ctl_cause cause = gate_list(j, gate, false);

	if (cause)
		return cause;
	cause = gate_build(j, gate);
	return cause && wants_gate(j, gate) ? cause : CAUSE_NONE;
}

static void note_before(struct job *j, enum ctl_cause clean)
{
	char label[100];

	snprintf(label, sizeof(label), "%.80s", printable(patch_label(j->before->file)));
	snprintf(j->result->note, sizeof(j->result->note), "it took over from '%s'%s", label,
		 clean && clean != CAUSE_GONE ? ", whose code stays loaded" : "");
	j->result->detail[0] = '\0';
}

static uint64_t soon(const struct job *j)
{
	uint64_t end = now_ns() + CLEAN_NS;

	return end < j->deadline ? end : j->deadline;
}

static enum ctl_cause clean(struct job *j, struct job *other, uint64_t deadline);

/* It did not come to that: the newer patch goes. */
static void undo(struct job *j, const struct gate *gate, enum ctl_cause why)
{
	if (why == CAUSE_VETO || !wants_gate(j, gate))
		note_tls(j);
	if (j->module->registry.beside.state == HP_BESIDE_LOADED && !set_beside(j, HP_BESIDE_LEFT, j->patch->id))
		clean(j, j, soon(j));
}

static enum ctl_cause replace_planned(struct job *j, struct gate *gate, const struct hp_base *base)
{
	char detail[sizeof(j->result->detail)];
	enum ctl_cause cause = check_both(j, gate);

	j->result->outcome = j->opt->dry_run ? OUT_WOULD : OUT_PATCHED;
	if (cause || j->opt->dry_run)
		return cause;
	cause = go_over(j, gate, base);
	memcpy(detail, j->result->detail, sizeof(detail));
	if (cause && cause != CAUSE_GONE && cause != CAUSE_HOOKS)
		undo(j, gate, cause);
	memcpy(j->result->detail, detail, sizeof(detail));
	if (!cause)
		cause = take_over(j);
	if (!cause)
		note_before(j, clean(j, j->before, soon(j)));
	ctl_step("done");
	return cause;
}

enum ctl_cause replace(struct job *j, struct job *before)
{
	const struct hp_base *base = base_of(j, before);
	struct gate gate;
	enum ctl_cause cause;

	if (!base || !hp_patch_line(before->patch)) {
		job_detail(j, "'%.100s'", printable(patch_label(before->file)));
		return CAUSE_OTHER;
	}
	if (j->patch->tls_used > base->tls_used && j->module->registry.tls_left > base->tls_used)
		return CAUSE_TLS;
	j->before = before;
	cause = hooks_check_follow(j);
	if (!cause) {
		cause = plan(j, &gate);
		if (!cause)
			cause = replace_planned(j, &gate, base);
		gate_release(&gate);
	}
	j->before = NULL;
	return cause;
}

/* ---- what is left ------------------------------------------------------------------------------------------------ */

/* Rooms of OTHER that the active patch does not use. */
static bool has_room(const struct hp_patch *p, uint64_t addr)
{
	const struct hp_write *w = hp_patch_writes(p);

	for (uint32_t i = 0; i < p->nwrite; i++)
		if (w[i].phase == HP_ROOM && w[i].addr == addr)
			return true;
	return false;
}

static const struct hp_write *next_free_room(const struct hp_patch *other, const struct hp_patch *active, uint32_t *i)
{
	const struct hp_write *w = hp_patch_writes(other);

	for (; *i < other->nwrite; ++*i)
		if (w[*i].phase == HP_ROOM && !has_room(active, w[*i].addr))
			return &w[(*i)++];
	return NULL;
}

/* Is the gate that the registry names that of OTHER? In the room for mapped patches it stands at the same place for all
 * of them, and when one of two goes no room leads there any more. */
static bool has_gate(const struct job *j, const struct job *other, const struct hp_patch *active)
{
	const struct hp_gate *g = &j->module->registry.gate;
	uint64_t end = hp_patch_line(other->patch)->end, border = hp_patch_line(active)->end;

	if (is_code_room(j, g->code, g->code_end))
		return other->patch->nsegment;
	return g->code < g->code_end && g->code >= (border < end ? border : active->arena) &&
	       g->code_end <= active->arena_end && g->code < end;
}

static enum ctl_cause wait_left(struct job *j, struct job *other, uint64_t from, uint64_t to,
				const struct hp_patch *active, uint64_t deadline)
{
	const struct hp_gate *g = &j->module->registry.gate;
	uint64_t base = j->target.base;
	const struct hp_write *w;
	struct ranges r = {0};
	enum ctl_cause cause = CAUSE_UNSTABLE;
	int bad = ranges_add(&r, base + from, base + to, "code of the other patch", false) ||
		  ranges_of_constants(&r, other);

	for (uint32_t i = 0; !bad && (w = next_free_room(other->patch, active, &i));)
		bad = ranges_add(&r, base + w->addr, base + w->addr + w->size, "the jump to a new function", false);
	if (!bad && has_gate(j, other, active))
		bad = ranges_add(&r, base + g->code, base + g->code_end, "the gate", false);
	if (!bad)
		cause = job_wait_outside(j, &r, deadline);
	ranges_free(&r);
	return cause;
}

/* Nobody is there: rooms, unwind slots and the bytes in [from, to) as the build has them. */
static enum ctl_cause remove_code(struct job *j, struct job *other, uint64_t from, uint64_t to,
				  const struct hp_patch *active)
{
	static const struct hp_gate none;
	const struct hp_gate *g = &j->module->registry.gate;
	enum ctl_cause cause = CAUSE_NONE;
	const struct hp_write *w;

	for (uint32_t i = 0; !cause && (w = next_free_room(other->patch, active, &i));)
		cause = job_fault(j, engine_record(&other->engine, w, true));
	if (!cause)
		cause = pairs_leave(other, active);
	ctl_step("paired");
	if (!cause)
		cause = job_wipe(j, from, to);
	if (!cause && other->patch->nsegment)   /* its boot record */
		cause = job_fault(j, engine_phase(&other->engine, HP_IMAGE, true));
	if (!cause && has_gate(j, other, active))
		cause = job_wipe(j, g->code, g->code_end);
	if (!cause && has_gate(j, other, active))
		cause = job_write_registry(j, offsetof(struct hp_registry, gate), &none, sizeof(none));
	return cause;
}

/* Behind the image and all that belongs to it. */
static uint64_t image_end(const struct job *other)
{
	const struct hp_segment *s = hp_patch_segments(other->patch);
	uint32_t n = other->patch->nsegment;

	return n ? s[n - 1].addr + s[n - 1].memsz : hp_patch_line(other->patch)->end;
}

/* OTHER, which is LEFT, goes: whole, or without the constants to which memory still refers; they harm nobody. */
static enum ctl_cause clean(struct job *j, struct job *other, uint64_t deadline)
{
	const struct hp_patch *active = other == j ? j->before->patch : j->patch;
	const struct hp_line *line = hp_patch_line(other->patch);
	uint64_t end = image_end(other);
	bool never_ran = other == j && job_wants_gate(j, patch_redirected(j->file)) && !hooks_have_to_run(j);
	enum ctl_cause cause;

	if (!never_ran && job_stays(other))
		return CAUSE_PARKED;
	cause = wait_left(j, other, line->image, end, active, now_ns());
	if (cause && cause != CAUSE_GONE) {
		end = line->code_end;
		cause = wait_left(j, other, line->image, end, active, deadline);
	}
	ctl_step("clean");
	if (!cause)
		cause = remove_code(j, other, line->image, end, active);
	ctl_step("cleaned");
	return cause ? cause : clear_beside(j);
}

static const struct patch_file *file_of(struct job *j, const uint8_t id[HP_ID_SIZE], const struct patch_file *files,
					size_t nfiles)
{
	struct module m = *j->module;

	if (!memcmp(j->patch->id, id, HP_ID_SIZE))
		return j->file;
	memcpy(m.registry.id, id, HP_ID_SIZE);
	return patch_by_id(j->opt, files, nfiles, &m);
}

static bool is_usable(const struct job *j, const struct patch_file *f)
{
	return f && hp_patch_line(f->patch) && f->patch->note == j->patch->note &&
	       f->patch->registry == j->patch->registry;
}

/* Jobs for the active patch and the one beside it; CAUSE_STATE when a file is missing. */
static enum ctl_cause open_both(struct job *j, struct job *active, struct job *beside, const struct patch_file *files,
				size_t nfiles)
{
	const struct hp_registry *r = &j->module->registry;
	const struct patch_file *a = file_of(j, r->id, files, nfiles), *b = file_of(j, r->beside.id, files, nfiles);

	if (!is_usable(j, a) || !is_usable(j, b))
		return CAUSE_STATE;
	job_open(active, j->opt, j->proc, j->module, a, j->result);
	job_open(beside, j->opt, j->proc, j->module, b, j->result);
	active->deadline = beside->deadline = j->deadline;
	j->result->functions = patch_redirected(j->file);
	if (pairs_show(active, b->patch) && pairs_show(beside, a->patch))
		return CAUSE_NONE;
	job_close(active);
	job_close(beside);
	return CAUSE_UNSTABLE;
}

void replace_show(struct job *j, const struct patch_file *files, size_t nfiles)
{
	const struct hp_beside *b = &j->module->registry.beside;
	const struct patch_file *f = b->state != HP_BESIDE_NONE ? file_of(j, b->id, files, nfiles) : NULL;

	if (is_usable(j, f) && f->patch != j->patch)
		pairs_show(j, f->patch);
}

enum ctl_cause replace_clean(struct job *j, const struct patch_file *files, size_t nfiles, uint64_t deadline)
{
	struct job active, left;
	enum ctl_cause cause;

	if (j->module->registry.beside.state != HP_BESIDE_LEFT)
		return CAUSE_NONE;
	cause = open_both(j, &active, &left, files, nfiles);
	if (cause)
		return cause;
	cause = clean(&active, &left, deadline);
	job_close(&active);
	job_close(&left);
	return cause;
}

/* BESIDE was coming. To its side when the gate says so, else away again. */
static enum ctl_cause settle(struct job *beside, struct job *active)
{
	struct gate gate;
	bool stands;
	int side = 0;
	enum ctl_cause cause;

	beside->before = active;
	cause = plan(beside, &gate);
	if (cause == CAUSE_GATE)        /* then there was none */
		cause = CAUSE_NONE;
	stands = !cause && gate.code && gate_stands(beside, &gate);
	if (stands)
		cause = gate_fall_back(beside, &gate, &side);
	if (!cause && side)
		cause = ask_hooks(beside, &gate);
	if (cause == CAUSE_VETO)
		cause = side = 0;
	if (!cause && (!stands || gate.ask))
		cause = note_tls(beside);
	if (!cause && active->module->registry.beside.state == HP_BESIDE_LOADED)
		cause = values_go_over(beside, !side);
	if (!cause && active->module->registry.beside.state == HP_BESIDE_LOADED)
		cause = turn(beside, &gate, side);
	if (!cause)
		cause = side ? take_over(beside) : set_beside(beside, HP_BESIDE_LEFT, beside->patch->id);
	gate_release(&gate);
	beside->before = NULL;
	return cause;
}

enum ctl_cause replace_settle(struct job *j, const struct patch_file *files, size_t nfiles)
{
	const struct hp_beside *b = &j->module->registry.beside;
	struct job active, beside;
	enum ctl_cause cause;

	if (b->state != HP_BESIDE_LOADING && b->state != HP_BESIDE_LOADED)
		return CAUSE_NONE;
	cause = open_both(j, &active, &beside, files, nfiles);
	if (cause)
		return cause;
	cause = settle(&beside, &active);
	job_close(&active);
	job_close(&beside);
	return cause;
}
