/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The model in which the stages of hp-diff meet.
 *
 * hp-diff takes two finished builds of one program, OLD and NEW. Each becomes a struct image: sections, objects
 * (functions and variables: everything that has a name and an extent) and refs (every place in the bytes that holds an
 * address). The stages, in order, and what each one writes here:
 *
 *   read       struct image without refs and without the twin, status and placement fields
 *   refs       image.refs, object.first_ref/nrefs
 *   correlate  object.twin                                     from here on the pairs are final
 *   compare    object.change, object.why, for objects of NEW and their twins
 *   values     diff.values, object.accounted
 *   hooks      diff.hooks
 *   select     object.included, object.redirected, diff.picked
 *   refuse     diff.refusals; the only stage that stops a run
 *   place      diff.items with final addresses and bytes; diff.writes, boot record
 *   emit       the files
 *   verify     reads the coldpatch back and compares it with NEW
 *   report     text and JSON
 *
 * Memory: an image owns all that hangs on it and gives it back in image_release(); struct diff likewise in diff_release().
 * Names point into the image. xmalloc() and friends of libiberty end the program with a message.
 */
#ifndef HOTPATCH_DIFF_H
#define HOTPATCH_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include "../runtime/abi.h"
#include "../runtime/break.h"

struct disasm;

/* ---- an image ---------------------------------------------------------------------------------------------------- */

enum image_kind {
	IMAGE_PIE, IMAGE_EXEC, IMAGE_STATIC, IMAGE_STATIC_PIE, IMAGE_SHARED,
	IMAGE_OBJECT,                   /* a relocatable object, laid out by relocatable.c: to be compared, not patched */
};

struct section {
	const char *name;
	uint64_t addr, size;
	uint64_t file;                  /* offset in the file; meaningless for NOBITS */
	uint8_t *bytes;                 /* contents, NULL for NOBITS and for sections that are not loaded and not needed */
	bool exec, write, tls, nobits;
	bool relro;                     /* lies in PT_GNU_RELRO */
	bool walked;                    /* walked_mark: has a __start_ or __stop_ symbol */
	uint32_t index;                 /* section header index in the file */
	uint32_t first_object, nobjects;/* objects of this section, ascending by address, in image.objects */
	uint32_t first_ref, nrefs;      /* likewise in image.refs */
	struct object **lookup; uint8_t shift;  /* private to image_object_at() */
};

enum object_kind {
	OBJECT_FUNC,                    /* STT_FUNC */
	OBJECT_IFUNC,                   /* STT_GNU_IFUNC */
	OBJECT_DATA,                    /* STT_OBJECT, STT_COMMON, sized NOTYPE outside code */
	OBJECT_TLS,                     /* STT_TLS: addr is the address in the TLS initialisation image */
	OBJECT_LABEL,                   /* without a size: linker-made edges (_end, __start_X, __TMC_END__), asm labels */
};

enum object_change {
	SAME,
	LINES_ONLY,                     /* differs only in values of __LINE__ */
	CHANGED,
	ADDED,                          /* NEW has it, OLD has no twin */
	REMOVED,                        /* OLD has it, NEW has no twin */
};

/* A function or a variable. Names of one address and size (aliases) are one object with several names. */
struct object {
	const char *name;               /* the best of its names: global before weak before local */
	const char *file;               /* the STT_FILE before it, "" for a passing one; NULL: any unit's, as what is global or
					 * was hidden, and all of -flto */
	uint64_t addr, size;
	struct section *section;
	enum object_kind kind;
	bool global, weak, hidden, exported; /* exported: in .dynsym with a definition; hidden: STV_HIDDEN or INTERNAL */
	uint32_t first_ref, nrefs;      /* refs whose field lies inside, ascending */
	uint32_t unit;                  /* for a local one: the STT_FILE's index; 0: there is none */
	bool namesake;                  /* for a local one: several STT_FILE have this name */
	uint32_t fact;                  /* function_fact() in facts.c: what it found when it was first asked; 0: not asked */
	bool unique;                    /* STB_GNU_UNIQUE: a process has one of this name */
	bool misplaced;                 /* aligned_mark, on objects of NEW: its place in OLD is not aligned as it must be */
	bool owned;                     /* copy_exported: a constant that the library's own code has a copy of */
	const char *copied;             /* executables: the import whose place this is (R_X86_64_COPY), NULL for all others */
	struct alias *aliases;          /* the other names, NULL when there is none */
	struct object *hot;             /* a .cold part: the function it belongs to (same twin, change, included) */
	struct object *cold;            /* a function: its .cold part */
	struct fde *fde;                /* unwind entry that starts at addr, NULL when there is none */
	struct image *image;

	struct object *twin;            /* correlate: the same thing in the other build; symmetric; NULL when there is none */
	bool ambiguous;                 /* correlate: twin, or that there is none, is likely but not proven */
	bool unwritten;                 /* unwritten_mark: a variable that nobody writes, as good as a constant */
	bool moved;                     /* grown: the twin was given up, since NEW's is larger or smaller */
	uint8_t change;                 /* compare: enum object_change */
	bool accounted;                 /* values: a live variable whose changed initial value NEW's source accounts for */
	bool included;                  /* select, on objects of NEW: goes into the patch */
	bool redirected;                /* select, on objects of NEW that are functions with a twin: the old entry jumps to it */
	bool kept;                      /* refuse_gone, on objects of OLD: NEW has another in its stead, others may use this */
	struct why *why;                /* compare and select: first reason, NULL for SAME */
	char *entry_stays;              /* select: included and has a twin but is not redirected: why; owned */
	struct item *item;              /* place: where its bytes stand in the patch */
};

