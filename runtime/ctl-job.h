/* SPDX-License-Identifier: MIT */
/*
 * One patch and one module of one process: the job, and what came of it.
 *
 *   job_apply, job_revert              ctl-job.c
 *   is it there? of all functions      ctl-check.c
 *   who is in the way                  ctl-inside.c
 *   the gate                           ctl-gate.c
 *   from one patch to the next         ctl-replace.c
 *   its variables                      ctl-values.c
 *   patches that outgrew the arena     ctl-segment.c
 *   and the pairs of two of them       ctl-pairs.c
 *   imports                            ctl-bind.c
 *   thread-local variables made zero   ctl-tls.c
 *   patch files and the store          ctl-store.c
 *   what it costs in memory            ctl-cost.c
 *   the report                         ctl-report.c
 */
#ifndef HOTPATCH_CTL_JOB_H
#define HOTPATCH_CTL_JOB_H

#include "ctl.h"
#include "ctl-stack.h"
#include "engine.h"
#include "target-proc.h"

/* ---- patch files ------------------------------------------------------------------------------------------------- */

struct patch_file {
	char *path;
	void *file;                     /* the whole file, read once: it may change on disk meanwhile */
	uint64_t size;
	const struct hp_patch *patch;   /* in it, checked */
};

/* -1 after one message (QUIET: without). */
int patch_load(struct patch_file *f, const char *path, bool quiet);
void patch_release(struct patch_file *f);
const char *patch_label(const struct patch_file *f);
unsigned patch_redirected(const struct patch_file *f);
/* What hp-diff was told to accept in it: the text behind BEFORE, the first one for NULL; NULL: no more. */
const char *patch_accepted(const struct patch_file *f, const char *before);
/* The patch with this id: among FILES, in the store, or kept when it was applied. It belongs to a cache. NULL: not at
 * hand. */
const struct patch_file *patch_by_id(const struct options *opt, const struct patch_file *files, size_t nfiles,
				     const struct module *m);
/* Keeps a copy, so that the patch can be taken back when its file is gone. Failing to is no error. */
void patch_keep(const struct patch_file *f);

/* The store. -1 after one message. Dropping a patch that is not there is success. */
int store_put(const char *store, const struct patch_file *f);
int store_drop(const char *store, const struct patch_file *f);

/* ---- results ----------------------------------------------------------------------------------------------------- */

enum outcome {
	OUT_PATCHED, OUT_ALREADY, OUT_COLD, OUT_REVERTED, OUT_UNPATCHED, OUT_WOULD, OUT_GONE, OUT_CANNOT, NOUTCOMES
};

struct result {
	pid_t pid;
	uint64_t start, base;           /* which process and which module of it */
	char comm[32];
	char *path, *label;
	enum outcome outcome;
	enum ctl_cause cause;
	char detail[200];               /* may be empty */
	char note[200];                 /* with success: what is left; may be empty */
	uint64_t took, window;          /* nanoseconds: all of it; with the gate closed, 0: no gate */
	unsigned attempts;              /* at closing the gate */
	unsigned functions;
};

struct results {
	struct result *list;
	size_t count, room;
	size_t unreadable;
};

struct result *results_add(struct results *r, const struct proc *p, const struct module *m);
struct result *results_find(struct results *r, const struct proc *p, const struct module *m);
void results_free(struct results *r);
/* Prints everything; the exit status that follows from it. */
int results_report(const struct options *opt, const struct results *r);
/* A line on the terminal when it takes longer than a second: a result is there; it is being waited for because of
 * WHY. */
void result_progress(const struct options *opt, const struct result *r);
void wait_progress(const struct options *opt, const struct result *r, enum ctl_cause why);

/* ---- the job ----------------------------------------------------------------------------------------------------- */

struct job {
	const struct options *opt;
	struct proc *proc;
	struct module *module;
	const struct patch_file *file;
	const struct hp_patch *patch;
	struct target_proc target;
	struct engine engine;
	struct job *before;             /* the patch that this one takes over from while both are loaded, NULL: none */
	struct bind *bind;              /* the resolver's, made when first asked */
	uint64_t deadline;
	struct result *result;
};

void job_open(struct job *j, const struct options *opt, struct proc *p, struct module *m, const struct patch_file *f,
	      struct result *result);
