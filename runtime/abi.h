/* SPDX-License-Identifier: MIT */
/*
 * What the plugin puts into a module, what hp-diff puts into a patch, and what the run time reads of both.
 *
 * Three things are laid down here and nowhere else:
 *
 *   struct hp_note      the module announces its arena, reserve and registry (section .note.hotpatch);
 *   struct hp_registry  the module says which patch it runs (section hp_registry, writable, file-backed);
 *   struct hp_patch     the section .hp.patch of NAME.hp.o: a list of plain writes that turn the old module into the
 *                       patched one. The same list serves own memory, another process and the file on disk.
 *
 * All numbers are little-endian and of fixed width; nothing is a pointer. An ADDRESS is an address as the old file's
 * program headers have it (p_vaddr); at run time the module's load base is added, which is 0 for a no-PIE program.
 * The reader trusts no field: offsets and sizes are checked against the section's size before use.
 */
#ifndef HOTPATCH_ABI_H
#define HOTPATCH_ABI_H

#include <stdint.h>

#define HP_ABI_VERSION 4                /* also of the facts (plugin/FACTS): grows when a reader would go wrong */

/* ---- the module's note ------------------------------------------------------------------------------------------ */

#define HP_NOTE_NAME "HOTPATCH"         /* namesz 9, padded to 12 */
#define HP_NOTE_TYPE 1
#define HP_NOTE_ROOM 128                /* room for two program headers and some, see hp_note.room */

/* The descriptor of the note. Places are given as their distance from the descriptor's first byte, so that the linker
 * needs no dynamic relocation for them: address = address of the descriptor + field. */
struct hp_note {
	uint32_t version;               /* HP_ABI_VERSION */
	int32_t arena, arena_end;       /* executable, file-backed, filled with int3 (0xcc) */
	int32_t reserve, reserve_end;   /* NOBITS, page-aligned, last of the data segment; see hp_reserve_code() */
	int32_t registry;               /* struct hp_registry */
	int32_t stub;                   /* the startup stub's first byte */
	uint32_t chunk;                 /* bytes of arena that one spare unwind slot covers */
	uint32_t tls, tls_size;         /* room for new thread-local variables: offset in the TLS block; zeros */
	uint8_t room[HP_NOTE_ROOM];     /* zero; a coldpatch that outgrows the arena puts program headers here */
};
_Static_assert(sizeof(struct hp_note) == 40 + HP_NOTE_ROOM, "struct hp_note is on disk");

/* Bytes at the start of the reserve where nothing stands: the loader leaves that address, the first page without a
 * file, on the stack, where it is no way into the data of a patch. */
#define HP_RESERVE_LEAD 16

/*
 * The reserve has two halves. The lower one is for data. The upper one is for the image of a patch that outgrows the
 * arena: at startup the stub makes it readable and executable, and it takes no memory until something is written to it
 * from outside. The first address of the upper half, which ends at RESERVE_END rounded down to a page:
 */
#define HP_PAGE_SIZE 4096ULL
static inline uint64_t hp_reserve_code(uint64_t reserve, uint64_t reserve_end)
{
	return (reserve + (reserve_end - reserve) / 2 + HP_PAGE_SIZE - 1) & -HP_PAGE_SIZE;
}

/* ---- the module's registry -------------------------------------------------------------------------------------- */

#define HP_REGISTRY_MAGIC 0x52505048    /* "HPPR" */
#define HP_ID_SIZE 20

/* The life of a patch in a module. A step forward is taken only after the step before is complete in memory; the entry
 * bytes are the truth, the state only says what was intended.
 *
 *   EMPTY -> LOADING -> LOADED -> ARMED -> ACTIVE     applying
 *   ACTIVE -> ARMED -> LOADED -> EMPTY                reverting
 */
enum hp_state {
	HP_EMPTY = 0,
	HP_LOADING = 1,                 /* image bytes are being written to the arena */
	HP_LOADED = 2,                  /* image, boot record and unwind slots are complete */
	HP_ARMED = 3,                   /* rooms above the entries hold their jumps; entries are being flipped */
	HP_ACTIVE = 4,
};

/*
 * The gate that switches many functions at once (hp-ctl). While it stands, the rooms lead to code behind arena_used
 * that asks this word. The tool closes it, looks who is inside, and gives the verdict; a thread that waits too long
 * takes FALLBACK by comparing and exchanging the whole word, which fails as soon as there is a verdict. 8-aligned.
 */
