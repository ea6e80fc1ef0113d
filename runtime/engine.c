/* SPDX-License-Identifier: MIT */
/* The engine, see engine.h. */
#include "bytes.h"
#include "engine.h"

#define PART 256                        /* bytes compared or made at a time; the stub may run on a small stack */

static uint32_t part_of(uint32_t left)
{
	return left < PART ? left : PART;
}

static enum hp_fault fail_at(struct engine *e, uint64_t addr, enum hp_fault fault)
{
	e->bad = addr;
	return fault;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

enum seen { SEEN_OLD, SEEN_NEW, SEEN_TORN, SEEN_OTHER, SEEN_NOTHING };

/*
 * Which bytes does W's place hold? In the quadword of an entry only the bytes in which OLD and NEW differ are looked at
 * and changed: the others may be a neighbour's room, or hold a debugger's breakpoint.
 */
static enum seen record_look(struct engine *e, const struct hp_write *w)
{
	bool old = true, new_ = true;
	uint8_t part[PART];

	for (uint32_t done = 0, n; done < w->size; done += n) {
		n = part_of(w->size - done);
		if (e->target->read(e->target, w->addr + done, part, n))
			return SEEN_NOTHING;
		for (uint32_t i = 0; i < n; i++) {
			uint8_t o = hp_write_old(e->patch, w, done + i), new_byte = hp_write_new(e->patch, w, done + i);

			if (w->phase == HP_ENTRY && o == new_byte)
				continue;
			if (part[i] != o && part[i] != new_byte)
				return SEEN_OTHER;
			old &= part[i] == o;
			new_ &= part[i] == new_byte;
		}
	}
	return new_ ? SEEN_NEW : old ? SEEN_OLD : SEEN_TORN;
}

static enum hp_fault count_records(struct engine *e)
{
	const struct hp_write *w = hp_patch_writes(e->patch);

	e->census = (struct census) { 0 };
	for (uint32_t i = 0; i < e->patch->nwrite; i++, w++) {
		enum seen seen = record_look(e, w);

		if (seen == SEEN_OTHER && hp_broken("check"))
			seen = SEEN_OLD;
		if (seen == SEEN_NOTHING)
			return fail_at(e, w->addr, FAULT_READ);
		if (seen == SEEN_NEW)
			e->census.new_[w->phase]++;
		else if (seen == SEEN_OLD)
			e->census.old[w->phase]++;
		else if (seen == SEEN_TORN && w->phase == HP_IMAGE)
			e->census.torn++;
		else
			return fail_at(e, w->addr, FAULT_BYTES);
	}
	return FAULT_NONE;
}

enum hp_fault engine_check(struct engine *e)
{
	const struct hp_boot *boot = hp_patch_boot(e->patch);
	struct hp_registry r;
	enum hp_fault fault = engine_registry(e->target, e->patch->registry, &r);

