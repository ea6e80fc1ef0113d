/* SPDX-License-Identifier: MIT */
/*
 * One patch, one module, one process: apply it, or take it back.
 *
 * Everything that can fail is tried before the first byte is written. Then each step is a plain write that may be
 * repeated, and the registry says how far a run got, so that the next one goes on from there:
 *
 *   EMPTY, LOADING   image, boot record and unwind slots are written (anew): nothing points to them
 *   LOADED           the entries are switched: one by one, or through the gate
 *   ARMED            half of the entries, or the gate: switched again, each to where it belongs
 *   ACTIVE           done
 *
 * Taking back goes the other way; between LOADED and EMPTY the tool makes sure that nobody is in the new code any more.
 * Where that cannot be shown in time the code stays where it is, out of reach of new calls, and the next run goes on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "ctl-hooks.h"
#include "ctl-job.h"

#define PAGE 4096

void job_open(struct job *j, const struct options *opt, struct proc *p, struct module *m, const struct patch_file *f,
	      struct result *result)
{
	*j = (struct job){ .opt = opt, .proc = p, .module = m, .file = f, .patch = f->patch, .result = result };
	target_proc_init(&j->target, p, m);
	j->engine = (struct engine){ .target = &j->target.target, .patch = f->patch, .resolve = bind_resolve,
				     .resolve_ctx = j, .since = (uint64_t)time(NULL) };
	j->deadline = now_ns() + (uint64_t)(opt->timeout * 1e9);
	result->functions = patch_redirected(f);
}

void job_close(struct job *j)
{
	target_proc_close(&j->target);
	bind_close(j->bind);
	j->bind = NULL;
}

void job_detail(struct job *j, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(j->result->detail, sizeof(j->result->detail), fmt, args);
	va_end(args);
}

enum ctl_cause job_gone_or(struct job *j, enum ctl_cause cause)
{
	uint32_t magic;

	if (proc_read(j->proc, j->module->base + j->module->registry_at, &magic, sizeof(magic)))
		return cause;
	j->result->detail[0] = '\0';
	return CAUSE_GONE;
}

enum ctl_cause job_fault(struct job *j, enum hp_fault fault)
{
	switch (fault) {
	case FAULT_NONE:
		return CAUSE_NONE;
	case FAULT_BYTES:
		job_detail(j, "at 0x%" PRIx64, j->engine.bad);
		return job_gone_or(j, CAUSE_BYTES);
	case FAULT_UNBOUND:
		job_detail(j, "'%.150s'", printable(j->engine.unbound));
		return job_gone_or(j, CAUSE_UNBOUND);
	case FAULT_ELSEWHERE:
		job_detail(j, "'%.150s'", printable(j->engine.unbound));
		return job_gone_or(j, CAUSE_ELSEWHERE);
	case FAULT_REGISTRY:
		return job_gone_or(j, CAUSE_REGISTRY);
	case FAULT_OTHER:
		return CAUSE_OTHER;
	case FAULT_READ:
		job_detail(j, "at 0x%" PRIx64, j->engine.bad);
		return job_gone_or(j, CAUSE_READ);
	case FAULT_WRITE:
		if (j->target.force == FORCE_DENIED)
			return job_gone_or(j, CAUSE_FORCE);
		job_detail(j, "at 0x%" PRIx64 ": %s", j->engine.bad, strerror(j->target.error));
		return job_gone_or(j, CAUSE_WRITE);
	default:
		job_detail(j, "%s", hp_fault_text(fault));
		return CAUSE_WRITE;
	}
}

enum ctl_cause job_write(struct job *j, uint64_t addr, const void *from, size_t size)
{
	j->engine.bad = addr;
	return job_fault(j, j->target.target.write(&j->target.target, addr, from, size) ? FAULT_WRITE : FAULT_NONE);
}

enum ctl_cause job_write_registry(struct job *j, size_t offset, const void *from, size_t size)
{
	enum ctl_cause cause = job_write(j, j->patch->registry + offset, from, size);

	if (cause)
		return cause;
	return module_reload_registry(j->proc, j->module) ? CAUSE_NONE : job_gone_or(j, CAUSE_READ);
}

static enum ctl_cause mark(struct job *j, enum hp_state state)
{
	enum ctl_cause cause = job_fault(j, engine_mark(&j->engine, state));

	if (!cause)
		j->module->registry.state = state;
	return cause;
}

static enum ctl_cause phase(struct job *j, enum hp_phase phase, bool back)
{
	return job_fault(j, engine_phase(&j->engine, phase, back));
}

/* ---- before ------------------------------------------------------------------------------------------------------ */