enum hp_gate_phase { HP_GATE_OLD = 0, HP_GATE_CLOSED = 1, HP_GATE_NEW = 2 };
struct hp_gate {
	uint32_t phase;                 /* enum hp_gate_phase */
	uint32_t verdict;               /* 0: none yet; else HP_GATE_NEW, or HP_GATE_OLD + 1 */
	uint64_t code, code_end;        /* addresses, 0: no gate was ever made for the patch */
};
#define HP_GATE_PASSAGE 192             /* bytes of arena that the gate takes for one function */

/*
 * A newer patch for the same build takes over from the active one while both are loaded (hp-ctl). The registry names
 * the active one; this names the other:
 *
 *   NONE -> LOADING -> LOADED     it comes: its image is being written; functions are going over to it
 *   LOADED -> LEFT                it went, and the code of it stays until nobody can be in there
 */
enum hp_beside_state { HP_BESIDE_NONE = 0, HP_BESIDE_LOADING = 1, HP_BESIDE_LOADED = 2, HP_BESIDE_LEFT = 3 };
struct hp_beside {
	uint32_t state;                 /* enum hp_beside_state */
	uint8_t id[HP_ID_SIZE];
};

/* What the file on disk carries: no patch; the active one; an earlier one, from which the active one took over. */
enum hp_cold { HP_COLD_NOT = 0, HP_COLD = 1, HP_COLD_EARLIER = 2 };

/* Written by whoever applies (stub, hp-ctl, hp-diff for a coldpatch); all zero but the magic in a fresh module. */
struct hp_registry {
	uint32_t magic, version;
	uint32_t state;                 /* enum hp_state */
	uint32_t booted;                /* 1 when this process has run the boot record of the active patch */
	uint64_t boot;                  /* address of struct hp_boot in the arena, 0 when there is none */
	uint64_t since;                 /* CLOCK_REALTIME seconds when it became active; 0 in a coldpatched file */
	uint32_t generation;            /* grows by one with every apply and revert */
	uint32_t cold;                  /* enum hp_cold */
	uint8_t id[HP_ID_SIZE];         /* hp_patch.id of the patch */
	char label[68];                 /* NUL-terminated, cut if need be */
	struct hp_beside beside;
	struct hp_gate gate;            /* behind what one write changes when a patch takes over */
	uint64_t hooks;                 /* address of struct hp_hooks in the reserve, 0: the patch has none */
	uint32_t code_room;             /* 1: the stub has made the upper half of the reserve executable */
	uint32_t tls_left;              /* bytes of the TLS room in which patches that are gone may have left values */
};
_Static_assert(sizeof(struct hp_registry) == 192, "struct hp_registry is on disk");

/* ---- the patch: section .hp.patch of NAME.hp.o ------------------------------------------------------------------- */

#define HP_PATCH_MAGIC "HOTPATCH"
#define HP_PATCH_SECTION ".hp.patch"
#define HP_ACCEPTED_SECTION ".hp.accepted"      /* strings: what --accept let through, "CAUSE:NAME: what was seen" */

enum hp_patch_flags {
	HP_PATCH_QUIESCENT = 1,         /* only transition is at stake: apply when no thread is in a changed function */
	HP_PATCH_MAPPED = 2,            /* outgrew the arena: its image is a segment in the upper half of the reserve */
	HP_PATCH_STARTUP = 4,           /* misreads objects that old code made: for processes that start, and cold */
	HP_PATCH_DROPS = 8,             /* takes the unwind entries of old functions that it replaces: likewise */
	HP_PATCH_STAYS = 16,            /* ways into its code may be out of sight: it stays when taken back */
};

/* Order of the phases is the order of the writes; reverting goes the other way round. */
enum hp_phase {
	HP_IMAGE = 1,                   /* code, constants, unwind tables, boot record into the arena */
	HP_UNWIND = 2,                  /* pairs of .eh_frame_hdr, and the arena's own entries; from high to low,
					 * of a mapped patch from low to high. One that follows a mapped patch leaves
					 * the pairs of that one as they are, and takes pairs that it has to spare */
	HP_ROOM = 3,                    /* jmp rel32 above an entry */
	HP_ENTRY = 4,                   /* the entry itself: one byte, or one aligned quadword */
};

/* One plain write. Before anything is written, the bytes at ADDR must be equal to OLD or to NEW, for every record. */
struct hp_write {
	uint64_t addr;
	uint32_t size;                  /* HP_ENTRY: 1 or 8; HP_UNWIND: 8; HP_ROOM: 5 */
	uint32_t phase;                 /* enum hp_phase; never falls from one record to the next */
	uint32_t old;                   /* offset of SIZE old bytes in this section; 0: all are 0xcc, the fill */
	uint32_t new_;                  /* offset of SIZE new bytes in this section */
};
_Static_assert(sizeof(struct hp_write) == 24, "struct hp_write is on disk");

