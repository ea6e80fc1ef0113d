/* SPDX-License-Identifier: GPL-3.0-or-later */
/* facts.c: what the plugin recorded in .hp.facts, see plugin/FACTS. Where it tells nothing, the answer is the careful one. */
#ifndef HOTPATCH_FACTS_H
#define HOTPATCH_FACTS_H

#include <string.h>
#include "diff.h"

void facts_release(struct image *img);
/* samebuild.c: the same compilers and options; else *DIFFERENCE, to be freed, says what differs. */
bool facts_same_build(const struct image *old, const struct image *new, char **difference);
/* The fields of the next fact of KIND from *next on, the letter first, see plugin/FACTS; NULL when there is none. */
char **facts_next(const struct image *img, char kind, uint32_t *next);
/* A B fact: places outside their variables. FUNC "-": in data of UNIT. */
struct bias { const char *unit, *func, *list; };
/* The next B fact from *next on; false when there is none. */
bool facts_bias(const struct image *img, uint32_t *next, struct bias *b);
/* The units that may have made FUNC, by the next of their F facts from *f on (NULL: start); NULL when there is no more.
 * *type: its type, as plugin/FACTS has it. */
struct fact;
const char *facts_unit(const struct object *func, struct fact **f, const char **type);
/* UNIT has the function O, or names the variable O that is not declared const; true also where nobody tells. */
bool facts_unit_knows(const struct object *o, const char *unit);
/* With -flto, the file that has O, which looks local; *global: it is not, there. NULL: nobody tells. */
const char *facts_origin(const struct object *o, bool *global);
/* Sizes of the characters of wide string literals in the image: an or of 2 and 4, 0 when it has none. */
unsigned facts_wide(const struct image *img);
/* What the block of a function's static variable, or of the one that it guards, is known by: "BLOCK CONDITIONS"; NULL. */
const char *facts_block(const struct object *variable);
bool facts_holds_places(const struct object *func);       /* objects may hold addresses of its labels */
/* What the source calls a thing that it names by asm(); NULL: as it is called. */
const char *facts_source_name(const struct object *o);
/* UNIT, NULL: some unit, names by asm() what it calls SOURCE. */
bool facts_has_labelled(const struct image *img, const char *source, const char *unit);
/* The hashes of a coroutine's suspension points, each with a blank behind it; NULL: they are not known. */
const char *facts_points(const struct object *func);
/* FUNC of NEW goes on at lines that objects keep, and OLD's are not among its own. */
bool facts_resumes_elsewhere(const struct image *old, const struct object *func);
/* True when OLDV -> NEWV is a moved __LINE__ of function O, of one inlined into it, or of the initialiser of variable O. */
bool facts_line_moved(const struct image *old, const struct image *new, const struct object *o, uint64_t oldv, uint64_t newv);
/* The values of __LINE__ that are O's own: of a variable's name and initialiser, of a source function; NULL: none. With -flto
 * a local name may have got a number more than the unit knew it by. */
const char *facts_own_lines(const struct object *o);
/* The value of __COUNTER__ that is in its name, NULL: there is none. */
const char *facts_counter(const struct object *o);
/* True when parameters or result of FUNC (of NEW) are not those of its twin; then its types, see plugin/FACTS. */
bool facts_type_changed(const struct object *func, const char **old, const char **new);
const char *facts_kind(const struct object *variable);                     /* NULL: a struct, a constant, or unknown */
/* VARIABLE, which has a twin, is in several units of one base name, and one of them has a kind that none had in OLD. */
bool facts_kinds_differ(const struct object *variable);
/* UNIT may be the one that O is of: what is global may be any's, and with -flto all units are one. */
static inline bool may_be_of_unit(const struct object *o, const char *unit)
{
	return !o->file || *unit == '<' || !strcmp(unit, o->file);
}

/* UNIT, or where that is not known any that knows a variable of the name, never writes to it nor lets its address go. */
bool facts_only_read(const struct object *variable, const char *unit);
bool facts_written(const struct object *variable);                         /* some unit says so */
bool facts_kept(const struct object *constant);    /* code keeps its address, or compares it with others */
/* Bytes that code may rely on beyond what the type asks for; 1: none. */
uint64_t facts_alignment(const struct object *variable);
/* True when FUNC (of NEW) lost the attribute noreturn. */
bool facts_returns_now(const struct object *func);
/* By how many bytes a constant without a name starts before an address that FUNC has, or behind it, at most. */
void facts_reach(const struct object *func, uint64_t *before, uint64_t *behind);
bool facts_own_section(const struct object *func);                         /* the source names it */
bool facts_known(const struct object *func);                               /* compiled with the plugin */
bool facts_never(const struct image *img, const struct object *func);      /* __attribute__((hotpatch("never"))) */
/* True when NEW clobbers registers that callers compiled against OLD may rely on. */
bool facts_clobbers_more(const struct image *old, const struct image *new, const struct object *func);
/* True when callers compiled against OLD may assume something of FUNC (of NEW) that no longer holds, or nobody knows:
 * an IPA clone, clobbers, noreturn, nothrow, pure, const, parameters, result. */
bool facts_contract_changed(const struct image *old, const struct image *new, const struct object *func);

#endif