	if (!fault && r.state != HP_EMPTY && !e->beside && !bytes_equal(r.id, e->patch->id, HP_ID_SIZE))
		fault = FAULT_OTHER;
	if (!fault)
		fault = count_records(e);
	if (!fault && boot && e->target->capabilities & TARGET_RUNS)
		fault = boot_check_imports(e->target, boot, e->resolve, e->resolve_ctx, &e->unbound);
	return fault;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static uint8_t record_byte(const struct engine *e, const struct hp_write *w, uint32_t i, bool back)
{
	return back ? hp_write_old(e->patch, w, i) : hp_write_new(e->patch, w, i);
}

/* The aligned quadword that holds W is read, changed and written as one. */
static int write_quadword(struct engine *e, const struct hp_write *w, bool back)
{
	uint64_t at = w->addr & -8ULL;
	uint32_t skip = w->addr - at;
	uint8_t was[8], is[8];

	if (e->target->read(e->target, at, was, 8))
		return -1;
	bytes_copy(is, was, 8);
	for (uint32_t i = 0; i < w->size; i++)
		if (w->phase != HP_ENTRY || hp_write_old(e->patch, w, i) != hp_write_new(e->patch, w, i))
			is[skip + i] = record_byte(e, w, i, back);
	return bytes_equal(is, was, 8) ? 0 : e->target->write(e->target, at, is, 8);
}

int engine_write_pair(struct target *t, uint64_t addr, const uint8_t *pair)
{
	uint64_t at = addr & -8ULL;
	uint8_t both[16];

	if (addr == at || t->read(t, at, both, sizeof both))
		return t->write(t, addr, pair, 8);
	bytes_copy(both + (addr - at), pair, 8);
	return t->write(t, at, both, sizeof both);
}

/* The record of a pair, or of an entry of the table that it leads to. */
static int write_unwind(struct engine *e, const struct hp_write *w, bool back)
{
	uint8_t pair[8];

	for (uint32_t i = 0; i < 8; i++)
		pair[i] = record_byte(e, w, i, back);
	return engine_write_pair(e->target, w->addr, pair);
}

static int write_plain(struct engine *e, const struct hp_write *w, bool back)
{
	uint8_t part[PART];

	for (uint32_t done = 0, n; done < w->size; done += n) {
		n = part_of(w->size - done);
		for (uint32_t i = 0; i < n; i++)
			part[i] = record_byte(e, w, done + i, back);
		if (e->target->write(e->target, w->addr + done, part, n))
			return -1;
	}
	return 0;
}

static int write_record(struct engine *e, const struct hp_write *w, bool back)
{
	bool one = w->addr % 8 + w->size <= 8;

	if (one && (w->phase == HP_ROOM || (w->phase == HP_ENTRY && w->size == 8)))
		return write_quadword(e, w, back);
	if (w->phase == HP_UNWIND)
		return write_unwind(e, w, back);
	if (!back)
		return e->target->write(e->target, w->addr, hp_patch_at(e->patch, w->new_), w->size);
	return write_plain(e, w, back);
}

enum hp_fault engine_record(struct engine *e, const struct hp_write *w, bool back)
{
	return write_record(e, w, back) ? fail_at(e, w->addr, FAULT_WRITE) : FAULT_NONE;
}

enum hp_fault engine_phase(struct engine *e, enum hp_phase phase, bool back)
{
	const struct hp_write *w = hp_patch_writes(e->patch);

	for (uint32_t i = 0; i < e->patch->nwrite; i++) {
		const struct hp_write *now = back ? &w[e->patch->nwrite - 1 - i] : &w[i];

		if (now->phase == phase && write_record(e, now, back))
			return fail_at(e, now->addr, FAULT_WRITE);
	}
	return FAULT_NONE;
}

/* ---- the registry ------------------------------------------------------------------------------------------------ */

enum hp_fault engine_registry(struct target *t, uint64_t addr, struct hp_registry *r)
{
	if (t->read(t, addr, r, sizeof *r))
		return FAULT_READ;
	if (r->magic != HP_REGISTRY_MAGIC || r->version != HP_ABI_VERSION || r->state > HP_ACTIVE)
		return FAULT_REGISTRY;
	return FAULT_NONE;
}

static void copy_label(char *to, uint32_t size, const char *from)
{
	for (uint32_t i = 0; i + 1 < size && from[i]; i++)
		to[i] = from[i];
}

/* A life begins with LOADING and ends with EMPTY; either makes the other fields anew. */
static void registry_restart(struct hp_registry *r, const struct engine *e, enum hp_state state)
{
	*r = (struct hp_registry) {
		.magic = r->magic, .version = r->version, .state = r->state, .generation = r->generation + 1,
		.code_room = r->code_room, .tls_left = r->tls_left
	};
	if (state == HP_EMPTY && r->tls_left < e->patch->tls_used)
		r->tls_left = e->patch->tls_used;
	if (state == HP_EMPTY)
		return;
	r->boot = e->patch->boot;
	r->hooks = e->patch->hooks;
	bytes_copy(r->id, e->patch->id, HP_ID_SIZE);
	copy_label(r->label, sizeof r->label, hp_patch_at(e->patch, e->patch->label));
}

enum hp_fault engine_mark(struct engine *e, enum hp_state state)
{
	struct target *t = e->target;
	uint64_t addr = e->patch->registry;
	struct hp_registry r;
	uint32_t value = state;
	enum hp_fault fault = engine_registry(t, addr, &r);

