/* SPDX-License-Identifier: MIT */
/*
 * The plan of a gate, and its machine code: one passage for each function. Nothing is written to the process here; what
 * the gate is for and how it is used stands in ctl-gate.c.
 *
 * The entries of the patch are found in its records: which instruction jumps to the room, where the room leads, and
 * what stood at the entry before, for a copy of that instruction is the gate's way to the old function.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "bytes.h"
#include "ctl-gate.h"
#include "ctl-hooks.h"

#define LEASE (1u << 22)                /* turns that a waiting thread counts: some 40-200 ms of its own time */
#define BEHIND 32                       /* end of a passage, for the way to the old function on side 1 */

/* ---- plan -------------------------------------------------------------------------------------------------------- */

static const struct hp_write *room_at(const struct hp_patch *p, uint64_t addr)
{
	const struct hp_write *w = hp_patch_writes(p);

	for (uint32_t i = 0; i < p->nwrite; i++)
		if (w[i].phase == HP_ROOM && w[i].addr == addr)
			return &w[i];
	return NULL;
}

/* Where in an entry's record the short jump to the room stands. */
static const struct hp_write *entry_parts(const struct hp_patch *p, const struct hp_write *w, struct passage *g)
{
	for (uint32_t i = 0; i < w->size; i++) {
		if (hp_write_new(p, w, i) == hp_write_old(p, w, i))
			continue;
		/* The first byte that differs is the opcode, or its distance where the opcode happened to be the
		 * same. */
		for (uint32_t back = 0; back < 2 && back <= i; back++) {
			bool last = w->size == 1;
			g->site = w->addr + i - back;
			int8_t distance = last ? 0 : (int8_t)(i - back + 1 < 8 ? hp_write_new(p, w, i - back + 1) : 0);
			if (hp_write_new(p, w, i - back) != 0xeb)
				continue;
			if (!last)
				return room_at(p, g->site + 2 + (uint64_t)(int64_t)distance);
			/* 66 F9 at the entry, 66 F5 behind endbr64 */
			const struct hp_write *room = room_at(p, g->site - 5);
			return room ? room : room_at(p, g->site - 9);
		}
		return NULL;
	}
	return NULL;
}

/* The bytes at the entry as the old build has them, whatever stands there now. */
static bool read_entry(const struct job *j, const struct hp_write *w, const struct passage *g, uint8_t code[INSN_MAX])
{
	if (!proc_read(j->proc, j->target.base + g->site, code, INSN_MAX))
		return false;
	for (uint64_t at = w->addr; at < w->addr + w->size; at++)
		if (at >= g->site && at < g->site + INSN_MAX)
			code[at - g->site] = hp_write_old(j->patch, w, (uint32_t)(at - w->addr));
	return true;
}

/* The passage of one entry of J's patch, which is on SIDE. */
static bool plan_passage(const struct job *j, const struct hp_write *w, int side, struct passage *g)
{
	const struct hp_write *room = entry_parts(j->patch, w, g);
	int32_t distance;

	if (!room || hp_write_new(j->patch, room, 0) != 0xe9 || !read_entry(j, w, g, g->first))
		return false;
	g->room = room->addr;
	for (unsigned i = 0; i < HP_ROOM_SIZE; i++)
		g->direct[side][i] = hp_write_new(j->patch, room, i);
	memcpy(&distance, g->direct[side] + 1, 4);
	g->side[side] = g->room + HP_ROOM_SIZE + (uint64_t)(int64_t)distance;
	g->entry[side] = w;
	g->first_size = insn_length(g->first, INSN_MAX);
	return g->first_size >= 2;
}

static struct passage *passage_at(struct gate *gate, uint64_t room)
{
	for (size_t i = 0; i < gate->count; i++)
		if (gate->list[i].room == room)
			return &gate->list[i];
	return NULL;
}

/* The entries of J's patch; those that are in the list already get a second side. */
static enum ctl_cause plan_side(struct job *j, const struct job *of, int side, struct gate *gate)
{
	const struct hp_write *w = hp_patch_writes(of->patch);

