/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The files that functions and variables are of, where the link makes the code (-flto). The linked file names none then, and
 * what one file has and what another one comes to have under the same name would look alike. The file is an attribute
 * of the declaration, so that it travels; functions that have copies in many units (inline) have no file.
 */
#include "hotpatch.h"

#define ORIGIN "hotpatch origin"        /* the blank keeps it out of sources */

static void mark(tree decl, const char *file)
{
	char *text = xasprintf("%s\t%c", file, TREE_PUBLIC(decl) ? 'g' : 's');

	if (!DECL_COMDAT(decl) && !DECL_WEAK(decl))
		mark_put(decl, ORIGIN, text);
	free(text);
}

static void on_ipa_start(void *, void *)
{
	symtab_node *node;

	if (in_lto_p || !flag_generate_lto || seen_error() || !main_input_filename)
		return;
	FOR_EACH_SYMBOL(node)
		if (node->definition && !node->alias)
			mark(node->decl, lbasename(main_input_filename));
}

char *origin_fact(tree decl)
{
	const char *text = in_lto_p ? mark_of(decl, ORIGIN) : NULL;

	if (!text || hp_broken("plugin-origin"))
		return NULL;
	return xasprintf("O\t%s\t%s", assembler_name(decl), text);
}

void origins_print(FILE *f)
{
	varpool_node *node;

	FOR_EACH_VARIABLE(node) {
		char *fact = origin_fact(node->decl);

		if (fact)
			fact_print(f, fact);
		free(fact);
	}
}

void origin_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_START, on_ipa_start, NULL);
}
