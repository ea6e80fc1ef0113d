/* SPDX-License-Identifier: MIT */
/*
 * The gate: many functions change over at one moment, and nobody is stopped for it.
 *
 * Each entry is led to a few instructions behind the patch in the arena, which ask one word of the registry:
 *
 *   OLD     run the instruction that the jump at the entry replaced, go on in the old function
 *   NEW     go to the new function
 *   CLOSED  wait for the verdict
 *
 * With the word at OLD all entries can be led there one after another, with no effect. Threads are looked at while all
 * goes on; only when nobody is in a changed function the gate is closed, those who ran since are looked at again, and
 * one store gives the verdict: NEW, or OLD and try again later. A thread that asks while the gate is closed can be in
 * no old function by way of an entry, so threads need not be looked at in the same instant.
 *
 * Whoever waits too long takes the old side himself, by exchanging the whole word against (CLOSED, no verdict): if the
 * tool has died, nobody waits for ever; if it was too slow, its verdict comes too late and it sees so. Once the verdict
 * is NEW that exchange fails, and all go by the verdict. testsuite/gate.pml shows that the sides never mix.
 *
 * To take a patch back the same gate goes from NEW to OLD. Where hooks have to run before the old code may, what is
 * behind NEW are the patch's guards (hooks.c): while the gate is closed their phase is set, and then all go on to them.
 *
 * Where a patch takes over from another one and has hooks to run, its guards would lead to the old build when one says
 * no. So the passages do what they do: on side 1 they ask the phase, call hp_hooks() as long as it is not decided, and
 * lead to side 0, the other patch, if the hooks do not consent.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bytes.h"
#include "ctl-gate.h"
#include "ctl-hooks.h"

#define LOOK_NS 8000000                 /* the tool gives up before that; later when the machine is busy */
#define GRACE_NS 50000                  /* before anybody is stopped; this once, then so much more each time */
#define GRACE_MORE_NS 200000
#define MOMENTS 8                       /* closings at a time when it could be soon over */
#define MOMENTS_NS 100000000            /* how long one is waited for the first time */
#define PICKY_NS 300000                 /* how long such a closing is, and so much longer for each thread */
#define PICKY_EACH_NS 3000

/* ---- writes ------------------------------------------------------------------------------------------------------ */

static enum ctl_cause write_word(struct job *j, const struct gate *gate, size_t offset, uint32_t value)
{
	return job_write(j, gate->word + offset, &value, sizeof(value));
}

#define PHASE offsetof(struct hp_gate, phase)
#define VERDICT offsetof(struct hp_gate, verdict)

/* Changes the jump of a live room: all bytes that differ must lie in one aligned quadword. */
static enum ctl_cause write_room(struct job *j, const struct passage *g, const uint8_t *to)
{
	uint64_t first = g->room & ~7ull;
	uint8_t was[16], is[16];

	if (!proc_read(j->proc, j->target.base + first, was, sizeof(was)))
		return job_fault(j, FAULT_READ);
	memcpy(is, was, sizeof(is));
	memcpy(is + (g->room - first), to, HP_ROOM_SIZE);
	bool low = memcmp(is, was, 8), high = memcmp(is + 8, was + 8, 8);
	bool live = was[g->room - first] == 0xe9;
	if (low && high && live) {
		job_detail(j, "the room at 0x%" PRIx64, g->room);
		return CAUSE_ROOM;
	}
	enum ctl_cause cause = CAUSE_NONE;
	if (low)
		cause = job_write(j, first, is, 8);
	if (!cause && high)
		cause = job_write(j, first + 8, is + 8, 8);
	return cause;
}

enum ctl_cause gate_room(struct job *j, const struct passage *g, int side)
{
	return write_room(j, g, g->side[side] ? g->direct[side] : g->gated);
}

enum ctl_cause gate_rooms(struct job *j, const struct gate *gate, int side)
{
	enum ctl_cause cause = CAUSE_NONE;

	for (size_t i = 0; i < gate->count && !cause; i++)
		cause = gate_room(j, &gate->list[i], side);
	return cause;
}

/* Does the room, as it is at most two quadwords, differ in one of them only? */
static bool is_one_store(const struct passage *g, const uint8_t *from, const uint8_t *to)
{
	unsigned split = 8 - g->room % 8;       /* bytes of the room before the next quadword */

	return split >= HP_ROOM_SIZE || !memcmp(from, to, split) ||
	       !memcmp(from + split, to + split, HP_ROOM_SIZE - split);
}

