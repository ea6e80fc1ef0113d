/* SPDX-License-Identifier: MIT */
/*
 * The hooks of a patch, seen from outside: they run in the process (hooks.c), and hp-ctl only asks for them and waits.
 *
 * Applying, the switch of the entries is all that is needed: the next caller runs the hooks. A process that says no is
 * given back. Taking back, the pre-revert hooks are asked for while the code is new. Then the phase is what changes
 * first: the guards lead to the old code, and the next caller runs the post-revert hooks before that; behind it the
 * entries.
 *
 * When one patch takes over from another, what the hooks of that one have done stays, and is the newer one's to undo.
 * So it has the same hooks; if it has no others its phase is NEW before anybody comes there. Else callers run the
 * others, and go on in the earlier patch if one says no (ctl-gate.c). Such a patch must set no variables, nor must the
 * earlier one: those would have to go back at that very moment.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "ctl-hooks.h"

#define PAUSE_US 2000
#define PATIENCE_NS 100000000           /* for hooks that nobody may come to run */

static bool is_off(uint32_t phase)
{
	return phase == HP_HOOKS_VETOED || phase == HP_HOOKS_EXPIRED;
}

static bool is_pending(uint32_t phase)
{
	return phase == HP_HOOKS_PENDING || phase == HP_HOOKS_RUNNING;
}

/* They have run for applying, and not all for taking back. */
static bool have_run(uint32_t phase)
{
	return phase == HP_HOOKS_NEW || (phase >= HP_HOOKS_LEAVE && phase < HP_HOOKS_GONE);
}

void hooks_read(const struct proc *p, struct module *m)
{
	struct hp_hooks h;

	m->hooks_phase = -1;
	if (m->registry.hooks >= m->reserve && m->registry.hooks < m->reserve_end && m->registry.hooks % 8 == 0 &&
	    m->reserve_end - m->registry.hooks >= sizeof(h) &&
	    proc_read(p, m->base + m->registry.hooks, &h, sizeof(h)) &&
	    h.phase <= HP_HOOKS_GONE)
		m->hooks_phase = (int)h.phase;
}

const char *hooks_word(const struct module *m)
{
	if (m->hooks_phase < 0)
		return NULL;
	return is_off((uint32_t)m->hooks_phase) ? "vetoed" : is_pending((uint32_t)m->hooks_phase) ? "pending" : "ran";
}

/* ---- the phase --------------------------------------------------------------------------------------------------- */

static bool read_hooks(struct job *j, struct hp_hooks *h)
{
	return j->patch->hooks && proc_read(j->proc, j->target.base + j->patch->hooks, h, sizeof(*h));
}

static enum ctl_cause write_field(struct job *j, uint64_t offset, uint32_t value)
{
	return job_write(j, j->patch->hooks + offset, &value, sizeof(value));
}

static enum ctl_cause write_phase(struct job *j, uint32_t phase)
{
	return write_field(j, offsetof(struct hp_hooks, phase), phase);
}

static bool has_hook(const struct job *j, enum hp_hook_when when)
{
	for (uint32_t i = 0; i < j->patch->nhook; i++)
		if (hp_patch_hooks(j->patch)[i].when == when)
			return true;
	return false;
}

/* Waits while the phase is FROM or the one behind it, which is somebody's who runs hooks. False: the time is up. */
static bool wait_behind(struct job *j, uint32_t from, uint64_t deadline, struct hp_hooks *h)
{
	while (read_hooks(j, h) && (h->phase == from || h->phase == from + 1)) {
		if (now_ns() >= (h->phase == from ? deadline : j->deadline))
			return false;
		usleep(PAUSE_US);
	}
	return true;
}

static enum ctl_cause veto(struct job *j, const struct hp_hooks *h)
{
	if (h->phase == HP_HOOKS_EXPIRED)
		job_detail(j, "they took too long");
	else if (h->hook < j->patch->nhook)
		job_detail(j, "'%.100s' returned %d",
			   printable(hp_patch_at(j->patch, hp_patch_hooks(j->patch)[h->hook].name)), h->verdict);
	return CAUSE_VETO;
}

