/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the plugin know of each other. One compiler run is one unit, so the state is global: the options
 * below, set once by hotpatch.cc, and what each part collects until the unit's end.
 */
#ifndef HOTPATCH_PLUGIN_H
#define HOTPATCH_PLUGIN_H

#include "gcc-headers.h"
#include "../runtime/break.h"

/* cc1 exports all of its symbols and would have ours of the same name be its own. */
#pragma GCC visibility push(hidden)

struct hp_options {
	unsigned long arena;            /* bytes of the module's base arena, a multiple of HP_CHUNK */
	long tls;                       /* bytes of the module's room for thread-local variables, -1: as it suits the module */
	const char *store;              /* absolute directory in which the stub looks for patches */
};
extern struct hp_options hp_options;

enum {
	HP_CHUNK = 512,                 /* bytes of arena that one spare unwind slot covers */
	HP_RESERVE = 512 << 10,         /* bytes of the module's base reserve: one half for data, one for code */
	HP_PAGE = 4096,
	HP_TLS_ALIGN = 4,               /* of the room for thread-local variables, as a power of two */
};

/* entry.cc: entries, tails and lead rooms */
void entry_register(const char *plugin);
unsigned long entry_text_size(void);    /* bytes of machine code that the unit has so far, estimated */

/* names.cc: names of static locals, and as the assembler has them; attribute hotpatch("never") */
void names_register(const char *plugin);
bool decl_is_never(const_tree decl);
const char *assembler_name(tree decl);
void labels_print(FILE *f, const char *unit);   /* the names in the source of what it names otherwise by asm() */

/* mark.cc: texts of functions and variables that are told later, by names with a blank in them */
void mark_put(tree decl, const char *mark, const char *text);
const char *mark_of(tree decl, const char *mark);                               /* NULL: there is none */
void mark_print(FILE *f, char kind, const char *unit, tree decl, const char *mark);    /* as a fact of that KIND, if any */

/* lines.cc: values of __LINE__ by source function */
void lines_register(const char *plugin);
/* Calls visit(data, key) for every source function with __LINE__ values whose lines the current function's instructions
 * come from, each once. */
void lines_of_function(void (*visit)(void *data, const char *key), void *data);
void lines_print(FILE *f, const char *unit);
cpp_hashnode *macro_node(const char *name);
struct expansion { const char *file; int line; };       /* of a macro: where */
/* File and line that the user sees for LOC: that of the outermost macro's use. */
bool place_of(location_t loc, struct expansion *place);

/* counted.cc: functions and variables whose names hold values of __COUNTER__ */
void counted_register(const char *plugin);
void counted_print(FILE *f, const char *unit);

/* bounds.cc: references outside the variables they mean, as "SYMBOL OFFSET TIMES,..."; NULL: there are none */
void bounds_register(void);
char *bounds_of_function(void);         /* the caller frees */
char *reach_of_function(void);          /* how far its addresses are from the start of constants: a C fact; likewise */
void bounds_of_data(FILE *f, const char *unit);         /* prints those of data */
bool bounds_are_known(void);            /* of all data it is known which variable has them */

/* kinds.cc: types as text */
struct text { char *p; size_t n, room; };       /* all zero: empty; the user frees P */
void text_add(struct text *t, const char *format, ...) ATTRIBUTE_PRINTF_2;
unsigned long size_of(tree type);       /* in bytes; 0: known at run time only */
void kind_add(struct text *t, tree type);
void value_add(struct text *t, tree type);                      /* of a parameter or result */
void stored_add(struct text *t, tree type);                     /* of a field or variable: what a pointer calls, too */
void convention_add(struct text *t, tree type);   /* of a function type that asks for another one */
void prototype_add(struct text *t, tree type, char comma);      /* of a function type that has one */
/* The T fact of a record; VARIABLE names it where it has no name itself, NULL: none does. NULL: it has none at all, or its
 * layout is only known at run time, or it is the system's. The caller frees. */
char *layout_fact(tree record, tree variable);

/* types.cc: layouts of the types that the unit's code uses, kinds of its variables and functions */
void types_register(const char *plugin);
char *types_in_frame(void);             /* those that live in frames only and in the current function's; the caller frees */
/* From kept.cc: DECL is a variable with static storage; CONSTANT: a patch can replace it and all who know its address. */
void types_of_variable(tree decl, bool constant);
char *types_of_function(tree decl);     /* of result and parameters; the caller frees */
void types_print(FILE *f, const char *unit);
unsigned hash_of(const char *s);        /* FNV-1a, 32 bits */

/* measured.cc: types that only sizeof or offsetof name */
void measured_register(const char *plugin);
/* Of the types that the unit defines, those of them that are wanted. */
void measured_each(bool (*wanted)(tree), void (*found)(tree));

/* enums.cc: enumerations of which something holds values */
void enum_add(struct text *t, tree type); /* its constants, as kinds have them; nothing for other types */
tree enums_attach(tree list);
void enum_collect(const char *fact);    /* one of those that were attached, without the N */
void enums_print(FILE *f, const char *unit);

/* aligned.cc: variables whose alignment is the source's or the optimiser's own */
void aligned_print(FILE *f, const char *unit);

/* places.cc: functions to whose labels objects may lead */
void places_register(const char *plugin);
bool has_held_places(const_tree decl);

/* points.cc: what is awaited at the suspension points of coroutines */
void points_register(const char *plugin);
void points_print(FILE *f, const char *unit);

/* blocks.cc: what the blocks of static variables of functions are known by */
void blocks_register(const char *plugin);
void blocks_print(FILE *f, const char *unit);

/* origin.cc: with -flto, the files that functions and variables are of */
void origin_register(const char *plugin);
char *origin_fact(tree decl);           /* NULL: there is nothing to say; the caller frees */
void origins_print(FILE *f);            /* of variables */

/* flow.cc: what the unit's functions do with the address of a variable, between open and close */
enum {
	FLOW_KEPT = 1,                  /* it is put where others may keep it, or compared with what may be another thing's */
	FLOW_WRITTEN = 2,               /* the variable may be written to */
	FLOW_COMPARED = 4,              /* of FLOW_KEPT, the latter */
};
void flow_open(void);
unsigned flow_of(varpool_node *variable, bool to_the_end);      /* or FLOW_KEPT is enough */
void flow_close(void);

/* kept.cc: constants whose address is kept by somebody, variables that are only read */
void kept_register(const char *plugin);
void kept_print(FILE *f, const char *unit);

/* facts.cc: section .hp.facts */
void facts_register(const char *plugin);
void facts_collect_insns(void);         /* from the entry pass: what the instructions tell */
void facts_collect_function(void);      /* after "final": clobbers are known */
void facts_print(FILE *f);
void fact_print(FILE *f, const char *s);
void facts_string(FILE *f, const char *s, size_t n);    /* as the inside of an assembler string */

/* module.cc: arena, reserve, registry, note, stub */
void module_print(FILE *f);

#pragma GCC visibility pop

#endif
