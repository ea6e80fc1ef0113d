/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The section .hp.facts: what only the compiler knows. plugin/FACTS has the format; this file writes U, W, P, Q, F, B and C,
 * and has the files of the other facts write theirs.
 *
 * No path of the build machine gets in: options are cut behind '=' where their value has a slash.
 */
#include "hotpatch.h"

static char *sources, *bounds, *reach;  /* of the current function, between the two passes; NULL: none */
static vec<char *> functions;           /* F, B, C, A and O lines */

void facts_string(FILE *f, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = s[i];

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 32 || c >= 127)
			fprintf(f, "\\%03o", c);
		else
			putc(c, f);
	}
}

void fact_print(FILE *f, const char *s)
{
	fputs("\t.asciz \"", f);
	facts_string(f, s, strlen(s));
	fputs("\"\n", f);
}

/* As the linker's symbol table has it in the STT_FILE symbol before the unit's local ones. */
static const char *unit_name(void)
{
	return in_lto_p || !main_input_filename ? "<artificial>" : lbasename(main_input_filename);
}

/* ---- U: compiler and options ------------------------------------------------------------------------------------- */

/* Options that begin like ones that change code but don't. */
static const char *const harmless[] = {
	"-fplugin", "-fdiagnostics", "-fmessage-length", "-fmax-errors", "-fpreprocessed", "-fdump", "-fdirectives-only",
	"-fopt-info", "-fsave-optimization-record", "-fverbose-asm", "-fworking-directory", "-fstack-usage", "-fltrans",
	"-fwpa", "-fresolution", "-fcallgraph-info", "-ftrack-macro-expansion", "-frandom-seed", "-fno-diagnostics",
	"-fpch", "-fpermitted-flt", "-fsyntax-only", "-fshow", "-fno-show", "-fcompare-debug", "-fcanonical-system-headers",
	"-fdebug", "-fno-debug", "-fvar-tracking", "-fno-var-tracking", "-fmem-report", "-ftime-report", "-flto-partition",
	"-fprofile-dir", "-fdeps", "-fmodule-mapper", "-flinker-output", "-fno-working-directory", "-fself-test",
};

static bool option_changes_code(const char *text)
{
	if (!startswith(text, "-O") && !startswith(text, "-f") && !startswith(text, "-m") &&
	    !startswith(text, "-std=") && !startswith(text, "--param") && strcmp(text, "-ansi") && strcmp(text, "-pg") &&
	    strcmp(text, "-p"))
		return false;
	if (strstr(text, "-prefix-map"))
		return false;
	for (const char *prefix : harmless)
		if (startswith(text, prefix))
			return false;
	return true;
}

static size_t option_length(const char *text)
{
	const char *value = strchr(text, '=');

	return value && strchr(value, '/') ? value + 1 - text : strlen(text);
}

/* Of several -O the last one counts. */
static unsigned last_level(void)
{
	unsigned last = 0;

	for (unsigned i = 1; i < save_decoded_options_count; i++) {
		const char *text = save_decoded_options[i].orig_option_with_args_text;

		if (text && startswith(text, "-O"))
			last = i;
	}
	return last;
}

static void unit_print(FILE *f)
{
	unsigned level = last_level();

	fprintf(f, "\t.asciz \"U\\tgcc %s%s\\t%s\\t", pkgversion_string, gcc_version.basever, lang_hooks.name);
	for (unsigned i = 1, n = 0; i < save_decoded_options_count; i++) {
		const char *text = save_decoded_options[i].orig_option_with_args_text;

		if (!text || !option_changes_code(text) || (startswith(text, "-O") && i != level))
			continue;
		if (n++)
			putc(' ', f);
		facts_string(f, text, option_length(text));
	}
	fputs("\"\n", f);
}

/* ---- W: wide literals ------------------------------------------------------------------------------------------- */

static section *(*select_section_gcc)(tree, int, unsigned HOST_WIDE_INT);
static bool has_wide[5];                /* by size of the character */

/* Every literal that is printed comes by here. */
static section *select_section(tree exp, int reloc, unsigned HOST_WIDE_INT align)
{
	tree type = TREE_CODE(exp) == STRING_CST ? TREE_TYPE(exp) : NULL_TREE;

	if (type && TREE_CODE(type) == ARRAY_TYPE)
		has_wide[MIN(int_size_in_bytes(TREE_TYPE(type)), 4)] = true;
	return select_section_gcc(exp, reloc, align);
}

static void wide_print(FILE *f)
{
	fact_print(f, has_wide[2] ? has_wide[4] ? "W\t24" : "W\t2" : has_wide[4] ? "W\t4" : "W\t-");
}

/* ---- P: data of assembler code ------------------------------------------------------------------------------------ */

static bool has_asm_data;               /* that can be written */
static bool has_asm_sections;           /* perhaps data at all: then the compiler does not know each word of the unit */

/* `.pushsection .probes,"aw"`: can be written. */
static bool has_written_section(const char *text)
{
	while ((text = strstr(text, "section"))) {
		const char *flags = strstr(text, ",\""), *end = text + strcspn(text, ";\n");

		if (flags && flags < end && memchr(flags + 2, 'w', strcspn(flags + 2, "\"")))
			return true;
		text = end;
	}
	return false;
}

static void note_asm_text(const char *text)
{
	static const char *const signs[] = { ".data", ".bss", ".comm", ".lcomm" };

	has_asm_sections |= strstr(text, "section") || strstr(text, ".rodata");
	has_asm_data |= has_written_section(text);
	for (const char *sign : signs)
		has_asm_data |= strstr(text, sign) != NULL;
}