static bool note_agrees(const struct module *m, const struct hp_patch *p)
{
	return m->note == p->note && m->arena == p->arena && m->arena_end == p->arena_end && m->reserve == p->reserve &&
	       m->reserve_end == p->reserve_end && m->registry_at == p->registry;
}

static enum ctl_cause check_rights(struct job *j)
{
	if (j->proc->mem >= 0 && j->proc->writable)
		return CAUSE_NONE;
	job_detail(j, "%s", strerror(j->proc->mem_error));
	return CAUSE_RIGHTS;
}

/* All that can be said about module and patch before the engine compares bytes. */
static enum ctl_cause check_job(struct job *j)
{
	enum ctl_cause cause = check_rights(j);

	if (cause)
		return cause;
	if (!module_reload_registry(j->proc, j->module))
		return job_gone_or(j, CAUSE_READ);
	if (!j->module->registry_ok)
		return CAUSE_REGISTRY;
	if (!note_agrees(j->module, j->patch))
		return CAUSE_NOTE;
	return CAUSE_NONE;
}

/* Why the patch can neither be put into nor be taken out of a process that runs. */
static enum ctl_cause at_startup_only(const struct job *j)
{
	return j->patch->flags & HP_PATCH_STARTUP ? CAUSE_STARTUP :
	       j->patch->flags & HP_PATCH_DROPS ? CAUSE_DROPS : CAUSE_NONE;
}

/* Others than these are made zero by clear_reserve(). */
static bool has_used_tls(const struct job *j)
{
	return j->module->registry.state == HP_EMPTY && j->patch->tls_used && j->module->registry.tls_left;
}

static bool same_patch(const struct job *j)
{
	return !memcmp(j->module->registry.id, j->patch->id, HP_ID_SIZE);
}

bool job_wants_gate(const struct job *j, unsigned functions)
{
	if (!functions)                 /* values alone */
		return false;
	if (j->opt->consistency != CONSISTENCY_AUTO)
		return j->opt->consistency == CONSISTENCY_QUIESCENT;
	return functions > 1 || j->patch->flags & HP_PATCH_QUIESCENT;
}

static bool wants_gate(const struct job *j)
{
	return job_wants_gate(j, patch_redirected(j->file));
}

/* ---- applying ---------------------------------------------------------------------------------------------------- */

enum ctl_cause job_load(struct job *j)
{
	const struct census *c = &j->engine.census;
	enum ctl_cause cause;

	cause = segments_write(j);
	ctl_step("image");
	if (!cause)
		cause = phase(j, HP_IMAGE, false);
	/* Read back: what is wrong now is not used later. */
	if (!cause)
		cause = job_fault(j, engine_check(&j->engine));
	if (!cause && (c->old[HP_IMAGE] || c->torn))
		cause = CAUSE_WRITE;
	ctl_step("boot");
	if (!cause)
		cause = job_fault(j, engine_boot(&j->engine));
	ctl_step("unwind");
	if (!cause)
		cause = phase(j, HP_UNWIND, false);
	ctl_step("loaded");
	return cause;
}

/* The reserve holds what an earlier life of some patch left there; variables without an initial value start as
 * zeros. */