/* Can every room be led to the gate, and to either side, in one store each? Nothing is written. */
static enum ctl_cause check_rooms(struct job *j, const struct gate *gate)
{
	for (size_t i = 0; i < gate->count; i++) {
		const struct passage *g = &gate->list[i];
		for (int side = 0; side < 2; side++)
			if (g->side[side] && !is_one_store(g, g->direct[side], g->gated)) {
				job_detail(j, "the room at 0x%" PRIx64, g->room);
				return CAUSE_ROOM;
			}
	}
	return CAUSE_NONE;
}

/* The code goes where its room is free, or where an earlier gate stands. */
static enum ctl_cause check_arena(struct job *j, const struct gate *gate)
{
	const struct hp_gate *former = &j->module->registry.gate;
	size_t size = gate->end - gate->start;
	uint8_t *there = malloc(size);
	bool room = there && proc_read(j->proc, j->target.base + gate->start, there, size);

	for (size_t i = 0; room && i < size; i++)
		room = there[i] == gate->fill || range_inside(gate->start + i, 1, former->code, former->code_end);
	free(there);
	return room ? CAUSE_NONE : CAUSE_GATE;
}

enum ctl_cause gate_go_old(struct job *j, const struct gate *gate)
{
	return write_word(j, gate, PHASE, HP_GATE_OLD);
}

bool gate_stands(const struct job *j, const struct gate *gate)
{
	size_t size = gate->end - gate->start;
	uint8_t *there = malloc(size);
	bool same = there && j->module->registry.gate.code == gate->start &&
		    proc_read(j->proc, j->target.base + gate->start, there, size) && !memcmp(there, gate->code, size);

	free(there);
	return same;
}

/* A gate may stand there already, for another direction or another patch. Nobody is led to it any more, but a thread
 * that was in it may not have run since; it must not find other code, or the word of another gate. */
static enum ctl_cause leave_former(struct job *j, const struct gate *gate)
{
	const struct hp_gate *former = &j->module->registry.gate;
	struct ranges r = {0};
	enum ctl_cause cause = CAUSE_UNSTABLE;

	if (!former->code || gate_stands(j, gate))
		return CAUSE_NONE;
	if (j->module->registry.beside.state == HP_BESIDE_LEFT) {
		job_detail(j, "code of an earlier patch is in use, and rooms may lead to its gate");
		return CAUSE_BUSY;
	}
	if (ranges_add(&r, j->target.base + former->code, j->target.base + former->code_end, "the gate", false) == 0)
		cause = job_wait_outside(j, &r, j->deadline);
	ranges_free(&r);
	return cause ? cause : job_wipe(j, former->code, former->code_end);
}

static enum ctl_cause write_gate(struct job *j, const struct gate *gate, const struct hp_gate *word)
{
	enum ctl_cause cause;

	/* First what it says: the word may be left from another one. Then its place: a registry that names the gate
	 * lets the next run find what is there of it. */
	ctl_step("gate-word");
	cause = write_word(j, gate, VERDICT, 0);
	if (!cause)
		cause = write_word(j, gate, PHASE, word->phase);
	ctl_step("gate-place");
	if (!cause)
		cause = job_write(j, gate->word + offsetof(struct hp_gate, code), &word->code, 16);
	ctl_step("gate-code");
	if (!cause)
		cause = job_write(j, gate->start, gate->code, gate->end - gate->start);
	return cause;
}

enum ctl_cause gate_install(struct job *j, const struct gate *gate)
{
	struct hp_gate word = { .phase = gate->back ? HP_GATE_NEW : HP_GATE_OLD,
				.code = gate->start, .code_end = gate->end };
	enum ctl_cause cause = check_rooms(j, gate);

	if (!cause)
		cause = check_arena(j, gate);
	if (!cause)
		cause = leave_former(j, gate);
	if (!cause)
		cause = write_gate(j, gate, &word);
	ctl_step("gate-rooms");
	for (size_t i = 0; i < gate->count && !cause; i++)
		cause = write_room(j, &gate->list[i], gate->list[i].gated);
	if (cause)
		return cause;
	j->module->registry.gate = word;
	ctl_step("gate-armed");
	if (!j->before) {
		cause = job_fault(j, engine_mark(&j->engine, HP_ARMED));
		j->module->registry.state = HP_ARMED;
	}
	ctl_step("gate-entries");
	if (!cause && !gate->back)
		cause = job_fault(j, engine_phase(&j->engine, HP_ENTRY, false));
	return cause;
}

