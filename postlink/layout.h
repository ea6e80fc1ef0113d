/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of the output side share while they give a patch its place: place.c leads, fields.c knows where a
 * reference ends up, unwind.c makes the unwind tables, boot.c the boot record. Other stages see struct item only.
 *
 * A PIECE is an item that copies bytes of NEW, or that is made up here (a PLT stub, the unwind tables). Pieces live in
 * one of two regions: the IMAGE, plain bytes that are executable and never written again (arena), and the DATA, memory
 * that starts as zeros and is initialised by the boot record (reserve). Gathering finds all pieces without knowing an
 * address; assigning gives addresses; filling writes bytes. Assigning and filling can be run again with other regions.
 */
#ifndef HOTPATCH_LAYOUT_H
#define HOTPATCH_LAYOUT_H

#include "copied.h"
#include "diff.h"

enum piece_kind {
	PIECE_OBJECT,                   /* a function or a variable of NEW */
	PIECE_ANON,                     /* a literal, or an exception table */
	PIECE_TABLE,                    /* a jump table: entries are taken from its bytes, not from refs */
	PIECE_STUB,                     /* jmp *slot(%rip), for an import that OLD does not call */
	PIECE_NUMBER,                   /* what a slot for an absolute symbol holds */
	PIECE_ONWARD,                   /* the jump behind a function that goes on in another one, see leap.c */
	PIECE_ASK,                      /* asks the resolver of an indirect function, see resolver.c */
	PIECE_THUNK,                    /* loads a variable of another module, see copied.c */
	PIECE_VALUE,                    /* what a live variable is to hold, see struct value */
	PIECE_SAVED,                    /* struct hp_saved of one */
	PIECE_TLS,                      /* a slot for a thread-local variable, see tls.c */
	PIECE_STATE,                    /* struct hp_hooks */
	PIECE_GUARD,                    /* the code that runs hooks, its list, and a guard for each redirected function */
	PIECE_UNWIND,                   /* the CIEs and FDEs of all functions */
};

struct piece {
	struct item item;               /* first: an item is freed by its own address */
	enum piece_kind kind;
	uint64_t align;
	struct piece *lead;             /* PIECE_ANON: the first one of the run that this is a part of; NULL: none, or it leads */
	bool tied;                      /* PIECE_OBJECT: it keeps its distance from its neighbour in NEW, see fields.c */
	bool types;                     /* PIECE_ANON: an LSDA whose types are reached by slots, see lsda.c */
	uint64_t run;                   /* of a lead: size of its run, 0: there is none */
	uint64_t known;                 /* a variable of the patch of --after: its address, else 0 */
	uint64_t gathered;              /* size for which its references were gathered */
	const struct value *was;        /* PIECE_SAVED: it starts with what OLD starts this one with; NULL: with zeros */
	struct object *owner;           /* PIECE_TABLE: the function that jumps through it */
	uint32_t width;                 /* PIECE_TABLE: of an entry, 4 or 8 */
	struct slot *slot;              /* PIECE_STUB, PIECE_ASK, PIECE_THUNK, PIECE_NUMBER */
	struct piece *onward;           /* PIECE_ONWARD behind this one, NULL: it ends where its bytes end */
	const struct ref *to;           /* PIECE_ONWARD: where it leads */
	struct piece *user;             /* PIECE_THUNK: it returns to this one, at BACK from its start */
	uint64_t back;
	struct copied copied;           /* PIECE_THUNK: the instruction that it stands for */
	struct {
		struct object *object;  /* PIECE_TLS: the variable + OFFSET; NULL: the module */
		int64_t offset;
		int holds;              /* as in struct got */
		const struct got *from; /* slot of OLD that it is made from, NULL: from nothing */
	} tls;
};

/* A word in the reserve that holds an address: a GOT entry that OLD lacks. */
struct slot {
	const char *import;             /* symbol of another module, or */
	struct object *object;          /* ours, + offset; neither: the number OFFSET */
	int64_t offset;
	struct piece *number;           /* that is not 0: where it stands, instead of in the reserve */
	uint64_t addr;                  /* when assigned, or that of a slot which OLD has */
	bool borrowed;                  /* it is OLD's */
	struct piece *stub;             /* the stub that jumps through it, NULL when there is none */
	struct object *resolver; struct piece *ask; /* of an indirect function: it starts with the address of ASK */
	struct slot *next;
};

struct layout {
	struct diff *d;
	struct piece **pieces; uint32_t npieces, room_pieces;
	struct slot *slots;
	struct piece *unwind;           /* NULL when no new function can be unwound */
	struct piece *guard, *state;    /* NULL without hooks */
	struct placed_fde { uint64_t func, fde; } *fdes; uint32_t nfdes;       /* ascending */
	uint32_t share;                 /* at most that many functions share an unwind entry */
	void *by_source;                /* htab of pieces by address in NEW */
	struct texts *texts;            /* of OLD; NULL until one is asked for */

	uint64_t image, image_end;      /* region of the image; .at is the first free address */
	uint64_t image_at;
	uint64_t data, data_end, data_at;

	struct hp_rel *rels; uint32_t nrels, room_rels;
	struct pending_bind { uint64_t where; const char *import; int64_t addend; enum hp_bind_kind kind; } *binds;
	uint32_t nbinds, room_binds;
	struct hp_copy *copies; uint32_t ncopies, room_copies;
	bool failed;                    /* a refusal was added */
};

/* place.c */
struct piece *piece_new(struct layout *l, enum piece_kind kind, uint64_t source, uint64_t size);
struct piece *piece_at(const struct layout *l, uint64_t source);
void need_object(struct layout *l, struct object *o);
void need_anon(struct layout *l, uint64_t addr, uint64_t size, uint64_t from);
/* "function+0x12" for a place in NEW, in a static buffer; for refusals. */
const char *where_in_new(const struct diff *d, uint64_t addr);
/* True when addresses in the file are addresses in memory, so that no pointer needs the load base. */
bool base_is_zero(const struct image *img);