/* HP_PATCH_MAPPED: a part of the hotpatch file that is mapped (at startup), written (to a process that runs) or becomes
 * a load segment (cold). */
struct hp_segment {
	uint64_t addr;                  /* page-aligned, inside the upper half of the reserve */
	uint64_t file;                  /* page-aligned offset in NAME.hp.o */
	uint64_t filesz, memsz;
	uint32_t prot;                  /* PROT_READ | PROT_EXEC */
	uint8_t check[4];               /* the first four bytes of the SHA-1 of those FILESZ bytes */
};
_Static_assert(sizeof(struct hp_segment) == 40, "struct hp_segment is on disk");

/* A redirected function, for reports and for the stack check of hp-ctl. */
struct hp_func {
	uint64_t old, old_size;         /* the old function: its entry and extent */
	uint64_t new_, new_size;        /* the new one, 0 when the function was changed but is not redirected */
	uint32_t name;                  /* offset of a NUL-terminated name in this section */
	uint32_t flags;                 /* HP_FUNC_... */
};
_Static_assert(sizeof(struct hp_func) == 40, "struct hp_func is on disk");
#define HP_FUNC_REDIRECTED 1

/* A hook, for reports. */
struct hp_hook_name {
	uint32_t name;                  /* offset of a NUL-terminated name in this section */
	uint32_t when;                  /* enum hp_hook_when */
};
_Static_assert(sizeof(struct hp_hook_name) == 8, "struct hp_hook_name is on disk");

/*
 * What a later patch for the same build has to know of this one, and of which earlier ones this one knows: hp-diff
 * --after. The images of a patch and of those it follows do not overlap, and a variable of one name has one address in
 * all of them. A patch in the arena stands behind the earlier ones; where there is no room for it, it is
 * HP_PATCH_MAPPED. What follows a mapped one is mapped, too, and stands below it.
 */
struct hp_line {
	uint64_t image, code_end;       /* code stands from IMAGE to CODE_END, constants and tables behind; addresses */
	uint64_t end;                   /* of the arena that the patch and its gates may take */
	uint64_t reserve_used;          /* address behind the variables and slots of this patch and of those before */
	uint32_t var, nvar;             /* offset and number of struct hp_var */
	uint32_t base, nbase;           /* offset and number of struct hp_base: the patches that this one may follow */
};
_Static_assert(sizeof(struct hp_line) == 48, "struct hp_line is on disk");

/* A variable that the old build does not have. */
struct hp_var {
	uint64_t addr;                  /* of a thread-local one: its offset in the TLS room */
	uint32_t size;
	uint32_t flags;                 /* HP_VAR_... */
	uint32_t name, file;            /* offsets of strings in this section; file "": the name is global */
};
#define HP_VAR_TLS 1
_Static_assert(sizeof(struct hp_var) == 24, "struct hp_var is on disk");

struct hp_base {
	uint64_t reserve_used;          /* variables below this address have the earlier patch's values */
	uint8_t id[HP_ID_SIZE];
	uint32_t tls_used;              /* its hp_patch.tls_used */
};
_Static_assert(sizeof(struct hp_base) == 32, "struct hp_base is on disk");

struct hp_patch {
	char magic[8];                  /* HP_PATCH_MAGIC, no NUL */
	uint32_t version;               /* HP_ABI_VERSION */
	uint32_t size;                  /* of the whole section */
	uint32_t flags;                 /* enum hp_patch_flags */
	uint32_t build_id_size;         /* 1 ... 32 */
	uint8_t build_id[32];           /* of the module this patch is for */
	uint8_t id[HP_ID_SIZE];         /* SHA-1 of the whole section with this field zero */
	uint32_t label;                 /* offset of a NUL-terminated label in this section, never 0 */
	uint64_t note;                  /* address of struct hp_note in the module: checked against the running one */
	uint64_t arena, arena_end, reserve, reserve_end, registry;
	uint64_t boot;                  /* address of struct hp_boot in the arena, 0: nothing to boot */
	uint64_t arena_used;            /* bytes of arena taken, from its start */
	uint32_t write, nwrite;         /* offset and number of struct hp_write */
	uint32_t func, nfunc;
	uint32_t segment, nsegment;
	uint64_t hooks;                 /* address of struct hp_hooks in the reserve, 0: no hooks */
	uint32_t hook, nhook;           /* struct hp_hook_name; in the order of hp_hook_list */
	uint32_t line;                  /* offset of struct hp_line, 0: the patch can't be followed by another */
	uint32_t reserve_used;          /* bytes of the reserve that hold its data, from its start */
	uint32_t tls_used;              /* bytes of the TLS room, from its start, for this patch and those before */
	uint32_t passages;              /* the most that a gate of this patch or of those before may have */
};
_Static_assert(sizeof(struct hp_patch) == 200, "struct hp_patch is on disk");

