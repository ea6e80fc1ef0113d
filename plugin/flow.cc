/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a unit's functions do with the address of a variable.
 *
 * They are asked before any optimiser has seen them: the values that are made of the address, through copies,
 * arithmetic, calls of functions of the unit, and results of those that only the unit calls, up to where one is stored,
 * handed to somebody else, compared with or subtracted from what is no address in the same variable, or written through. Among functions an
 * address may be on its way when a patch brings another variable in the place of this one: what came from another
 * function must not be compared with, or subtracted from, what the function itself takes for the address.
 *
 *	file->ops = &plain_ops;                                 kept
 *	for (struct row *r = table; r->name; r++)               neither kept nor written
 *		if (!strcmp(r->name, name))
 *			r->used++;                              written
 *
 * Other variables of the unit may start with the address, `static struct group groups[] = { { "a", table } }`. What is
 * loaded from these, and from what holds these, counts as the address, where the type is that under which it stands
 * there.
 */
#include "hotpatch.h"

typedef hash_map<tree, vec<gimple *>> statements;

static statements *addresses, *loads;           /* by variable: statements with its address, that load from it */
static hash_set<tree> *stored;                  /* variables that a statement names as what it writes to */
static hash_map<tree, vec<tree>> *places;       /* by variable: types of places that start with an address */
static vec<const char *> *texts;                /* of assembler code */
static hash_map<gimple *, tree> *returns;       /* return statements, and the functions that they are in */

/* The address of a variable on its way. */
struct flow {
	auto_vec<varpool_node *> group; /* the variable, and those that hold its address or that of another of these */
	auto_vec<tree> holding;         /* types under which they do */
	hash_set<tree> names;           /* SSA names that hold an address of one of them, in whatever function */
	auto_vec<tree> todo;            /* those whose uses have not been looked at */
	auto_vec<tree> compared;        /* with what it was compared */
	hash_set<tree> foreign;         /* of the names, those that came from another function */
	bool is_foreign;                /* what is looked at is one of these */
	auto_vec<tree> met;             /* pairs of what was compared or subtracted */
	unsigned result;                /* FLOW_... */
};

/* ---- what it is -------------------------------------------------------------------------------------------------- */

/* The variable that BASE is, or is in. */
static tree variable_of(tree base)
{
	base = base ? get_base_address(base) : NULL_TREE;
	return base && VAR_P(base) && is_global_var(base) ? base : NULL_TREE;
}

static bool is_in_group(const flow *f, tree base)
{
	for (unsigned i = 0; i < f->group.length(); i++)
		if (f->group[i]->decl == base)
			return true;
	return false;
}

static bool is_address_in(const flow *f, tree value)
{
	return TREE_CODE(value) == ADDR_EXPR && is_in_group(f, get_base_address(TREE_OPERAND(value, 0)));
}

/* NAME, or the address itself where NAME is NULL. */
static bool is_it(const flow *f, tree value, tree name)
{
	return name ? value == name : is_address_in(f, value);
}

/* An lvalue of one may be used for an object of the other. With -flto fields point to incomplete twins of types. */
static bool is_alike(tree a, tree b)
{
	if (INTEGRAL_TYPE_P(a) && INTEGRAL_TYPE_P(b))
		return TYPE_PRECISION(a) == TYPE_PRECISION(b);
	if (POINTER_TYPE_P(a) && POINTER_TYPE_P(b)) {
		a = TREE_TYPE(a);
		b = TREE_TYPE(b);
		return VOID_TYPE_P(a) || VOID_TYPE_P(b) || is_alike(a, b);
	}
	return TREE_CODE(a) == TREE_CODE(b);
}

/* Bytes of any type may be there: several types share the place, or the program has copied it as bytes (memcpy). */
static bool is_of_any_type(tree ref)
{
	for (tree t = ref; handled_component_p(t); t = TREE_OPERAND(t, 0))
		if (TREE_CODE(t) == VIEW_CONVERT_EXPR || TREE_CODE(TREE_TYPE(TREE_OPERAND(t, 0))) == UNION_TYPE)
			return true;
	if (!flag_strict_aliasing)
		return TREE_CODE(ref) != COMPONENT_REF;
	return !get_alias_set(ref) && maybe_ge(tree_to_poly_uint64(TYPE_SIZE(TREE_TYPE(ref))), (unsigned)POINTER_SIZE);
}

/* What is loaded from REF may be an address of the group. */
static bool may_hold(const flow *f, tree ref)
{
	for (unsigned i = 0; i < f->holding.length(); i++)
		if (is_alike(f->holding[i], TREE_TYPE(ref)))
			return true;
	return f->holding.length() && (AGGREGATE_TYPE_P(TREE_TYPE(ref)) || is_of_any_type(ref));
}