/* ---- applying ---------------------------------------------------------------------------------------------------- */

bool hooks_are_off(struct job *j)
{
	struct hp_hooks h;

	return read_hooks(j, &h) && is_off(h.phase);
}

enum ctl_cause hooks_prepare(struct job *j)
{
	struct hp_hooks h;
	enum ctl_cause cause = CAUSE_NONE;

	if (!read_hooks(j, &h) || h.phase == HP_HOOKS_PENDING)
		return CAUSE_NONE;
	bool running = h.phase == HP_HOOKS_RUNNING;
	if (j->engine.census.new_[HP_ENTRY] && (have_run(h.phase) || running) && h.phase < HP_HOOKS_AFTER)
		return h.phase == HP_HOOKS_NEW || running ? CAUSE_NONE : write_phase(j, HP_HOOKS_NEW);
	/* Old code whatever the entries say: they go back, so that the switch is one again. */
	cause = job_fault(j, engine_phase(&j->engine, HP_ENTRY, true));
	if (!cause)
		cause = write_phase(j, HP_HOOKS_PENDING);
	if (!cause)
		cause = job_fault(j, engine_check(&j->engine));
	return cause;
}

enum ctl_cause hooks_settle(struct job *j)
{
	struct hp_hooks h;
	bool done;

	if (!read_hooks(j, &h))
		return CAUSE_NONE;
	done = wait_behind(j, HP_HOOKS_PENDING, now_ns() + PATIENCE_NS, &h);
	if (is_off(h.phase) && !hp_broken("hooks-settle"))
		return veto(j, &h);
	if (!done)
		snprintf(j->result->note, sizeof(j->result->note),
			 "hooks pending: nobody has called a changed function yet");
	return CAUSE_NONE;
}

/* ---- taking over ------------------------------------------------------------------------------------------------- */

/* Has A's patch hook H of B's? */
static bool shares_hook(const struct job *a, const struct job *b, const struct hp_hook_name *h)
{
	const struct hp_hook_name *list = hp_patch_hooks(a->patch);

	for (uint32_t i = 0; i < a->patch->nhook; i++)
		if (list[i].when == h->when &&
		    !strcmp(hp_patch_at(a->patch, list[i].name), hp_patch_at(b->patch, h->name)))
			return true;
	return false;
}

bool hooks_have_to_run(const struct job *j)
{
	for (uint32_t i = 0; j->before && i < j->patch->nhook; i++)
		if (!shares_hook(j->before, j, &hp_patch_hooks(j->patch)[i]) && !hp_broken("hooks-ask"))
			return true;
	return false;
}

/* The earlier patch is in force: its hooks have consented, and were not asked to go. */
static enum ctl_cause settle_before(struct job *j)
{
	struct hp_hooks h;

	if (!read_hooks(j->before, &h))
		return CAUSE_NONE;
	if (!j->opt->dry_run && !wait_behind(j->before, HP_HOOKS_PENDING, j->deadline, &h)) {
		job_detail(j, "hooks of the patch that is active");
		return CAUSE_HOOKS;
	}
	if (is_off(h.phase))
		return veto(j->before, &h);
	/* A run that was to take it back has died. Somebody who runs hooks for that run comes to an end. */
	if (h.phase == HP_HOOKS_LEAVING && !wait_behind(j->before, HP_HOOKS_LEAVING, j->deadline, &h))
		return CAUSE_HOOKS;
	return h.phase == HP_HOOKS_NEW || j->opt->dry_run ? CAUSE_NONE :
	       have_run(h.phase) && h.phase < HP_HOOKS_AFTER ? write_phase(j->before, HP_HOOKS_NEW) : CAUSE_STATE;
}