	for (uint32_t i = 0; i < of->patch->nwrite; i++) {
		struct passage g = {0}, *known;
		if (w[i].phase != HP_ENTRY)
			continue;
		if (!plan_passage(of, &w[i], side, &g)) {
			job_detail(j, "the entry at 0x%" PRIx64, w[i].addr);
			return job_gone_or(j, CAUSE_ROOM);
		}
		known = passage_at(gate, g.room);
		if (!known) {
			gate->list[gate->count++] = g;
			continue;
		}
		known->side[side] = g.side[side];
		known->entry[side] = g.entry[side];
		memcpy(known->direct[side], g.direct[side], HP_ROOM_SIZE);
	}
	return CAUSE_NONE;
}

/* SIZE bytes of the image of J's patch at ADDR, wherever it stands; NULL: they are none of it. */
static const uint8_t *image_at(const struct job *j, uint64_t addr, uint64_t size)
{
	const struct hp_write *w = hp_patch_writes(j->patch);
	const struct hp_segment *s = hp_patch_segments(j->patch);

	for (uint32_t i = 0; i < j->patch->nwrite && w[i].phase == HP_IMAGE; i++)
		if (range_inside(addr, size, w[i].addr, w[i].addr + w[i].size))
			return (const uint8_t *)hp_patch_at(j->patch, w[i].new_) + (addr - w[i].addr);
	for (uint32_t i = 0; i < j->patch->nsegment; i++)
		if (range_inside(addr, size, s[i].addr, s[i].addr + s[i].filesz))
			return (const uint8_t *)j->file->file + s[i].file + (addr - s[i].addr);
	return NULL;
}

/* The hooks of J's patch are to be asked. A guard says where: cmpl $NEW, phase; je new; call hp_hooks; ...
 * (postlink/guard.c) */
static enum ctl_cause plan_asking(struct job *j, struct gate *gate)
{
	for (size_t i = 0; i < gate->count; i++) {
		const uint8_t *guard = gate->list[i].entry[1] ? image_at(j, gate->list[i].side[1], 18) : NULL;
		int32_t distance;
		if (!guard || guard[0] != 0x83 || guard[7] != 0x0f || guard[13] != 0xe8)
			continue;
		memcpy(&distance, guard + 14, 4);
		gate->ask = gate->list[i].side[1] + 18 + (uint64_t)(int64_t)distance;
		gate->phase = j->patch->hooks + offsetof(struct hp_hooks, phase);
		return image_at(j, gate->ask, 1) ? CAUSE_NONE : CAUSE_GATE;
	}
	job_detail(j, "no guard of its hooks is where it should be");
	return CAUSE_GATE;
}

enum ctl_cause gate_list(struct job *j, struct gate *gate, bool back)
{
	uint32_t room = j->patch->nwrite + (j->before ? j->before->patch->nwrite : 0) + 1;
	enum ctl_cause cause;

	*gate = (struct gate){ .back = back, .fill = 0xcc, .guarded = back && j->patch->hooks,
			       .word = j->patch->registry + offsetof(struct hp_registry, gate) };
	gate->list = calloc(room, sizeof(*gate->list));
	if (!gate->list || (j->target.base + gate->word) % 8)
		return CAUSE_GATE;
	cause = plan_side(j, j, 1, gate);
	if (!cause && j->before)
		cause = plan_side(j, j->before, 0, gate);
	if (!cause && hooks_have_to_run(j))
		cause = plan_asking(j, gate);
	return cause;
}

/* ---- code -------------------------------------------------------------------------------------------------------- */

struct code { uint8_t *at; uint64_t addr; unsigned n; bool bad; };

static void put(struct code *c, const char *bytes, unsigned n)
{
	memcpy(c->at + c->n, bytes, n);
	c->n += n;
}

static void put32(struct code *c, uint32_t value)
{
	memcpy(c->at + c->n, &value, 4);
	c->n += 4;
}

/* A distance to TARGET, TAIL bytes before the instruction's end. */
static void put_distance(struct code *c, uint64_t target, unsigned tail)
{
	int64_t distance = (int64_t)(target - (c->addr + c->n + 4 + tail));

	c->bad = c->bad || distance != (int32_t)distance;
	put32(c, (uint32_t)distance);
}

