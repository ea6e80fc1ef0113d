/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is awaited at the suspension points of a coroutine of C++.
 *
 *	co_yield scaled(i);     2               co_yield limit(i);      2
 *	co_yield limit(i);      4               co_yield scaled(i);     4
 *
 * A suspended one holds the number of its point, which counts them in the order of the source. Where two points change
 * places, it goes on behind the other one, and nothing in the frame's layout tells. So each is told by a hash: of the
 * names, constants and texts in what is computed for it, from where the point before it goes on to where its number is
 * stored. What stands before the co_await or co_yield in the source is not its own. The compiler's numbers in names of the frame's
 * fields are left out.
 *
 * The hashes are an attribute of the body's function, so that they travel with -flto.
 */
#include "hotpatch.h"

#define POINTS "hotpatch points"        /* the blank keeps it out of sources */

/* The frame's fields are called like the variables, with a bar or dot and numbers behind; others are the compiler's own:
 * Aw0_2_3, Yd1_3_5, T001_2_3, _Coro_promise. */
static void name_add(struct text *t, tree decl)
{
	const char *name = IDENTIFIER_POINTER(DECL_NAME(decl));
	size_t kind = startswith(name, "Aw") || startswith(name, "Yd") ? 2 : *name == 'T', n = 1;

	if (startswith(name, "_Coro_") || (kind && ISDIGIT(name[kind])) || (VAR_P(decl) && DECL_ARTIFICIAL(decl)))
		return;
	while (name[n] && !(ISDIGIT(name[n]) && strchr("_.", name[n - 1])))
		n++;
	text_add(t, "%.*s ", (int)(TREE_CODE(decl) == FIELD_DECL ? n : strlen(name)), name);
}

/* For walk_gimple_op(). Loads from the frame have no place of their own. */
static tree leaf_add(tree *at, int *walk, void *data)
{
	struct text *t = (struct text *)((walk_stmt_info *)data)->info;
	gimple *load = TREE_CODE(*at) == SSA_NAME ? SSA_NAME_DEF_STMT(*at) : NULL;

	if (TYPE_P(*at))
		*walk = 0;
	else if (load && gimple_assign_load_p(load))
		walk_tree(gimple_assign_rhs1_ptr(load), leaf_add, data, NULL);
	else if (DECL_P(*at) && DECL_NAME(*at))
		name_add(t, *at);
	else if (TREE_CODE(*at) == INTEGER_CST)
		text_add(t, HOST_WIDE_INT_PRINT_DEC " ", (HOST_WIDE_INT)TREE_INT_CST_LOW(*at));
	else if (TREE_CODE(*at) == REAL_CST)
		text_add(t, "%x ", real_hash(TREE_REAL_CST_PTR(*at)));
	else if (TREE_CODE(*at) == STRING_CST)
		text_add(t, "%.*s ", TREE_STRING_LENGTH(*at), TREE_STRING_POINTER(*at));
	return NULL_TREE;
}

static expanded_location place(const gimple *stmt)
{
	return expand_location(linemap_resolve_location(line_table, gimple_location(stmt), LRK_MACRO_EXPANSION_POINT, NULL));
}

static bool is_before(const gimple *stmt, const gimple *point)
{
	expanded_location a = place(stmt), b = place(point);

	return !a.file || !b.file || strcmp(a.file, b.file) || a.line < b.line || (a.line == b.line && a.column < b.column);
}

/* It stores the number of a point. Odd ones are for destruction. */
static bool is_point(const gimple *stmt)
{
	tree to = gimple_assign_single_p(stmt) ? gimple_assign_lhs(stmt) : NULL_TREE;
	tree field = to && TREE_CODE(to) == COMPONENT_REF ? DECL_NAME(TREE_OPERAND(to, 1)) : NULL_TREE;

	return field && TREE_CODE(gimple_assign_rhs1(stmt)) == INTEGER_CST && tree_to_shwi(gimple_assign_rhs1(stmt)) >= 2 &&
	       !strcmp(IDENTIFIER_POINTER(field), "_Coro_resume_index");
}

/* What stood before belongs to the point before. */
static bool is_resumed(const gimple *stmt)
{
	tree name = is_gimple_call(stmt) && gimple_call_fndecl(stmt) ? DECL_NAME(gimple_call_fndecl(stmt)) : NULL_TREE;

	return name && !strcmp(IDENTIFIER_POINTER(name), "await_resume");
}

/* Of STMTS, those for POINT. */
static unsigned point_hash(const vec<gimple *> &stmts, const gimple *point)
{
	struct text t = {};
	walk_stmt_info info = {};
	unsigned hash;

	info.info = &t;
	for (unsigned i = 0; i < stmts.length(); i++)
		if (!is_before(stmts[i], point))
			walk_gimple_op(stmts[i], leaf_add, &info);
	hash = hash_of(t.p ? t.p : "");
	free(t.p);
	return hash;
}

static char *points_of(struct function *f)
{
	auto_vec<gimple *> stmts;
	struct text t = {};
	basic_block bb;

	FOR_EACH_BB_FN(bb, f)
		for (gimple_stmt_iterator i = gsi_start_bb(bb); !gsi_end_p(i); gsi_next(&i)) {
			gimple *stmt = gsi_stmt(i);

			if (is_point(stmt))
				text_add(&t, "%x ", point_hash(stmts, stmt));
			if (is_point(stmt) || is_resumed(stmt))
				stmts.truncate(0);
			else if (is_gimple_assign(stmt) || is_gimple_call(stmt))
				stmts.safe_push(stmt);
		}
	return t.p;
}

/* Before the optimisers begin. */
static void on_ipa_start(void *, void *)
{
	struct cgraph_node *node;

	if (in_lto_p || seen_error() || !startswith(lang_hooks.name, "GNU C++") || hp_broken("plugin-points"))
		return;
	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY(node) {
		struct function *f = DECL_STRUCT_FUNCTION(node->decl);
		char *text = f && f->cfg ? points_of(f) : NULL;

		if (text)
			mark_put(node->decl, POINTS, text);
		free(text);
	}
}

void points_print(FILE *f, const char *unit)
{
	struct cgraph_node *node;

	FOR_EACH_FUNCTION(node)
		mark_print(f, 'G', unit, node->decl, POINTS);
}

void points_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_START, on_ipa_start, NULL);
}