/* Is SYMBOL, which may end in @VERSION, called NAME? */
static inline bool is_called(const char *symbol, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(symbol, name, n) && (!symbol[n] || symbol[n] == '@');
}

/* Which of N NAMES SYMBOL is called; -1: none. */
static inline int index_of_name(const char *symbol, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_called(symbol, names[i]))
			return i;
	return -1;
}

static inline bool is_code(const struct object *o)
{
	return o->kind == OBJECT_FUNC || o->kind == OBJECT_IFUNC;
}

/* Code may write to it while the program runs: RELRO is read-only by then. */
static inline bool is_writable(const struct object *o)
{
	return o->section && o->section->write && !o->section->relro && !o->unwritten;
}

struct alias { const char *name; bool global, exported; struct alias *next; };

enum ref_kind {
	REF_CALL,                       /* rel32 of call or jmp/jcc to another function (may name a PLT entry) */
	REF_PCREL,                      /* disp32(%rip): address taken or memory accessed */
	REF_ABS32, REF_ABS32S, REF_ABS64,
	REF_PCREL_DATA,                 /* 32-bit distance field - target in data, as in jump tables of PIC code (S + A - P) */
	REF_PC64,                       /* 64-bit distance */
	REF_GOT,                        /* disp32(%rip) to a GOT slot that holds the target's address */
	REF_GOT_TPOFF,                  /* disp32(%rip) to a GOT slot that holds the target's TLS offset (IE) */
	REF_TLSGD, REF_TLSLD, REF_TLSDESC, /* disp32(%rip) to the GOT pair of the general/local dynamic model, descriptor */
	REF_TPOFF32, REF_DTPOFF32,      /* offset of a TLS variable itself (LE; within the module) */
	REF_TPOFF64, REF_DTPOFF64,
	REF_GOTPC,                      /* distance to the GOT's base; offset: the relocation's addend */
	REF_GOTOFF,                     /* 64-bit distance from the GOT's base to the target */
	REF_SIZE,                       /* R_X86_64_SIZE32/64 */
	REF_UNKNOWN,                    /* relocation that is not understood, or whose final bytes it does not explain */
};

enum target_kind {
	TARGET_OBJECT,                  /* .object + .offset. For TLS kinds the object is OBJECT_TLS */
	TARGET_IMPORT,                  /* .import: a symbol of another module, through PLT, GOT or a data word; + .offset */
	TARGET_ANON,                    /* .addr: loaded bytes without a name: strings, constants, jump tables */
	TARGET_ABS,                     /* .addr: an absolute symbol or plain number */
	TARGET_NOTHING,                 /* undefined weak resolved to 0 */
};

struct ref {
	uint64_t at;                    /* address of the field */
	uint64_t addr;                  /* final target address (with tail and addend taken out), from the final bytes where text */
	int64_t offset;                 /* from the start of the object, import or literal */
	union {
		struct object *object;
		const char *import;     /* "name" or "name@VERSION"; interned: equal strings of one image are one pointer */
	};
	uint8_t kind;                   /* enum ref_kind */
	uint8_t target;                 /* enum target_kind */
	uint8_t size;                   /* of the field: 4 or 8, or 1 for a short jump, 0: there is none, the function goes on in
	                                 * the target (leap.c) */
	uint8_t tail;                   /* bytes of the instruction behind the field (an immediate): value = S - (at + 4 + tail) */
	bool lea : 1;                   /* REF_PCREL: the address is taken (lea), not read or written; REF_ABS*: unknown, true */
	bool literal : 1;               /* the relocation names a .LC label: item of a mergeable section */
	bool counted : 1;               /* REF_PCREL_DATA: from the start of its table; else it reads as from its own word */
	bool edge : 1;                  /* through a section symbol and at the start of an object that follows another without
	                                 * a gap: may mean the end of that other one */
	uint8_t type;                   /* r_type as emitted */
};

/* What R leads to, an import perhaps with @VERSION; NULL: something without a name. */
static inline const char *ref_name(const struct ref *r)
{
	return r->target == TARGET_IMPORT ? r->import : r->target == TARGET_OBJECT ? r->object->name : NULL;
}

/* An unwind entry of .eh_frame. */
struct fde {
	uint64_t addr, range;           /* initial location */
	const uint8_t *insns; uint32_t ninsns;  /* call frame instructions */
	struct cie *cie;
	uint64_t lsda, lsda_end;        /* address and end in .gcc_except_table; 0: none */
	uint64_t at;                    /* address of the entry in .eh_frame */
};

struct cie {
	const char *augmentation;       /* "zR", "zPLR", ... */
	uint64_t code_align; int64_t data_align; uint64_t ra_reg;
	uint8_t fde_enc, lsda_enc, personality_enc;   /* DW_EH_PE_...; 0xff: none */
	uint64_t personality;           /* address that the encoded pointer names (with indirect: of the slot) */
	bool signal_frame;
	const uint8_t *insns; uint32_t ninsns;
};

