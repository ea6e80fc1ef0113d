/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entries that can be redirected, and the room for the jump.
 *
 * A patch writes `jmp rel32` into the five bytes above a function's entry and then `jmp short .-5` over its first two
 * bytes (after endbr64, where there is one). That is safe when both bytes belong to one instruction that nobody jumps
 * to: no thread is ever between them. Most functions begin with such an instruction as they are, so most entries cost
 * nothing. The others get, in this order of price:
 *
 *	push %rbp and other one-byte instructions	a REX prefix in front: one instruction of two bytes
 *	ret						a REP prefix in front
 *	a loop to the entry, asm, several instructions	`66 F9` (stc) or, after endbr64, `66 F5` (cmc)
 *
 * Where the length is not known for sure, the assembler is asked: `.skip` by a difference of labels.
 *
 * The room does not stand above each entry, which would move it off its alignment, but behind every function part, hot
 * and cold: TAIL bytes of int3, up to the alignment. What precedes a unit's first function may come from an object
 * without the plugin, so each of the linker's text groups gets a small section of its own first, the lead.
 *
 * Left alone: naked functions, those with an area of the user's own (-fpatchable-function-entry, ms_hook_prologue,
 * -fsplit-stack) and hotpatch("never"). Thunks that GCC prints without RTL are one jump to a function that has an entry.
 */
#include "hotpatch.h"

enum { TAIL = 5 };

static unsigned long text_size;

unsigned long entry_text_size(void)
{
	return text_size;
}

/* By the machine description, not by addresses: those are not kept up to date where nothing asks for them. */
static unsigned long function_size(void)
{
	unsigned long size = 0;

	for (rtx_insn *insn = get_insns(); insn; insn = NEXT_INSN(insn))
		if (NONDEBUG_INSN_P(insn))
			size += MIN(MAX(get_attr_length(insn), 0), 16);
	return size;
}

/* ---- the entry --------------------------------------------------------------------------------------------------- */

struct entry {
	rtx_insn *pad;                  /* endbr64; NULL: there is none */
	rtx_insn *first;                /* the first instruction behind it; NULL: the function is empty */
	rtx_insn *before;               /* where what we add goes: before this one */
	bool target;                    /* a label stands before it: branches may come here */
};

static bool insn_is_landing_pad(rtx_insn *insn)
{
	rtx pattern = PATTERN(insn);

	return GET_CODE(pattern) == UNSPEC_VOLATILE && XINT(pattern, 1) == UNSPECV_NOP_ENDBR;
}

static bool insn_is_asm(rtx_insn *insn)
{
	return GET_CODE(PATTERN(insn)) == ASM_INPUT || asm_noperands(PATTERN(insn)) >= 0;
}

/* True for what becomes bytes; an empty asm does not, but nobody knows that it is empty. */
static bool insn_is_code(rtx_insn *insn)
{
	if (!NONDEBUG_INSN_P(insn) || GET_CODE(PATTERN(insn)) == USE || GET_CODE(PATTERN(insn)) == CLOBBER)
		return false;
	return insn_is_asm(insn) || get_attr_length(insn) > 0;
}

static struct entry entry_find(void)
{
	struct entry e = {};

	for (rtx_insn *insn = get_insns(); insn && !e.first; insn = NEXT_INSN(insn)) {
		if (!e.pad && NONDEBUG_INSN_P(insn) && insn_is_landing_pad(insn)) {
			e.pad = insn;
			e.before = NULL;
			e.target = false;
			continue;
		}
		if (LABEL_P(insn))
			e.target = true;
		else if (insn_is_code(insn))
			e.first = insn;
		if (!e.before && (LABEL_P(insn) || e.first))
			e.before = insn;
	}
	return e;
}

/* A push of one of the eight old registers: one byte. */
static bool insn_is_short_push(rtx set)
{
	return set && push_operand(SET_DEST(set), GET_MODE(SET_DEST(set))) && REG_P(SET_SRC(set)) &&
	       LEGACY_INT_REG_P(SET_SRC(set));
}