static enum ctl_cause clear_reserve(struct job *j)
{
	uint64_t end = j->patch->reserve + j->patch->reserve_used;
	uint8_t was[PAGE], zero[PAGE] = {0};

	for (uint64_t at = j->patch->reserve; at < end; at += PAGE) {
		uint64_t n = end - at < PAGE ? end - at : PAGE;
		if (!proc_read(j->proc, j->target.base + at, was, n))
			return job_fault(j, FAULT_READ);
		if (memcmp(was, zero, n) && !hp_broken("reserve-clear") &&
		    j->target.target.write(&j->target.target, at, zero, n))
			return job_fault(j, FAULT_WRITE);
	}
	return CAUSE_NONE;
}

/* Left out where an earlier run has done it: variables may have values by now. */
static enum ctl_cause load(struct job *j)
{
	const struct census *c = &j->engine.census;
	enum ctl_cause cause;

	if (j->module->registry.state >= HP_LOADED && j->module->registry.booted && !c->old[HP_IMAGE] && !c->torn &&
	    !c->old[HP_UNWIND] && segments_are_there(j))
		return CAUSE_NONE;
	ctl_step("loading");
	cause = mark(j, HP_LOADING);
	if (!cause)
		cause = clear_reserve(j);
	if (!cause)
		cause = job_load(j);
	if (!cause)
		cause = mark(j, HP_LOADED);
	return cause;
}

static enum ctl_cause switch_one_by_one(struct job *j, bool back)
{
	enum ctl_cause cause = CAUSE_NONE;

	ctl_step("room");
	if (!back)
		cause = phase(j, HP_ROOM, false);
	ctl_step("armed");
	if (!cause)
		cause = mark(j, HP_ARMED);
	if (!cause)
		cause = job_fault(j, engine_values(&j->engine, back));
	ctl_step("values");
	ctl_step("entry");
	if (!cause)
		cause = phase(j, HP_ENTRY, back);
	return cause;
}

static enum ctl_cause revert_all(struct job *j, const struct patch_file *files, size_t nfiles);

/* A process whose hooks said no is given back as it was, and the reason is theirs. */
static enum ctl_cause settle(struct job *j, const struct patch_file *files, size_t nfiles)
{
	char detail[sizeof(j->result->detail)];
	enum ctl_cause cause = hooks_settle(j), back;

	if (cause != CAUSE_VETO)
		return cause;
	memcpy(detail, j->result->detail, sizeof(detail));
	back = revert_all(j, files, nfiles);
	memcpy(j->result->detail, detail, sizeof(detail));
	return back == CAUSE_GONE ? back : cause;
}

static enum ctl_cause apply_checked(struct job *j, const struct patch_file *files, size_t nfiles)
{
	enum ctl_cause cause;

	cause = load(j);
	if (!cause)
		cause = hooks_prepare(j);
	if (!cause && wants_gate(j) && !j->engine.census.new_[HP_ENTRY])
		cause = gate_switch(j, false);
	else if (!cause)
		cause = switch_one_by_one(j, false);
	ctl_step("active");
	if (!cause)
		cause = mark(j, HP_ACTIVE);
	ctl_step("done");
	return cause ? cause : settle(j, files, nfiles);
}

static bool all_new(const struct job *j)
{
	const struct census *c = &j->engine.census;

	return !c->torn && !c->old[HP_IMAGE] && !c->old[HP_UNWIND] && !c->old[HP_ROOM] && !c->old[HP_ENTRY] &&
	       segments_are_there(j);
}

/* An earlier run left the other patch half-way: back to where nothing was applied. */
static enum ctl_cause revert_other(struct job *j, struct job *other, const struct patch_file *files, size_t nfiles)
{
	enum ctl_cause cause;