/* PLT entry: code address that jumps to an import (or, static, to an IFUNC's target: name is then the IFUNC). */
struct plt {
	uint64_t addr; uint32_t size;
	const char *import;
	bool canonical;                 /* its address is the function's, for all modules of the process */
};

/* GOT slot and what the loader puts there. */
struct got {
	uint64_t addr;
	enum { GOT_ADDRESS, GOT_TPOFF, GOT_TLSGD, GOT_TLSLD, GOT_TLSDESC } holds;
	const char *import;             /* NULL: local, then .value */
	uint64_t value;                 /* address of the target (for TLS kinds: address in the TLS image) */
	bool lazy;                      /* until the first call it leads to the PLT: no address to be told from others */
};

struct image {
	const char *path;
	enum image_kind kind;
	uint8_t build_id[32]; uint32_t build_id_size;
	uint64_t file_size;
	struct section *sections; uint32_t nsections;
	struct object *objects; uint32_t nobjects;   /* ascending by section, address; labels before sized ones at one address */
	struct object **indirect; uint32_t nindirect; /* those that are OBJECT_IFUNC */
	struct ref *refs; uint32_t nrefs;             /* ascending by section, at */
	struct fde *fdes; uint32_t nfdes;             /* ascending by addr */
	struct plt *plts; uint32_t nplts;             /* ascending by addr */
	struct got *gots; uint32_t ngots;             /* ascending by addr */
	uint64_t tls_addr, tls_size, tls_align;       /* PT_TLS; 0 when there is none */
	uint64_t tls_room, tls_room_end;              /* for new variables, by the note: addresses in the TLS image; equal: none */
	uint64_t entry;                               /* where a program starts; 0: nowhere */
	uint64_t eh_frame_hdr; uint32_t eh_count;     /* address of the header and number of pairs; 0: none */
	uint64_t note_addr;                           /* address of struct hp_note, 0: not built with the plugin */
	struct hp_note note;
	uint64_t arena, arena_end, reserve, reserve_end, registry;   /* addresses from the note */
	uint64_t stub;
	const uint8_t *facts; uint64_t facts_size;    /* section .hp.facts, see plugin/FACTS; NULL: none */
	bool stack_is_code;                           /* PT_GNU_STACK: threads have executable stacks */
	bool relocs;                                  /* emitted relocations were found */
	void *private;                                /* read's: bfd and raw file */
	struct anon_map *anon;                        /* anon.c: edges of bytes without a name; NULL before its first use */
	struct hidden *hidden;                        /* hidden.c: units; NULL before its first use */
	struct facts *facts_index;                    /* facts.c: the facts by name; NULL before its first use */
};

/* The arena is taken in pieces of this many bytes. */
static inline uint64_t chunk_size(const struct image *img)
{
	return img->note.chunk ? img->note.chunk : 16;
}

/* ---- what the stages decide -------------------------------------------------------------------------------------- */

/* Why an object is in the patch; becomes one line of the report. */
struct why {
	enum why_cause {
		WHY_CODE, WHY_SIZE, WHY_TARGET, WHY_LITERAL, WHY_TABLE, WHY_UNWIND, WHY_DATA, WHY_NEW,
		WHY_CALLS_UNREDIRECTED, /* calls a function that changed and that can't be redirected */
		WHY_USES_DATA,          /* uses read-only data that changed */
	} cause;
	uint64_t offset;                /* of the first difference, from the start of the NEW object */
	struct object *other;           /* callee, data, ...; may be NULL */
	char *text;                     /* for people, without function name; owned */
};

/* Every cause of refusal stands once in refuse.def: HP_CAUSE (enum name, "code-for-json", "text", "remedy"). */
enum cause {
#define HP_CAUSE(id, code, text, remedy) id,
#include "refuse.def"
#undef HP_CAUSE
	NCAUSES
};

struct refusal {
	enum cause cause;
	char *where;                    /* "function+0x12", "file" or "" */
	char *detail;                   /* what was seen, a sentence without stop; may be "" */
	struct refusal *next;
};

/* What is no reason against the patch, but worth a look: HP_WARNING (enum name, "code-for-json", "text") in warn.def. */
enum warning_id {
#define HP_WARNING(id, code, text) id,
#include "warn.def"
#undef HP_WARNING
	NWARNINGS
};

struct warning {
	enum warning_id id;
	char *where, *detail;           /* as in struct refusal */
	struct warning *next;
};

/* --accept=CAUSE:NAME: the user knows that this one change does no harm. */
struct accept {
	enum cause cause;
	const char *name;
	bool used;
	struct accept *next;
};

/* One run of bytes of the patch at its final address. */
struct item {
	struct object *object;          /* of NEW; NULL for literals, tables, stubs, slots, unwind tables */
	uint64_t source;                /* address in NEW that it copies, 0 when made up */
	uint64_t addr, size;            /* final */
	uint8_t *bytes;
	char *name;                     /* symbol for it in the hotpatch and coldpatch, may be NULL */
	bool code;
	bool writable;                  /* in the reserve */
	struct item *next;
};