static void note_asm_insns(void)
{
	for (rtx_insn *insn = get_insns(); insn; insn = NEXT_INSN(insn)) {
		rtx body = NONDEBUG_INSN_P(insn) ? PATTERN(insn) : NULL_RTX;

		if (body && GET_CODE(body) == ASM_INPUT)
			note_asm_text(XSTR(body, 0));
		else if (body && asm_noperands(body) >= 0)
			note_asm_text(decode_asm_operands(body, NULL, NULL, NULL, NULL, NULL));
	}
}

/* Before GCC prints what stands outside of functions, and forgets it. */
static void on_ipa_end(void *, void *)
{
	for (asm_node *code = symtab->first_asm_symbol(); code; code = code->next)
		note_asm_text(TREE_STRING_POINTER(code->asm_str));
}

/* ---- F: functions ------------------------------------------------------------------------------------------------ */

static void source_add(void *, const char *key)
{
	char *old = sources;

	sources = old ? xasprintf("%s,%s", old, key) : xstrdup(key);
	free(old);
}

void facts_collect_insns(void)
{
	free(sources);
	sources = NULL;
	lines_of_function(source_add, NULL);
	note_asm_insns();
	free(bounds);
	bounds = bounds_of_function();
	free(reach);
	reach = reach_of_function();
}

/* A clone whose parameters or extent are not the source function's: callers were compiled for this very clone. */
static bool name_is_of_clone(const char *name)
{
	return strstr(name, ".isra.") || strstr(name, ".constprop.") || strstr(name, ".part.");
}

/* Other functions may stand in it. */
static bool section_is_of_source(tree decl)
{
	cgraph_node *node = cgraph_node::get(decl);

	return DECL_SECTION_NAME(decl) && node && !node->implicit_section;
}

static const char *function_flags(tree decl, const char *name)
{
	static char flags[16];
	char *p = flags;

	if (decl_is_never(decl))
		*p++ = 'n';
	if (TREE_THIS_VOLATILE(decl))
		*p++ = 'r';
	if (TREE_NOTHROW(decl))
		*p++ = 't';
	if (DECL_PURE_P(decl))
		*p++ = 'p';
	if (TREE_READONLY(decl))
		*p++ = 'c';
	if (name_is_of_clone(name))
		*p++ = 'k';
	if (has_held_places(decl))
		*p++ = 'l';
	if (section_is_of_source(decl))
		*p++ = 's';
	if (p == flags)
		*p++ = '-';
	*p = 0;
	return flags;
}

/* The registers that callers may not rely on, where they know better than the ABI says (-fipa-ra); the same conditions
 * as in GCC's fndecl_abi(). The caller frees. */
static char *function_clobbers(tree decl)
{
	char text[FIRST_PSEUDO_REGISTER / 4 + 2], *p = text;
	struct cgraph_rtl_info *info = cgraph_node::rtl_info(decl);

	if (hp_broken("plugin-clobbers") || !flag_ipa_ra || !info || !decl_binds_to_current_def_p(decl))
		return xstrdup("-");
	for (int nibble = (FIRST_PSEUDO_REGISTER - 1) / 4; nibble >= 0; nibble--) {
		int bits = 0;

		for (int r = nibble * 4; r < nibble * 4 + 4 && r < FIRST_PSEUDO_REGISTER; r++)
			if (!fixed_regs[r] && TEST_HARD_REG_BIT(info->function_used_regs, r) &&
			    crtl->abi->clobbers_at_least_part_of_reg_p(r))
				bits |= 1 << (r & 3);
		if (bits || p > text || !nibble)
			*p++ = "0123456789abcdef"[bits];
	}
	*p = 0;
	return xstrdup(text);
}

void facts_collect_function(void)
{
	tree decl = current_function_decl;
	const char *name = assembler_name(decl);
	char *clobbers = function_clobbers(decl), *frame = types_in_frame(), *type = types_of_function(decl);
	char *origin = origin_fact(decl);

	functions.safe_push(xasprintf("F\t%s\t%s\t%s\t%s\t%s\t%s", unit_name(), name, function_flags(decl, name), clobbers,
				      type, sources ? sources : "-"));
	if (bounds)
		functions.safe_push(xasprintf("B\t%s\t%s\t%s", unit_name(), name, bounds));
	if (reach && !hp_broken("plugin-reach"))
		functions.safe_push(xasprintf("C\t%s\t%s\t%s", unit_name(), name, reach));
	if (frame && !hp_broken("plugin-frames"))
		functions.safe_push(xasprintf("A\t%s\t%s\t%s", unit_name(), name, frame));
	if (origin)
		functions.safe_push(origin);
	free(frame);
	free(type);
	free(clobbers);
}

void facts_print(FILE *f)
{
	fputs("\t.section .hp.facts,\"MS\",@progbits,1\n", f);
	unit_print(f);
	if (!hp_broken("plugin-wide"))
		wide_print(f);
	if (has_asm_data && !hp_broken("plugin-assembler"))
		fprintf(f, "\t.asciz \"P\\t%s\"\n", unit_name());
	if (!has_asm_data && !has_asm_sections && bounds_are_known() && !in_lto_p)
		fprintf(f, "\t.asciz \"Q\\t%s\"\n", unit_name());
	for (unsigned i = 0; i < functions.length(); i++)
		fact_print(f, functions[i]);
	bounds_of_data(f, unit_name());
	lines_print(f, unit_name());
	types_print(f, unit_name());
	kept_print(f, unit_name());
	enums_print(f, unit_name());
	aligned_print(f, unit_name());
	blocks_print(f, unit_name());
	counted_print(f, unit_name());
	points_print(f, unit_name());
	labels_print(f, unit_name());
	origins_print(f);
	in_section = NULL;
}

void facts_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_END, on_ipa_end, NULL);
	select_section_gcc = targetm.asm_out.select_section;
	targetm.asm_out.select_section = select_section;
}