	if (fault)
		return fail_at(e, addr, fault);
	if (state == HP_LOADING || state == HP_EMPTY)
		registry_restart(&r, e, state);
	if (state == HP_ACTIVE) {
		r.since = e->since;
		r.cold = !(t->capabilities & TARGET_RUNS);
	}
	/* The end is marked first: a registry that says nothing of its patch must not claim to have one. */
	if (state == HP_EMPTY) {
		r.state = state;
		if (t->write(t, addr + offsetof(struct hp_registry, state), &value, sizeof value))
			return fail_at(e, addr, FAULT_WRITE);
	}
	if (t->write(t, addr, &r, sizeof r) ||
	    t->write(t, addr + offsetof(struct hp_registry, state), &value, sizeof value))
		return fail_at(e, addr, FAULT_WRITE);
	return FAULT_NONE;
}

static enum hp_fault mark_booted(struct engine *e)
{
	uint32_t one = 1;
	uint64_t addr = e->patch->registry + offsetof(struct hp_registry, booted);

	if (e->target->write(e->target, addr, &one, sizeof one))
		return fail_at(e, addr, FAULT_WRITE);
	return FAULT_NONE;
}

/* ---- the whole way ----------------------------------------------------------------------------------------------- */

enum hp_fault engine_boot(struct engine *e)
{
	const struct hp_boot *boot = hp_patch_boot(e->patch);
	enum hp_fault fault = FAULT_NONE;

	if (!(e->target->capabilities & TARGET_RUNS))
		return FAULT_NONE;
	if (boot)
		fault = boot_run(e->target, boot, e->resolve, e->resolve_ctx, &e->unbound);
	return fault ? fault : mark_booted(e);
}

/* Image and boot record, read back: some kernels and sandboxes take writes that never arrive. */
static enum hp_fault load(struct engine *e)
{
	enum hp_fault fault = engine_phase(e, HP_IMAGE, false);

	if (!fault)
		fault = count_records(e);
	if (!fault && (e->census.torn || e->census.old[HP_IMAGE]) && !hp_broken("engine-read-back"))
		fault = FAULT_WRITE;
	if (!fault)
		fault = engine_boot(e);
	if (!fault)
		fault = engine_phase(e, HP_UNWIND, false);
	return fault;
}

enum hp_fault engine_values(struct engine *e, bool back)
{
	const struct hp_boot *boot = hp_patch_boot(e->patch);

	if (!boot || !(e->target->capabilities & TARGET_RUNS))
		return FAULT_NONE;
	return boot_values(e->target, boot, back);
}

enum hp_fault engine_apply(struct engine *e)
{
	enum hp_fault fault = engine_mark(e, HP_LOADING);

	if (!fault)
		fault = load(e);
	if (!fault)
		fault = engine_mark(e, HP_LOADED);
	if (!fault)
		fault = engine_phase(e, HP_ROOM, false);
	if (!fault)
		fault = engine_mark(e, HP_ARMED);
	if (!fault)
		fault = engine_values(e, false);
	if (!fault && !hp_broken("engine"))
		fault = engine_phase(e, HP_ENTRY, false);
	if (!fault)
		fault = engine_mark(e, HP_ACTIVE);
	return fault;
}

enum hp_fault engine_revert(struct engine *e)
{
	enum hp_fault fault = engine_mark(e, HP_ARMED);

