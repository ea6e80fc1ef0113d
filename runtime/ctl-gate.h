/* SPDX-License-Identifier: MIT */
/* The gate of one patch in one module, see ctl-gate.c and, for its plan and code, ctl-passage.c. Addresses are those of
 * the file. */
#ifndef HOTPATCH_CTL_GATE_H
#define HOTPATCH_CTL_GATE_H

#include "ctl-job.h"
#include "ctl-insn.h"

/* hp_gate.verdict */
#define VERDICT_OLD (HP_GATE_OLD + 1)
#define VERDICT_NEW HP_GATE_NEW

/* One function's way through the gate. Side 0 is where phase OLD leads, side 1 where NEW does. */
struct passage {
	uint64_t site;                  /* the short jump: the entry, or behind its endbr64 */
	uint64_t room;                  /* the long jump */
	uint64_t side[2];               /* the code of a patch; 0: the function of the old build */
	const struct hp_write *entry[2];/* the record that leads the entry to the room, in the patch of that side */
	uint64_t code, undecided;       /* the passage; from where on it only waits */
	uint8_t first[INSN_MAX];        /* the instruction at the site */
	size_t first_size;
	uint8_t direct[2][HP_ROOM_SIZE];/* the room, leading to a side; where that is the old function nothing does */
	uint8_t gated[HP_ROOM_SIZE];    /* the room, leading to the passage */
};

struct gate {
	struct passage *list;
	size_t count;
	bool back;                      /* from side 1 to side 0 */
	bool guarded;                   /* back, with hooks: both sides are the patch's guards, whose phase changes */
	uint64_t ask, phase;            /* to a patch whose hooks have to run first: hp_hooks(), its phase; else 0 */
	uint64_t word;                  /* struct hp_gate in the registry */
	uint64_t start, end;
	uint8_t fill;                   /* what is there where nothing is */
	uint8_t *code;                  /* NULL: gate_build() did not come to that */
};

/* Both write nothing; the caller releases the gate in any case. The list: the entries of the patch, and of the one
 * before where there is one. The code: for its place, which is the same each time. */
enum ctl_cause gate_list(struct job *j, struct gate *gate, bool back);
enum ctl_cause gate_build(struct job *j, struct gate *gate);
void gate_release(struct gate *gate);

/* Writes the code, and leads all entries to it; they stay on the side that they are on. */
enum ctl_cause gate_install(struct job *j, const struct gate *gate);
/* Closes it again and again until all are on the other side, or the deadline has come: then why not. */
enum ctl_cause gate_try(struct job *j, const struct gate *gate);
/* Leads the rooms straight to a side, but for those of functions that the side leaves alone. */
enum ctl_cause gate_rooms(struct job *j, const struct gate *gate, int side);
enum ctl_cause gate_room(struct job *j, const struct passage *g, int side);

/* All are on side 1, whose hooks said no, so that each goes to side 0: from now on without asking. */
enum ctl_cause gate_go_old(struct job *j, const struct gate *gate);

/* Is this the very gate that stands in the module? */
bool gate_stands(const struct job *j, const struct gate *gate);
/* An earlier run may have left it closed: whoever waits gets the verdict that he would take himself. *side: where all
 * are. */
enum ctl_cause gate_fall_back(struct job *j, const struct gate *gate, int *side);
/* Lets the engine see a room that leads to FROM, or to the gate, as one that leads to TO. */
void gate_show(struct job *j, const struct gate *gate, int from, int to);

#endif
