/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Functions whose labels' addresses are put where objects may keep them, to go on there: coroutines of GNU C, and code that
 * is translated once into the addresses of what carries it out.
 *
 *	if (p->place)                           static const void *const table[] = { &&add, &&sub, &&end };
 *		goto *p->place;                 for (i = 0; i < n; i++)
 *	p->place = &&next;                              program->step[i] = table[program->code[i]];
 *
 * A new function would go on in the middle of the old one. Tables of labels that are constants, and arrays of them in the
 * function's own frame, are as new as the function is, as long as nothing out of them gets elsewhere. The mark is an
 * attribute of the function, so that it travels with -flto.
 */
#include "hotpatch.h"

#define PLACES "hotpatch places"        /* the blank keeps it out of sources */

/* The variables of a function, by what they are declared as or the compiler's own, that may hold such an address. */
typedef hash_set<tree> holders;

/* For walk_tree(): a label, in this FIELD of structs, or anywhere. */
static tree find_label(tree *at, int *walk, void *field)
{
	if (field && TREE_CODE(*at) == CONSTRUCTOR && RECORD_OR_UNION_TYPE_P(TREE_TYPE(*at))) {
		unsigned i;
		tree index, value;

		*walk = 0;
		FOR_EACH_CONSTRUCTOR_ELT(CONSTRUCTOR_ELTS(*at), i, index, value)
			if (walk_tree_without_duplicates(&value, find_label, index == field ? NULL : field))
				return index;
		return NULL_TREE;
	}
	return TREE_CODE(*at) == LABEL_DECL && !field ? *at : NULL_TREE;
}

/* VAR starts with addresses of labels, in this FIELD of its structs, or anywhere. */
static bool is_table(tree var, tree field)
{
	tree init = VAR_P(var) && is_global_var(var) && !DECL_EXTERNAL(var) ? DECL_INITIAL(var) : NULL_TREE;

	return init && init != error_mark_node && walk_tree_without_duplicates(&init, find_label, field);
}

static tree field_of(tree place)
{
	while (TREE_CODE(place) == ARRAY_REF)
		place = TREE_OPERAND(place, 0);
	return TREE_CODE(place) == COMPONENT_REF ? TREE_OPERAND(place, 1) : NULL_TREE;
}

static tree variable_of(tree value)
{
	return TREE_CODE(value) == SSA_NAME && SSA_NAME_VAR(value) ? SSA_NAME_VAR(value) : value;
}

/* What stands at PLACE, or PLACE itself, may be the address of a label, or of a table of them. */
static bool is_held(holders *held, tree value)
{
	if (TREE_CODE(value) == ADDR_EXPR) {
		tree base = get_base_address(TREE_OPERAND(value, 0));

		return base && (TREE_CODE(base) == LABEL_DECL || is_table(base, NULL_TREE));
	}
	tree base = get_base_address(value);
	if (!base)
		return false;
	if (TREE_CODE(base) == MEM_REF)
		return held->contains(variable_of(TREE_OPERAND(base, 0))) && POINTER_TYPE_P(TREE_TYPE(value));
	return held->contains(variable_of(base)) || is_table(base, field_of(value));
}

/* The variable of the function's own that PLACE is, or is a part of; else NULL_TREE. */
static tree own_variable(tree place)
{
	tree base = place ? get_base_address(place) : NULL_TREE;

	if (base && TREE_CODE(base) == SSA_NAME)
		return variable_of(base);
	return base && DECL_P(base) && !is_global_var(base) ? base : NULL_TREE;
}

static bool passes_on(holders *held, const gimple *stmt)
{
	if (!is_gimple_assign(stmt) || TREE_CODE_CLASS(gimple_assign_rhs_code(stmt)) == tcc_comparison)
		return false;
	for (unsigned i = 1; i < gimple_num_ops(stmt); i++)
		if (is_held(held, gimple_op(stmt, i)))
			return true;
	return false;
}

/* What one of them is told by STMT stays in the function; *GREW: it is another one. */
static bool stays_inside(holders *held, const gimple *stmt, bool *grew)
{
	if (passes_on(held, stmt)) {
		tree own = own_variable(gimple_assign_lhs(stmt));

		*grew |= own && !held->add(own);
		return own;
	}
	for (unsigned i = 0; is_gimple_call(stmt) && !gimple_call_internal_p(stmt) && i < gimple_call_num_args(stmt); i++)
		if (is_held(held, gimple_call_arg(stmt, i)))
			return false;
	if (gimple_code(stmt) != GIMPLE_RETURN)
		return true;
	tree value = gimple_return_retval(as_a<const greturn *>(stmt));
	return !value || !is_held(held, value);
}

static bool goes_to_labels(struct function *f)
{
	basic_block bb;

	FOR_EACH_BB_FN(bb, f) {
		gimple_stmt_iterator last = gsi_last_bb(bb);

		if (!gsi_end_p(last) && gimple_code(gsi_stmt(last)) == GIMPLE_GOTO &&
		    TREE_CODE(gimple_goto_dest(gsi_stmt(last))) != LABEL_DECL)
			return true;
	}
	return false;
}

static bool puts_labels(struct function *f)
{
	holders held;
	basic_block bb;
	bool grew = true;

	while (grew) {
		grew = false;
		FOR_EACH_BB_FN(bb, f)
			for (gimple_stmt_iterator i = gsi_start_bb(bb); !gsi_end_p(i); gsi_next(&i))
				if (!stays_inside(&held, gsi_stmt(i), &grew))
					return true;
	}
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

		if (f && f->cfg && goes_to_labels(f) && puts_labels(f) && !hp_broken("plugin-places"))
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