/* ---- the boot record: lies in the arena, part of the image ------------------------------------------------------- */

/*
 * What can't be plain bytes in a file: initial values of new variables (the reserve is NOBITS), pointers that need the
 * load base, and symbols the old module did not import. Run once per process, by the stub at startup (hot and cold
 * alike) or by hp-ctl from outside: first all hp_init, then all hp_rel, then all hp_bind, then all hp_copy. These write
 * to the reserve and the arena only. The hp_value are written when the functions are switched, and taken back with
 * them. The record lies whole in one HP_IMAGE write, 8-aligned both in the arena and in the section; its tables are
 * 8-aligned in it.
 */
#define HP_BOOT_MAGIC 0x42505048        /* "HPPB" */

struct hp_boot {
	uint32_t magic;
	uint32_t size;                  /* of the record with everything behind it: offsets below are from its start */
	uint32_t init, ninit;
	uint32_t rel, nrel;
	uint32_t bind, nbind;
	uint32_t copy, ncopy;
	uint32_t value, nvalue;
};
_Static_assert(sizeof(struct hp_boot) == 48, "struct hp_boot is on disk");

struct hp_init { uint64_t dst; uint32_t src, size; };     /* copy SIZE bytes from record + SRC to ADDRESS dst */
struct hp_rel { uint64_t where; uint64_t value; };        /* *(uint64_t *)where = load base + value */

enum hp_bind_kind {
	HP_BIND_ADDRESS = 0,            /* slot = address of the symbol + addend */
	HP_BIND_HERE = 1,               /* nothing is written: the symbol must be at ADDRESS addend, in this module */
	HP_BIND_ALONE = 2,              /* the same; and to a process that runs no other module may have bound it */
};
/*
 * *(uint64_t *)where = address of NAME@VERSION as the module's own scope finds it, plus ADDEND. HERE is for a constant
 * of a library that changes in place: a program may have a copy of it (R_X86_64_COPY), which the patch would not reach.
 * ALONE is for one that changes in place only where nothing has run: the module's own code has its copy, others had not.
 */
struct hp_bind {
	uint64_t where;
	int64_t addend;
	uint32_t name;                  /* offset from the boot record's start */
	uint32_t version;               /* the same; 0: none */
	uint32_t kind;                  /* enum hp_bind_kind */
	uint32_t weak;                  /* 1: 0 when it is not found; else the patch is refused */
};
/* *(uint64_t *)where = *(uint64_t *)from + ADDEND. FROM is a slot of the module that the dynamic linker has filled with
 * what nobody else tells: the module's number or the distance of its block from the thread pointer, for thread-local
 * variables. */
struct hp_copy { uint64_t where, from; int64_t addend; };
_Static_assert(sizeof(struct hp_init) == 16 && sizeof(struct hp_rel) == 16 && sizeof(struct hp_bind) == 32 &&
	       sizeof(struct hp_copy) == 24, "parts of the boot record are on disk");

/* A live variable, or a part of it, whose initial value changed (HP_SET_VALUE, HP_KEEP_VALUE of hotpatch.h), or a
 * constant that changes in place. */
struct hp_value {
	uint64_t dst;                   /* ADDRESS of the old variable */
	uint64_t src;                   /* SIZE bytes in the reserve, made by the tables above: what NEW starts with */
	uint64_t saved;                 /* struct hp_saved in the reserve */
	uint32_t size;
	uint32_t flags;                 /* HP_VALUE_... */
};
_Static_assert(sizeof(struct hp_value) == 32, "struct hp_value is on disk");
#define HP_VALUE_START 1                /* only where nothing has run yet; a live process keeps what it has */
#define HP_VALUE_CONSTANT 2             /* nobody else writes around it: whole aligned quadwords are written */
#define HP_VALUE_UPDATE 4               /* only where it holds what OLD starts it with: the boot record puts that to SAVED */

