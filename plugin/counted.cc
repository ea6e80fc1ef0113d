/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names with a value of __COUNTER__ in them.
 *
 *	#define STATE PASTE(state, __COUNTER__)         static int state0; static int state1;
 *
 * One more use of the macro above gives each of them the name of the next. So it is told which number in a name is such a
 * value: as for lines (lines.cc), each expansion leaves a map, and the k-th one is k. A name holds it that is declared where
 * the macro was used. Only what has internal linkage is told; other modules and units know the rest by its name.
 *
 * The number is an attribute, so that it travels with -flto. Left out, as there: input that was preprocessed before, and
 * precompiled headers.
 */
#include "hotpatch.h"

#define COUNTED "hotpatch counted"      /* the blank keeps it out of sources */

struct counted { const char *file; int line; long value; };

static vec<counted> all;                /* ascending by place */

static int place_compare(const void *pa, const void *pb)
{
	const counted *a = (const counted *)pa, *b = (const counted *)pb;
	int c = a->file == b->file ? 0 : strcmp(a->file, b->file);

	return c ? c : a->line - b->line;
}

static void values_collect(void)
{
	long next = 0;

	for (unsigned i = 0; i < LINEMAPS_MACRO_USED(line_table); i++) {
		const line_map_macro *map = LINEMAPS_MACRO_MAP_AT(line_table, i);
		struct expansion place;

		if (strcmp(linemap_map_get_macro_name(map), "__COUNTER__"))
			continue;
		if (place_of(map->expansion, &place))
			all.safe_push({ place.file, place.line, next });
		next++;
	}
	all.qsort(place_compare);
}

static bool has_number(const char *name, long value)
{
	for (; *name; name += ISDIGIT(*name) ? strspn(name, "0123456789") : 1)
		if (ISDIGIT(*name) && atol(name) == value)
			return true;
	return false;
}

/* The value that stands in DECL's name; -1: none does. */
static long value_in_name(tree decl)
{
	const char *name = DECL_NAME(decl) ? IDENTIFIER_POINTER(DECL_NAME(decl)) : "";
	struct expansion place;

	if (!strpbrk(name, "0123456789") || !place_of(DECL_SOURCE_LOCATION(decl), &place))
		return -1;
	counted key = { place.file, place.line, 0 };
	for (unsigned i = 0; i < all.length(); i++)
		if (!place_compare(&all[i], &key) && has_number(name, all[i].value))
			return all[i].value;
	return -1;
}

static void mark(tree decl)
{
	long value = TREE_PUBLIC(decl) || DECL_ARTIFICIAL(decl) ? -1 : value_in_name(decl);
	char text[24];

	if (value < 0)
		return;
	sprintf(text, "%ld", value);
	mark_put(decl, COUNTED, text);
}

/* Before the optimisers begin. */
static void on_ipa_start(void *, void *)
{
	struct cgraph_node *function;
	varpool_node *variable;

	if (in_lto_p || seen_error())
		return;
	values_collect();
	if (!all.length() || hp_broken("plugin-counted"))
		return;
	FOR_EACH_DEFINED_FUNCTION(function)
		mark(function->decl);
	FOR_EACH_VARIABLE(variable)
		mark(variable->decl);
}

void counted_print(FILE *f, const char *unit)
{
	struct cgraph_node *function;
	varpool_node *variable;

	FOR_EACH_FUNCTION(function)
		mark_print(f, 'Y', unit, function->decl, COUNTED);
	FOR_EACH_VARIABLE(variable)
		mark_print(f, 'Y', unit, variable->decl, COUNTED);
}

void counted_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_START, on_ipa_start, NULL);
}
