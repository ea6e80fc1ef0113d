/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Call frame instructions, see cfi.h. What GCC and gas write for x86-64 is known here, and nothing of other machines;
 * advances count bytes, since the code alignment is 1. Example, of a function that pushes rbx:
 *
 *   CIE  def_cfa rsp+8; offset rip, cfa-8
 *   FDE  advance 1; def_cfa_offset 16; offset rbx, cfa-16; advance 20; def_cfa_offset 8
 */
#include <string.h>

#include "cfi.h"
#include "cursor.h"
#include "../runtime/break.h"

#define STATES 16

static void take_block(struct cursor *c, struct cfi *i)
{
	i->value = cursor_uleb(c);
	i->block = cursor_skip(c, i->value);
}

/* The operands of OP, which has none of the short forms. */
static void take_operands(struct cursor *c, struct cfi *i)
{
	switch (i->op) {
	case CFI_NOP: case CFI_REMEMBER: case CFI_RESTORE_STATE:
		break;
	case 0x02: case 0x03: case CFI_ADVANCE4:
		i->value = cursor_take(c, i->op == CFI_ADVANCE4 ? 4 : i->op - 1);
		i->op = CFI_ADVANCE;
		break;
	case CFI_OFFSET_EXTENDED: case CFI_REGISTER: case CFI_DEF_CFA: case CFI_VAL_OFFSET:
		i->reg = cursor_uleb(c);
		i->value = cursor_uleb(c);
		break;
	case 0x11: case 0x12: case 0x15:        /* offset_extended_sf, def_cfa_sf, val_offset_sf */
		i->reg = cursor_uleb(c);
		i->value = cursor_sleb(c);
		break;
	case CFI_RESTORE_EXTENDED: case CFI_UNDEFINED: case CFI_SAME_VALUE: case CFI_DEF_CFA_REGISTER:
		i->reg = cursor_uleb(c);
		break;
	case CFI_DEF_CFA_OFFSET: case CFI_ARGS_SIZE:
		i->value = cursor_uleb(c);
		break;
	case 0x13:                              /* def_cfa_offset_sf */
		i->value = cursor_sleb(c);
		break;
	case CFI_DEF_CFA_EXPRESSION:
		take_block(c, i);
		break;
	case CFI_EXPRESSION: case CFI_VAL_EXPRESSION:
		i->reg = cursor_uleb(c);
		take_block(c, i);
		break;
	default:
		c->bad = true;
	}
}

bool cfi_next(const uint8_t **at, const uint8_t *end, struct cfi *i)
{
	struct cursor c = { .bytes = *at, .end = end - *at };
	uint8_t byte = cursor_take(&c, 1);

	*i = (struct cfi){ .op = byte };
	switch (byte & 0xc0) {
	case CFI_ADVANCE:
		*i = (struct cfi){ .op = CFI_ADVANCE, .value = byte & 0x3f };
		break;
	case CFI_OFFSET:
		*i = (struct cfi){ .op = CFI_OFFSET_EXTENDED, .reg = byte & 0x3f, .value = cursor_uleb(&c) };
		break;
	case CFI_RESTORE:
		*i = (struct cfi){ .op = CFI_RESTORE_EXTENDED, .reg = byte & 0x3f };
		break;
	default:
		take_operands(&c, i);
	}
	*at += c.at;
	return !c.bad && i->reg < CFI_REGISTERS;
}

static bool is_rule(const struct cfi *i)
{
	switch (i->op) {
	case CFI_OFFSET_EXTENDED: case CFI_UNDEFINED: case CFI_SAME_VALUE: case CFI_REGISTER: case CFI_EXPRESSION: case 0x11:
	case CFI_VAL_OFFSET: case 0x15: case CFI_VAL_EXPRESSION:
		return true;
	}
	return false;
}