static void put_compare(struct code *c, uint64_t word, uint8_t value)
{
	put(c, "\x83\x3d", 2);                          /* cmpl $value, word(%rip) */
	put_distance(c, word, 1);
	c->at[c->n++] = value;
}

static void put_jump(struct code *c, const char *opcode, unsigned n, uint64_t target)
{
	put(c, opcode, n);
	put_distance(c, target, 0);
}

#define JMP "\xe9", 1
#define JE "\x0f\x84", 2
#define JNE "\x0f\x85", 2

/* One load sees phase and verdict together: taken one after the other they may be of two attempts. */
static void put_wait(struct code *c, const struct gate *gate, uint64_t go)
{
	uint8_t verdict = gate->back ? VERDICT_OLD : VERDICT_NEW;

	put(c, "\x50\x51\x52\xba", 4);                  /* push %rax, %rcx, %rdx; mov $LEASE, %edx */
	put32(c, LEASE);
	unsigned loop = c->n;
	put(c, "\x48\x8b\x05", 3);                      /* mov word(%rip), %rax */
	put_distance(c, gate->word, 0);
	put(c, "\x83\xf8\x01\x75", 4);                  /* cmp $CLOSED, %eax; jne out */
	unsigned out = c->n++;
	/* mov %rax, %rcx; shr $32, %rcx; cmp $verdict, %ecx; je go */
	put(c, "\x48\x89\xc1\x48\xc1\xe9\x20\x83\xf9", 9);
	c->at[c->n++] = verdict;
	c->at[c->n++] = 0x74;
	unsigned to_go = c->n++;
	put(c, "\x85\xc9\x75", 3);                      /* test %ecx, %ecx; jne expire: the verdict is to stay */
	unsigned expire = c->n++;
	put(c, "\xf3\x90\xff\xca\x75", 5);              /* pause; dec %edx; jne loop */
	c->at[c->n] = (uint8_t)(loop - (c->n + 1));
	c->n++;
	c->at[expire] = (uint8_t)(c->n - (expire + 1));
	c->at[c->n++] = 0xb9;                           /* mov $fallback, %ecx: and no verdict */
	put32(c, hp_broken("gate-lease") ? HP_GATE_CLOSED : gate->back ? HP_GATE_NEW : HP_GATE_OLD);
	put(c, "\xf0\x48\x0f\xb1\x0d", 5);              /* lock cmpxchg %rcx, word(%rip) */
	put_distance(c, gate->word, 0);
	c->at[out] = (uint8_t)(c->n - (out + 1));
	put(c, "\x5a\x59\x58", 3);                      /* pop %rdx, %rcx, %rax */
	put_jump(c, JMP, c->addr);
	c->at[to_go] = (uint8_t)(c->n - (to_go + 1));
	put(c, "\x5a\x59\x58", 3);
	put_jump(c, JMP, go);
}

/* The way to the old function: its first instruction, then behind it. */
static void put_old(struct code *c, const struct passage *g)
{
	uint8_t moved[INSN_MOVED_MAX];
	size_t n = insn_move(g->first, INSN_MAX, g->site, c->addr + c->n, moved);

	c->bad = c->bad || !n;
	put(c, (const char *)moved, (unsigned)n);
	put_jump(c, JMP, g->site + g->first_size);
}

/* To SIDE1 if the hooks consent, else to SIDE0. As the guards do it (postlink/guard.c). */
static void put_asking(struct code *c, const struct gate *gate, uint64_t side1, uint64_t side0)
{
	put_compare(c, gate->phase, HP_HOOKS_NEW);
	put_jump(c, JE, side1);
	put_jump(c, "\xe8", 1, gate->ask);              /* call hp_hooks */
	put(c, "\x48\xc7\x44\x24\xf8\0\0\0\0", 9);     /* movq $0, -8(%rsp) */
	put_jump(c, JNE, side1);
	put_jump(c, JMP, hp_broken("gate-veto") ? side1 : side0);
}