void job_close(struct job *j);
void job_detail(struct job *j, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What an engine's fault means for people; sets the detail. */
enum ctl_cause job_fault(struct job *j, enum hp_fault fault);
/* CAUSE_GONE when the process is not what it was, else CAUSE. */
enum ctl_cause job_gone_or(struct job *j, enum ctl_cause cause);
/* Writes to the module, ADDR as the file has it; and to its registry, which is read again. */
enum ctl_cause job_write(struct job *j, uint64_t addr, const void *from, size_t size);
enum ctl_cause job_write_registry(struct job *j, size_t offset, const void *from, size_t size);
/* Both leave their outcome in j->result. The lock of the process must be held. */
void job_apply(struct job *j, const struct patch_file *files, size_t nfiles);
void job_revert(struct job *j, const struct patch_file *files, size_t nfiles);

/* Does every function of the module run what F brings, or what a patch does that follows F? Writes nothing. */
bool module_is_fixed(const struct options *opt, struct proc *p, struct module *m, const struct patch_file *f);

/* What many looks say together. Each may fail for a reason of its own; where the machine is busy the last one may only
 * have come too late, while those before it saw who is inside. */
struct verdict {
	enum ctl_cause named, last;     /* the newest cause that names a thread or place; the newest of all */
	char named_detail[200], last_detail[200];
	unsigned nnamed, count;
};
void verdict_add(struct verdict *v, const struct job *j, enum ctl_cause cause);
/* The most telling cause, with its detail: one that names somebody, unless it was a rare one. */
enum ctl_cause verdict_give(const struct verdict *v, struct job *j);

/* The code ranges that nobody may be in: changed functions (to apply), or the arena and the rooms (to take back). */
int ranges_of_old(struct ranges *r, const struct job *j);
int ranges_of_new(struct ranges *r, const struct job *j);
/* The code of a patch that has a line; pointers to its functions that stand in memory count, too. */
int ranges_of_code(struct ranges *r, const struct job *j);
/* What such a patch has in the reserve besides variables: constants with addresses, slots. */
int ranges_of_constants(struct ranges *r, const struct job *j);
/* memory_scan() for as long as the timeout is. Sets the detail. */
enum ctl_cause job_scan(struct job *j, const struct ranges *r, struct hits *hits);
/* The first look at memory and at all threads, which disturbs nobody. The caller closes T in any case. */
enum ctl_cause job_look(struct job *j, const struct ranges *r, struct threads *t, struct hits *hits);
/* Looks until nobody is in the ranges, or the deadline has come: then why not. */
enum ctl_cause job_wait_outside(struct job *j, struct ranges *r, uint64_t deadline);
/* Image, boot record, unwind slots, read back. */
enum ctl_cause job_load(struct job *j);
/* Makes all of [from, to), of the arena or of the room for mapped patches, what it was when the process started. */
enum ctl_cause job_wipe(struct job *j, uint64_t from, uint64_t to);
/* ctl-cost.c: may the process have the memory that the patch will take? Sets the detail. */
enum ctl_cause job_check_memory(struct job *j);
bool job_wants_gate(const struct job *j, unsigned functions);
/* ctl-tls.c: after a patch was taken back, the variables that it left in the threads are zeros again. */
enum ctl_cause tls_clear(struct job *j);
/* Its code must stay when it is taken back, see HP_PATCH_STAYS; why goes to the result. */
bool job_stays(struct job *j);
/* Why nobody is proved to be outside after a look; CAUSE_NONE: all are out. Sets the detail. */
enum ctl_cause judge_looks(struct job *j, const struct threads *t, const struct hits *hits);

/* ---- the gate ---------------------------------------------------------------------------------------------------- */

/* Switches all entries at once, to the new code or back to the old. Before: the state is LOADED and all entries are old
 * (to apply), or ACTIVE and all are new (to take back). After CAUSE_NONE: entries and rooms are as the engine has
 * them. */
enum ctl_cause gate_switch(struct job *j, bool back);
/* An earlier run left its gate in the module: brings it to an end. *done: it had been decided for the new code; else
 * the entries are old now, and with KEEP the rooms still lead to the gate, which the engine does not see. */
enum ctl_cause gate_recover(struct job *j, bool keep, bool *done);

/* ---- taking over ------------------------------------------------------------------------------------------------- */

/* From the active patch BEFORE to the one of J, which was made to follow it. Sets the outcome. */
enum ctl_cause replace(struct job *j, struct job *before);
/* Brings to an end what an earlier run of replace() left; where there is a choice, back to the patch that was
 * active. */
enum ctl_cause replace_settle(struct job *j, const struct patch_file *files, size_t nfiles);
/* Removes the code of a patch that was taken over from, when nobody can be in it any more. CAUSE_NONE: it is gone. */
enum ctl_cause replace_clean(struct job *j, const struct patch_file *files, size_t nfiles, uint64_t deadline);

/* What could not be removed yet J's patch shares the unwind table with: see pairs_show(). */
void replace_show(struct job *j, const struct patch_file *files, size_t nfiles);

/* Live variables from the values of j->before to those of J, both loaded, or (BACK) the other way round. */
enum ctl_cause values_go_over(struct job *j, bool back);
/* Notes how many variables the process has other values in than the patch was made to update. */
void values_note(struct job *j);
/* J's patch sets variables of the old build in a process that runs. */
bool values_are_set(const struct job *j);

/* ---- a patch that outgrew the arena ------------------------------------------------------------------------------ */

/* Each of these has nothing to do for another one. Has the process executable room for them? */
enum ctl_cause segments_check(struct job *j);
/* Writes them, and reads them back. */
enum ctl_cause segments_write(struct job *j);
bool segments_are_there(const struct job *j);
/* Where below them a gate may stand; false: nowhere. */
bool segments_gate_room(const struct job *j, uint64_t *from, uint64_t *to);
/* Nobody is in there: zeros, in all of the room for such patches. */
enum ctl_cause segments_wipe(struct job *j);
/* Is [from, to) in that room? */
bool is_code_room(const struct job *j, uint64_t from, uint64_t to);
/* Another patch is loaded, too: from now on J knows what that one has in the unwind table. False: no memory. */
bool pairs_show(struct job *j, const struct hp_patch *other);
/* Leaves the unwind table as the other patch, which is ACTIVE, has it. Of patches of any kind. */
enum ctl_cause pairs_leave(struct job *j, const struct hp_patch *active);
int ranges_of_segments(struct ranges *r, const struct job *j);

/* ---- imports ----------------------------------------------------------------------------------------------------- */

struct bind *bind_open(const struct proc *p, const struct module *m);
void bind_close(struct bind *b);
/* CAUSE_SHARED when another module may know a constant that the module must have for itself (HP_BIND_ALONE). */
enum ctl_cause bind_check_alone(struct job *j);
/* The number that the dynamic linker gave the module of JOB, which has thread-local variables; false: it does not
 * show. */
bool bind_tls_number(struct job *j, uint64_t *number);
/* hp_resolver: ctx is the job. */
int bind_resolve(void *ctx, const char *name, const char *version, uint64_t *value);

#endif