/* Instructions of which no form has one byte: opcode and ModRM at least. */
static bool insn_is_long(rtx_insn *insn, rtx set)
{
	if (!set || push_operand(SET_DEST(set), VOIDmode))
		return false;
	switch (get_attr_type(insn)) {
	case TYPE_ALU: case TYPE_LEA: case TYPE_ICMP: case TYPE_TEST: case TYPE_NEGNOT: case TYPE_INCDEC:
	case TYPE_ISHIFT: case TYPE_ISHIFT1: case TYPE_IMUL: case TYPE_IMOV: case TYPE_SETCC: case TYPE_SSEMOV:
	case TYPE_SSELOG: case TYPE_SSELOG1: case TYPE_SSECOMI: case TYPE_SSEADD: case TYPE_SSEMUL:
		return true;
	default:
		return false;
	}
}

/* A marker or an instruction as text. BUILTINS_LOCATION: with UNKNOWN_LOCATION GCC 12 dies in final_scan_insn, with any
 * other it prints the source file's name. */
static rtx text_insn(const char *format, int n = 0)
{
	char text[128];

	snprintf(text, sizeof text, format, n, n);
	return gen_rtx_ASM_INPUT_loc(VOIDmode, ggc_strdup(text), BUILTINS_LOCATION);
}

static void entry_add_insn(const struct entry *e, const char *text)
{
	if (e->pad)
		emit_insn_after_noloc(text_insn(text), e->pad, NULL);
	else if (e->before)
		emit_insn_before_noloc(text_insn(text), e->before, NULL);
	else
		emit_insn_after_noloc(text_insn(text), get_last_insn(), NULL);
}

/* The assembler puts a REX prefix in front of the first instruction when it turns out to have one byte. */
static void entry_measure(const struct entry *e)
{
	static int n;

	n++;
	emit_insn_before_noloc(text_insn(".skip -((.LHPE%d-.LHPB%d)==1),0x40", n), e->first, NULL);
	emit_insn_before_noloc(text_insn(".LHPB%d:", n), e->first, NULL);
	emit_insn_after_noloc(text_insn(".LHPE%d:", n), e->first, NULL);
}

static void entry_flag(const struct entry *e)
{
	entry_add_insn(e, e->pad ? ".byte 0x66,0xf5" : ".byte 0x66,0xf9");
}

static void entry_make(void)
{
	struct entry e = entry_find();
	rtx set;

	if (hp_broken("plugin-entry") || (crtl->profile && flag_fentry))
		return;                 /* `call __fentry__` comes first, printed by "final" */
	if (!e.first || e.target || insn_is_asm(e.first)) {
		entry_flag(&e);
	} else if (CALL_P(e.first)) {
		return;
	} else if (JUMP_P(e.first)) {
		if (GET_CODE(PATTERN(e.first)) == SIMPLE_RETURN)
			entry_add_insn(&e, ".byte 0xf3");
		else if (returnjump_p(e.first))
			entry_flag(&e);
	} else if (recog_memoized(e.first) < 0 || GET_CODE(PATTERN(e.first)) == UNSPEC_VOLATILE ||
		   get_attr_type(e.first) == TYPE_MULTI) {
		entry_flag(&e);
	} else if (set = single_set(e.first), insn_is_short_push(set)) {
		entry_add_insn(&e, ".byte 0x40");
	} else if (!insn_is_long(e.first, set)) {
		entry_measure(&e);
	}
}

static bool function_is_ours(tree decl)
{
	return !crtl->patch_area_size && !flag_split_stack && !decl_is_never(decl) &&
	       !lookup_attribute("naked", DECL_ATTRIBUTES(decl)) &&
	       !lookup_attribute("ms_hook_prologue", DECL_ATTRIBUTES(decl));
}

/* ---- the room ---------------------------------------------------------------------------------------------------- */

/* The order in which GNU ld gathers text; inside a group the order of the files and of their sections is kept. */
static const char *const groups[] = { ".text.unlikely", ".text.exit", ".text.startup", ".text.hot", ".text" };
enum { GROUPS = sizeof groups / sizeof groups[0] };

static bool led[GROUPS];               /* the group's lead is printed, and all behind it have tails */
static vec<section *> led_users;        /* sections that the user named, likewise */

static const char *section_name_of(section *s)
{
	return SECTION_STYLE(s) == SECTION_NAMED ? s->named.name : ".text";
}

static int group_of(const char *name)
{
	size_t n = strlen(name);

	if (startswith(name, ".text.") && n > 9 && !strcmp(name + n - 9, "_unlikely"))
		return 0;
	for (int g = 0; g < GROUPS; g++) {
		n = strlen(groups[g]);
		if (!strncmp(name, groups[g], n) && (!name[n] || name[n] == '.'))
			return g;
	}
	return -1;
}