struct write { struct hp_write w; uint8_t *old, *new_; };   /* old NULL: 0xcc */

/* A variable of NEW, or a part of it, about whose initial value the source of NEW says something (runtime/hotpatch.h), or
 * a constant that changes in place. */
struct value {
	struct object *object;          /* writable, with a twin of the same size; a constant is no larger than its twin */
	uint64_t offset, size;
	bool keep;                      /* a live process keeps its value, a fresh one starts with NEW's; else all get it */
	bool update;                    /* only where it still holds what OLD starts it with */
	bool alone;                     /* exported: of a constant of which the module's own code gets a copy */
	bool constant;                  /* select: read-only in both builds */
	bool active;                    /* values and select: it is written */
	struct item *item, *saved;      /* place: NEW's value, struct hp_saved; both in the reserve */
};

/* A thread-local variable that OLD lacks. */
struct tls_var {
	struct object *object;
	uint64_t addr;                  /* in the TLS image of OLD, in its room */
};

/* A function of NEW that runs when the patch is applied or taken back (runtime/hotpatch.h). */
struct hook {
	struct object *object;
	enum hp_hook_when when;
	const char *name;               /* as the source has it, a constructor's symbol */
};

struct options {
	const char *old_path, *new_path, *out_dir, *cold_base, *after, *json, *label, *explain;   /* explain: "" for all */
	bool dry_run, verbose, want_explain;
	bool startup;                   /* the patch need not suit processes that run */
	struct accept *accepts, *updates;             /* --update has no cause */
};

struct diff {
	struct options opt;
	struct image *old, *new;
	struct value *values; uint32_t nvalues;       /* values: by object and offset */
	struct hook *hooks; uint32_t nhooks;          /* hooks: those that OLD does not have; constructors first */
	struct object **picked; uint32_t npicked;     /* included objects of NEW, functions first, each by address */
	struct refusal *refusals;                     /* in the order they were found */
	struct refusal *accepted;                     /* what would be one, but for --accept and --startup */
	struct warning *warnings;
	bool stays;                                   /* stays: HP_PATCH_STAYS */
	uint32_t quiescent;                           /* select: transition must wait until nobody is inside */
	bool startup_only;                            /* refuse: only --startup lets it pass */

	struct item *items;                           /* place */
	struct write *writes; uint32_t nwrites;       /* place; sorted by phase */
	uint8_t *boot; uint32_t boot_size; uint64_t boot_addr;
	uint64_t hooks_addr, guard_addr;              /* place: of struct hp_hooks, of the guards' piece; 0: no hooks */
	uint32_t nbinds, nrels;                       /* place: what is left to bind */
	struct after *after;                          /* after: the patch that this one follows, NULL: none */
	uint32_t passages;                            /* place: hp_patch.passages */
	bool followable;                              /* place: another patch may take over from this one */
	struct hp_line line;                          /* place: extents; patchsec: tables */
	uint64_t arena_used, reserve_used, tls_used;  /* place, bytes */
	bool drops;                                   /* place: HP_PATCH_DROPS */
	struct tls_var *tls; uint32_t ntls;           /* place */
	bool mapped;                                  /* place: outgrew the arena; then the image but for the boot record is */
	uint8_t *segment; uint64_t segment_addr, segment_size;  /* ... this, page-aligned, at the end of the reserve */
	uint8_t *debug_frame; uint64_t debug_frame_size;      /* place: unwind entries of the new code, for debuggers */
	uint8_t *patch; uint32_t patch_size;          /* emit: the section .hp.patch */
	char *hot_path, *cold_path;                   /* emit: what was written */
	uint64_t hot_size, cold_size;
};

/* True with --startup: what matters only where old code has run need not be refused, but the patch is for processes that start. */
static inline bool left_to_startup(struct diff *d)
{
	return d->opt.startup && (d->startup_only = true);
}

struct stat;

/* mapping.c: a private mapping of the regular file PATH, as ST describes it; NULL with errno. PATH stays the caller's. */
void *mapping_open(const char *path, int fd, const struct stat *st, int prot);
void mapping_close(void *raw);
/* Gives pages that were read and are not needed again back to the system. */
void pages_forget(const void *p, uint64_t size);
/* One that was written to since it was opened; NULL: none. */
const char *mapping_changed(void);
/* LOST is called, once, and must not return, when a page of the mapping of PATH is gone: somebody has cut the file off. */
void mapping_guard(void (*lost)(const char *path));

/* ---- stages ------------------------------------------------------------------------------------------------------ */

/* read.c: opens and judges. NULL after one message on stderr (bad input is exit status 2; its cause is *cause for JSON
 * and tests). */
struct image *image_read(const char *path, enum cause *cause);
/* The stages read and refs: all that the image has been opened for. Never fails: what is damaged inside a table is left
 * out. */
void image_fill(struct image *img);
void image_release(struct image *img);
/* Sized object that contains addr (labels never), NULL when none does. O(1). */
struct object *image_object_at(const struct image *img, uint64_t addr);