/* ---- one attempt ------------------------------------------------------------------------------------------------- */

/* Changed functions that somebody could be in, on the side to be left; and passages past their question. */
static int leaving(struct ranges *r, const struct job *j, const struct gate *gate)
{
	int result = 0;

	if (gate->back) {
		ranges_hide(r, j->target.base + j->patch->reserve, j->target.base + j->patch->reserve_end);
		for (uint32_t i = 0; i < j->patch->nfunc && result == 0; i++) {
			const struct hp_func *f = &hp_patch_funcs(j->patch)[i];
			result = ranges_add(r, j->target.base + f->new_, j->target.base + f->new_ + f->new_size,
					    hp_patch_at(j->patch, f->name), true);
		}
	} else {
		result = ranges_of_old(r, j);
		if (result == 0 && j->before)
			result = ranges_of_code(r, j->before);
		if (result == 0 && j->before)
			result = ranges_of_constants(r, j->before);
	}
	for (size_t i = 0; i < gate->count && result == 0; i++)
		result = ranges_add(r, j->target.base + gate->list[i].code + 7,
				    j->target.base + gate->list[i].undecided, "the gate", false);
	ranges_sort(r);
	return result;
}

/* Gives the verdict; true when it came in time. */
static bool decide(struct job *j, const struct gate *gate, bool go)
{
	struct hp_gate word;
	bool to_new = go != gate->back;
	uint32_t verdict = to_new ? VERDICT_NEW : VERDICT_OLD, phase = to_new ? HP_GATE_NEW : HP_GATE_OLD;

	if (write_word(j, gate, VERDICT, verdict) ||
	    !proc_read(j->proc, j->target.base + gate->word, &word, sizeof(word)))
		return false;
	ctl_step("verdict");
	/* CLOSED with the verdict to go is final: nobody can exchange it any more. Else somebody was faster. */
	bool mine = word.phase == HP_GATE_CLOSED && word.verdict == verdict;
	if (mine && go && gate->guarded) {
		hooks_go_old(j);
		phase = HP_GATE_NEW;
	}
	if (mine)
		write_word(j, gate, PHASE, phase);
	return mine;
}

/* How long to wait, with the gate closed, for those inside to come out: little at first, more when that did not do. */
static uint64_t patience(unsigned n)
{
	return n < 3 ? 150000 : n < 6 ? 1000000 : n < 20 ? 50000000 : 250000000;
}

/* How long all of it may take. Where many threads share a processor it is long until each has had its turn: to stop,
 * and to come out. */
static uint64_t look_time(unsigned n)
{
	return LOOK_NS * (n < 4 ? 1 : n < 8 ? 2 : n < 12 ? 4 : n < 20 ? 8 : 40);
}

static enum ctl_cause turn_values(struct job *j, bool back)
{
	return j->before ? values_go_over(j, back) : job_fault(j, engine_values(&j->engine, back));
}

/* With the gate closed: is everybody outside? */
static enum ctl_cause look_closed(struct job *j, struct threads *t, const struct ranges *r, struct hits *hits,
				  unsigned round, uint64_t began)
{
	uint64_t deadline = began + (t->picky ? PICKY_NS + t->count * PICKY_EACH_NS : look_time(round));
	uint64_t drained = began + (t->picky ? PICKY_NS : patience(round));
	const struct thread *who;
	enum ctl_cause cause;
	bool all;

	/* Stopped at once they would be where they were: let those who run come to the gate by themselves. */
	t->grace = began + (t->picky || !round ? GRACE_NS : GRACE_MORE_NS * (round < 25 ? round : 25));
	all = threads_recheck(t, j->proc, r, deadline);
	while (all && threads_worst(t, &who) == LOOK_INSIDE && now_ns() < drained &&
	       threads_drain(t, j->proc, r, 10000 + (now_ns() - began) / 4, deadline))
		continue;
	ctl_step("rechecked");
	/* Somebody switches stacks: what the pre-check saw of memory may be out of date. */
	if (all && threads_moved(t) && memory_scan(j->proc, r, hits, deadline) < 0)
		all = false;
	cause = judge_looks(j, t, hits);
	return cause || all ? cause : CAUSE_UNSTABLE;
}