/* Retained ("R"), so that --gc-sections leaves it in front of whichever function stays. */
static void lead_print(int group)
{
	static int n;

	if (led[group])
		return;
	led[group] = true;
	fprintf(asm_out_file, "\t.pushsection %s.__hp_lead.%d,\"axR\",@progbits\n\t.skip %d,0xcc\n\t.popsection\n",
		groups[group], n++, TAIL);
}

static void lead_print_in(section *s)
{
	if (led_users.contains(s))
		return;
	led_users.safe_push(s);
	switch_to_section(s);
	fprintf(asm_out_file, "\t.skip %d,0xcc\n", TAIL);
}

static void lead_for(section *s)
{
	int group = group_of(section_name_of(s));

	if (group < 0)
		lead_print_in(s);
	else
		lead_print(group);
}

/* The section of the coming function is settled here, earlier than GCC would, and the same. */
static void leads_before_function(tree decl)
{
	bool cold = first_function_block_is_cold;

	resolve_unique_section(decl, 0, flag_function_sections);
	first_function_block_is_cold = false;
	lead_for(function_section(decl));
	first_function_block_is_cold = cold;
	if (crtl->has_bb_partition)
		lead_for(unlikely_text_section());
}

/* Up to the function's alignment, so that the linker has nothing to fill in between. */
static void tail_print(section *s, int align)
{
	switch_to_section(s);
	if (!hp_broken("plugin-room"))
		fprintf(asm_out_file, "\t.skip %d,0xcc\n", TAIL);
	if (align > 1)
		fprintf(asm_out_file, "\t.p2align %d,0xcc\n", align);
}

static int function_align_log(tree decl)
{
	int log = floor_log2(DECL_ALIGN(decl) / BITS_PER_UNIT);

	if (!DECL_USER_ALIGN(decl) && optimize_function_for_speed_p(cfun))
		log = MAX(log, align_functions.levels[0].log);
	return MIN(log, 6);
}

static void (*thunk_print_gcc)(FILE *, tree, HOST_WIDE_INT, HOST_WIDE_INT, tree);

/* A thunk is printed without passes, so nothing stands behind it: whatever comes next needs a lead. */
static void thunk_print(FILE *f, tree thunk, HOST_WIDE_INT delta, HOST_WIDE_INT vcall, tree function)
{
	thunk_print_gcc(f, thunk, delta, vcall, function);
	memset(led, 0, sizeof led);
}

/* ---- passes ------------------------------------------------------------------------------------------------------ */

static const struct pass_data entry_pass_data = { RTL_PASS, "hotpatch_entry", OPTGROUP_NONE, TV_NONE, 0, 0, 0, 0, 0 };
static const struct pass_data tail_pass_data = { RTL_PASS, "hotpatch_tail", OPTGROUP_NONE, TV_NONE, 0, 0, 0, 0, 0 };

struct entry_pass : public rtl_opt_pass {
	entry_pass() : rtl_opt_pass(entry_pass_data, g) {}
	unsigned int execute(function *) final override
	{
		tree decl = current_function_decl;

		facts_collect_insns();
		leads_before_function(decl);
		if (!function_is_ours(decl))
			return 0;
		if (DECL_ALIGN(decl) < 2 * BITS_PER_UNIT)
			SET_DECL_ALIGN(decl, 2 * BITS_PER_UNIT);
		entry_make();
		return 0;
	}
};

struct tail_pass : public rtl_opt_pass {
	tail_pass() : rtl_opt_pass(tail_pass_data, g) {}
	unsigned int execute(function *) final override
	{
		tree decl = current_function_decl;

		text_size += function_size();
		tail_print(function_section(decl), function_align_log(decl));
		if (crtl->has_bb_partition)
			tail_print(unlikely_text_section(), 0);
		facts_collect_function();
		return 0;
	}
};

static void pass_register(const char *plugin, opt_pass *pass, const char *after)
{
	struct register_pass_info info = { pass, after, 1, PASS_POS_INSERT_AFTER };

	register_callback(plugin, PLUGIN_PASS_MANAGER_SETUP, NULL, &info);
}

void entry_register(const char *plugin)
{
	pass_register(plugin, new entry_pass(), GCC_PASS_LANDING_PAD);
	pass_register(plugin, new tail_pass(), GCC_PASS_FINAL);
	thunk_print_gcc = targetm.asm_out.output_mi_thunk;
	targetm.asm_out.output_mi_thunk = thunk_print;
}