	if (j->opt->dry_run)
		return CAUSE_NONE;
	cause = at_startup_only(other);
	if (!cause)
		cause = revert_all(other, files, nfiles);
	if (!cause && j->module->registry.state != HP_EMPTY)
		cause = CAUSE_BUSY;
	j->result->note[0] = '\0';
	return cause;
}

/* Another patch is in the way. Sets *done when this one has taken over from it. */
static enum ctl_cause follow_other(struct job *j, const struct patch_file *files, size_t nfiles, bool *done)
{
	const struct hp_registry *r = &j->module->registry;
	const struct patch_file *file;
	struct job other;
	enum ctl_cause cause;

	job_detail(j, "'%.100s'", printable(r->label));
	file = patch_by_id(j->opt, files, nfiles, j->module);
	if (!file)
		return r->state == HP_ACTIVE ? CAUSE_NO_PATCH : CAUSE_STATE;
	job_open(&other, j->opt, j->proc, j->module, file, j->result);
	other.deadline = j->deadline;
	j->result->functions = patch_redirected(j->file);
	*done = r->state == HP_ACTIVE && !hooks_are_off(&other);
	cause = *done ? replace(j, &other) : r->cold ? CAUSE_COLD : revert_other(j, &other, files, nfiles);
	job_close(&other);
	if (!cause)
		j->result->detail[0] = '\0';
	return cause;
}

/* What earlier runs left of another patch. Only a run that goes on with the very same need not settle it first. */
static enum ctl_cause tidy(struct job *j, const struct patch_file *files, size_t nfiles, bool apply)
{
	const struct hp_beside *b = &j->module->registry.beside;
	enum ctl_cause cause = CAUSE_NONE;

	if (j->opt->dry_run || b->state == HP_BESIDE_NONE)
		return CAUSE_NONE;
	if (!apply || b->state == HP_BESIDE_LEFT || memcmp(b->id, j->patch->id, HP_ID_SIZE))
		cause = replace_settle(j, files, nfiles);
	/* The same patch, or taking all back, can live with what cannot be removed yet. */
	bool needed = apply && !same_patch(j);
	if (!cause && b->state == HP_BESIDE_LEFT)
		cause = replace_clean(j, files, nfiles, needed ? j->deadline : now_ns() + 100000000);
	if (cause != CAUSE_GONE && b->state == HP_BESIDE_LEFT && !needed)
		cause = CAUSE_NONE;
	return cause;
}

/* The registry says that there is nothing to do. */
static bool seems_done(const struct job *j)
{
	const struct hp_registry *r = &j->module->registry;

	return r->state == HP_ACTIVE && same_patch(j) && r->beside.state == HP_BESIDE_NONE;
}

/* What only matters while the process does not run the patch. */
static enum ctl_cause check_new(struct job *j)
{
	enum ctl_cause cause = at_startup_only(j);

	if (!cause)
		cause = segments_check(j);
	return cause ? cause : bind_check_alone(j);
}

static enum ctl_cause apply(struct job *j, const struct patch_file *files, size_t nfiles)
{
	enum ctl_cause cause = check_job(j);
	bool done = false, promised = !cause && seems_done(j);

	if (!cause && !promised)
		cause = job_check_memory(j);
	if (!cause)
		cause = tidy(j, files, nfiles, true);
	if (cause)
		return cause;
	if (j->module->registry.state != HP_ACTIVE || !same_patch(j))
		cause = check_new(j);
	if (!cause && has_used_tls(j) && !j->opt->dry_run)
		cause = tls_clear(j);
	if (cause)
		return cause;
	if (j->module->registry.state != HP_EMPTY && !same_patch(j)) {
		cause = follow_other(j, files, nfiles, &done);
		if (j->opt->dry_run)
			j->result->outcome = OUT_WOULD;
		if (cause || done || j->opt->dry_run)
			return cause;
	}
	if (j->module->registry.state == HP_ACTIVE && j->module->registry.cold == HP_COLD) {
		j->result->outcome = OUT_COLD;
		return CAUSE_NONE;
	}
	if (j->module->registry.gate.code && !j->opt->dry_run) {
		cause = gate_recover(j, wants_gate(j), &done);
		if (cause)
			return cause;
	}
	replace_show(j, files, nfiles);
	cause = job_fault(j, engine_check(&j->engine));
	if (cause)
		return cause;
	ctl_step("checked");
	if (j->module->registry.state == HP_ACTIVE && all_new(j) && !hooks_are_off(j)) {
		j->result->outcome = OUT_ALREADY;
		return CAUSE_NONE;
	}
	j->result->outcome = j->opt->dry_run ? OUT_WOULD : OUT_PATCHED;
	if (promised)
		cause = job_check_memory(j);
	return j->opt->dry_run || cause ? cause : apply_checked(j, files, nfiles);
}