/* The gate is closed for the time of this function. */
static enum ctl_cause close_and_decide(struct job *j, const struct gate *gate, struct threads *t,
				       const struct ranges *r, struct hits *hits, unsigned round)
{
	enum ctl_cause cause;
	uint64_t began;

	cause = write_word(j, gate, VERDICT, 0);
	if (cause)
		return cause;
	/* Who waits in the gate is not to take the processor from those who have to come out. Should the tool die, the
	 * kernel lets him go. */
	t->hold = j->target.base + gate->start;
	t->hold_end = j->target.base + gate->end;
	began = now_ns();
	cause = write_word(j, gate, PHASE, HP_GATE_CLOSED);
	ctl_step("closed");
	if (!cause)
		cause = look_closed(j, t, r, hits, round, began);
	/* Nobody is inside, so the values that the functions live by change with them. */
	if (!cause)
		cause = turn_values(j, gate->back);
	ctl_step("values");
	bool mine = decide(j, gate, !cause);
	if (!cause && !mine)
		turn_values(j, !gate->back);
	j->result->window = now_ns() - began;
	j->result->attempts++;
	threads_settle(t);
	if (!cause && !mine)
		cause = job_gone_or(j, CAUSE_EXPIRED);
	return cause;
}

static bool may_go_on(enum ctl_cause cause)
{
	return cause && cause != CAUSE_GONE && cause != CAUSE_WRITE;
}

/* Closing is for when it has a chance: not while somebody is seen inside who does not run. */
static bool has_chance(struct job *j, const struct threads *t, const struct hits *hits, enum ctl_cause *cause)
{
	*cause = judge_looks(j, t, hits);
	return !*cause || *cause == CAUSE_RUNNING;
}

/* How long such moments are waited for: each time longer, for it spares others a long wait, but there is an end to it. */
static uint64_t moments_time(const struct job *j, unsigned round)
{
	uint64_t most = (uint64_t)(j->opt->timeout * 1e9) / 16, time = MOMENTS_NS * (round + 1ull);

	return time < most ? time : most;
}

/* At moments that promise something, and not for long. */
static enum ctl_cause close_at_moments(struct job *j, const struct gate *gate, struct threads *t,
				       const struct ranges *r, struct hits *hits, unsigned round)
{
	uint64_t end = now_ns() + moments_time(j, round);
	enum ctl_cause cause = CAUSE_RUNNING;

	t->picky = true;
	for (unsigned n = 0; n < MOMENTS && may_go_on(cause) && threads_await_moment(t, j->proc, r, end); n++) {
		if (!has_chance(j, t, hits, &cause))
			break;
		cause = close_and_decide(j, gate, t, r, hits, 0);
	}
	t->picky = false;
	threads_look_again(t, j->proc, r);
	return cause;
}

static enum ctl_cause attempt(struct job *j, const struct gate *gate, const struct ranges *r, unsigned round)
{
	static struct hits hits;
	struct threads threads;
	enum ctl_cause cause = job_look(j, r, &threads, &hits);

	ctl_step("prechecked");
	if (!cause && has_chance(j, &threads, &hits, &cause)) {
		host_hurry(true);
		cause = close_at_moments(j, gate, &threads, r, &hits, round);
		if (may_go_on(cause) && has_chance(j, &threads, &hits, &cause))
			cause = close_and_decide(j, gate, &threads, r, &hits, round);
		host_hurry(false);
	}
	threads_close(&threads);
	return cause;
}

/* ---- the whole switch -------------------------------------------------------------------------------------------- */

enum ctl_cause gate_try(struct job *j, const struct gate *gate)
{
	struct ranges r = {0};
	struct verdict v = { .last = CAUSE_UNSTABLE };
	bool ready = leaving(&r, j, gate) == 0;
	unsigned pause = 1000, round = 0;

	if (ready)
		verdict_add(&v, j, attempt(j, gate, &r, round));
	while (ready && may_go_on(v.last) && now_ns() < j->deadline) {
		if (j->opt->verbose)
			fprintf(stderr, "hp-ctl: process %d, attempt %u: %s: %s\n", j->proc->pid, j->result->attempts,
				cause_code(v.last), j->result->detail);
		wait_progress(j->opt, j->result, v.last);
		usleep(pause);
		pause = pause < 50000 ? pause * 2 : pause;
		verdict_add(&v, j, attempt(j, gate, &r, ++round));
	}
	ranges_free(&r);
	return verdict_give(&v, j);
}

/* It did not come to pass: back to direct ways on the side that was not left. */
static enum ctl_cause give_up(struct job *j, const struct gate *gate, enum ctl_cause why)
{
	enum ctl_cause cause = CAUSE_NONE;