/* Label exactly at ADDR in section S, NULL when there is none. */
struct object *label_at(const struct image *img, const struct section *s, uint64_t addr);
struct section *image_section_at(const struct image *img, uint64_t addr);
bool image_has_code_at(const struct image *img, uint64_t addr);
/* The first of that name that has an address, or NULL. */
struct section *image_section_named(const struct image *img, const char *name);
/* Of .dynamic, the N-th entry with TAG (of elf.h), counted from 0; false: there is none. The same for one that is a name; NULL. */
bool image_dynamic(const struct image *img, int64_t tag, uint32_t n, uint64_t *value);
const char *image_dynamic_name(const struct image *img, int64_t tag, uint32_t n);
/* Bytes at addr, at least n of them in one section with contents; NULL when they are not there. */
const uint8_t *image_bytes(const struct image *img, uint64_t addr, uint64_t n);
struct plt *image_plt_for(const struct image *img, const char *import);    /* by string, NULL when there is none */
struct got *image_got_for(const struct image *img, int holds, const char *import, uint64_t value);
/* Address of the GOT's base, which code of the larger models counts from; 0: no symbol tells. */
uint64_t image_got(const struct image *img);
struct fde *image_fde_at(const struct image *img, uint64_t addr);
struct object *image_find(const struct image *img, const char *name);      /* a global object by name */
struct object *image_find_import(const struct image *img, const char *import);     /* the same; it may end in @VERSION */
/* Source line of addr from DWARF, 0 when unknown. */
unsigned image_line_at(const struct image *img, uint64_t addr);

/* dynamic.c: offset of address ADDR of the TLS image from the thread pointer. */
int64_t tls_offset(const struct image *img, uint64_t addr);

/* refs.c: fills img->refs. Never fails: what is not understood is REF_UNKNOWN, refused later if it is in the way. */
void refs_collect(struct image *img);

/* bounds.c: settles refs to addresses outside their variables, and ref.edge, by the facts. */
void bounds_settle(struct image *img);
/* Refuses what stayed in doubt and is in the patch. */
void bounds_refuse(struct diff *d);

/* main.c: one after the other; one that testsuite/mutants takes out is left out. */
struct stage { const char *name; void (*run)(struct diff *d); };
void stages_run(struct diff *d, const struct stage *stages, size_t n);

/* correlate.c, compare.c, select.c, refuse.c: as in the table above. */
void correlate(struct diff *d);
void make_twins(struct object *old, struct object *new);
/* blocks.c: variables of one function and name become twins, as far as their blocks tell. False: they tell nothing. */
bool pair_by_block(struct object **old, uint32_t nold, struct object **new, uint32_t nnew);
/* grown.c: --startup, between the two: a variable that got another size is a new one, where nobody else knows it. */
void grown_part(struct diff *d);
/* unwritten.c: before that, sets object.unwritten. */
void unwritten_mark(struct diff *d);
/* walked.c: sections that code walks as a table of entries; the part of refuse about them. */
void walked_mark(struct diff *d);
void refuse_walked(struct diff *d);
/* Does O stand for the start or the end of a section, as code has it that walks it? */
bool is_end_of_section(const struct object *o);
void compare(struct diff *d);
void values_settle(struct diff *d);
/* Before hooks_find(): new constructors that may run late are the first hooks. */
void constructors_find(struct diff *d);
void hooks_find(struct diff *d);
void select_objects(struct diff *d);
/* select.c: of relocatable objects, all that changed or is new, with nothing that would follow from it. */
void select_changed(struct diff *d);
void refuse(struct diff *d);
/* transition.c: warns of what needs a quiescent process, and marks the patch. */
void warn_transition(struct diff *d);
/* enums.c: warns of constants of enumerations that got another value. */
void warn_enums(struct diff *d);
/* The constants that both builds have of the enumerations called NAME have their values. */
bool enum_is_kept(const struct image *old, const struct image *new, const char *name);
/* once.c: warns of changed initialisers of static variables that may have run. */
void warn_once(struct diff *d);
/* fresh.c: warns of new variables in the place of old ones, whose values running processes lose. */
void warn_fresh(struct diff *d);
/* unreached.c: warns of new symbols, and of functions that are gone and that objects may lead to. */
void warn_unreached(struct diff *d);
/* stays.c: warns of new code that may be registered out of sight, and marks the patch. */
void warn_stays(struct diff *d);
/* live.c: the part of refuse about objects whose type has another layout. */
void refuse_layouts(struct diff *d);
/* Before select has chosen: calls FOUND with DATA for each function of NEW that must be in the patch, since a type of that
 * name, which changed and is alive in frames only, is in its twin's frame. */