static void conclude(struct job *j, enum ctl_cause cause)
{
	j->result->cause = cause;
	if (cause == CAUSE_GONE)
		j->result->outcome = OUT_GONE;
	else if (cause)
		j->result->outcome = OUT_CANNOT;
	else
		j->result->detail[0] = '\0';
}

void job_apply(struct job *j, const struct patch_file *files, size_t nfiles)
{
	uint64_t began = now_ns();

	conclude(j, apply(j, files, nfiles));
	if (j->result->outcome == OUT_PATCHED)
		values_note(j);
	j->result->took = now_ns() - began;
}

/* ---- taking back ------------------------------------------------------------------------------------------------- */

static enum ctl_cause wait_until_out(struct job *j)
{
	struct ranges r = {0};
	enum ctl_cause cause = CAUSE_UNSTABLE;

	if (job_stays(j))
		return CAUSE_PARKED;
	if (ranges_of_new(&r, j) == 0)
		cause = job_wait_outside(j, &r, j->deadline);
	ranges_free(&r);
	return cause;
}

enum ctl_cause job_wipe(struct job *j, uint64_t from, uint64_t to)
{
	uint8_t was[PAGE], fill[PAGE];
	bool zeros = is_code_room(j, from, to);

	if (!zeros && (from < j->patch->arena || to > j->patch->arena_end))
		return CAUSE_NONE;
	memset(fill, zeros ? 0 : 0xcc, sizeof(fill));
	for (uint64_t at = from, n; at < to; at += n) {
		n = PAGE - at % PAGE < to - at ? PAGE - at % PAGE : to - at;
		j->engine.bad = at;
		if (!proc_read(j->proc, j->target.base + at, was, n))
			return job_fault(j, FAULT_READ);
		if (memcmp(was, fill, n) && !hp_broken("wipe") && j->target.target.write(&j->target.target, at, fill, n))
			return job_fault(j, FAULT_WRITE);
	}
	return CAUSE_NONE;
}

/* From LOADED, with old entries, to EMPTY. */
static enum ctl_cause unload(struct job *j)
{
	enum ctl_cause cause;

	ctl_step("unroom");
	cause = phase(j, HP_ROOM, true);
	ctl_step("ununwind");
	if (!cause)
		cause = phase(j, HP_UNWIND, true);
	ctl_step("unimage");
	if (!cause)
		cause = phase(j, HP_IMAGE, true);
	if (!cause)
		cause = segments_wipe(j);
	/* Gates are no records of the patch. */
	if (!cause)
		cause = job_wipe(j, j->patch->arena, j->patch->arena_end);
	ctl_step("empty");
	if (!cause)
		cause = mark(j, HP_EMPTY);
	ctl_step("done");
	return cause;
}

/* All guards change over with one word; the entries follow when nobody needs the guards any more. */
static enum ctl_cause leave_by_guards(struct job *j)
{
	enum ctl_cause cause = CAUSE_NONE;