	if (!fault)
		fault = engine_phase(e, HP_ENTRY, true);
	if (!fault)
		fault = engine_values(e, true);
	if (!fault)
		fault = engine_mark(e, HP_LOADED);
	if (!fault)
		fault = engine_phase(e, HP_ROOM, true);
	if (!fault)
		fault = engine_phase(e, HP_UNWIND, true);
	if (!fault)
		fault = engine_phase(e, HP_IMAGE, true);
	if (!fault)
		fault = engine_mark(e, HP_EMPTY);
	return fault;
}

/* ---- the boot record --------------------------------------------------------------------------------------------- */

static enum hp_fault resolve_bind(struct target *t, const struct hp_boot *b, const struct hp_bind *bind,
				  hp_resolver *resolve, void *ctx, const char **unbound, uint64_t *value)
{
	const char *name = hp_boot_at(b, bind->name), *version = bind->version ? hp_boot_at(b, bind->version) : "";
	bool here = bind->kind != HP_BIND_ADDRESS, found;

	*value = 0;
	found = resolve && !resolve(ctx, name, version, value);
	if (here && found && *value != t->base + bind->addend) {
		*unbound = name;
		return FAULT_ELSEWHERE;
	}
	if (found) {
		*value += bind->addend;
		return FAULT_NONE;
	}
	if (here || bind->weak)
		return FAULT_NONE;
	*unbound = name;
	return FAULT_UNBOUND;
}

enum hp_fault boot_check_imports(struct target *t, const struct hp_boot *b, hp_resolver *resolve, void *ctx,
				 const char **unbound)
{
	const struct hp_bind *bind = hp_boot_at(b, b->bind);
	enum hp_fault fault = FAULT_NONE;
	uint64_t value;

	for (uint32_t i = 0; i < b->nbind && !fault; i++)
		fault = resolve_bind(t, b, &bind[i], resolve, ctx, unbound, &value);
	return fault;
}

/* Where a constant is another module's, all else is bound all the same: a coldpatched module goes on. */
static enum hp_fault run_binds(struct target *t, const struct hp_boot *b, hp_resolver *resolve, void *ctx,
			       const char **unbound)
{
	const struct hp_bind *bind = hp_boot_at(b, b->bind);
	enum hp_fault elsewhere = FAULT_NONE;

	for (uint32_t i = 0; i < b->nbind && !hp_broken("boot-imports"); i++) {
		uint64_t value;
		enum hp_fault fault = resolve_bind(t, b, &bind[i], resolve, ctx, unbound, &value);

		if (fault == FAULT_ELSEWHERE)
			elsewhere = fault;
		else if (fault)
			return fault;
		else if (bind[i].kind == HP_BIND_ADDRESS && t->write(t, bind[i].where, &value, sizeof value))
			return FAULT_WRITE;
	}
	return elsewhere;
}

static enum hp_fault run_copies(struct target *t, const struct hp_boot *b)
{
	const struct hp_copy *copy = hp_boot_at(b, b->copy);