enum ctl_cause hooks_check_follow(struct job *j)
{
	for (uint32_t i = 0; i < j->before->patch->nhook; i++) {
		const struct hp_hook_name *h = &hp_patch_hooks(j->before->patch)[i];
		if (!shares_hook(j, j->before, h)) {
			job_detail(j, "it lacks hook '%.100s'", printable(hp_patch_at(j->before->patch, h->name)));
			return CAUSE_OTHER;
		}
	}
	if (hooks_have_to_run(j) &&
	    (j->patch->nhook > HP_HOOKS_KEPT || values_are_set(j) || values_are_set(j->before))) {
		job_detail(j, "it has hooks of its own, and one of the two sets variables");
		return CAUSE_OTHER;
	}
	return settle_before(j);
}

enum ctl_cause hooks_carry(struct job *j)
{
	uint32_t kept = 0;

	if (!j->patch->hooks)
		return CAUSE_NONE;
	if (!hooks_have_to_run(j))
		return write_phase(j, HP_HOOKS_NEW);
	for (uint32_t i = 0; i < j->patch->nhook; i++)
		if (shares_hook(j->before, j, &hp_patch_hooks(j->patch)[i]))
			kept |= 1u << i;
	return write_field(j, offsetof(struct hp_hooks, kept), kept);
}

enum ctl_cause hooks_ask(struct job *j)
{
	struct hp_hooks h;

	if (!read_hooks(j, &h))
		return job_fault(j, FAULT_READ);
	if (!wait_behind(j, HP_HOOKS_PENDING, j->deadline, &h)) {
		job_detail(j, "they run, and the patch takes over, when somebody does");
		return job_gone_or(j, CAUSE_HOOKS);
	}
	return is_off(h.phase) ? veto(j, &h) : CAUSE_NONE;
}

/* ---- taking back ------------------------------------------------------------------------------------------------- */

enum ctl_cause hooks_leave(struct job *j)
{
	struct hp_hooks h;
	enum ctl_cause cause;

	if (hp_broken("hooks-leave") || j->opt->force || !has_hook(j, HP_HOOK_PRE_REVERT) ||
	    j->engine.census.old[HP_ENTRY] || !read_hooks(j, &h) ||
	    !have_run(h.phase) || h.phase == HP_HOOKS_LEFT || h.phase >= HP_HOOKS_AFTER)
		return CAUSE_NONE;
	cause = h.phase == HP_HOOKS_LEAVE || h.phase == HP_HOOKS_LEAVING ? CAUSE_NONE : write_phase(j, HP_HOOKS_LEAVE);
	ctl_step("leaving");
	if (cause)
		return cause;
	if (wait_behind(j, HP_HOOKS_LEAVE, j->deadline, &h) && h.phase == HP_HOOKS_LEFT)
		return CAUSE_NONE;
	cause = write_phase(j, HP_HOOKS_NEW);
	if (cause)
		return cause;
	return h.phase == HP_HOOKS_STAY ? veto(j, &h) : job_gone_or(j, CAUSE_HOOKS);
}

bool hooks_lead_back(struct job *j)
{
	struct hp_hooks h;

	return read_hooks(j, &h) && h.phase >= HP_HOOKS_AFTER;
}

enum ctl_cause hooks_go_old(struct job *j)
{
	struct hp_hooks h;

	if (!read_hooks(j, &h))
		return job_fault(j, FAULT_READ);
	if (h.phase >= HP_HOOKS_AFTER)
		return CAUSE_NONE;
	return write_phase(j, have_run(h.phase) && !j->opt->force && has_hook(j, HP_HOOK_POST_REVERT) ? HP_HOOKS_AFTER :
			   HP_HOOKS_GONE);
}

void hooks_after(struct job *j)
{
	struct hp_hooks h;

	if (read_hooks(j, &h) && h.phase >= HP_HOOKS_AFTER && !wait_behind(j, HP_HOOKS_AFTER, j->deadline, &h))
		snprintf(j->result->note, sizeof(j->result->note),
			 "its post-revert hooks did not run: nobody called a changed function");
}