/* fields.c */
/* Adds a refusal about REF; nothing is placed then. */
void refuse_ref(struct layout *l, enum cause cause, const struct ref *ref, const char *text);
/* Gathers what REF, a field of piece P, will need: pieces, stubs, slots. */
void need_target(struct layout *l, struct piece *p, const struct ref *ref);
/* Writes the field of REF into the bytes of P, for its final place; a word that must wait becomes a hp_rel or hp_bind. */
void write_field(struct layout *l, struct piece *p, const struct ref *ref);
void write_table(struct layout *l, struct piece *p);
void write_stub(struct layout *l, struct piece *p);
void write_onward(struct layout *l, struct piece *p);
/* lsda.c: of a piece with types, one of them, and their table. */
void need_type(struct layout *l, const struct ref *ref);
void write_types(struct layout *l, struct piece *p);
/* resolver.c: S, a slot for an indirect function, is filled at its first use. */
void need_ask(struct layout *l, struct slot *s, struct object *resolver);
void write_ask(struct layout *l, struct piece *p);
/* Address in the patched module of object O of NEW; CALL: of the code that runs, not the identity of the function. */
bool object_address(struct layout *l, const struct object *o, int64_t offset, bool call, uint64_t *addr);
/* What stands at ADDR in NEW, a function or PLT entry, in the patched module; used for personality routines. */
bool code_address(struct layout *l, uint64_t addr, uint64_t *final);
void need_code_address(struct layout *l, uint64_t addr);
void slot_values(struct layout *l);
/* The slot that holds the address of IMPORT + OFFSET, or of O + OFFSET: OLD's own, else one in the reserve. */
struct slot *need_slot(struct layout *l, const char *import, struct object *o, int64_t offset);
struct slot *find_slot(struct layout *l, const char *import, struct object *o, int64_t offset);
void add_bind(struct layout *l, uint64_t where, const char *import, int64_t addend);
void add_rel(struct layout *l, uint64_t where, uint64_t value);
/* update.c: the bytes of PIECE_SAVED; what REF of OLD, a word of data, holds, and whether the load base is added to it. */
uint64_t old_word(const struct ref *r);
bool old_word_is_moved(const struct image *old, const struct ref *r);
void write_saved(struct layout *l, struct piece *p);
void add_copy(struct layout *l, uint64_t where, uint64_t from, int64_t addend);
/* Has it asked at run time whether constants that change in place are the ones that are used. */
void check_shared_values(struct layout *l);

/* tls.c */
/* A variable that OLD lacks; and what REF, of a kind that is about thread-local variables, will need. */
void tls_need_variable(struct layout *l, struct object *o);
void tls_need(struct layout *l, const struct ref *ref);
/* Gives all variables their places. May refuse. */
void tls_assign(struct layout *l);
/* The offset that REF stands for, or the address of its slot; false: there is none. */
bool tls_value(struct layout *l, const struct ref *ref, int64_t *value);
bool tls_slot(struct layout *l, const struct ref *ref, uint64_t *addr);
void tls_write_slot(struct layout *l, struct piece *p);
int tls_compare_slots(const struct piece *a, const struct piece *b);

/* copied.c: REF names a variable for which NEW has a COPY relocation and OLD has no place. */
void copied_need(struct layout *l, struct piece *p, const struct ref *ref);
void copied_write(struct layout *l, struct piece *p, const struct ref *ref);
void write_thunk(struct layout *l, struct piece *p);

/* texts.c */
/* Address in OLD of what USE of NEW has the address of, a text that OLD has, too; 0: it is none, or OLD has it not. */
uint64_t text_of_old(struct layout *l, const struct ref *use);
void texts_release(struct layout *l);

/* runs.c */
/* Finds the runs among the nameless pieces, when all are gathered. */
void runs_find(struct layout *l);
/* First address from AT on that agrees with the lead's place in NEW modulo its alignment, so all of its run are aligned. */
uint64_t run_assign(const struct piece *lead, uint64_t at);

/* guard.c: makes layout.guard and layout.state when the patch has hooks, after all functions were gathered. */
void guard_gather(struct layout *l);
/* After all else has its address. */
void guard_fill(struct layout *l);
/* Where the old entry of O, which is redirected, jumps to. */
uint64_t guard_of(const struct layout *l, const struct object *o);

/* unwind.c */
/* Gathers exception tables and personality routines of the functions gathered so far. */
void need_unwind(struct layout *l);
/* Makes layout.unwind, after the last function was gathered. */
void unwind_piece(struct layout *l);
/* The pieces are in their order, and the region is chosen: how many functions have to share an entry. */
void unwind_plan(struct layout *l);
void unwind_fill(struct layout *l);
void unwind_writes(struct layout *l);

/* boot.c: builds diff.boot; its address is chosen by the caller and does not change its size. */
void boot_build(struct layout *l);

/* place.c: appends to diff.writes. OLD_BYTES NULL: int3. Both are copied. */
void add_write(struct diff *d, enum hp_phase phase, uint64_t addr, uint32_t size, const uint8_t *old_bytes,
	       const uint8_t *new_bytes);

/* The alignment that an address shows. By chance it can be more than was asked for, so it is capped: of code by a cache
 * line, of data by a page. */
static inline uint64_t alignment_of(uint64_t addr, uint64_t cap)
{
	uint64_t align = addr & -addr;

	return !align || align > cap ? cap : align;
}

static inline uint64_t align_up(uint64_t n, uint64_t align)
{
	return (n + align - 1) / align * align;
}

#endif
