/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Constants whose address leaves the code that reads them.
 *
 * A changed constant that a patch copies is not the one whose address old code has put into objects: these go on with the
 * old one, and `file->ops == &plain_ops` is no longer true of them. In machine code the address of a table that is
 * searched looks the same. So the unit's functions are asked, before any optimiser has seen them: the values that are made
 * of the address, through copies, arithmetic, calls of functions of the unit, and results of those that only the unit
 * calls, up to where one is stored, handed to somebody else, or compared with what is no address in the same constant.
 *
 *	static const struct ops plain_ops = { ... };
 *	file->ops = &plain_ops;                                 kept
 *	for (const struct row *r = table; r->name; r++)         not kept
 *
 * Texts (arrays of char) are left out, as literals are. The mark is an attribute of the constant, so that it travels
 * with -flto.
 */
#include "hotpatch.h"

#define ATTRIBUTE "hotpatch kept"       /* the blank keeps it out of sources */

/* The address of CONSTANT on its way. */
struct flow {
	tree constant;
	hash_set<tree> names;           /* SSA names that hold it, in whatever function */
	auto_vec<tree> todo;            /* those whose uses have not been looked at */
	auto_vec<tree> compared;        /* with what it was compared */
	bool kept;
};

static hash_map<gimple *, tree> *returns;       /* return statements, and the functions that they are in */

/* ---- where it goes ----------------------------------------------------------------------------------------------- */

static void flow_to(flow *f, tree to)
{
	if (!to || TREE_CODE(to) != SSA_NAME)
		f->kept |= to != NULL_TREE;
	else if (!f->names.add(to))
		f->todo.safe_push(to);
}

static bool is_address_in(tree value, tree constant)
{
	return TREE_CODE(value) == ADDR_EXPR && get_base_address(TREE_OPERAND(value, 0)) == constant;
}

static bool is_it(const flow *f, tree value, tree name)
{
	return name ? value == name : is_address_in(value, f->constant);
}

static bool is_ours_alone(const cgraph_node *node)
{
	return !TREE_PUBLIC(node->decl) && !node->address_taken && !DECL_PRESERVE_P(node->decl);
}

static void flow_to_callers(flow *f, tree function)
{
	cgraph_node *node = cgraph_node::get(function);

	if (!node || !is_ours_alone(node)) {
		f->kept = true;
		return;
	}
	for (cgraph_edge *e = node->callers; e; e = e->next_caller)
		if (e->call_stmt)
			flow_to(f, gimple_call_lhs(e->call_stmt));
		else
			f->kept = true;
}

