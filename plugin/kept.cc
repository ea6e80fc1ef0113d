/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Constants whose address leaves the code that reads them, and variables that nobody writes.
 *
 * A changed constant that a patch copies is not the one whose address old code has put into objects: these go on with
 * the old one, and `file->ops == &plain_ops` is no longer true of them. In machine code the address of a table that is
 * searched looks the same.
 *
 *	static const struct ops plain_ops = { ... };
 *	file->ops = &plain_ops;                                 kept: a K fact
 *	for (const struct row *r = table; r->name; r++)         not kept
 *
 * A table that is not declared const is as good as a constant where nobody writes to it and nobody has its address who
 * could. GCC puts it among the constants only where no address is taken, and not at -O0.
 *
 *	static struct command commands[] = { { "get", get }, { NULL } };        only read: an R fact
 *
 * Texts (arrays of char) that are constants are wherever there are names, and nobody minds an old one: they count as kept
 * only where their address is compared, `if (user->name != default_name) free(user->name)`. The marks are attributes of the variable, so
 * that they travel with -flto. There what one unit says of a variable of all of them would be taken for the whole
 * truth, and is not said.
 */
#include "hotpatch.h"

/* The blanks keep them out of sources. */
#define KEPT "hotpatch kept"
#define READ "hotpatch read"

static bool is_text(tree type)
{
	while (TREE_CODE(type) == ARRAY_TYPE)
		type = TREE_TYPE(type);
	return TYPE_MAIN_VARIANT(type) == char_type_node;
}

static bool is_plain(tree decl)
{
	return is_global_var(decl) && !TREE_THIS_VOLATILE(decl) && !DECL_ARTIFICIAL(decl);
}

static bool is_constant(tree decl)
{
	return is_plain(decl) && TREE_READONLY(decl);
}

/* What code can write to, and only code that names it. */
static bool is_variable(const varpool_node *node)
{
	tree decl = node->decl;

	return is_plain(decl) && !TREE_READONLY(decl) && !DECL_THREAD_LOCAL_P(decl) && !DECL_WEAK(decl) &&
	       !DECL_COMMON(decl) && !DECL_PRESERVE_P(decl) && !DECL_SECTION_NAME(decl) && !node->alias;
}

/* No other unit, and nobody who walks a section, knows of it. */
static bool is_of_unit(const varpool_node *node)
{
	return TREE_STATIC(node->decl) && !TREE_PUBLIC(node->decl) && !TREE_THIS_VOLATILE(node->decl) &&
	       !DECL_PRESERVE_P(node->decl) && !DECL_SECTION_NAME(node->decl) && !DECL_THREAD_LOCAL_P(node->decl) &&
	       !node->alias;
}

static void mark(tree decl, const char *attribute)
{
	DECL_ATTRIBUTES(decl) = tree_cons(get_identifier(attribute), NULL_TREE, DECL_ATTRIBUTES(decl));
}

static void mark_variables(void)
{
	varpool_node *node;

	flow_open();
	FOR_EACH_VARIABLE(node) {
		bool text = is_text(TREE_TYPE(node->decl));
		unsigned flow = flow_of(node, text && is_constant(node->decl));

		if (is_constant(node->decl) && flow & (text ? FLOW_COMPARED : FLOW_KEPT))
			mark(node->decl, KEPT);
		else if (is_variable(node) && !(flag_generate_lto && TREE_PUBLIC(node->decl)) && !flow)
			mark(node->decl, READ);
		types_of_variable(node->decl, !flow && is_of_unit(node));
	}
	flow_close();
}

static const struct pass_data kept_pass_data = {
	SIMPLE_IPA_PASS, "hotpatch_kept", OPTGROUP_NONE, TV_NONE, PROP_ssa, 0, 0, 0, 0
};

/* As soon as values have names, and before anything is made of them; in lto1 the marks are there. */
struct kept_pass : public simple_ipa_opt_pass {
	kept_pass() : simple_ipa_opt_pass(kept_pass_data, g) {}
	unsigned int execute(function *) final override
	{
		if (!seen_error() && !in_lto_p)
			mark_variables();
		return 0;
	}
};

/* That a variable is perhaps written is said, too: a file of the same name may have another one of its name. */
void kept_print(FILE *f, const char *unit)
{
	varpool_node *node;

	FOR_EACH_VARIABLE(node) {
		tree marks = DECL_ATTRIBUTES(node->decl);
		const char *name = assembler_name(node->decl);

		if (lookup_attribute(KEPT, marks) && !hp_broken("plugin-kept"))
			fprintf(f, "\t.asciz \"K\\t%s\\t%s\"\n", unit, name);
		else if (is_plain(node->decl) && !TREE_READONLY(node->decl))
			fprintf(f, "\t.asciz \"R\\t%s\\t%s\\t%c\"\n", unit, name,
				lookup_attribute(READ, marks) ? 'r' : 'w');
	}
}

void kept_register(const char *plugin)
{
	struct register_pass_info info = { new kept_pass(), GCC_PASS_FIRST_SSA, 1, PASS_POS_INSERT_AFTER };

	register_callback(plugin, PLUGIN_PASS_MANAGER_SETUP, NULL, &info);
}
