/* SPDX-License-Identifier: MIT */
/*
 * A patch that outgrew the arena, in a process that runs.
 *
 * Its image is a segment of the hotpatch file that goes to the upper half of the module's reserve. The startup stub
 * made that half executable when the process started, so nothing has to be mapped now, by nobody and in no sandbox: the
 * image is written like all else, before anything leads there, and taken back by making it zeros again. Where the stub
 * was denied the room the patch is refused. Below the image the room is free for the gate of many functions
 * (ctl-gate.c), which may be more than the arena holds.
 *
 * At startup the stub maps the segment from the file instead; that can be taken back here,
 * too.
 */
#define _GNU_SOURCE
#include <string.h>
#include "bytes.h"
#include "ctl-job.h"

#define PAGE 4096

static const uint8_t *bytes_of(const struct job *j, const struct hp_segment *s)
{
	return (const uint8_t *)j->file->file + s->file;
}

/* Only what the stub has mapped will not be mapped once more under the feet of the patch. */
enum ctl_cause segments_check(struct job *j)
{
	for (uint32_t i = 0; i < j->patch->nsegment; i++) {
		const struct hp_segment *s = &hp_patch_segments(j->patch)[i];
		if (j->module->registry.code_room != 1 ||
		    !maps_cover(&j->proc->maps, j->target.base + s->addr, s->memsz, false, true))
			return CAUSE_MAPPED;
	}
	return CAUSE_NONE;
}

bool segments_gate_room(const struct job *j, uint64_t *from, uint64_t *to)
{
	const struct hp_patch *p = j->patch;

	if (!p->nsegment)
		return false;
	*from = hp_reserve_code(p->reserve, p->reserve_end);
	*to = hp_patch_segments(p)[0].addr;
	return true;
}

static bool is_there(const struct job *j, const struct hp_segment *s)
{
	const uint8_t *bytes = bytes_of(j, s);
	uint8_t there[PAGE];

	for (uint64_t done = 0, n; done < s->filesz; done += n) {
		n = s->filesz - done < PAGE ? s->filesz - done : PAGE;
		if (!proc_read(j->proc, j->target.base + s->addr + done, there, n) || memcmp(there, bytes + done, n))
			return false;
	}
	return true;
}

bool segments_are_there(const struct job *j)
{
	for (uint32_t i = 0; i < j->patch->nsegment; i++)
		if (!is_there(j, &hp_patch_segments(j->patch)[i]))
			return false;
	return true;
}

enum ctl_cause segments_write(struct job *j)
{
	struct target *t = &j->target.target;

	for (uint32_t i = 0; i < j->patch->nsegment; i++) {
		const struct hp_segment *s = &hp_patch_segments(j->patch)[i];
		ctl_step("segment");
		j->engine.bad = s->addr;
		if (s->filesz && t->write(t, s->addr, bytes_of(j, s), s->filesz))
			return job_fault(j, FAULT_WRITE);
	}
	return segments_are_there(j) ? CAUSE_NONE : job_gone_or(j, CAUSE_WRITE);
}

static uint64_t room_start(const struct job *j)
{
	return hp_reserve_code(j->patch->reserve, j->patch->reserve_end);
}

static uint64_t room_end(const struct job *j)
{
	return j->patch->reserve_end & -(uint64_t)PAGE;
}

bool is_code_room(const struct job *j, uint64_t from, uint64_t to)
{
	return from <= to && range_inside(from, to - from, room_start(j), room_end(j));
}

/* All of it: the gate, and what earlier patches may have left above the image. */
enum ctl_cause segments_wipe(struct job *j)
{
	if (!j->patch->nsegment || hp_broken("segments-wipe"))
		return CAUSE_NONE;
	ctl_step("unsegment");
	return job_wipe(j, room_start(j), room_end(j));
}

int ranges_of_segments(struct ranges *r, const struct job *j)
{
	uint64_t base = j->target.base;

	if (!j->patch->nsegment)
		return 0;
	return ranges_add(r, base + room_start(j), base + room_end(j), "the patch", false);
}
