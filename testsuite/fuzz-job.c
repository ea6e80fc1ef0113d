/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzz target of hp-ctl as a whole: apply, revert and check on a process that lies, changes while it is looked at, and had
 * other tools die in it. For libFuzzer (clang -fsanitize=fuzzer,address,undefined); with -DMAIN it makes inputs itself, or
 * reads files:
 *
 *   fuzz-job RUNS SEED
 *   fuzz-job FILE...
 *
 * TARGETS of the environment: lines of "PROGRAM ARGUMENT PATCH...", the program being what the patches are for. Each is
 * run once, and played from memory from then on (fuzz-kernel.h). An input is struct head, which names a target and up to
 * three commands, and a list of struct edit: a place in what hp-ctl reads, what to do there, and at which call of hp-ctl
 * to the kernel.
 *
 * Whatever the process does: hp-ctl stays within its own memory, comes to an end, waits for nobody without a limit, and
 * writes nowhere but where the module and its patches say.
 */
#define _GNU_SOURCE
#include "fuzz-kernel.h"
#include "../runtime/bytes.h"
#include "../runtime/ctl-apply.c"
#include "fuzz-input.h"
#include <fcntl.h>

#define TARGETS_MAX 8
#define AREAS_MAX 64
#define EDITS_MAX 48
#define PATCHES_MAX 4
#define CALLS_MAX 300000                /* of one command; undamaged it takes 1,500 at most */
#define BYTES_MAX (5ull << 30)           /* what one second gives, and some */
#define SECONDS_MAX 60                  /* of the process's time, with a timeout of one */

enum how { SET, ADD, POINT, POINT_UNBASED, NHOW };
enum special { KNOBS = 252, THREADS, MAPPINGS, DEATH };   /* death is the tool's, as the process sees it */
enum order { APPLY, REVERT, LOOK, REST };

struct head {
	uint8_t target;
	uint8_t orders;                 /* three times two bits */
	uint8_t patches;                /* the same: to which patch each refers */
	uint8_t options;                /* consistency, force, dry run, JSON */
} __attribute__((packed));

struct edit {
	uint8_t area;                   /* which, or an enum special */
	uint8_t how;                    /* 2 bits: log2 of the size; the rest: what */
	uint16_t offset;                /* in the area */
	uint16_t when;                  /* 2 bits: during which command; the rest: at which call, 0: before the first */
	uint64_t value;                 /* POINT: an area and, shifted by 8, an offset in it */
} __attribute__((packed));

struct target_of {
	struct kernel *kernel;
	struct module module;           /* as it is undamaged */
	struct patch_file files[PATCHES_MAX];
	size_t nfiles, nareas;
	struct { uint64_t at, size; } areas[AREAS_MAX];
};

static struct target_of targets[TARGETS_MAX], *now;
static size_t ntargets;
static struct edit edits[EDITS_MAX];
static size_t nedits;
static int lock;
static unsigned turn;                   /* which command it is */
static unsigned changed;                /* commands of the last input that patched or took back */

/* ---- the targets ------------------------------------------------------------------------------------------------- */

static void area(struct target_of *t, uint64_t at, uint64_t size)
{
	if (at && t->nareas < AREAS_MAX && kernel_at(t->kernel, at, size, false))
		t->areas[t->nareas].at = at, t->areas[t->nareas++].size = size;
}

