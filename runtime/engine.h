/* SPDX-License-Identifier: MIT */
/*
 * The engine: applies a patch to a module and takes it back, wherever the module is.
 *
 * Problem: a process at its start, another process and a file on disk are patched with the same bytes at the same
 * addresses. Method: struct target hides where the module is; the engine compares every write record with what is there
 * before the first write, then writes phase by phase and keeps the registry in step. Every step is a plain write of
 * known bytes, so that it may be repeated: after a kill at any point the next run completes or undoes it.
 * Left out: who may be inside the code that changes (hp-ctl), and the mapping of segments (stub, hp-diff).
 *
 *   struct engine e = { .target = &target, .patch = patch };
 *
 *   fault = engine_check(&e);                nothing has been written so far
 *   if (!fault)
 *           fault = engine_apply(&e);        or engine_mark() and engine_phase() one by one, as hp-ctl does
 *
 * No C library, no allocation, no output: faults are values, and the engine remembers the place of the last one.
 */
#ifndef HOTPATCH_ENGINE_H
#define HOTPATCH_ENGINE_H

#include <stdbool.h>
#include "patch.h"
#include "break.h"

enum target_capability {
	TARGET_RUNS = 1,                /* a process: the boot record is run in it; else a file, where the stub will */
	TARGET_FRESH = 2,               /* nothing of the module has run yet: variables hold what the file gave them */
};

/* A module to be patched. Addresses are those of the old file's program headers; the target knows what to add. */
struct target {
	/* Both move SIZE bytes at ADDR and return 0, or -1 when not all of them can be moved. A write of one byte,
	 * or of an aligned quadword, must arrive as one. */
	int (*read)(struct target *t, uint64_t addr, void *to, uint64_t size);
	int (*write)(struct target *t, uint64_t addr, const void *from, uint64_t size);
	uint64_t base;                  /* the load base, for pointers that the boot record makes; 0 for a file */
	unsigned capabilities;
	void *ctx;                      /* the target's own */
};

/* Finds NAME, of VERSION unless that is "", as the patched module would: 0, or -1 when there is no such symbol. */
typedef int hp_resolver(void *ctx, const char *name, const char *version, uint64_t *value);

/* How many records of each phase hold their old and their new bytes. Records of no effect count as new. */
struct census {
	uint32_t old[HP_ENTRY + 1], new_[HP_ENTRY + 1];
	uint32_t torn;                  /* image records that were cut short: a mixture of old and new bytes */
};

struct engine {
	struct target *target;
	const struct hp_patch *patch;   /* checked by hp_patch_check() */
	hp_resolver *resolve;           /* may be NULL for a target that doesn't run */
	void *resolve_ctx;
	uint64_t since;                 /* registry.since of the patch, 0 for a file */
	bool beside;                    /* the registry names another patch, from which this one is to take over */

	struct census census;           /* by engine_check() */
	uint64_t bad;                   /* address of the record that made the last FAULT_BYTES, _READ or _WRITE */
	const char *unbound;            /* name that made the last FAULT_UNBOUND or FAULT_ELSEWHERE */
};

/* Read the registry at ADDR: FAULT_READ, or FAULT_REGISTRY when it is none of ours. */
enum hp_fault engine_registry(struct target *t, uint64_t addr, struct hp_registry *r);

/* All that can be known before writing: registry, every record equal to OLD or NEW, every import found. */
enum hp_fault engine_check(struct engine *e);

/* Write one phase, forward or back. Entries and rooms go as one byte or one aligned quadword where that is possible. */
enum hp_fault engine_phase(struct engine *e, enum hp_phase phase, bool back);

/* Write 8 bytes of the unwind table, two words that somebody may be reading. A write that begins in the middle of an
 * aligned quadword is seen half done, byte by byte, now and then (two in 2,000 million looks); so the two quadwords
 * that they lie in are written as one, with what stands beside them. */
int engine_write_pair(struct target *t, uint64_t addr, const uint8_t *pair);

/* Write one record of the patch. */
enum hp_fault engine_record(struct engine *e, const struct hp_write *w, bool back);

/* Write the registry: what belongs to STATE first, the state itself last; EMPTY, to which nothing belongs, first. */
enum hp_fault engine_mark(struct engine *e, enum hp_state state);

/* Run the patch's boot record in the target; nothing to do for a target that doesn't run. */
enum hp_fault engine_boot(struct engine *e);

/* Give live variables their new initial values, or (BACK) the ones that they had, unless they have changed since.
 * Either may be repeated: what is done is not done again. Nothing to do for a target that doesn't run. */
enum hp_fault engine_values(struct engine *e, bool back);

/* The whole way, after engine_check(): to ACTIVE, or back to EMPTY. */
enum hp_fault engine_apply(struct engine *e);
enum hp_fault engine_revert(struct engine *e);

/* ---- the boot record alone, checked by hp_boot_check(): for the stub of a coldpatched module --------------------- */

/* Can all imports be found, and are the constants to be changed this module's? Sets UNBOUND to the name where not. */
enum hp_fault boot_check_imports(struct target *t, const struct hp_boot *b, hp_resolver *resolve, void *ctx,
				 const char **unbound);
enum hp_fault boot_run(struct target *t, const struct hp_boot *b, hp_resolver *resolve, void *ctx,
		       const char **unbound);
/* See engine_values(). */
enum hp_fault boot_values(struct target *t, const struct hp_boot *b, bool back);

/* ---- targets ----------------------------------------------------------------------------------------------------- */

/* A module's file in memory, all SIZE bytes of it: addresses are found through its PT_LOADs, the tail of a segment that
 * the file doesn't hold cannot be reached. The image stays the caller's. -1 when it is no ELF file of ours. */
struct target_buffer {
	struct target target;
	uint8_t *image;
	uint64_t size;
};

int target_buffer_init(struct target_buffer *b, void *image, uint64_t size);

#endif
