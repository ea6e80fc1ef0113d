/* SPDX-License-Identifier: MIT */
/*
 * The commands that walk the machine: apply, revert, check, install, remove.
 *
 * Processes are born while the tool works, by fork from ones that it has not reached yet. So the walk is repeated until
 * a full pass finds nothing left to do, and parents come before their children in each pass. New programs are covered
 * by the store, which is written before the first pass.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ctl-job.h"

#define PASSES 64

struct run {
	const struct options *opt;
	struct patch_file *files;
	size_t nfiles;
	struct results results;
	int lock;
	bool revert;
};

static int run_open(struct run *run, const struct options *opt)
{
	*run = (struct run){ .opt = opt, .lock = -1 };
	run->files = calloc(opt->nfiles + 1, sizeof(*run->files));
	if (!run->files)
		return -1;
	for (; run->nfiles < opt->nfiles; run->nfiles++)
		if (patch_load(&run->files[run->nfiles], opt->files[run->nfiles], false) < 0)
			return -1;
	for (size_t i = 0; i < run->nfiles; i++)
		for (size_t k = 0; k < i; k++)
			if (run->files[i].patch->build_id_size == run->files[k].patch->build_id_size &&
			    !memcmp(run->files[i].patch->build_id, run->files[k].patch->build_id,
				    run->files[i].patch->build_id_size)) {
				fprintf(stderr, "hp-ctl: '%s' and '%s' are for the same build; name the newer one only"
					"\n", printable(run->files[k].path), printable(run->files[i].path));
				return -1;
			}
	return 0;
}

static void run_close(struct run *run)
{
	for (size_t i = 0; i < run->nfiles; i++)
		patch_release(&run->files[i]);
	free(run->files);
	results_free(&run->results);
	if (run->lock >= 0)
		close(run->lock);
}

/* The patch to apply to, or to take back from, this module; NULL: none of the run's business. */
static const struct patch_file *patch_for(struct run *run, const struct module *m, bool *missing)
{
	*missing = false;
	for (size_t i = 0; i < run->nfiles; i++)
		if (module_is(m, run->files[i].patch->build_id, run->files[i].patch->build_id_size))
			return &run->files[i];
	if (run->nfiles || !run->revert || !m->registry_ok || m->registry.state == HP_EMPTY)
		return NULL;
	const struct patch_file *f = patch_by_id(run->opt, NULL, 0, m);
	*missing = !f;
	return f;
}

static void fail(struct result *r, enum ctl_cause cause)
{
	r->outcome = OUT_CANNOT;
	r->cause = cause;
}

static void do_job(struct run *run, struct proc *p, struct module *m, const struct patch_file *f, struct result *r)
{
	struct job job;

	free(r->label);
	r->label = strdup(patch_label(f));
	ctl_step("lock");
	if (run->lock < 0 && !run->opt->dry_run) {
		fail(r, CAUSE_NO_LOCK);
		return;
	}
	if (!run->opt->dry_run && !lock_hold(run->lock, p->pid, run->opt->timeout)) {
		fail(r, CAUSE_LOCKED);
		return;
	}
	if (proc_read_maps(p) < 0 || p->maps.count == 0) {
		r->outcome = OUT_GONE;
	} else {
		job_open(&job, run->opt, p, m, f, r);
		if (run->revert)
			job_revert(&job, run->files, run->nfiles);
		else
			job_apply(&job, run->files, run->nfiles);
		job_close(&job);
	}
	trace_sweep();
	if (!run->opt->dry_run)
		lock_release(run->lock, p->pid);
}

/* True when something was done that may have left a child behind. */
static bool do_module(struct run *run, struct proc *p, struct module *m)
{
	bool missing;
	const struct patch_file *f = patch_for(run, m, &missing);
	struct result *r;

	if (!f && !missing)
		return false;
	r = results_find(&run->results, p, m);
	if (r)
		return false;
	r = results_add(&run->results, p, m);
	if (missing)
		fail(r, CAUSE_NO_PATCH);
	else
		do_job(run, p, m, f, r);
	result_progress(run->opt, r);
	return r->outcome == OUT_PATCHED || r->outcome == OUT_REVERTED || r->outcome == OUT_CANNOT;
}

/* Processes that were named and are not in the list: say why. */
static void explain_missing(struct run *run, const struct machine *mc)
{
	for (size_t i = 0; i < run->opt->npids; i++) {
		struct proc p;
		enum ctl_cause cause = machine_lacks(mc, run->opt->pids[i], &p);
		if (cause)
			fail(results_add(&run->results, &p, NULL), cause);
	}
}