/* Rooms and entries, the module's own words, gates and images in the arena or behind it, and what threads have on their stacks. */
static void areas_find(struct target_of *t)
{
	const struct module *m = &t->module;
	const struct hp_patch *p = t->files[0].patch;

	area(t, m->base + m->registry_at, sizeof(struct hp_registry));
	area(t, m->base + m->registry_at + offsetof(struct hp_registry, beside), sizeof(struct hp_beside));
	area(t, m->base + m->registry_at + offsetof(struct hp_registry, gate), sizeof(struct hp_gate));
	for (size_t i = 0; i < t->nfiles; i++)
		if (t->files[i].patch->hooks)
			area(t, m->base + t->files[i].patch->hooks, sizeof(struct hp_hooks));
	area(t, m->base + m->reserve, 512);
	area(t, m->base + m->arena, 4096);
	area(t, m->base + m->arena + p->arena_used, 2048);
	area(t, m->low, 64 + 12 * 56);
	area(t, m->base + m->note - 24, 24 + sizeof(struct hp_note));
	area(t, m->dynamic, 512);
	for (size_t i = 0; i < t->kernel->nthreads; i++)
		area(t, t->kernel->fresh_threads[i].sp & ~7ull, 512);
	for (uint32_t i = 0; i < p->nsegment; i++) {
		area(t, m->base + hp_reserve_code(m->reserve, m->reserve_end), 2048);
		area(t, m->base + hp_patch_segments(p)[i].addr, 2048);
	}
	for (uint32_t i = 0; i < p->nwrite; i++)
		if (hp_patch_writes(p)[i].phase >= HP_UNWIND)
			area(t, (m->base + hp_patch_writes(p)[i].addr) & ~7ull, 16);
}