/* What the variable held before; zero, or what it is compared with, before the first time. */
struct hp_saved {
	uint32_t state;                 /* enum hp_saved_state */
	uint32_t spare;
	uint8_t bytes[];                /* hp_value.size */
};
enum hp_saved_state { HP_SAVED_NOT = 0, HP_SAVED = 1, HP_SAVED_AND_SET = 2 };

/* ---- hooks ------------------------------------------------------------------------------------------------------- */

/*
 * Functions of NEW named hp_hook_pre_apply_X and so on (HP_PRE_APPLY of hotpatch.h) that OLD has no twin of are the
 * hooks of the patch. They run in the process; see hooks.c. All entries lead through guards then, which ask the phase.
 * Constructors of NEW's own run before them, once in the life of what they make; reports call them pre-apply hooks.
 */
enum hp_hook_when {
	HP_HOOK_PRE_APPLY = 0, HP_HOOK_POST_APPLY = 1, HP_HOOK_PRE_REVERT = 2, HP_HOOK_POST_REVERT = 3,
	HP_HOOK_CONSTRUCT = 4,          /* only in struct hp_hook */
};

/*
 *   PENDING -> RUNNING -> NEW                     the pre-apply hooks consent
 *              RUNNING -> VETOED, EXPIRED         one does not; a waiter waited too long
 *   NEW -> LEAVE -> LEAVING -> LEFT, STAY         hp-ctl asks; the pre-revert hooks run and consent, or not
 *   LEFT, NEW -> AFTER -> AFTER_RUNNING -> GONE   hp-ctl leads back to the old code; post-revert hooks run before it
 *
 * hp-ctl writes LEAVE and AFTER, or GONE where nothing is to run, NEW where it gives up or where a patch takes over and
 * brings no hook of its own, and PENDING for another life; all else is compared and exchanged in the process.
 */
enum hp_hooks_phase {
	HP_HOOKS_PENDING = 0, HP_HOOKS_RUNNING = 1,
	HP_HOOKS_NEW = 2,
	HP_HOOKS_VETOED = 3, HP_HOOKS_EXPIRED = 4,                              /* old code */
	HP_HOOKS_LEAVE = 5, HP_HOOKS_LEAVING = 6, HP_HOOKS_LEFT = 7, HP_HOOKS_STAY = 8,         /* new code */
	HP_HOOKS_AFTER = 9, HP_HOOKS_AFTER_RUNNING = 10, HP_HOOKS_GONE = 11,    /* old code */
};

/* In the reserve, 8-aligned; zeroed by the boot record. */
struct hp_hooks {
	uint32_t phase;                 /* enum hp_hooks_phase */
	uint32_t hook;                  /* that gave the verdict: its number */
	int32_t verdict;                /* what it returned, when it said no */
	uint32_t constructed;           /* 1: the constructors have run */
	uint64_t owner;                 /* thread pointer of who runs the pre-apply hooks, else 0 */
	uint32_t kept;                  /* bit N: hook N is one of the patch before, which has run it; while the phase
					 * is PENDING or RUNNING it is neither run nor undone */
	uint32_t spare;
};
#define HP_HOOKS_KEPT 32                /* the most that KEPT can tell of */
_Static_assert(sizeof(struct hp_hooks) == 32, "struct hp_hooks is on disk");

/* In the arena, right behind the code of hooks.c, 16-aligned. Strings follow the list. */
struct hp_hook { uint64_t code; uint32_t when; uint32_t name; };        /* ADDRESS; offset from the list's start */
struct hp_hook_list {
	uint64_t addr;                  /* the list's own ADDRESS: tells the load base */
	uint64_t state;                 /* ADDRESS of struct hp_hooks */
	uint64_t boot;                  /* ADDRESS of struct hp_boot, for its values */
	uint32_t label;                 /* offset of the patch's label from the list's start */
	uint32_t count;
	struct hp_hook hook[];
};
_Static_assert(sizeof(struct hp_hook) == 16 && sizeof(struct hp_hook_list) == 32, "struct hp_hook_list is on disk");

/* ---- entries ----------------------------------------------------------------------------------------------------- */

/*
 * x86-64. Above every entry lie at least HP_ROOM_SIZE bytes that belong to no function. Applying writes `jmp rel32`
 * (E9) at entry-5 and `jmp short entry-5` over the first two bytes at the entry, or, where the function starts with
 * endbr64, over the two bytes after it. The first instruction has two bytes or more and is no branch target, so no
 * thread is ever between the two bytes. Where it is `66 F9` (stc) or, after endbr64, `66 F5` (cmc), only its first byte
 * changes and that one byte is written; else the aligned quadword that holds both bytes is.
 */
#define HP_ROOM_SIZE 5

#endif