	for (uint32_t i = 0; i < b->ncopy && !hp_broken("boot-copies"); i++) {
		uint64_t value;

		if (t->read(t, copy[i].from, &value, sizeof value))
			return FAULT_READ;
		value += copy[i].addend;
		if (t->write(t, copy[i].where, &value, sizeof value))
			return FAULT_WRITE;
	}
	return FAULT_NONE;
}

enum hp_fault boot_run(struct target *t, const struct hp_boot *b, hp_resolver *resolve, void *ctx,
		       const char **unbound)
{
	const struct hp_init *init = hp_boot_at(b, b->init);
	const struct hp_rel *rel = hp_boot_at(b, b->rel);
	enum hp_fault fault;

	for (uint32_t i = 0; i < b->ninit && !hp_broken("boot-values"); i++)
		if (t->write(t, init[i].dst, hp_boot_at(b, init[i].src), init[i].size))
			return FAULT_WRITE;
	for (uint32_t i = 0; i < b->nrel && !hp_broken("boot-pointers"); i++) {
		uint64_t value = t->base + rel[i].value;

		if (t->write(t, rel[i].where, &value, sizeof value))
			return FAULT_WRITE;
	}
	fault = run_binds(t, b, resolve, ctx, unbound);
	return fault ? fault : run_copies(t, b);
}

/* ---- live variables ---------------------------------------------------------------------------------------------- */

/* N bytes, at most to the end of their aligned quadword, of which all are written: others may look meanwhile. */
static bool write_in_quadword(struct target *t, uint64_t to, const uint8_t *bytes, uint32_t n)
{
	uint64_t at = to & -8ULL;
	uint8_t word[8];

	if (t->read(t, at, word, 8))
		return false;
	bytes_copy(word + (to - at), bytes, n);
	return !t->write(t, at, word, 8);
}

/* Others may look meanwhile: what lies in one aligned quadword arrives as one. WHOLE: even if it is not all of it. */
static bool copy_in_target(struct target *t, uint64_t to, uint64_t from, uint32_t size, bool whole)
{
	uint8_t part[PART];

	for (uint32_t done = 0, n; done < size; done += n) {
		n = PART - (to + done) % 8;
		if (n > size - done)
			n = size - done;
		if (t->read(t, from + done, part, n))
			return false;
		for (uint32_t at = 0, k; at < n; at += k) {
			k = 8 - (to + done + at) % 8;
			if (k > n - at)
				k = n - at;
			if (whole ? !write_in_quadword(t, to + done + at, part + at, k) :
				    t->write(t, to + done + at, part + at, k) != 0)
				return false;
		}
	}
	return true;
}

static bool is_equal_in_target(struct target *t, uint64_t a, uint64_t b, uint32_t size)
{
	uint8_t x[PART / 2], y[PART / 2];

	for (uint32_t done = 0, n; done < size; done += n) {
		n = size - done < sizeof x ? size - done : sizeof x;
		if (t->read(t, a + done, x, n) || t->read(t, b + done, y, n) || !bytes_equal(x, y, n))
			return false;
	}
	return true;
}

static bool set_state(struct target *t, const struct hp_value *v, uint32_t state)
{
	return !t->write(t, v->saved + offsetof(struct hp_saved, state), &state, sizeof state);
}

/* The state grows behind each step: what a kill cut short is taken up again, and never saved twice. */
static bool value_set(struct target *t, const struct hp_value *v, uint32_t state)
{
	uint64_t bytes = v->saved + offsetof(struct hp_saved, bytes);

	if (state == HP_SAVED_AND_SET)
		return true;
	if (state == HP_SAVED_NOT && v->flags & HP_VALUE_UPDATE && !is_equal_in_target(t, bytes, v->dst, v->size))
		return true;
	if (state == HP_SAVED_NOT && (!copy_in_target(t, bytes, v->dst, v->size, false) || !set_state(t, v, HP_SAVED)))
		return false;
	return copy_in_target(t, v->dst, v->src, v->size, v->flags & HP_VALUE_CONSTANT) &&
	       set_state(t, v, HP_SAVED_AND_SET);
}

/* What somebody has changed since is his. */
static bool value_back(struct target *t, const struct hp_value *v, uint32_t state)
{
	if (state == HP_SAVED_NOT)
		return true;
	if (state == HP_SAVED || is_equal_in_target(t, v->dst, v->src, v->size))
		if (!copy_in_target(t, v->dst, v->saved + offsetof(struct hp_saved, bytes), v->size,
				    v->flags & HP_VALUE_CONSTANT))
			return false;
	return set_state(t, v, HP_SAVED_NOT);
}

enum hp_fault boot_values(struct target *t, const struct hp_boot *b, bool back)
{
	const struct hp_value *v = hp_boot_at(b, b->value);

	for (uint32_t i = 0; i < b->nvalue && !hp_broken("live-values"); i++) {
		uint32_t state;

		if (v[i].flags & HP_VALUE_START && !(t->capabilities & TARGET_FRESH))
			continue;
		if (t->read(t, v[i].saved + offsetof(struct hp_saved, state), &state, sizeof state))
			return FAULT_READ;
		if (!(back ? value_back : value_set)(t, &v[i], state))
			return FAULT_WRITE;
	}
	return FAULT_NONE;
}
