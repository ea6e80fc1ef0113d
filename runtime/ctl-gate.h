/* SPDX-License-Identifier: MIT */
/* The gate of one patch in one module, see ctl-gate.c. Addresses are those of the file. */
#ifndef HOTPATCH_CTL_GATE_H
#define HOTPATCH_CTL_GATE_H

#include "ctl-job.h"
#include "ctl-insn.h"

#define PASSAGE_SIZE 192

/* One function's way through the gate. */
struct passage {
	uint64_t site;                  /* the short jump: the entry, or behind its endbr64 */
	uint64_t room;                  /* the long jump */
	uint64_t new_;                  /* the new function */
	uint64_t code, undecided;       /* the passage; from where on it only waits */
	uint8_t first[INSN_MAX];        /* the instruction at the site */
	size_t first_size;
	uint8_t direct[HP_ROOM_SIZE], gated[HP_ROOM_SIZE]; /* the room: to the new function, to the passage */
};

struct gate {
	struct passage *list;
	size_t count;
	bool back;                      /* from new to old */
	uint64_t word;                  /* struct hp_gate in the registry */
	uint64_t start, end;
	uint8_t *code;
};

/* Nothing is written. The caller releases it in any case. */
enum ctl_cause gate_plan(struct job *j, struct gate *gate, bool back);
void gate_release(struct gate *gate);
/* Leads all rooms to the gate, or straight to the new functions. */
enum ctl_cause gate_rooms(struct job *j, const struct gate *gate, bool direct);

#endif