	if (!hooks_lead_back(j)) {
		cause = mark(j, HP_ARMED);
		if (!cause)
			cause = job_fault(j, engine_values(&j->engine, true));
		if (!cause)
			cause = hooks_go_old(j);
	}
	ctl_step("after");
	if (cause)
		return cause;
	hooks_after(j);
	ctl_step("after-hooks");
	return phase(j, HP_ENTRY, true);
}

/* From new code to old, entries and all. */
static enum ctl_cause leave_new(struct job *j)
{
	enum ctl_cause cause = CAUSE_NONE;

	if (j->module->registry.state == HP_ACTIVE && wants_gate(j) && !j->engine.census.old[HP_ENTRY] &&
	    !hooks_lead_back(j))
		cause = gate_switch(j, true);
	else if (j->engine.census.new_[HP_ENTRY] && !j->patch->hooks)
		cause = switch_one_by_one(j, true);
	if (!cause && j->patch->hooks)
		cause = leave_by_guards(j);
	return cause;
}

static enum ctl_cause revert_all(struct job *j, const struct patch_file *files, size_t nfiles)
{
	enum ctl_cause cause = CAUSE_NONE;
	bool done;

	replace_show(j, files, nfiles);
	if (j->module->registry.gate.code)
		cause = gate_recover(j, true, &done);
	if (!cause)
		cause = job_fault(j, engine_check(&j->engine));
	if (!cause)
		cause = hooks_leave(j);
	if (cause)
		return cause;
	cause = leave_new(j);
	/* The gate has done it, or an earlier run got as far as this without one. */
	if (!cause)
		cause = job_fault(j, engine_values(&j->engine, true));
	ctl_step("unloaded");
	if (!cause && j->module->registry.state != HP_EMPTY)
		cause = mark(j, HP_LOADED);
	if (cause || j->module->registry.state == HP_EMPTY)
		return cause;
	cause = wait_until_out(j);
	if (!cause)
		cause = replace_clean(j, files, nfiles, now_ns() + 100000000);
	if (cause && cause != CAUSE_GONE) {
		snprintf(j->result->note, sizeof(j->result->note), "its code stays loaded: %.150s", j->result->detail);
		return CAUSE_NONE;
	}
	return cause ? cause : unload(j);
}

/* All is to be taken back, and what earlier runs left was that another patch had taken over. */
static enum ctl_cause turn_to_active(struct job *j)
{
	const struct patch_file *file;

	if (j->module->registry.state == HP_EMPTY || same_patch(j))
		return CAUSE_NONE;
	file = patch_by_id(j->opt, NULL, 0, j->module);
	if (!file)
		return CAUSE_NO_PATCH;
	job_close(j);
	job_open(j, j->opt, j->proc, j->module, file, j->result);
	return CAUSE_NONE;
}

static enum ctl_cause revert(struct job *j, const struct patch_file *files, size_t nfiles)
{
	const struct hp_registry *r = &j->module->registry;
	enum ctl_cause cause = check_job(j);

	if (!cause && (r->state != HP_EMPTY || r->beside.state != HP_BESIDE_NONE))
		cause = job_check_memory(j);
	if (!cause)
		cause = tidy(j, files, nfiles, false);
	if (!cause && !nfiles)
		cause = turn_to_active(j);
	if (cause)
		return cause;
	if (j->module->registry.state == HP_EMPTY || !same_patch(j)) {
		j->result->outcome = OUT_UNPATCHED;
		return CAUSE_NONE;
	}
	if (j->module->registry.cold)
		return CAUSE_COLD;
	cause = at_startup_only(j);
	if (cause)
		return cause;
	j->result->outcome = j->opt->dry_run ? OUT_WOULD : OUT_REVERTED;
	return j->opt->dry_run ? CAUSE_NONE : revert_all(j, files, nfiles);
}

void job_revert(struct job *j, const struct patch_file *files, size_t nfiles)
{
	uint64_t began = now_ns();

	conclude(j, revert(j, files, nfiles));
	j->result->took = now_ns() - began;
}
