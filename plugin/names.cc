/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names that survive an edit, and the attribute hotpatch("never").
 *
 * GCC's C front end numbers static locals through the whole unit: `cnt.0`, `cnt.1`. One more static local anywhere
 * renames all behind it, and a differ takes one variable for another. Here they are called `cnt.function.0`, numbered
 * inside the function. C++ names them by function already.
 */
#include "hotpatch.h"

static void (*assembler_name_gcc)(tree);

/* A static variable or a nested function inside a function. */
static bool decl_is_static_local(const_tree decl)
{
	return (VAR_P(decl) || TREE_CODE(decl) == FUNCTION_DECL) && TREE_STATIC(decl) && !TREE_PUBLIC(decl) &&
	       DECL_NAME(decl) && DECL_CONTEXT(decl) && TREE_CODE(DECL_CONTEXT(decl)) == FUNCTION_DECL;
}

/* Compound literals come as `__compound_literal.7`, the number counted through the unit. */
static int name_stem(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? dot - name : strlen(name);
}

static void assembler_name_set(tree decl)
{
	if (!decl_is_static_local(decl) || hp_broken("plugin-names")) {
		assembler_name_gcc(decl);
		return;
	}

	const char *name = IDENTIFIER_POINTER(DECL_NAME(decl));
	const char *function = IDENTIFIER_POINTER(DECL_NAME(DECL_CONTEXT(decl)));
	char *full;

	for (int k = 0;; k++) {
		full = xasprintf("%.*s.%s.%d", name_stem(name), name, function, k);
		if (!maybe_get_identifier(full))
			break;
		free(full);
	}
	SET_DECL_ASSEMBLER_NAME(decl, get_identifier(full));
	free(full);
}

static tree never_check(tree *node, tree name, tree args, int, bool *no_add)
{
	tree value = TREE_VALUE(args);

	if (TREE_CODE(*node) != FUNCTION_DECL) {
		warning(OPT_Wattributes, "%qE attribute applies only to functions", name);
		*no_add = true;
	} else if (TREE_CODE(value) != STRING_CST || strcmp(TREE_STRING_POINTER(value), "never")) {
		error("argument of %qE attribute is not %<\"never\"%>", name);
		*no_add = true;
	}
	return NULL_TREE;
}

static struct attribute_spec never_attribute = {
	"hotpatch", 1, 1, true, false, false, false, never_check, NULL,
};

static void on_attributes(void *, void *)
{
	register_attribute(&never_attribute);
}

bool decl_is_never(const_tree decl)
{
	return lookup_attribute("hotpatch", DECL_ATTRIBUTES(decl)) != NULL_TREE;
}

const char *assembler_name(tree decl)
{
	return targetm.strip_name_encoding(IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(decl)));
}

/* GCC marks what the source says, `int f(int) asm("work_v1")`, by a star. */
static void label_print(FILE *f, const char *unit, tree decl)
{
	if (DECL_NAME(decl) && DECL_ASSEMBLER_NAME_SET_P(decl) && *IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(decl)) == '*' &&
	    !hp_broken("plugin-labels"))
		fprintf(f, "\t.asciz \"Z\\t%s\\t%s\\t%s\"\n", unit, assembler_name(decl), IDENTIFIER_POINTER(DECL_NAME(decl)));
}

void labels_print(FILE *f, const char *unit)
{
	symtab_node *node;

	FOR_EACH_SYMBOL(node)
		if (node->definition && !node->alias)
			label_print(f, unit, node->decl);
}

void names_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_ATTRIBUTES, on_attributes, NULL);
	if (startswith(lang_hooks.name, "GNU C") && !startswith(lang_hooks.name, "GNU C++")) {
		assembler_name_gcc = lang_hooks.set_decl_assembler_name;
		lang_hooks.set_decl_assembler_name = assembler_name_set;
	}
}
