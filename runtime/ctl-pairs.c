/* SPDX-License-Identifier: MIT */
/*
 * The unwind table of a module in which two patches are loaded that both outgrew the arena.
 *
 * The pairs of such a patch are the last ones of .eh_frame_hdr. One that follows has its own in front of those, where
 * the earlier one left pairs to spare, so that nothing moves that somebody may be looking for (postlink/unwind.c):
 *
 *   earlier   | OLD | to spare              | earlier |
 *   both      | OLD | to spare   | newer    | earlier |      which is what the newer patch has by itself, too
 *
 * So the two patches disagree about the pairs to spare. Each is shown them as it knows them, and taking one of the two
 * away leaves the pairs as the other has them.
 */
#include <stdlib.h>
#include <string.h>
#include "ctl-job.h"

static bool is_mapped(const struct job *j)
{
	return j->patch->flags & HP_PATCH_MAPPED;
}

/* Where J's patch and OTHER disagree J is shown OTHER's bytes as its own NEW ones, or as its OLD ones. */
static bool show(struct job *j, const struct hp_patch *other, bool as_new)
{
	const struct hp_write *w = hp_patch_writes(j->patch);
	struct target_proc *t = &j->target;

	free(t->pairs);
	t->npairs = 0;
	t->pairs = calloc(j->patch->nwrite + 1, sizeof(*t->pairs));
	for (uint32_t i = 0; t->pairs && i < j->patch->nwrite; i++) {
		const uint8_t *theirs = w[i].phase == HP_UNWIND ? hp_patch_pair(other, w[i].addr) : NULL;
		const uint8_t *ours = hp_patch_at(j->patch, w[i].new_);
		struct pair_show *s = &t->pairs[t->npairs];
		if (!theirs || !memcmp(ours, theirs, 8))
			continue;
		s->addr = w[i].addr;
		memcpy(s->there, theirs, 8);
		for (uint32_t k = 0; k < 8; k++)
			s->shown[k] = as_new ? ours[k] : hp_write_old(j->patch, &w[i], k);
		t->npairs++;
	}
	return t->pairs;
}

/* The newer one stands below. */
bool pairs_show(struct job *j, const struct hp_patch *other)
{
	const struct hp_line *line = hp_patch_line(j->patch), *others = hp_patch_line(other);

	if (!line || !others || !is_mapped(j) || !(other->flags & HP_PATCH_MAPPED) || hp_broken("pairs-show"))
		return true;
	return show(j, other, line->image > others->image);
}

enum ctl_cause pairs_leave(struct job *j, const struct hp_patch *active)
{
	const struct hp_write *w = hp_patch_writes(j->patch);
	bool both = is_mapped(j) && active->flags & HP_PATCH_MAPPED && !hp_broken("pairs-leave");
	enum ctl_cause cause = CAUSE_NONE;

	for (uint32_t i = j->patch->nwrite; i-- && !cause;) {
		const uint8_t *theirs = both && w[i].phase == HP_UNWIND ? hp_patch_pair(active, w[i].addr) : NULL;
		if (w[i].phase != HP_UNWIND || (theirs && !memcmp(theirs, hp_patch_at(j->patch, w[i].new_), 8)))
			continue;
		j->engine.bad = w[i].addr;
		if (!theirs)
			cause = job_fault(j, engine_record(&j->engine, &w[i], true));
		else if (engine_write_pair(&j->target.target, w[i].addr, theirs))
			cause = job_fault(j, FAULT_WRITE);
	}
	return cause;
}