void layouts_in_frames(struct diff *d, void (*found)(void *, struct object *, const char *), void *data);
/* newtls.c: the part of refuse about new thread-local variables. Does one start as zeros; what it must be aligned to. */
void refuse_new_tls(struct diff *d);
bool tls_is_zero(const struct object *o);
uint64_t tls_alignment(const struct object *o);
/* resume.c: the part of refuse about functions that go on at a line. */
void refuse_resumed(struct diff *d);
/* constructors.c: the part of refuse about them. Is a function the startup code's, or our stub's. */
void refuse_constructors(struct diff *d);
bool is_start_up(const struct object *o);
/* LIBRARY is one of DT_NEEDED. */
bool image_needs(const struct image *img, const char *library);
/* USER, of the same image, refers to O. */
bool object_refers_to(const struct object *user, const struct object *o);
/* again.c: the part of refuse about initialisers that would run over what lives. */
void refuse_again(struct diff *d);
/* early.c: the part of refuse about what runs before the startup stub. */
void refuse_early(struct diff *d);
/* late.c: NULL when FUNC of NEW may run in a process that has been at work; else why not, a sentence; the caller frees. */
char *late_objection(const struct diff *d, struct object *func);
/* signature.c: the part of refuse about changed parameters. */
void refuse_signatures(struct diff *d);
/* By kind and size of parameters and result. */
bool function_types_same(const struct object *a, const struct object *b);
/* tables.c: the part of refuse about tables of functions that other modules know and that change in place. */
void refuse_tables(struct diff *d);
/* After select: what OLD has stored as a pointer to functions of the type WAS can be called as NOW (";" between parameters). */
bool callee_fits(const struct image *old, const char *was, size_t nwas, const char *now, size_t nnow);

/* accept.c */
/* Takes "CAUSE:NAME" in; NULL, or what is wrong with it, for people. */
const char *accept_parse(struct options *opt, const char *text);
bool is_accepted(struct diff *d, enum cause cause, const char *where);
/* --update=NAME. */
void update_add(struct options *opt, const char *name);
bool is_to_be_updated(struct diff *d, const char *where);
/* Warns of every --accept that met nothing. */
void accept_check(struct diff *d);
void accept_release(struct options *opt);

