/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Functions whose labels' addresses are put where objects may keep them, to go on there: coroutines of GNU C.
 *
 *	if (p->place)
 *		goto *p->place;
 *	p->place = &&next;
 *
 * A new function would go on in the middle of the old one. Tables of labels that are constants, and arrays of them in the
 * function's own frame, are as new as the function is. The mark is an attribute of the function, so that it travels
 * with -flto.
 */
#include "hotpatch.h"

#define PLACES "hotpatch places"        /* the blank keeps it out of sources */

static bool is_label_address(tree value)
{
	return value && TREE_CODE(value) == ADDR_EXPR && TREE_CODE(TREE_OPERAND(value, 0)) == LABEL_DECL;
}

static bool is_array_of_frame(tree place)
{
	tree base = get_base_address(place);

	return base != place && base && VAR_P(base) && !is_global_var(base);
}

static bool puts_label(gimple *stmt)
{
	if (gimple_assign_single_p(stmt))
		return is_label_address(gimple_assign_rhs1(stmt)) && !is_array_of_frame(gimple_assign_lhs(stmt));
	for (unsigned i = 0; is_gimple_call(stmt) && i < gimple_call_num_args(stmt); i++)
		if (is_label_address(gimple_call_arg(stmt, i)))
			return true;
	return gimple_code(stmt) == GIMPLE_RETURN && is_label_address(gimple_return_retval(as_a<greturn *>(stmt)));
}

static bool puts_labels(struct function *f)
{
	basic_block bb;

	FOR_EACH_BB_FN(bb, f)
		for (gimple_stmt_iterator i = gsi_start_bb(bb); !gsi_end_p(i); gsi_next(&i))
			if (puts_label(gsi_stmt(i)))
				return true;
	return false;
}

static void on_ipa_start(void *, void *)
{
	cgraph_node *node;

	if (in_lto_p || seen_error())
		return;
	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY(node) {
		tree decl = node->decl;
		struct function *f = DECL_STRUCT_FUNCTION(decl);

		if (f && f->cfg && puts_labels(f))
			DECL_ATTRIBUTES(decl) = tree_cons(get_identifier(PLACES), NULL_TREE, DECL_ATTRIBUTES(decl));
	}
}

bool has_held_places(const_tree decl)
{
	return lookup_attribute(PLACES, DECL_ATTRIBUTES(decl)) != NULL_TREE;
}

void places_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_START, on_ipa_start, NULL);
}