	if (why == CAUSE_GONE)
		return why;
	if (gate->back) {
		cause = gate_rooms(j, gate, 1);
	} else {
		cause = job_fault(j, engine_phase(&j->engine, HP_ENTRY, true));
		if (!cause)
			cause = job_fault(j, engine_mark(&j->engine, HP_LOADED));
	}
	if (!cause && gate->back)
		cause = job_fault(j, engine_mark(&j->engine, HP_ACTIVE));
	return cause == CAUSE_GONE ? cause : why;
}

enum ctl_cause gate_switch(struct job *j, bool back)
{
	struct gate gate;
	char detail[sizeof(j->result->detail)];
	enum ctl_cause cause = gate_list(j, &gate, back);

	if (!cause)
		cause = gate_build(j, &gate);
	if (!cause)
		cause = gate_install(j, &gate);
	if (!cause) {
		cause = gate_try(j, &gate);
		memcpy(detail, j->result->detail, sizeof(detail));
		ctl_step("decided");
		if (cause)
			cause = give_up(j, &gate, cause);
		else if (back && !gate.guarded)
			cause = job_fault(j, engine_phase(&j->engine, HP_ENTRY, true));
		else
			cause = gate_rooms(j, &gate, 1);
		memcpy(j->result->detail, detail, sizeof(detail));
	}
	gate_release(&gate);
	return cause;
}

/* ---- after a death ----------------------------------------------------------------------------------------------- */

static void show(struct job *j, const struct passage *g, const uint8_t *there, const uint8_t *shown)
{
	struct show *s = &j->target.shows[j->target.nshows++];

	s->addr = g->room;
	memcpy(s->there, there, HP_ROOM_SIZE);
	memcpy(s->shown, shown, HP_ROOM_SIZE);
}

void gate_show(struct job *j, const struct gate *gate, int from, int to)
{
	free(j->target.shows);
	j->target.nshows = 0;
	j->target.shows = calloc(2 * gate->count + 1, sizeof(*j->target.shows));
	for (size_t i = 0; j->target.shows && i < gate->count; i++) {
		const struct passage *g = &gate->list[i];
		if (!g->side[to])
			continue;
		if (gate->code)
			show(j, g, g->gated, g->direct[to]);
		if (g->side[from])
			show(j, g, g->direct[from], g->direct[to]);
	}
}

enum ctl_cause gate_fall_back(struct job *j, const struct gate *gate, int *side)
{
	struct hp_gate word;
	enum ctl_cause cause = CAUSE_NONE;

	if (!proc_read(j->proc, j->target.base + gate->word, &word, sizeof(word)))
		return job_fault(j, FAULT_READ);
	if (word.phase == HP_GATE_CLOSED && !word.verdict) {
		cause = write_word(j, gate, VERDICT, gate->back ? VERDICT_NEW : VERDICT_OLD);
		word.verdict = gate->back ? VERDICT_NEW : VERDICT_OLD;
	}
	if (word.phase == HP_GATE_CLOSED) {
		word.phase = word.verdict == VERDICT_NEW || gate->guarded ? HP_GATE_NEW : HP_GATE_OLD;
		if (!cause)
			cause = write_word(j, gate, PHASE, word.phase);
	}
	*side = word.phase == HP_GATE_NEW;
	return cause;
}

/* The gate that an earlier run left, in the direction that it had; false: none. */
static bool find_former(struct job *j, struct gate *gate)
{
	for (int back = 0; back < 2; back++) {
		if (back)
			gate_release(gate);
		if (!gate_list(j, gate, back) && !gate_build(j, gate) && gate_stands(j, gate))
			return true;
	}
	return false;
}

enum ctl_cause gate_recover(struct job *j, bool keep, bool *done)
{
	struct gate gate;
	enum ctl_cause cause = CAUSE_NONE;
	int side = 0;

	*done = false;
	if (find_former(j, &gate)) {
		cause = gate_fall_back(j, &gate, &side);
		*done = side;
		/* On the new side the direct way means the same. On the old one entries go back first, and a thread
		 * that was on its way from an entry still finds the gate. */
		if (!cause && !*done)
			cause = job_fault(j, engine_phase(&j->engine, HP_ENTRY, true));
		if (!cause && (*done || !keep))
			cause = gate_rooms(j, &gate, 1);
		else
			gate_show(j, &gate, 0, 1);
	}
	gate_release(&gate);
	return cause;
}
