/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References that lie outside the variable they mean.
 *
 * GCC folds `tab[c - 'a']` into the address `tab-388` and the end of a loop into `tab+sizeof tab`. The assembler writes a
 * local symbol as section and offset, so in the linked file such a reference looks like one to a neighbour. Only the
 * compiler knows what is meant. Each is recorded, with how many there are: those of functions from their instructions, those of
 * variables when their words are printed.
 *
 * Constants without a name (.LC) are places in a section, too, where the linker does not merge them: a text with a NUL inside,
 * all with -fno-merge-constants. Of `show("a\0b", "a\0b" + 3)` GCC makes the end, and counts back from it. How far such a
 * function's addresses are from where a constant starts is recorded, at most.
 */
#include "hotpatch.h"

static char *outside_data;              /* of constants without a name: "SYMBOL OFFSET,SYMBOL OFFSET...", NULL: none */

/* SYMBOL and OFFSET of (const (plus (symbol_ref) (const_int))) or of a bare symbol; false for all else. */
static bool reference_split(const_rtx x, const_rtx *symbol, HOST_WIDE_INT *offset)
{
	*offset = 0;
	if (GET_CODE(x) == CONST && GET_CODE(XEXP(x, 0)) == PLUS && CONST_INT_P(XEXP(XEXP(x, 0), 1))) {
		*offset = INTVAL(XEXP(XEXP(x, 0), 1));
		x = XEXP(XEXP(x, 0), 0);
	}
	*symbol = x;
	return SYMBOL_REF_P(x);
}

/* True when the variable is defined here and OFFSET is none of its bytes. */
static bool reference_is_outside(const_rtx symbol, HOST_WIDE_INT offset)
{
	tree decl = SYMBOL_REF_DECL(symbol);
	HOST_WIDE_INT size;

	if (!decl || !VAR_P(decl) || DECL_EXTERNAL(decl) || !DECL_SIZE_UNIT(decl) || !tree_fits_shwi_p(DECL_SIZE_UNIT(decl)))
		return false;
	size = tree_to_shwi(DECL_SIZE_UNIT(decl));
	return !hp_broken("plugin-bounds") && (offset < 0 || offset >= size);
}

/* A place, and how many instructions or words name it. */
struct place {
	char *text;                     /* SYMBOL OFFSET */
	unsigned times;
	const rtx_insn *last;           /* that was counted, NULL: a word; some name it twice and have it once */
};

static void place_add(vec<place> *places, const_rtx symbol, HOST_WIDE_INT offset, const rtx_insn *insn)
{
	char *text = xasprintf("%s %lld", targetm.strip_name_encoding(XSTR(symbol, 0)), (long long)offset);

	for (unsigned i = 0; i < places->length(); i++)
		if (!strcmp((*places)[i].text, text)) {
			(*places)[i].times += !insn || (*places)[i].last != insn;
			(*places)[i].last = insn;
			free(text);
			return;
		}
	places->safe_push({ text, 1, insn });
}

static void places_of(vec<place> *places, const rtx_insn *insn)
{
	subrtx_iterator::array_type array;

	FOR_EACH_SUBRTX(iter, array, PATTERN(insn), ALL) {
		const_rtx symbol;
		HOST_WIDE_INT offset;

		if (!reference_split(*iter, &symbol, &offset))
			continue;
		if (reference_is_outside(symbol, offset))
			place_add(places, symbol, offset, insn);
		iter.skip_subrtxes();
	}
}

/* "SYMBOL OFFSET TIMES,...", NULL: there are none. */
static char *places_text(const vec<place> *places)
{
	struct text list = {};

	for (unsigned i = 0; i < places->length(); i++)
		text_add(&list, "%s%s %u", i ? "," : "", (*places)[i].text, (*places)[i].times);
	return list.p;
}

char *bounds_of_function(void)
{
	auto_vec<place> places;
	char *text;

	for (rtx_insn *insn = get_insns(); insn; insn = NEXT_INSN(insn))
		if (NONDEBUG_INSN_P(insn))
			places_of(&places, insn);
	text = places_text(&places);
	for (unsigned i = 0; i < places.length(); i++)
		free(places[i].text);
	return text;
}

/* ---- constants without a name ------------------------------------------------------------------------------------ */