/* warn.c */
void warn_add(struct diff *d, enum warning_id id, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
const char *warning_code(enum warning_id id);
const char *warning_text(enum warning_id id);
void warnings_release(struct diff *d);

/* own.c: after correlate, refs of NEW that look like imports and are to itself. */
void own_symbols(struct diff *d);
bool exports(const struct image *img, const char *name);
/* interposed.c: the part of refuse about symbols that other modules may have, too. */
void refuse_interposed(struct diff *d);
/* compare.c: what the linker or the plugin makes; it follows from the rest. */
bool is_made_section(const struct section *s);
/* origin.c: OLD and NEW, of one name, are of different files, and known to no other. */
bool file_differs(const struct object *old, const struct object *new);
/* The name of the file that O is of, for reports; "" where nobody knows. */
const char *file_of(const struct object *o);
/* namesakes.c: sets object.ambiguous of twins of files that may not be the same. */
void namesakes_doubt(struct diff *d);
/* labels.c: likewise, of what has a name by asm() that another thing had. */
void labels_doubt(struct diff *d);
/* OLD is a function, and not only called. */
bool is_function_held(const struct object *old);
bool may_be_shared_now(const struct object *old, const struct object *new);
/* hidden.c: data without a name that FUNC refers to may be variables; they are such whose symbols are lost. */
bool hides_data(const struct object *func);
bool lost_symbols(const struct object *func);
void hidden_release(struct image *img);
/* aligned.c: sets object.misplaced; the part of refuse about it. */
void aligned_mark(struct diff *d);
void refuse_misplaced(struct diff *d);
/* walked.c: a section of the linker's for variables of all kinds; another one may be a table that somebody walks. */
bool is_common_place(const struct section *s);
/* filling.c: nothing but filling stands in the N bytes at ADDR; N may be 0. */
bool only_filling(const struct image *img, uint64_t addr, uint64_t n);
/* outside.c: the part of refuse about bytes that belong to no function or variable. */
void refuse_outside(struct diff *d);
/* True when as many bytes at OLD and at NEW, without a name, are equal up to padding, of which each may have its own. */
bool nameless_same(const struct diff *d, uint64_t old, uint64_t nold, uint64_t new, uint64_t nnew);
/* True when the two are one place in nameless code that stands behind labels, and so is all of it up to BACK bytes
 * before, from where a table may count. What the code there is, refuse_outside() looks at. */
bool outside_place_same(const struct diff *d, uint64_t old, uint64_t new, uint64_t back);
/* closures.c: the part of refuse about twins that are known by a number only. */
void refuse_closures(struct diff *d);
/* gone.c: the part of refuse about what NEW does without; sets object.kept. */
void refuse_gone(struct diff *d);
/* select.c: true when the call R of OLD gets to a function that does not keep what OLD's callers were promised. */
bool call_is_at_stake(const struct diff *d, const struct ref *r);
void refuse_add(struct diff *d, enum cause cause, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same for what the user may accept; the reason of an accepted one is recorded in the patch. */
void refuse_unless_accepted(struct diff *d, enum cause cause, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* For what --startup makes possible. */
void accepted_add(struct diff *d, enum cause cause, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
const char *cause_code(enum cause c);
const char *cause_text(enum cause c);
const char *cause_remedy(enum cause c);
/* True when both refs mean the same thing in the two builds. */
bool ref_same(const struct diff *d, const struct ref *old, const struct ref *new);

/* hooks.c: the hooks of NEW. NAME is not copied. */
void hook_add(struct diff *d, struct object *o, enum hp_hook_when when, const char *name);
/* "pre-apply", ... */
const char *hook_when_name(enum hp_hook_when when);
bool is_hook(const struct object *o);
/* After select: refuses hooks that nobody would run, and those of an earlier fix that changed. */
void hooks_refuse(struct diff *d);

bool lives_here(const struct diff *d, const struct object *variable);

/* values.c */
bool is_value_mark(const struct object *o);
/* N bytes at OFFSET of O start alike in both builds; *where: the first that does not. */
bool part_same(const struct diff *d, struct object *o, uint64_t offset, uint64_t n, uint64_t *where);
/* update.c: O, a live variable whose initial value changed, is to be updated: adds what differs, element by element. False:
 * it can't be told what OLD's is in a process. */
bool update_values(struct diff *d, struct object *o);
/* What N bytes at OFFSET of O hold when OLD starts is known but for the load base. */
bool is_known_in_old(const struct diff *d, const struct object *o, uint64_t offset, uint64_t n);
/* The value that covers OFFSET of O, NULL when none does. */
struct value *value_at(const struct diff *d, const struct object *o, uint64_t offset);
uint32_t values_active(const struct diff *d);
/* Some are written in a process that runs. */
bool values_set(const struct diff *d);
void value_add(struct diff *d, const struct value *v);
static inline uint32_t value_flags(const struct value *v)
{
	return (v->keep ? HP_VALUE_START : 0) | (v->constant ? HP_VALUE_CONSTANT : 0) | (v->update ? HP_VALUE_UPDATE : 0);
}
/* V is of a constant that a library exports: when it is applied, it must be seen that nobody has a copy of it. */
static inline bool value_is_shared(const struct diff *d, const struct value *v)
{
	return v->alone || (v->constant && d->old->kind == IMAGE_SHARED && v->object->twin->exported);
}

/* inplace.c: the changed constant O of NEW, whose address others hold, gets its new bytes where OLD has it. False when it
 * can't; refuses what a running process could not bear. */
bool change_in_place(struct diff *d, struct object *o);
bool fits_in_place(const struct diff *d, const struct object *o);
/* What differs of O, which is no larger than its twin, as a value to be written. False: nothing does. */
bool change_extent(const struct diff *d, const struct object *o, struct value *v);
bool change_is_one_write(const struct value *v);
/* exported.c: the module's own code gets a copy of the changed constant O, whom only its symbol pins. False when it can't. */
bool copy_exported(struct diff *d, struct object *o);
/* own.c: from here on refs of NEW to the symbol of O mean O, not what the dynamic linker finds. */
void own_take(struct diff *d, struct object *o);
/* The name of the exported O, for the dynamic linker. */
const char *exported_name(const struct object *o);

/* anon.c: bytes that have no name. */
/* A use of the start of the literal into which USE points: `"text" + 4` is a part of "text", not a text of its own. */
static inline struct ref literal_base(const struct ref *use)
{
	struct ref base = *use;

	if (use->target == TARGET_ANON && use->literal) {
		base.addr -= use->offset;
		base.offset = 0;
	}
	return base;
}

/* The extent of the anonymous bytes that USE refers to: what a patch must copy with it. 0: not loaded bytes. */
uint64_t anon_size(const struct image *img, const struct ref *use);
/* The same with what may stand before the address that USE names; *start: where that begins. */
uint64_t anon_whole(const struct image *img, const struct ref *use, uint64_t *start);
/* True when REF is to a jump table of the function OWNER; then *n is the number of its entries, *width 4 or 8. */
bool jump_table(const struct image *img, const struct ref *ref, const struct object *owner, uint32_t *n, uint32_t *width);
/* Bytes from addr to the next place that something without a name, or an object, makes an edge. 0: not loaded bytes. */
uint64_t anon_extent(const struct image *img, uint64_t addr);
/* True when both uses, in functions (or data) that are twins, find the same content. */
bool anon_same(const struct diff *d, const struct ref *old, const struct ref *new,
	       const struct object *old_owner, const struct object *new_owner);
/* True when the nameless bytes at addr, which USER refers to (NULL: nameless data), are nobody's variable. */
bool anon_is_constant(const struct image *img, uint64_t addr, const struct object *user);
/* What is no constant and has no name, as assembler code needs none for its own data and for what it keeps behind its code,
 * is known by the object that it stands behind, and starts out the same: its address in OLD; 0 when there is none. ADDR is
 * in NEW. */
uint64_t nameless_twin(const struct diff *d, uint64_t addr);
/* The C string at addr, NULL when there is none. */
const char *anon_string(const struct image *img, uint64_t addr);
void anon_release(struct image *img);
/* refs.c: refs with lo <= at < hi: the first of them and *n. */
const struct ref *image_refs_in(const struct image *img, uint64_t lo, uint64_t hi, uint32_t *n);
/* True when two runs of N bytes are equal but for fields of refs that mean the same; *where: first difference. */
bool bytes_same(const struct diff *d, const struct object *old_owner, const struct object *new_owner,
		uint64_t old_addr, uint64_t new_addr, uint64_t n, uint64_t *where);

/* stem.c: the line that the name of O, a local one, holds; 0: none. It holds a value of __COUNTER__. The name with a # for
 * either, to be freed; NULL: as it is. */
uint64_t name_line(const struct object *o);
bool name_is_counted(const struct object *o);
char *line_stem(const struct object *o);
/* NAME without the numbers that compilers count with, in BUF (of strlen(NAME) + 1), or NAME itself; O's, without its line, too. */
const char *name_stem(const char *name, char *buf);
const char *object_stem(const struct object *o, char *buf);
/* How long the part of NAME is up to the first dot: what the source calls it. */
size_t source_name(const char *name);
/* C++: a variable or a class inside a function, or the guard of such a variable. */
bool is_local_of_function(const char *name);

/* compare.c: the texts of two instructions, of twins, differ in a moved line number and in nothing else. */
bool line_texts_differ(const struct object *old, const struct object *new, const char *old_text, const char *new_text);
/* linetext.c: true when the texts, which function USER of NEW and its twin name, differ in moved line numbers at most. */
bool line_text_moved(const struct diff *d, const struct object *user, const char *old, const char *new);

/* lsda.c: types that FDE of NEW tells by plain addresses are reached by slots, since OLD has no place for one of them. */
bool lsda_takes_slots(const struct image *img, const struct fde *fde);
/* resolver.c: the indirect function IMPORT that NEW has for itself; NULL: it is none, or there are *several. */
struct object *indirect_function(const struct diff *d, const char *import, bool *several);
/* What the resolver of O uses so that it may not run late; NULL: nothing. */
const char *resolver_objection(const struct object *o);

/* entry.c: NULL when the entry of FUNC (of OLD) can be redirected, else why not, for people; static text. */
const char *entry_unfit(struct disasm *dis, const struct object *func);

/* explain.c: the texts of object.why of what is in the patch; side by side for --explain. */
void explain_reasons(struct diff *d);
void explain_side_by_side(struct diff *d, FILE *out);

/* The linker's place for a variable of a library that the program uses directly (R_X86_64_COPY), without a twin. */
bool is_copied_import(const struct object *o);

/* after.c: the earlier patch of --after. 0, or -1 after a message. */
int after_open(struct diff *d);
void after_close(struct diff *d);
const struct hp_patch *after_patch(const struct diff *d);
/* The address that the earlier patch gave to variable O of NEW, of a thread-local one the offset in its room; false: it
 * has none. A variable that it has otherwise is refused. */
bool after_variable(struct diff *d, const struct object *o, uint64_t *addr);
/* Refuses when the initial value of the variable in ITEM, which stands at its place, is not that of the earlier patch. */
void after_check_value(struct diff *d, const struct item *item);
/* Refuses when a hook of the earlier patch is none of this one. */
void after_check_hooks(struct diff *d);
/* The first address behind all that the earlier patch may take of the arena; its first spare unwind slot lies there, too. */
uint64_t after_end(const struct diff *d);
/* Did it outgrow the arena? False without one. */
bool after_is_mapped(const struct diff *d);
/* Pairs of .eh_frame_hdr for the arena from this address on serve no earlier patch; without one, from the arena on. */
uint64_t after_pairs_from(const struct diff *d);
/* How many pairs at the table's end are those of earlier mapped patches; and what such a patch has put to address AT, NULL:
 * nothing. */
uint32_t after_tail(const struct diff *d);
const uint8_t *after_pair(const struct diff *d, uint64_t at);

/* place.c: final addresses and bytes; adds refusals for what can't be placed. */
void place(struct diff *d);
/* emit.c: 0, or -1 after a message. Writes temporary files and renames both at the end. */
int emit(struct diff *d);
/* Takes away what emit() has written so far, in the middle of it, too. */
void emit_undo(const struct diff *d);
/* verify.c: 0 when the coldpatch bytes at PATH are NEW through the redirects; else adds refusals and returns -1. */
int verify(struct diff *d, const char *path);

/* report.c */
void report_text(const struct diff *d, FILE *out);
int report_json(const struct diff *d, const char *path, int status);

/* insn.c, the only file that knows x86-64 instructions */
/* Bytes of the instruction that follow the 4-byte disp32(%rip) field at p[at] (0, 1, 2 or 4), given the bytes of the
 * function up to there; -1 when the bytes before the field are no instruction with such a field. *lea: address taken. */
int insn_tail(const uint8_t *code, size_t at, size_t size, bool *lea, bool *branch);
/* operand.c: bytes that the instruction with the disp32(%rip) at code[field] reads or writes there, at most; CODE: of the
 * function part, from its start. */
unsigned insn_operand(const uint8_t *code, size_t size, size_t field);
bool is_thunk(const struct object *o);
/* leap.c: how many references O may have that the assembler settled, at most. */
uint64_t leaps_most(const struct object *o);
/* These, but for those that the section has already, sorted; the number of those written to OUT. */
uint32_t leaps_take(const struct image *img, const struct object *o, struct ref *out);
/* What leaves function O without a reference, for people, and *where from its start; NULL: nothing. */
const char *leaps_away(const struct object *o, uint64_t *where);
/* Length of the instruction at p (libopcodes), 0 when it is none. *target: of a direct branch, else 0. */
struct disasm *disasm_open(const struct image *img);
void disasm_close(struct disasm *dis);
int disasm_insn(struct disasm *dis, uint64_t addr, const uint8_t *p, size_t n, char *text, size_t ntext, uint64_t *target);

#endif