bool cfi_changes(const uint8_t *insns, uint64_t n, struct cfi_changes *c)
{
	const uint8_t *at = insns, *end = insns + n;
	struct cfi i;

	*c = (struct cfi_changes){ 0 };
	while (at < end) {
		if (!cfi_next(&at, end, &i))
			return false;
		if (is_rule(&i) && !hp_broken("rules"))
			c->registers |= 1u << i.reg;
		c->args |= i.op == CFI_ARGS_SIZE;
		c->place += i.op == CFI_ADVANCE ? i.value : 0;
	}
	return true;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

struct run {
	struct cfi_row row, first, states[STATES];      /* first: by the CIE */
	unsigned nstates;
};

static bool step_cfa(struct run *r, const struct cfi *i)
{
	struct cfi_rule *cfa = &r->row.cfa;

	switch (i->op) {
	case CFI_DEF_CFA: case 0x12: case CFI_DEF_CFA_EXPRESSION:
		*cfa = (struct cfi_rule){ i->op, i->reg, i->value, i->block };
		return true;
	case CFI_DEF_CFA_REGISTER:
		cfa->reg = i->reg;
		return cfa->how == CFI_DEF_CFA || cfa->how == 0x12;
	case CFI_DEF_CFA_OFFSET: case 0x13:
		cfa->value = i->value;
		cfa->how = i->op == 0x13 ? 0x12 : CFI_DEF_CFA;
		return !cfa->block;
	}
	return false;
}

static bool step(struct run *r, const struct cfi *i)
{
	switch (i->op) {
	case CFI_NOP:
		return true;
	case CFI_REMEMBER:
		if (r->nstates == STATES)
			return false;
		r->states[r->nstates++] = r->row;
		return true;
	case CFI_RESTORE_STATE:
		if (!r->nstates)
			return false;
		r->row = r->states[--r->nstates];
		return true;
	case CFI_RESTORE_EXTENDED:
		r->row.reg[i->reg] = r->first.reg[i->reg];
		return true;
	case CFI_ARGS_SIZE:
		r->row.args = i->value;
		return true;
	}
	if (!is_rule(i))
		return step_cfa(r, i);
	r->row.reg[i->reg] = (struct cfi_rule){ i->op, 0, i->value, i->block };
	return true;
}

/* All instructions up to the one that goes on to a place behind OFFSET, which is *next then. */
static bool run_to(struct run *r, const uint8_t *at, uint64_t n, uint64_t offset, uint64_t *next)
{
	const uint8_t *end = at + n;
	uint64_t place = 0;
	struct cfi i;

	*next = UINT64_MAX;
	while (at < end) {
		if (!cfi_next(&at, end, &i))
			return false;
		if (i.op != CFI_ADVANCE) {
			if (!step(r, &i))
				return false;
			continue;
		}
		place += i.value;
		if (place > offset) {
			*next = place;
			return true;
		}
	}
	return true;
}

bool cfi_row(const struct cfi_program *p, uint64_t offset, struct cfi_row *row, uint64_t *next)
{
	struct run r;

	memset(&r, 0, sizeof r);
	if (!run_to(&r, p->cie, p->ncie, 0, next) || *next != UINT64_MAX)
		return false;
	r.first = r.row;
	if (!run_to(&r, p->insns, p->ninsns, offset, next))
		return false;
	*row = r.row;
	return true;
}

static bool rules_equal(const struct cfi_rule *a, const struct cfi_rule *b)
{
	return a->how == b->how && a->reg == b->reg && a->value == b->value && !a->block == !b->block &&
	       (!a->block || !memcmp(a->block, b->block, a->value));
}

bool cfi_rows_equal(const struct cfi_row *a, const struct cfi_row *b)
{
	unsigned i;

	for (i = 0; i < CFI_REGISTERS && rules_equal(&a->reg[i], &b->reg[i]); i++)
		;
	return i == CFI_REGISTERS && rules_equal(&a->cfa, &b->cfa) && a->args == b->args;
}