/* The last four bytes before AT are a distance: it leads here. */
static void land(struct code *c, unsigned at)
{
	uint32_t distance = c->n - at;

	memcpy(c->at + at - 4, &distance, 4);
}

/*
 * The passage of one function at c->addr. Flags are dead at an entry, and nothing else is changed: callers may count on
 * any register that the old function leaves alone.
 *
 *   cmp word, OLD; jne 1f;  side 0
 *   1: cmp word, NEW; je side 1;  wait             or  1: cmp word, NEW; jne 2f;  ask the hooks;  2: wait
 *   side 1, where that is the old function
 */
static void put_passage(struct code *c, struct passage *g, const struct gate *gate)
{
	uint64_t side1 = g->side[1] ? g->side[1] : c->addr + HP_GATE_PASSAGE - BEHIND, go = side1;
	unsigned old, wait;

	put_compare(c, gate->word, HP_GATE_OLD);
	put_jump(c, JNE, 0);
	old = c->n;
	if (g->side[0])
		put_jump(c, JMP, g->side[0]);
	else
		put_old(c, g);
	land(c, old);
	put_compare(c, gate->word, HP_GATE_NEW);
	if (gate->ask) {
		put_jump(c, JNE, 0);
		wait = c->n;
		go = c->addr + wait;
		put_asking(c, gate, side1, c->addr + old);
		land(c, wait);
	} else {
		put_jump(c, JE, side1);
	}
	g->undecided = c->addr + c->n;
	put_wait(c, gate, gate->back && !gate->guarded ? c->addr + old : go);
	if (g->side[1])
		return;
	c->bad = c->bad || c->n > HP_GATE_PASSAGE - BEHIND;
	c->n = HP_GATE_PASSAGE - BEHIND;
	put_old(c, g);
}

static void point_room(struct passage *g)
{
	int32_t distance = (int32_t)(g->code - (g->room + HP_ROOM_SIZE));

	g->gated[0] = 0xe9;
	memcpy(g->gated + 1, &distance, 4);
}

/* Below the image of a patch that outgrew the arena; where there is no room, and of another one, behind it in the
 * arena. */
static enum ctl_cause place_gate(struct job *j, struct gate *gate)
{
	uint64_t chunk = j->module->chunk >= 16 && j->module->chunk <= 65536 ? j->module->chunk : 16;
	uint64_t used = (j->patch->arena_used + chunk - 1) / chunk * chunk, size = gate->count * HP_GATE_PASSAGE;
	uint64_t start = ((j->patch->arena + used) + 15) & ~15ull, room, room_end;

	if (segments_gate_room(j, &room, &room_end) && !segments_check(j) && range_inside(room, size, room, room_end)) {
		start = room;
		gate->fill = 0;
	} else if (!range_inside(start, size, j->patch->arena, j->patch->arena_end)) {
		return CAUSE_GATE;
	}
	gate->start = start;
	gate->end = start + size;
	return CAUSE_NONE;
}

enum ctl_cause gate_build(struct job *j, struct gate *gate)
{
	enum ctl_cause cause = place_gate(j, gate);
	uint64_t start = gate->start;

	if (cause)
		return cause;
	gate->code = malloc(gate->count * HP_GATE_PASSAGE);
	if (!gate->code)
		return CAUSE_GATE;
	memset(gate->code, 0xcc, gate->count * HP_GATE_PASSAGE);
	for (size_t i = 0; i < gate->count; i++) {
		struct passage *g = &gate->list[i];
		g->code = start + i * HP_GATE_PASSAGE;
		struct code c = { .at = gate->code + i * HP_GATE_PASSAGE, .addr = g->code };
		put_passage(&c, g, gate);
		if (c.bad || c.n > HP_GATE_PASSAGE) {
			job_detail(j, "the entry at 0x%" PRIx64, g->site);
			return CAUSE_ROOM;
		}
		point_room(g);
	}
	return CAUSE_NONE;
}

void gate_release(struct gate *gate)
{
	free(gate->list);
	free(gate->code);
	*gate = (struct gate){0};
}