/* The assembler names the section and an offset for SYMBOL; of what is merged it keeps the label. */
static bool loses_label(const_rtx symbol)
{
	tree decl = TREE_CONSTANT_POOL_ADDRESS_P(symbol) ? SYMBOL_REF_DECL(symbol) : NULL_TREE;
	tree value = decl ? DECL_INITIAL(decl) : NULL_TREE;

	return value && !(targetm.asm_out.select_section(value, compute_reloc_for_constant(value), DECL_ALIGN(decl))->common.flags &
			  SECTION_MERGE);
}

struct reach { HOST_WIDE_INT before, behind; };

/* What is read or written at a fixed place says itself where that is. */
static void reach_add(struct reach *reach, const rtx_insn *insn)
{
	subrtx_iterator::array_type array;

	FOR_EACH_SUBRTX(iter, array, PATTERN(insn), ALL) {
		const_rtx symbol;
		HOST_WIDE_INT offset;

		if (MEM_P(*iter) && CONSTANT_P(XEXP(*iter, 0)))
			iter.skip_subrtxes();
		else if (reference_split(*iter, &symbol, &offset) && offset && loses_label(symbol)) {
			reach->before = MAX(reach->before, offset);
			reach->behind = MAX(reach->behind, -offset);
		}
	}
}

char *reach_of_function(void)
{
	struct reach reach = {};

	for (rtx_insn *insn = get_insns(); insn; insn = NEXT_INSN(insn))
		if (NONDEBUG_INSN_P(insn))
			reach_add(&reach, insn);
	return reach.before || reach.behind ? xasprintf("%lld %lld", (long long)reach.before, (long long)reach.behind) : NULL;
}

/* ---- data -------------------------------------------------------------------------------------------------------- */

static bool list_has(const char *list, const char *entry)
{
	size_t n = strlen(entry);

	for (const char *p = list; p && (p = strstr(p, entry)); p++)
		if ((p == list || p[-1] == ',') && (!p[n] || p[n] == ','))
			return true;
	return false;
}

struct holder { const char *name; vec<place> places; };

static vec<holder> holders;             /* variables with such words */

/* The variable whose words are printed: each has a section of its own, but those that the source puts into one. */
static tree current_variable(void)
{
	tree decl = last_assemble_variable_decl;

	return decl && in_section && SECTION_STYLE(in_section) == SECTION_NAMED && in_section->named.decl == decl ? decl : NULL_TREE;
}

static void holder_add(tree decl, const_rtx symbol, HOST_WIDE_INT offset)
{
	const char *name = assembler_name(decl);

	if (holders.is_empty() || strcmp(holders.last().name, name))
		holders.safe_push({ xstrdup(name), vNULL });
	place_add(&holders.last().places, symbol, offset, NULL);
}

void bounds_of_data(FILE *f, const char *unit)
{
	for (unsigned i = 0; i < holders.length(); i++) {
		char *list = places_text(&holders[i].places), *fact = xasprintf("B\t%s\t%s\t%s", unit, holders[i].name, list);

		fact_print(f, fact);
		free(fact);
		free(list);
	}
	if (outside_data)
		fprintf(f, "\t.asciz \"B\\t%s\\t-\\t%s\"\n", unit, outside_data);
}

bool bounds_are_known(void)
{
	return !outside_data;
}

static void outside_data_add(const_rtx symbol, HOST_WIDE_INT offset)
{
	char *old = outside_data;
	char *entry = xasprintf("%s %lld", targetm.strip_name_encoding(XSTR(symbol, 0)), (long long)offset);

	if (!list_has(old, entry)) {
		outside_data = old ? xasprintf("%s,%s", old, entry) : xstrdup(entry);
		free(old);
	}
	free(entry);
}

static bool (*integer_print_gcc)(rtx, unsigned int, int);

static bool integer_print(rtx x, unsigned int size, int aligned)
{
	const_rtx symbol;
	HOST_WIDE_INT offset;

	if (in_section && !(in_section->common.flags & SECTION_DEBUG) && reference_split(x, &symbol, &offset) &&
	    reference_is_outside(symbol, offset)) {
		if (tree decl = current_variable())
			holder_add(decl, symbol, offset);
		else
			outside_data_add(symbol, offset);
	}
	return integer_print_gcc(x, size, aligned);
}

void bounds_register(void)
{
	integer_print_gcc = targetm.asm_out.integer;
	targetm.asm_out.integer = integer_print;
}
