/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said in the block that declares a static variable of a function, and on which conditions it is come to.
 * Several of one name (a macro that has one, used twice) are told apart by a number only, which counts their places:
 *
 *	#define ONCE(text) do { static int done; if (!done++) puts(text); } while (0)
 *	if (a) ONCE("a");               done.f.0, and .1 where somebody puts the next line above
 *	if (b) ONCE("b");
 *
 * Both are hashes, of the source as it was read: names, constants and texts; __LINE__ counts as that, and what the
 * compiler makes up not at all. They are an attribute of the variable, so that they travel with -flto.
 */
#include "hotpatch.h"

#define BLOCK "hotpatch block"          /* the blank keeps it out of sources */

struct walk { unsigned hash, path; int line; };

static void blend(unsigned *hash, unsigned value)
{
	*hash = (*hash ^ value) * 16777619u;
	*hash ^= *hash >> 15;
}

static void mix_tree(struct walk *w, tree t)
{
	if (DECL_P(t) && DECL_NAME(t) && !DECL_ARTIFICIAL(t))
		blend(&w->hash, hash_of(IDENTIFIER_POINTER(DECL_NAME(t))));
	else if (TREE_CODE(t) == INTEGER_CST)
		blend(&w->hash, TREE_INT_CST_LOW(t) == (unsigned HOST_WIDE_INT)w->line ? 1 : 2 * TREE_INT_CST_LOW(t));
	else if (TREE_CODE(t) == STRING_CST)
		for (int i = 0; i < TREE_STRING_LENGTH(t); i++)
			blend(&w->hash, TREE_STRING_POINTER(t)[i]);
	else if (TREE_CODE(t) == REAL_CST)
		blend(&w->hash, real_hash(TREE_REAL_CST_PTR(t)));
}

static void mix_variables(struct walk *w, tree block)
{
	for (tree v = BIND_EXPR_VARS(block); v; v = DECL_CHAIN(v)) {
		if (!VAR_P(v) || DECL_ARTIFICIAL(v))
			continue;
		mix_tree(w, v);
		blend(&w->hash, TREE_CODE(TREE_TYPE(v)));
		blend(&w->hash, int_size_in_bytes(TREE_TYPE(v)));
		if (DECL_INITIAL(v))
			mix_tree(w, DECL_INITIAL(v));
	}
}

/* For walk_tree(): each operation with the leaves that are its own, for a walk comes to a leaf once only. */
static tree mix_node(tree *at, int *, void *data)
{
	struct walk *w = (struct walk *)data;

	if (!EXPR_P(*at))
		return NULL_TREE;
	if (EXPR_HAS_LOCATION(*at))
		w->line = expand_location(EXPR_LOCATION(*at)).line;
	blend(&w->hash, hash_of(get_tree_code_name(TREE_CODE(*at))));
	if (TREE_CODE(*at) == BIND_EXPR)
		mix_variables(w, *at);
	for (int i = VL_EXP_CLASS_P(*at); i < TREE_OPERAND_LENGTH(*at); i++)    /* there the first is their number */
		if (TREE_OPERAND(*at, i))
			mix_tree(w, TREE_OPERAND(*at, i));
	return NULL_TREE;
}

static unsigned hash_tree(tree t)
{
	struct walk w = { 1, 0, -1 };

	mix_tree(&w, t);
	walk_tree_without_duplicates(&t, mix_node, &w);
	return w.hash;
}

static void mark_variables(tree block, unsigned path)
{
	unsigned hash = 0;

	for (tree v = BIND_EXPR_VARS(block); v; v = DECL_CHAIN(v)) {
		if (!VAR_P(v) || !TREE_STATIC(v) || DECL_ARTIFICIAL(v))
			continue;
		hash = hash ? hash : hash_tree(block);
		char *text = xasprintf("%x %x", hash, path);

		mark_put(v, BLOCK, text);
		free(text);
	}
}

/* C++ has a code of its own for it, with the same operands. */
static bool is_condition(tree t)
{
	return TREE_CODE(t) == COND_EXPR || !strcmp(get_tree_code_name(TREE_CODE(t)), "if_stmt");
}

static tree mark_below(tree *at, int *walk, void *data);

static void go_down(tree *at, unsigned path)
{
	struct walk w = { 0, path, 0 };

	if (*at)
		walk_tree_without_duplicates(at, mark_below, &w);
}

static void go_down_branches(tree t, unsigned path)
{
	blend(&path, hash_tree(TREE_OPERAND(t, 0)));
	for (int i = 0; i < 3; i++) {
		blend(&path, i);
		go_down(&TREE_OPERAND(t, i), path);
	}
}

/* Behind a label of a switch that is the condition. */
static void go_down_list(tree list, unsigned path)
{
	unsigned here = path;

	for (tree_stmt_iterator i = tsi_start(list); !tsi_end_p(i); tsi_next(&i)) {
		tree t = tsi_stmt(i);

		if (TREE_CODE(t) == CASE_LABEL_EXPR) {
			here = path;
			blend(&here, CASE_LOW(t) ? hash_tree(CASE_LOW(t)) : 1);
		}
		go_down(tsi_stmt_ptr(i), here);
	}
}

static tree mark_below(tree *at, int *walk, void *data)
{
	unsigned path = ((struct walk *)data)->path;

	if (TREE_CODE(*at) == BIND_EXPR)
		mark_variables(*at, path);
	*walk = !is_condition(*at) && TREE_CODE(*at) != STATEMENT_LIST;
	if (is_condition(*at))
		go_down_branches(*at, path);
	else if (TREE_CODE(*at) == STATEMENT_LIST)
		go_down_list(*at, path);
	return NULL_TREE;
}

static tree find_static(tree *at, int *, void *)
{
	if (TREE_CODE(*at) == BIND_EXPR)
		for (tree v = BIND_EXPR_VARS(*at); v; v = DECL_CHAIN(v))
			if (VAR_P(v) && TREE_STATIC(v) && !DECL_ARTIFICIAL(v))
				return v;
	return NULL_TREE;
}

static void on_function(void *function, void *)
{
	tree *body = &DECL_SAVED_TREE((tree)function);

	if (*body && !seen_error() && walk_tree_without_duplicates(body, find_static, NULL))
		go_down(body, 0);
}

void blocks_print(FILE *f, const char *unit)
{
	varpool_node *node;

	FOR_EACH_VARIABLE(node)
		mark_print(f, 'X', unit, node->decl, BLOCK);
}

void blocks_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_PRE_GENERICIZE, on_function, NULL);
}
