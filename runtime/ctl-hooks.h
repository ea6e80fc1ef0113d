/* SPDX-License-Identifier: MIT */
/* The hooks of a patch in a process, see ctl-hooks.c. All of it does nothing for a patch without hooks. */
#ifndef HOTPATCH_CTL_HOOKS_H
#define HOTPATCH_CTL_HOOKS_H

#include "ctl-job.h"

/* Before the entries are switched to the new code: the phase is PENDING, or the hooks of an earlier run hold. */
enum ctl_cause hooks_prepare(struct job *j);
/* Behind that: waits a moment. CAUSE_VETO: a hook said no, and the code is old; the caller takes the patch back. */
enum ctl_cause hooks_settle(struct job *j);
/* The patch is there, and a hook said no. */
bool hooks_are_off(struct job *j);

/*
 * From one patch to the next (ctl-replace.c). Before anything is written: can J's patch follow J->before? All hooks of
 * that one are its own, too, and have run. Waits for them.
 */
enum ctl_cause hooks_check_follow(struct job *j);
/* J takes over from another patch, and has hooks that that one has not: those have to run. */
bool hooks_have_to_run(const struct job *j);
/* J's patch is loaded and nobody is led there yet: what has run is not run again. */
enum ctl_cause hooks_carry(struct job *j);
/* Callers come to the hooks: waits until these have consented. CAUSE_VETO; CAUSE_HOOKS: nobody has called. */
enum ctl_cause hooks_ask(struct job *j);

/* Before the entries are switched to the old code: asks for the pre-revert hooks, and waits for them. */
enum ctl_cause hooks_leave(struct job *j);
/* From now on the guards lead to the old code, once the post-revert hooks have run. */
enum ctl_cause hooks_go_old(struct job *j);
/* That has been done. */
bool hooks_lead_back(struct job *j);
/* Waits for the post-revert hooks; leaves a note when nobody came to run them. */
void hooks_after(struct job *j);

#endif
