/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The GCC plugin hotpatch.so: makes what a compiler run writes replaceable at run time.
 *
 * Into every function go an entry that can be turned into a jump by one atomic write and room for the far jump (entry.cc);
 * into every module go an arena for new code, a reserve for new data, a registry and a startup stub (module.cc); into a
 * section that is not loaded go facts that only the compiler knows (facts.cc, lines.cc, bounds.cc). Names of static locals are made
 * to survive edits (names.cc). This file reads the options, sets GCC's flags and calls the others.
 *
 * It works in cc1, cc1plus and lto1. Other machines than x86-64 and other versions of GCC are refused.
 */
#include "hotpatch.h"

int plugin_is_GPL_compatible;
struct hp_options hp_options = { 64 << 10, -1, "/var/lib/hotpatch" };

/* "64K" -> 65536, rounded up to a multiple of STEP; -1 when it is no size up to MOST. */
static long size_parse(const char *s, unsigned long step, unsigned long most)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10), unit = 1;

	if (*s < '0' || *s > '9')
		return -1;
	if (*end == 'K' || *end == 'k')
		unit = 1 << 10, end++;
	else if (*end == 'M' || *end == 'm')
		unit = 1 << 20, end++;
	if (*end || n > most / unit)
		return -1;
	return (n * unit + step - 1) / step * step;
}

static int arena_set(const char *value)
{
	long size = size_parse(value, HP_CHUNK, 1 << 30);

	if (size <= 0) {
		error("hotpatch: %<arena=%s%> is not a size: give a number of bytes, with K or M, up to 1024M", value);
		return -1;
	}
	hp_options.arena = size;
	return 0;
}

static int tls_set(const char *value)
{
	long size = size_parse(value, 1 << HP_TLS_ALIGN, 64 << 10);

	if (size < 0) {
		error("hotpatch: %<tls=%s%> is not a size: give a number of bytes up to 64K, 0 for none", value);
		return -1;
	}
	hp_options.tls = size;
	return 0;
}

static int option_set(const char *key, const char *value)
{
	if (!strcmp(key, "arena"))
		return arena_set(value);
	if (!strcmp(key, "tls"))
		return tls_set(value);
	if (!strcmp(key, "store")) {
		hp_options.store = value;
		if (value[0] != '/')
			error("hotpatch: %<store=%s%> is not an absolute directory", value);
		return value[0] == '/' ? 0 : -1;
	}
	error("hotpatch: unknown option %<-fplugin-arg-hotpatch-%s%>: there are %<arena=SIZE%>, %<tls=SIZE%> and %<store=DIR%>",
	      key);
	return -1;
}

static int options_read(const struct plugin_name_args *args)
{
	int bad = 0;

	for (int i = 0; i < args->argc; i++)
		bad |= option_set(args->argv[i].key, args->argv[i].value ? args->argv[i].value : "");
	return bad;
}

/* Sections per function and object: with them every reference between two functions has a relocation. ICF makes two
 * functions one, so that a patch for one would hit both. The others make callers depend on the inside of callees; they
 * cost nothing to be without. -fipa-ra stays on: each function's clobbers are a fact that hp-diff compares. */
static void flags_set(void)
{
	flag_function_sections = flag_data_sections = 1;
	flag_section_anchors = 0;
	flag_ipa_icf = flag_ipa_icf_functions = flag_ipa_icf_variables = 0;
	flag_ipa_pta = flag_ipa_reference = flag_ipa_reference_addressable = 0;
	flag_ipa_bit_cp = flag_ipa_vrp = flag_ipa_stack_alignment = 0;
	flag_ipa_pure_const = flag_ipa_modref = 0;
}

/* True when this run writes assembly that becomes a module. */
static bool unit_is_emitted(void)
{
	return asm_out_file && !seen_error() && !flag_syntax_only && !flag_wpa;
}

static void on_start_unit(void *, void *)
{
	if (!TARGET_64BIT || TARGET_X32)
		fatal_error(UNKNOWN_LOCATION, "hotpatch: only x86-64 is supported, not %<-m32%> or %<-mx32%>");
}

static void on_finish_unit(void *, void *)
{
	if (!unit_is_emitted())
		return;
	facts_print(asm_out_file);
	module_print(asm_out_file);
}

static struct plugin_info info = {
	"1",
	"hotpatch: makes functions replaceable at run time\n"
	"  -fplugin-arg-hotpatch-arena=SIZE  room for new code in the module (default 64K)\n"
	"  -fplugin-arg-hotpatch-tls=SIZE    room for new thread-local variables (default 256, in libraries 64)\n"
	"  -fplugin-arg-hotpatch-store=DIR   where the module looks for its patch (default /var/lib/hotpatch)",
};

int plugin_init(struct plugin_name_args *args, struct plugin_gcc_version *version)
{
	const char *name = args->base_name;

	if (!plugin_default_version_check(version, &gcc_version)) {
		error("hotpatch: built for GCC %s (%s), cannot run in GCC %s (%s)", gcc_version.basever,
		      gcc_version.datestamp, version->basever, version->datestamp);
		return 1;
	}
	if (options_read(args))
		return 1;
	flags_set();
	register_callback(name, PLUGIN_INFO, NULL, &info);
	register_callback(name, PLUGIN_START_UNIT, on_start_unit, NULL);
	entry_register(name);
	names_register(name);
	lines_register(name);
	bounds_register();
	types_register(name);
	measured_register(name);
	kept_register(name);
	origin_register(name);
	places_register(name);
	blocks_register(name);
	counted_register(name);
	points_register(name);
	facts_register(name);
	register_callback(name, PLUGIN_FINISH_UNIT, on_finish_unit, NULL);
	return 0;
}