static void target_open(const char *line)
{
	struct target_of *t = &targets[ntargets++];
	char text[4096], *rest = text, *program, *argument, *patch;
	struct machine mc;

	snprintf(text, sizeof(text), "%s", line);
	program = strsep(&rest, " ");
	argument = strsep(&rest, " ");
	t->kernel = kernel_new(program, argument);
	while ((patch = strsep(&rest, " ")) && *patch && t->nfiles < PATCHES_MAX)
		CHECK(!patch_load(&t->files[t->nfiles++], patch, false));
	kernel_reset(t->kernel);
	CHECK(t->nfiles && !machine_look(&mc, &t->kernel->pid, 1));
	for (size_t i = 0; mc.count && i < mc.procs[0].nmodules; i++)
		if (module_is(&mc.procs[0].modules[i], t->files[0].patch->build_id, t->files[0].patch->build_id_size))
			t->module = mc.procs[0].modules[i];
	CHECK(t->module.note);
	t->module.path = NULL;
	machine_release(&mc);
	areas_find(t);
	kernel_reset(NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char *lines = getenv("TARGETS"), *rest, *line;

	(void)argc;
	(void)argv;
	CHECK(lines && (rest = lines = strdup(lines)));
	while ((line = strsep(&rest, "\n")) && ntargets < TARGETS_MAX)
		if (*line)
			target_open(line);
	free(lines);
	lock = memfd_create("lock", 0);
	CHECK(ntargets && lock >= 0);
	return 0;
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

static uint64_t edited(const struct edit *e, uint64_t old)
{
	uint64_t to = now->areas[(e->value & 0xff) % now->nareas].at + (int64_t)e->value / 256 % 4096;

	switch ((e->how >> 2) % NHOW) {
	case SET: return e->value;
	case ADD: return old + e->value;
	case POINT: return to;
	default: return to - now->module.base;
	}
}

static void edit_bytes(const struct edit *e, void *at)
{
	uint64_t value = 0;
	size_t size = 1u << (e->how & 3);

	memcpy(&value, at, size);
	value = edited(e, value);
	memcpy(at, &value, size);
}

/* Where it sleeps, or that it runs, or is gone. */
static void edit_thread(const struct edit *e)
{
	struct kernel_thread *t = &now->kernel->threads[e->offset % now->kernel->nthreads];
	uint64_t value = edited(e, t->sp);

	switch (e->offset / 16 % 7) {
	case 0: strcpy(t->syscall, "running\n"); break;
	case 1: t->syscall[0] = '\0'; break;
	case 2: snprintf(t->syscall, sizeof(t->syscall), "1 0x1 0x%lx 0x%lx\n", (long)value, (long)t->pc); break;
	case 3: snprintf(t->syscall, sizeof(t->syscall), "1 0x1 0x%lx 0x%lx\n", (long)t->sp, (long)value); break;
	case 6: snprintf(t->syscall, sizeof(t->syscall), "-1 0x%lx 0x%lx\n", (long)value, (long)t->pc); break;
	case 4: t->sp = value; break;
	case 5: t->pc = value; break;
	}
}

static void edit_maps(const struct edit *e)
{
	struct kernel *k = now->kernel;
	size_t at = e->offset % (k->maps_size + 1), n = e->value % 128;

	n = n < k->maps_size - at ? n : k->maps_size - at;
	if (e->how & 4 && k->maps_size - at >= 8) {
		memcpy(k->maps + at, &e->value, 1u << (e->how & 3));
	} else if (e->how & 8) {
		k->maps_size = at;
	} else {
		memmove(k->maps + at, k->maps + at + n, k->maps_size - at - n);
		k->maps_size -= n;
	}
}

static void edit(const struct edit *e)
{
	struct kernel *k = now->kernel;
	size_t area = e->area % now->nareas;
	uint64_t addr = now->areas[area].at + e->offset % now->areas[area].size;
	uint8_t *at;

	switch (e->area) {
	case KNOBS:
		k->knobs[e->offset % NKNOBS] = e->value;
		break;
	case THREADS:
		edit_thread(e);
		break;
	case MAPPINGS:
		edit_maps(e);
		break;
	case DEATH:
		k->frozen = true;
		break;
	default:
		at = kernel_at(k, addr & ~((1ull << (e->how & 3)) - 1), 1u << (e->how & 3), true);
		if (at)
			edit_bytes(e, at);
	}
}

static void edit_at(uint64_t call)
{
	for (size_t i = 0; i < nedits; i++)
		if (edits[i].when >> 14 == turn && (edits[i].when & 0x3fff) == call)
			edit(&edits[i]);
}

static void before_call(void)
{
	struct kernel *k = now->kernel;

	CHECK(k->calls < CALLS_MAX && k->bytes < BYTES_MAX && k->clock < SECONDS_MAX * 1000000000ull);
	edit_at(k->calls);
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

static bool is_inside(uint64_t addr, uint64_t size, uint64_t from, uint64_t to)
{
	return range_inside(addr, size, now->module.base + from, now->module.base + to);
}

/* A record, with the aligned quadwords that it is in; or a variable whose value a patch brings. */
static bool is_record(const struct hp_patch *p, uint64_t addr, uint64_t size)
{
	const struct hp_boot *boot = hp_patch_boot(p);
	const struct hp_value *v = boot ? hp_boot_at(boot, boot->value) : NULL;

	for (uint32_t i = 0; i < p->nwrite; i++) {
		const struct hp_write *w = &hp_patch_writes(p)[i];
		if (is_inside(addr, size, w->addr & ~7ull, (w->addr + w->size + 7) & ~7ull))
			return true;
	}
	for (uint32_t i = 0; boot && i < boot->nvalue; i++)
		if (is_inside(addr, size, v[i].dst, v[i].dst + v[i].size))
			return true;
	return false;
}

static bool may_write(uint64_t addr, uint64_t size)
{
	const struct module *m = &now->module;

	if (is_inside(addr, size, m->arena, m->arena_end) || is_inside(addr, size, m->reserve, m->reserve_end) ||
	    is_inside(addr, size, m->registry_at, m->registry_at + sizeof(struct hp_registry)))
		return true;
	for (size_t i = 0; i < now->nfiles; i++)
		if (is_record(now->files[i].patch, addr, size))
			return true;
	return false;
}

/* ---- commands ---------------------------------------------------------------------------------------------------- */

static void look(struct run *run)
{
	struct machine mc;

	if (machine_look(&mc, run->opt->pids, run->opt->npids) < 0)
		return;
	for (size_t i = 0; i < mc.count; i++)
		for (size_t n = 0; n < mc.procs[i].nmodules; n++)
			if (module_is(&mc.procs[i].modules[n], run->files->patch->build_id, run->files->patch->build_id_size))
				check_module(run, &mc.procs[i], &mc.procs[i].modules[n], run->files);
	machine_release(&mc);
}

/* The patch that is meant comes first, the others are at hand. */
static void command(enum order order, size_t which, uint8_t how)
{
	struct kernel *k = now->kernel;
	pid_t pid = k->pid;
	struct options opt = { .pids = &pid, .npids = 1, .store = "/nowhere", .timeout = 1, .consistency = how % 4 % 3,
			       .force = how & 4, .dry_run = (how & 24) == 24, .json = how & 32 };
	struct patch_file files[PATCHES_MAX];
	struct run run = { .opt = &opt, .files = files, .nfiles = now->nfiles, .lock = lock, .revert = order == REVERT };
	bool again;

	memcpy(files, now->files, sizeof(files));
	files[0] = now->files[which];
	files[which] = now->files[0];
	k->calls = k->bytes = k->clock = 0;
	k->frozen = false;
	edit_at(0);
	if (order == LOOK)
		look(&run);
	else
		pass(&run, true, &again);
	for (size_t i = 0; i < run.results.count; i++)
		changed += run.results.list[i].outcome == OUT_PATCHED || run.results.list[i].outcome == OUT_REVERTED;
	results_report(&opt, &run.results);
	results_free(&run.results);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct head h = {0};
	memcpy(&h, data, size < sizeof(h) ? size : sizeof(h));
	size = size < sizeof(h) ? 0 : size - sizeof(h);
	nedits = size / sizeof(*edits) < EDITS_MAX ? size / sizeof(*edits) : EDITS_MAX;
	memcpy(edits, data + sizeof(h), nedits * sizeof(*edits));
	now = &targets[h.target % ntargets];
	kernel_reset(now->kernel);
	now->kernel->before_call = before_call;
	now->kernel->may_write = may_write;
	changed = 0;
	for (turn = 0; turn < 3; turn++)
		if ((h.orders >> 2 * turn) % 4 != REST)
			command((h.orders >> 2 * turn) % 4, (h.patches >> 2 * turn) % 4 % now->nfiles, h.options);
	kernel_reset(NULL);
	return 0;
}

/* ---- making inputs ----------------------------------------------------------------------------------------------- */

/* Half of them where the module says what became of it, half of them before a command begins. */
static struct edit any_edit(void)
{
	return (struct edit) {
		.area = (uint8_t)(any(4) ? any(any(2) ? 6 : AREAS_MAX) : KNOBS + any(4)), .how = (uint8_t)any(256),
		.offset = (uint16_t)any(any(2) ? 32 : 65536),
		.when = (uint16_t)(any(3) << 14 | (any(2) ? 0 : any(any(2) ? 300 : 2000))), .value = any_value(16),
	};
}

static struct head any_head(void)
{
	return (struct head) { (uint8_t)any(TARGETS_MAX), (uint8_t)any(64), (uint8_t)any(64), (uint8_t)any(any(2) ? 4 : 64) };
}

#ifndef MAIN
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

/* As libFuzzer would, or one more edit, another for one, or another head. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	struct head h;
	struct edit e;
	size_t count = size < sizeof(h) ? 0 : (size - sizeof(h)) / sizeof(e), at;

	state = seed;
	if (!any(3) || size < sizeof(h) || room < sizeof(h) + (count + 1) * sizeof(e))
		return LLVMFuzzerMutate(data, size, room);
	if (!any(8)) {
		h = any_head();
		memcpy(data, &h, sizeof(h));
		return size;
	}
	at = any((uint32_t)count + 1);
	e = any_edit();
	memcpy(data + sizeof(h) + at * sizeof(e), &e, sizeof(e));
	return sizeof(h) + (at == count ? count + 1 : count) * sizeof(e);
}
#else
static bool one(void)
{
	struct { struct head head; struct edit list[6]; } __attribute__((packed)) input = { .head = any_head() };
	size_t n = any(6);

	for (size_t i = 0; i < n; i++)
		input.list[i] = any_edit();
	LLVMFuzzerTestOneInput((const uint8_t *)&input, sizeof(input.head) + n * sizeof(*input.list));
	return changed;
}

static void replay(const char *path)
{
	static uint8_t bytes[65536];
	FILE *f = fopen(path, "rb");

	CHECK(f);
	LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof(bytes), f));
	fclose(f);
}

int main(int argc, char **argv)
{
	int runs = argc == 3 ? atoi(argv[1]) : 0, done = 0;

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 0; i < runs; i++) {
		state = strtoull(argv[2], NULL, 0) + (uint64_t)i;
		any(1);
		done += one();
	}
	for (int i = 1; !runs && i < argc; i++)
		replay(argv[i]);
	if (runs)
		fprintf(stderr, "changed %d of %d\n", done, runs);
	return 0;
}
#endif
