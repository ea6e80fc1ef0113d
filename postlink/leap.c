// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * What leaves a function without a relocation.
 *
 * The assembler settles by itself what stays inside one section. The plugin gives each function a section of its own; but
 * GCC prints a C++ thunk (_ZThn16_N4Both5valueEv: adjust `this`, jmp to the overrider) into the section of its function,
 * when it is not optimised away (-O0, -Os, variadic). And functions that the plugin did not see, of assembler code and of
 * archives, stand side by side in one section, and keep constants there; as do those whose section the source names. Their
 * calls and jumps, of one byte or of four, and their addresses relative to %rip become references here. So does the end of one
 * that goes on in the next, as __strncasecmp_avx2() of the C library does in __strncasecmp_l_avx2(): a reference without a
 * field.
 *
 * In other code such a thing is refused: a copy of it would lead anywhere.
 */
#include <string.h>
#include "diff.h"
#include "facts.h"
#include "insn.h"
#include "reloc.h"

bool is_thunk(const struct object *o)
{
	return o->kind == OBJECT_FUNC && !strncmp(o->name, "_ZT", 3) && o->name[3] && strchr("hvc", o->name[3]);
}

/* An instruction that leads elsewhere. */
struct leap {
	uint64_t field, target;         /* where its distance stands, and leads to */
	unsigned size, tail;            /* of the distance; bytes of the instruction behind it */
	bool branch, lea;
	bool end_is_open;               /* the last one before the end of its function, which goes on behind it */
};

static bool is_short_branch(const uint8_t *p, unsigned length)
{
	return length == 2 && ((*p & 0xf0) == 0x70 || *p == 0xeb || (*p & 0xfc) == 0xe0);
}

/* The instruction at p, which is at ADDR. */
static bool take_leap(const uint8_t *p, uint64_t addr, const struct insn *insn, struct leap *leap)
{
	unsigned field = insn->rel ? insn->rel : insn->disp;
	int32_t far;

	*leap = (struct leap){ .branch = !insn->disp, .lea = insn->lea };
	if (field && field + 4 <= insn->length) {
		memcpy(&far, p + field, 4);
		leap->size = 4;
	} else if (is_short_branch(p, insn->length)) {
		far = (int8_t)p[field = 1];
		leap->size = 1;
	} else {
		return false;
	}
	leap->field = addr + field;
	leap->tail = insn->length - field - leap->size;
	leap->target = addr + insn->length + far;
	return true;
}

/* What the assembler may have settled: code of others, and thunks. */
static bool has_settled(const struct object *o)
{
	return is_thunk(o) || (o->kind == OBJECT_FUNC && !facts_known(o));
}

/* A jump of GCC's to the end leads nowhere: it knows that nobody comes there. */
static bool leaves(const struct object *o, const struct leap *leap)
{
	if (leap->target == o->addr + o->size)
		return !leap->branch || has_settled(o);
	return leap->target - o->addr > o->size;
}

/* What follows the instruction at P comes after it. A call may be of what does not return, and so may a system call. */
static bool goes_on(const uint8_t *p, unsigned length)
{
	while (length > 1 && (*p == 0xf2 || *p == 0xf3 || *p == 0x3e || *p == 0x2e || *p == 0x66 || (*p & 0xf0) == 0x40))
		p++, length--;
	switch (*p) {
	case 0xc2: case 0xc3: case 0xca: case 0xcb: case 0xcf:          /* ret, iret */
	case 0xe8: case 0xe9: case 0xeb:                                /* call, jmp */
	case 0xcc: case 0xcd: case 0xf4:                                /* int, hlt */
		return false;
	case 0xff:                                                      /* call and jmp through memory */
		return length < 2 || (p[1] >> 3 & 7) < 2 || (p[1] >> 3 & 7) > 5;
	case 0x0f:
		return length < 2 || (p[1] != 0x05 && p[1] != 0x0b && p[1] != 0xb9 && p[1] != 0xff);    /* syscall, ud */
	}
	return true;
}

/* The next one that leaves O, at or behind O + *at; *at: the next instruction. At an end of O, or where no instruction is
 * (*at < O->size), false. */
static bool next_leap(const struct object *o, const uint8_t *code, uint64_t *at, struct leap *leap)
{
	struct insn insn;
	bool found = false;

	for (; !found && *at < o->size && insn_decode(code + *at, o->size - *at, &insn); *at += insn.length) {
		found = take_leap(code + *at, o->addr + *at, &insn, leap) && leaves(o, leap);
		leap->end_is_open = *at + insn.length == o->size && goes_on(code + *at, insn.length);
	}
	return found;
}

/* The next function, with nothing but filling before it. */
static struct object *next_function(const struct object *o)
{
	uint64_t end = o->addr + o->size, next = next_name(o);
	struct object *to = next >= end && only_filling(o->image, end, next - end) ? image_object_at(o->image, next) : NULL;

	return to && to->addr == next && to->section == o->section && is_code(to) ? to : NULL;
}

/* ---- references -------------------------------------------------------------------------------------------------- */

static bool is_asked(const struct object *o)
{
	return (has_settled(o) || facts_own_section(o)) && !hp_broken("leaps") && o->section && o->section->exec &&
	       strncmp(o->section->name, "hp_", 3);
}

uint64_t leaps_most(const struct object *o)
{
	return is_asked(o) ? o->size / 2 + 1 : 0;
}

static bool has_ref(const struct image *img, uint64_t field)
{
	uint32_t n;

	return image_refs_in(img, field, field + 1, &n);
}

uint32_t leaps_take(const struct image *img, const struct object *o, struct ref *out)
{
	const uint8_t *code = is_asked(o) ? image_bytes(img, o->addr, o->size) : NULL;
	struct leap leap = { .end_is_open = false };
	struct object *next;
	uint32_t count = 0;
	uint64_t at = 0;

	while (code && next_leap(o, code, &at, &leap)) {
		struct ref r = { .at = leap.field, .addr = leap.target, .kind = leap.branch ? REF_CALL : REF_PCREL,
				 .target = TARGET_ANON, .size = leap.size, .tail = leap.tail, .lea = leap.lea };
		struct section *s = image_section_at(img, leap.target);
		struct object *to = image_object_at(img, leap.target);

		if (!s || has_ref(img, leap.field))
			continue;
		if (!to && (to = name_before(img, s, leap.target)) && to->kind != OBJECT_LABEL)
			to = NULL;
		if (to)
			ref_to_object(&r, to, leap.target);
		out[count++] = r;
	}
	if (code && leap.end_is_open && has_settled(o) && (next = next_function(o)))
		out[count++] = (struct ref){ .at = o->addr, .addr = next->addr, .kind = REF_CALL, .target = TARGET_OBJECT,
					     .object = next };
	return count;
}

/* ---- elsewhere --------------------------------------------------------------------------------------------------- */

const char *leaps_away(const struct object *o, uint64_t *where)
{
	const uint8_t *code = image_bytes(o->image, o->addr, o->size);
	struct leap leap = { .end_is_open = false };
	uint64_t at = 0;

	if (hp_broken("leaps-away"))
		return NULL;
	while (code && next_leap(o, code, &at, &leap))
		if (!has_ref(o->image, leap.field)) {
			*where = leap.field - o->addr;
			return leap.branch ? "a jump leaves it that has no relocation" : "an address outside of it has no relocation";
		}
	*where = at;
	if (code && leap.end_is_open && has_settled(o) && !next_function(o))
		return "it goes on behind its end";
	return code && at < o->size && !facts_known(o) ? "there is no instruction" : NULL;
}