/* Functions of the C library that give back a place in what they are given, at most. */
static bool keeps_nothing(tree function)
{
	static const char *const names[] = { "bsearch", "getopt_long", "getopt_long_only", "lfind", "write", "send", "open",
					     "fopen", "access", "strcasestr", "memmem", "setsockopt", "regcomp" };
	const char *name = DECL_NAME(function) ? IDENTIFIER_POINTER(DECL_NAME(function)) : "";

	if (fndecl_built_in_p(function, BUILT_IN_NORMAL))
		return !startswith(name, "__atomic") && !startswith(name, "__sync");
	for (size_t i = 0; TREE_PUBLIC(function) && i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static void flow_to_parameter(flow *f, tree function, unsigned n)
{
	tree p = DECL_ARGUMENTS(function);

	while (p && n--)
		p = DECL_CHAIN(p);
	if (!p || !is_gimple_reg(p))
		f->kept = true;
	else
		flow_to(f, ssa_default_def(DECL_STRUCT_FUNCTION(function), p));
}

static void flow_to_call(flow *f, gcall *call, unsigned n)
{
	tree function = gimple_call_fndecl(call);
	cgraph_node *node = function ? cgraph_node::get(function) : NULL;

	if (gimple_call_internal_p(call))
		return;
	if (function && keeps_nothing(function)) {
		if (gimple_call_lhs(call) && POINTER_TYPE_P(TREE_TYPE(gimple_call_lhs(call))))
			flow_to(f, gimple_call_lhs(call));
	} else if (node && node->has_gimple_body_p() && gimple_has_body_p(function)) {
		flow_to_parameter(f, function, n);
	} else {
		f->kept = true;
	}
}

static void flow_compared(flow *f, tree a, tree b, tree name)
{
	if (is_it(f, a, name))
		f->compared.safe_push(b);
	if (is_it(f, b, name))
		f->compared.safe_push(a);
}

static void flow_to_assigned(flow *f, gimple *stmt, tree name)
{
	tree lhs = gimple_assign_lhs(stmt), value = gimple_assign_rhs1(stmt);
	tree_code code = gimple_assign_rhs_code(stmt);

	if (gimple_store_p(stmt)) {
		f->kept |= is_it(f, value, name) || code == CONSTRUCTOR || (TREE_CODE(value) == ADDR_EXPR && !name);
		return;
	}
	if (gimple_assign_load_p(stmt) || code == POINTER_DIFF_EXPR)
		return;
	if (TREE_CODE_CLASS(code) == tcc_comparison) {
		flow_compared(f, value, gimple_assign_rhs2(stmt), name);
		return;
	}
	if (code == COND_EXPR && COMPARISON_CLASS_P(value))
		flow_compared(f, TREE_OPERAND(value, 0), TREE_OPERAND(value, 1), name);
	flow_to(f, lhs);
}

static void flow_to_arguments(flow *f, gcall *call, tree name)
{
	for (unsigned i = 0; i < gimple_call_num_args(call); i++)
		if (is_it(f, gimple_call_arg(call, i), name))
			flow_to_call(f, call, i);
}

/* STMT uses NAME, or the address itself where NAME is NULL. */
static void flow_through(flow *f, gimple *stmt, tree name)
{
	switch (gimple_code(stmt)) {
	case GIMPLE_DEBUG:
		break;
	case GIMPLE_PHI:
		flow_to(f, gimple_phi_result(stmt));
		break;
	case GIMPLE_ASSIGN:
		flow_to_assigned(f, stmt, name);
		break;
	case GIMPLE_COND:
		flow_compared(f, gimple_cond_lhs(stmt), gimple_cond_rhs(stmt), name);
		break;
	case GIMPLE_CALL:
		flow_to_arguments(f, as_a<gcall *>(stmt), name);
		break;
	case GIMPLE_RETURN:
		flow_to_callers(f, *returns->get(stmt));
		break;
	default:
		f->kept = true;
	}
}

static bool is_same_constant(flow *f, tree value)
{
	return CONSTANT_CLASS_P(value) || is_address_in(value, f->constant) || (TREE_CODE(value) == SSA_NAME &&
	       f->names.contains(value));
}

/* STMTS are those with the address itself. */
static bool is_kept(tree constant, const vec<gimple *> &stmts)
{
	flow f;
	imm_use_iterator iterator;
	use_operand_p use;

	f.constant = constant;
	f.kept = false;
	for (unsigned i = 0; i < stmts.length(); i++)
		flow_through(&f, stmts[i], NULL_TREE);
	while (!f.kept && f.todo.length()) {
		tree name = f.todo.pop();

		FOR_EACH_IMM_USE_FAST(use, iterator, name)
			flow_through(&f, USE_STMT(use), name);
	}
	for (unsigned i = 0; i < f.compared.length(); i++)
		f.kept |= !is_same_constant(&f, f.compared[i]);
	return f.kept;
}

/* ---- whose ------------------------------------------------------------------------------------------------------- */

typedef hash_map<tree, vec<gimple *>> statements;

static bool is_text(tree type)
{
	while (TREE_CODE(type) == ARRAY_TYPE)
		type = TREE_TYPE(type);
	return TYPE_MAIN_VARIANT(type) == char_type_node;
}

static bool is_constant(tree base)
{
	return base && VAR_P(base) && is_global_var(base) && TREE_READONLY(base) && !TREE_THIS_VOLATILE(base) &&
	       !DECL_ARTIFICIAL(base) && !is_text(TREE_TYPE(base));
}

static bool note_address(gimple *stmt, tree base, tree, void *data)
{
	if (is_constant(base))
		((statements *)data)->get_or_insert(base).safe_push(stmt);
	return false;
}

static void note_function(tree decl, statements *all)
{
	basic_block bb;

	FOR_EACH_BB_FN(bb, DECL_STRUCT_FUNCTION(decl)) {
		for (gphi_iterator gsi = gsi_start_phis(bb); !gsi_end_p(gsi); gsi_next(&gsi))
			walk_stmt_load_store_addr_ops(gsi.phi(), all, NULL, NULL, note_address);
		for (gimple_stmt_iterator gsi = gsi_start_bb(bb); !gsi_end_p(gsi); gsi_next(&gsi)) {
			gimple *stmt = gsi_stmt(gsi);

			if (gimple_code(stmt) == GIMPLE_RETURN)
				returns->put(stmt, decl);
			if (!is_gimple_debug(stmt))
				walk_stmt_load_store_addr_ops(stmt, all, NULL, NULL, note_address);
		}
	}
}

static void mark_constants(void)
{
	statements all;
	cgraph_node *node;

	returns = new hash_map<gimple *, tree>;
	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY(node)
		if (DECL_STRUCT_FUNCTION(node->decl) && DECL_STRUCT_FUNCTION(node->decl)->cfg)
			note_function(node->decl, &all);
	for (statements::iterator it = all.begin(); it != all.end(); ++it)
		if (is_kept((*it).first, (*it).second))
			DECL_ATTRIBUTES((*it).first) = tree_cons(get_identifier(ATTRIBUTE), NULL_TREE,
								 DECL_ATTRIBUTES((*it).first));
	delete returns;
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
			mark_constants();
		return 0;
	}
};

void kept_print(FILE *f, const char *unit)
{
	varpool_node *node;

	FOR_EACH_VARIABLE(node)
		if (lookup_attribute(ATTRIBUTE, DECL_ATTRIBUTES(node->decl)))
			fprintf(f, "\t.asciz \"K\\t%s\\t%s\"\n", unit,
				targetm.strip_name_encoding(IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(node->decl))));
}

void kept_register(const char *plugin)
{
	struct register_pass_info info = { new kept_pass(), GCC_PASS_FIRST_SSA, 1, PASS_POS_INSERT_AFTER };

	register_callback(plugin, PLUGIN_PASS_MANAGER_SETUP, NULL, &info);
}