/* A named process without the module: only when nothing else was said about it. */
static void explain_without_module(struct run *run, const struct machine *mc)
{
	for (size_t i = 0; i < mc->count; i++) {
		bool said = false;
		for (size_t k = 0; k < run->results.count; k++)
			said = said || run->results.list[k].pid == mc->procs[i].pid;
		if (!said && !(run->revert && !run->nfiles))
			fail(results_add(&run->results, &mc->procs[i], NULL), CAUSE_NO_MODULE);
	}
}

static int pass(struct run *run, bool first, bool *again)
{
	struct machine mc;

	*again = false;
	if (machine_look(&mc, run->opt->pids, run->opt->npids) < 0)
		return -1;
	ctl_step("enumerated");
	run->results.unreadable = mc.unreadable;
	for (size_t i = 0; i < mc.count; i++)
		for (size_t k = 0; k < mc.procs[i].nmodules; k++)
			if (do_module(run, &mc.procs[i], &mc.procs[i].modules[k]))
				*again = true;
	if (first && run->opt->npids) {
		explain_without_module(run, &mc);
		explain_missing(run, &mc);
	}
	machine_release(&mc);
	return 0;
}

static int walk_and_report(struct run *run)
{
	bool again = true;

	if (!run->opt->dry_run)
		run->lock = lock_open();
	if (!run->revert && !run->opt->dry_run)
		for (size_t i = 0; i < run->nfiles; i++)
			patch_keep(&run->files[i]);
	mlockall(MCL_CURRENT | MCL_FUTURE);     /* no page fault while a gate is closed; may fail */
	for (int n = 0; n < PASSES && again; n++)
		if (pass(run, n == 0, &again) < 0)
			return EXIT_CANNOT;
	return results_report(run->opt, &run->results);
}

int command_apply(const struct options *opt)
{
	struct run run;
	int status = EXIT_USAGE;

	if (run_open(&run, opt) == 0)
		status = walk_and_report(&run);
	run_close(&run);
	return status;
}

int command_revert(const struct options *opt)
{
	struct run run;
	int status = EXIT_USAGE;

	if (run_open(&run, opt) == 0) {
		run.revert = true;
		status = walk_and_report(&run);
	}
	run_close(&run);
	return status;
}

int command_install(const struct options *opt)
{
	struct run run;
	int status = EXIT_USAGE, put = 0;

	if (run_open(&run, opt) == 0) {
		for (size_t i = 0; i < run.nfiles && !put && !opt->dry_run; i++)
			put = store_put(opt->store, &run.files[i]);
		ctl_step("published");
		if (!put)
			status = opt->store_only ? EXIT_DONE : walk_and_report(&run);
	}
	run_close(&run);
	return status;
}

int command_remove(const struct options *opt)
{
	struct run run;
	int status = EXIT_USAGE, dropped = 0;

	if (run_open(&run, opt) == 0) {
		run.revert = true;
		for (size_t i = 0; i < run.nfiles && !dropped && !opt->dry_run; i++)
			dropped = store_drop(opt->store, &run.files[i]);
		if (!dropped)
			status = opt->store_only ? EXIT_DONE : walk_and_report(&run);
	}
	run_close(&run);
	return status;
}

/* ---- check ------------------------------------------------------------------------------------------------------- */

static void check_module(struct run *run, struct proc *p, struct module *m, const struct patch_file *f)
{
	struct result *r = results_add(&run->results, p, m);

	if (module_is_fixed(run->opt, p, m, f)) {
		r->outcome = m->registry.cold == HP_COLD ? OUT_COLD : OUT_PATCHED;
		return;
	}
	fail(r, CAUSE_NEEDED);
	snprintf(r->detail, sizeof(r->detail), "%s%s%.100s", module_state(m), m->registry.label[0] ? ": " : "",
		 m->registry.label);
}

int command_check(const struct options *opt)
{
	struct machine mc;
	struct run run;
	int status = EXIT_USAGE;

	if (run_open(&run, opt) == 0 && machine_look(&mc, opt->pids, opt->npids) == 0) {
		const struct patch_file *f = &run.files[0];
		for (size_t i = 0; i < mc.count; i++)
			for (size_t k = 0; k < mc.procs[i].nmodules; k++) {
				struct module *m = &mc.procs[i].modules[k];
				if (!module_is(m, f->patch->build_id, f->patch->build_id_size))
					continue;
				check_module(&run, &mc.procs[i], m, f);
			}
		if (opt->npids) {
			explain_without_module(&run, &mc);
			explain_missing(&run, &mc);
		}
		run.results.unreadable = mc.unreadable;
		machine_release(&mc);
		status = results_report(opt, &run.results);
	}
	run_close(&run);
	return status;
}