/* ---- where it goes ----------------------------------------------------------------------------------------------- */

static void flow_on(flow *f, tree to, bool foreign)
{
	bool known, more;

	if (!to)
		return;
	if (TREE_CODE(to) != SSA_NAME) {
		f->result |= FLOW_KEPT;
		return;
	}
	known = f->names.add(to);
	more = foreign && !f->foreign.add(to);
	if (!known || more)
		f->todo.safe_push(to);
}

static void flow_to(flow *f, tree to)
{
	flow_on(f, to, f->is_foreign);
}

static void flow_to_function(flow *f, tree to)
{
	flow_on(f, to, true);
}

static bool is_ours_alone(const cgraph_node *node)
{
	return !TREE_PUBLIC(node->decl) && !node->address_taken && !DECL_PRESERVE_P(node->decl);
}

static void flow_to_callers(flow *f, tree function)
{
	cgraph_node *node = cgraph_node::get(function);

	if (!node || !is_ours_alone(node)) {
		f->result |= FLOW_KEPT;
		return;
	}
	for (cgraph_edge *e = node->callers; e; e = e->next_caller)
		if (e->call_stmt)
			flow_to_function(f, gimple_call_lhs(e->call_stmt));
		else
			f->result |= FLOW_KEPT;
}

static bool is_named(tree function, const char *const *names, size_t n)
{
	const char *name = DECL_NAME(function) ? IDENTIFIER_POINTER(DECL_NAME(function)) : "";

	for (size_t i = 0; TREE_PUBLIC(function) && i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Functions of the C library that give back a place in what they are given, at most. */
static bool keeps_nothing(tree function)
{
	static const char *const names[] = { "bsearch", "getopt_long", "getopt_long_only", "lfind", "write", "send",
					     "open", "fopen", "access", "strcasestr", "memmem", "setsockopt", "regcomp" };
	const char *name = DECL_NAME(function) ? IDENTIFIER_POINTER(DECL_NAME(function)) : "";

	if (fndecl_built_in_p(function, BUILT_IN_NORMAL))
		return !startswith(name, "__atomic") && !startswith(name, "__sync");
	return is_named(function, names, ARRAY_SIZE(names));
}

/* Puts what its argument points to somewhere else. */
static bool copies_content(tree function)
{
	if (!fndecl_built_in_p(function, BUILT_IN_NORMAL))
		return false;
	switch (DECL_FUNCTION_CODE(function)) {
	case BUILT_IN_MEMCPY: case BUILT_IN_MEMMOVE: case BUILT_IN_MEMPCPY: case BUILT_IN_BCOPY: case BUILT_IN_REALLOC:
	case BUILT_IN_MEMCPY_CHK: case BUILT_IN_MEMMOVE_CHK: case BUILT_IN_MEMPCPY_CHK:
		return true;
	default:
		return false;
	}
}

/* The type of parameter N as it is declared, NULL: it is one of "...". */
static tree parameter_type(tree function, unsigned n)
{
	tree p = TYPE_ARG_TYPES(TREE_TYPE(function));

	while (p && n--)
		p = TREE_CHAIN(p);
	return p && TREE_VALUE(p) != void_type_node ? TREE_VALUE(p) : NULL_TREE;
}

static bool is_to_text(tree type)
{
	if (!POINTER_TYPE_P(type))
		return false;
	for (type = TREE_TYPE(type); TREE_CODE(type) == ARRAY_TYPE; type = TREE_TYPE(type))
		;
	return TYPE_MAIN_VARIANT(type) == char_type_node;
}

/* One of those does not write to its argument N. A text to be printed is not what %n takes; getopt_long() sorts the
 * arguments, whatever their type says. */
static bool only_reads(tree function, gcall *call, unsigned n)
{
	static const char *const printers[] = { "printf", "fprintf", "sprintf", "snprintf", "dprintf" };
	tree type = parameter_type(function, n);

	if (type)
		return POINTER_TYPE_P(type) && TYPE_READONLY(TREE_TYPE(type)) && !POINTER_TYPE_P(TREE_TYPE(type));
	return is_named(function, printers, ARRAY_SIZE(printers)) && is_to_text(TREE_TYPE(gimple_call_arg(call, n)));
}

static void flow_to_parameter(flow *f, tree function, unsigned n)
{
	tree p = DECL_ARGUMENTS(function);

	while (p && n--)
		p = DECL_CHAIN(p);
	if (!p || !is_gimple_reg(p))
		f->result |= FLOW_KEPT;
	else
		flow_to_function(f, ssa_default_def(DECL_STRUCT_FUNCTION(function), p));
}

static bool has_body(tree function)
{
	cgraph_node *node = cgraph_node::get(function);

	return node && node->has_gimple_body_p() && gimple_has_body_p(function);
}

/* bsearch() and lfind() hand places in the table to a function of the program. */
static void flow_to_comparison(flow *f, gcall *call)
{
	static const char *const searches[] = { "bsearch", "lfind" };
	tree last = gimple_call_num_args(call) ? gimple_call_arg(call, gimple_call_num_args(call) - 1) : NULL_TREE;
	tree function = last && TREE_CODE(last) == ADDR_EXPR ? TREE_OPERAND(last, 0) : NULL_TREE;

	if (!is_named(gimple_call_fndecl(call), searches, ARRAY_SIZE(searches)))
		return;
	if (!function || TREE_CODE(function) != FUNCTION_DECL || !has_body(function) ||
	    !decl_binds_to_current_def_p(function)) {
		f->result |= FLOW_WRITTEN;
		return;
	}
	flow_to_parameter(f, function, 0);
	flow_to_parameter(f, function, 1);
}

static void flow_to_call(flow *f, gcall *call, unsigned n)
{
	tree function = gimple_call_fndecl(call);

	if (gimple_call_internal_p(call)) {
		f->result |= FLOW_WRITTEN;
	} else if (function && keeps_nothing(function)) {
		if (gimple_call_lhs(call) && POINTER_TYPE_P(TREE_TYPE(gimple_call_lhs(call))))
			flow_to(f, gimple_call_lhs(call));
		if (!only_reads(function, call, n))
			f->result |= FLOW_WRITTEN;
		if (f->holding.length() && copies_content(function))
			f->result |= FLOW_KEPT | FLOW_WRITTEN;
		flow_to_comparison(f, call);
	} else if (function && has_body(function)) {
		flow_to_parameter(f, function, n);
		if (!decl_binds_to_current_def_p(function))
			f->result |= FLOW_WRITTEN;
	} else {
		f->result |= FLOW_KEPT;
	}
}

static void flow_met(flow *f, tree a, tree b)
{
	f->met.safe_push(a);
	f->met.safe_push(b);
}

static void flow_compared(flow *f, tree a, tree b, tree name)
{
	flow_met(f, a, b);
	if (is_it(f, a, name))
		f->compared.safe_push(b);
	if (is_it(f, b, name))
		f->compared.safe_push(a);
}

static void flow_loaded(flow *f, gimple *stmt)
{
	if (!f->holding.length())
		return;
	if (!gimple_assign_single_p(stmt) || TREE_CODE(gimple_assign_lhs(stmt)) != SSA_NAME)
		f->result |= FLOW_KEPT | FLOW_WRITTEN;
	else if (may_hold(f, gimple_assign_rhs1(stmt)))
		flow_to(f, gimple_assign_lhs(stmt));
}

static void flow_to_assigned(flow *f, gimple *stmt, tree name)
{
	tree lhs = gimple_assign_lhs(stmt), value = gimple_assign_rhs1(stmt);
	tree_code code = gimple_assign_rhs_code(stmt);

	if (gimple_store_p(stmt)) {
		if (is_it(f, value, name) || code == CONSTRUCTOR || (TREE_CODE(value) == ADDR_EXPR && !name))
			f->result |= FLOW_KEPT;
		if (gimple_assign_load_p(stmt))
			flow_loaded(f, stmt);
		return;
	}
	if (gimple_assign_load_p(stmt)) {
		flow_loaded(f, stmt);
		return;
	}
	if (code == MINUS_EXPR)
		flow_met(f, value, gimple_assign_rhs2(stmt));
	if (code == POINTER_DIFF_EXPR || TREE_CODE_CLASS(code) == tcc_comparison) {
		flow_compared(f, value, gimple_assign_rhs2(stmt), name);
		return;
	}
	if (code == COND_EXPR && COMPARISON_CLASS_P(value))
		flow_compared(f, TREE_OPERAND(value, 0), TREE_OPERAND(value, 1), name);
	flow_to(f, lhs);
}

/* A struct may be handed over by value. */
static void flow_to_arguments(flow *f, gcall *call, tree name)
{
	for (unsigned i = 0; i < gimple_call_num_args(call); i++) {
		tree argument = gimple_call_arg(call, i);

		if (is_it(f, argument, name))
			flow_to_call(f, call, i);
		else if (TREE_CODE(argument) != SSA_NAME && !is_gimple_min_invariant(argument))
			flow_loaded(f, call);
	}
}

static bool writes_through(gimple *stmt, tree name)
{
	tree lhs = gimple_get_lhs(stmt), base = lhs && name ? get_base_address(lhs) : NULL_TREE;

	return base && TREE_CODE(base) == MEM_REF && TREE_OPERAND(base, 0) == name;
}

/* STMT uses NAME, or the address itself where NAME is NULL. */
static void flow_through(flow *f, gimple *stmt, tree name)
{
	if (writes_through(stmt, name))
		f->result |= FLOW_WRITTEN;
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
		f->result |= FLOW_KEPT;
	}
}

static bool is_same_variable(flow *f, tree value)
{
	return CONSTANT_CLASS_P(value) || is_address_in(f, value) ||
	       (TREE_CODE(value) == SSA_NAME && f->names.contains(value));
}

static bool came_from_outside(flow *f, tree value)
{
	return TREE_CODE(value) == SSA_NAME && f->foreign.contains(value);
}

static bool is_own_address(flow *f, tree value)
{
	return is_address_in(f, value) || (TREE_CODE(value) == SSA_NAME && f->names.contains(value) &&
	       !f->foreign.contains(value));
}

static void look_at_comparisons(flow *f)
{
	for (unsigned i = 0; i < f->compared.length(); i++)
		if (!is_same_variable(f, f->compared[i]))
			f->result |= FLOW_KEPT | FLOW_COMPARED;
	for (unsigned i = 0; i < f->met.length(); i += 2)
		if ((came_from_outside(f, f->met[i]) && is_own_address(f, f->met[i + 1])) ||
		    (is_own_address(f, f->met[i]) && came_from_outside(f, f->met[i + 1])))
			f->result |= FLOW_KEPT | FLOW_COMPARED;
}

/* ---- who starts with it ------------------------------------------------------------------------------------------ */

/* VALUE is an address of the group of F, or, F being NULL, of any variable; arithmetic may be with one. */
static bool may_be_address(const flow *f, tree value)
{
	if (TREE_CODE(value) != ADDR_EXPR)
		return EXPR_P(value);
	return f ? is_address_in(f, value) : variable_of(TREE_OPERAND(value, 0)) != NULL_TREE;
}

/* Adds the types of the places in VALUE, of type TYPE, where such an address stands. */
static void add_places(vec<tree> *list, const flow *f, tree value, tree type)
{
	unsigned HOST_WIDE_INT i;
	tree inner = value, index, element;

	STRIP_NOPS(inner);
	if (TREE_CODE(value) == CONSTRUCTOR) {
		FOR_EACH_CONSTRUCTOR_ELT(CONSTRUCTOR_ELTS(value), i, index, element)
			add_places(list, f, element, index && TREE_CODE(index) == FIELD_DECL ? TREE_TYPE(index) :
				   TREE_CODE(type) == ARRAY_TYPE ? TREE_TYPE(type) : TREE_TYPE(element));
	} else if (may_be_address(f, inner) && !list->contains(type)) {
		list->safe_push(type);
	}
}

/* A large table holds thousands of them, so it is looked through once. */
static const vec<tree> *places_in(tree holder)
{
	if (!places->get(holder)) {
		vec<tree> list = vNULL;

		if (DECL_INITIAL(holder) && DECL_INITIAL(holder) != error_mark_node)
			add_places(&list, NULL, DECL_INITIAL(holder), TREE_TYPE(holder));
		places->put(holder, list);
	}
	return places->get(holder);
}

/* Who holds one of the group joins it; what others can get at may be written by them. */
static void add_holders(flow *f)
{
	tree own = DECL_INITIAL(f->group[0]->decl);
	ipa_ref *ref;

	for (unsigned i = 0; i < f->group.length(); i++)
		for (unsigned k = 0; f->group[i]->iterate_referring(k, ref); k++) {
			varpool_node *holder = dyn_cast<varpool_node *>(ref->referring);

			if (!holder)
				continue;
			if (ref->use != IPA_REF_ADDR || TREE_PUBLIC(holder->decl) || DECL_PRESERVE_P(holder->decl))
				f->result |= FLOW_WRITTEN;
			else if (!is_in_group(f, holder->decl))
				f->group.safe_push(holder);
		}
	if (own && own != error_mark_node)
		add_places(&f->holding, f, own, TREE_TYPE(f->group[0]->decl));
	for (unsigned i = 1; i < f->group.length(); i++)
		f->holding.safe_splice(*places_in(f->group[i]->decl));
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static void flow_from(flow *f, tree variable)
{
	vec<gimple *> *with = addresses->get(variable), *from = loads->get(variable);

	for (unsigned i = 0; with && i < with->length(); i++)
		flow_through(f, (*with)[i], NULL_TREE);
	for (unsigned i = 0; from && i < from->length(); i++)
		flow_loaded(f, (*from)[i]);
}

static bool is_of_word(char c)
{
	return ISALNUM(c) || c == '_' || c == '$';
}

static bool has_word(const char *text, const char *word)
{
	for (const char *p = text; (p = strstr(p, word)); p++)
		if ((p == text || !is_of_word(p[-1])) && !is_of_word(p[strlen(word)]))
			return true;
	return false;
}

/* Assembler code may name a variable without an operand. */
static bool is_named_in_text(tree variable)
{
	tree id = DECL_ASSEMBLER_NAME_SET_P(variable) ? DECL_ASSEMBLER_NAME(variable) : DECL_NAME(variable);
	const char *name = id ? targetm.strip_name_encoding(IDENTIFIER_POINTER(id)) : NULL;

	for (unsigned i = 0; name && i < texts->length(); i++)
		if (has_word((*texts)[i], name))
			return true;
	return false;
}

unsigned flow_of(varpool_node *variable, bool to_the_end)
{
	flow f;
	imm_use_iterator iterator;
	use_operand_p use;

	f.group.safe_push(variable);
	f.is_foreign = false;
	f.result = stored->contains(variable->decl) || is_named_in_text(variable->decl) ? FLOW_WRITTEN : 0;
	add_holders(&f);
	for (unsigned i = 0; i < f.group.length(); i++)
		flow_from(&f, f.group[i]->decl);
	while ((to_the_end || !(f.result & FLOW_KEPT)) && f.todo.length()) {
		tree name = f.todo.pop();

		f.is_foreign = f.foreign.contains(name);
		FOR_EACH_IMM_USE_FAST(use, iterator, name)
			flow_through(&f, USE_STMT(use), name);
	}
	look_at_comparisons(&f);
	return hp_broken("plugin-flow") ? 0 : f.result;
}

/* ---- reading the functions --------------------------------------------------------------------------------------- */

static bool note(statements *where, gimple *stmt, tree base)
{
	if ((base = variable_of(base)))
		where->get_or_insert(base).safe_push(stmt);
	return false;
}

static bool note_address(gimple *stmt, tree base, tree, void *)
{
	return note(addresses, stmt, base);
}

static bool note_load(gimple *stmt, tree base, tree, void *)
{
	return note(loads, stmt, base);
}

static bool note_store(gimple *, tree base, tree, void *)
{
	if ((base = variable_of(base)))
		stored->add(base);
	return false;
}

static void note_function(tree decl)
{
	basic_block bb;

	FOR_EACH_BB_FN(bb, DECL_STRUCT_FUNCTION(decl)) {
		for (gphi_iterator gsi = gsi_start_phis(bb); !gsi_end_p(gsi); gsi_next(&gsi))
			walk_stmt_load_store_addr_ops(gsi.phi(), NULL, NULL, NULL, note_address);
		for (gimple_stmt_iterator gsi = gsi_start_bb(bb); !gsi_end_p(gsi); gsi_next(&gsi)) {
			gimple *stmt = gsi_stmt(gsi);

			if (gimple_code(stmt) == GIMPLE_RETURN)
				returns->put(stmt, decl);
			else if (gasm *code = dyn_cast<gasm *>(stmt))
				texts->safe_push(gimple_asm_string(code));
			if (!is_gimple_debug(stmt))
				walk_stmt_load_store_addr_ops(stmt, NULL, note_load, note_store, note_address);
		}
	}
}

void flow_open(void)
{
	cgraph_node *node;

	addresses = new statements;
	loads = new statements;
	stored = new hash_set<tree>;
	returns = new hash_map<gimple *, tree>;
	places = new hash_map<tree, vec<tree>>;
	texts = new vec<const char *>();
	for (asm_node *code = symtab->first_asm_symbol(); code; code = code->next)
		texts->safe_push(TREE_STRING_POINTER(code->asm_str));
	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY(node)
		if (DECL_STRUCT_FUNCTION(node->decl) && DECL_STRUCT_FUNCTION(node->decl)->cfg)
			note_function(node->decl);
}

void flow_close(void)
{
	delete addresses;
	delete loads;
	delete stored;
	delete returns;
	delete places;
	texts->release();
	delete texts;
}
