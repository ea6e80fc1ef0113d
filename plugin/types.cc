/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layouts of the types that a unit's code depends on.
 *
 * Code of a patch meets objects that old code made. When a struct grows or a field moves, the two do not fit, and
 * nothing in the machine code says so. So for each struct, union and class that the unit's functions and variables
 * use, its layout is recorded: name, size, and the fields with place and kind (kinds.cc). For the same reason the
 * kinds of variables, of the functions' parameters and results, and of the functions that are called through pointers.
 *
 * A type is used when it is the type of a variable, parameter, result or of any operand, or a pointer to it is, or
 * when such a type holds it by value. This is asked of the functions before any optimiser has seen them, where casts
 * are still there: a pointer that is made from an untyped one means that objects may lie where no variable of that
 * type shows (`malloc`), and a pointer made untyped that they may be copied there. Types of which neither is true, and
 * which no variable with static storage holds, live in the frames of functions only; which functions those are is
 * said, too. Constants do not count as such variables where nobody keeps their address (kept.cc): a patch replaces them
 * with the functions that name them. Then functions that have pointers to such a type are told with those that have
 * objects.
 *
 * Types that only sizeof and offsetof name are told with those of which objects may lie anywhere (measured.cc).
 *
 * Types of system headers are left out, but not what they hold: they change with the toolchain, not with the program.
 * With -flto the facts travel in an attribute of the unit's functions, and the frames are not told.
 */
#include "hotpatch.h"

#define ATTRIBUTE "hotpatch types"      /* the blank keeps it out of sources */

enum { IN_STATIC = 1, IN_UNTYPED = 2, IN_CONSTANT = 4 };

struct layout {
	tree type;                      /* until the facts are text */
	tree variable;                  /* that has this type, likewise; NULL: none */
	char *fact;                     /* the T line; NULL: it has no name, or is left out */
	unsigned where;                 /* IN_..., 0: in frames only, or not known yet */
};

static vec<layout> layouts;
static hash_map<int_hash<unsigned, 0>, unsigned> *by_uid;       /* TYPE_UID to the place in layouts */
static vec<char *> calls;               /* types of functions that are called through pointers, each once */
static hash_set<tree> *foreign;         /* functions and variables that the unit uses and does not define */
static vec<char *> foreign_facts;       /* "NAME<TAB>HASH ...", without the E */

/* ---- which types ------------------------------------------------------------------------------------------------- */

static tree element_of(tree type)
{
	while (type && TREE_CODE(type) == ARRAY_TYPE)
		type = TREE_TYPE(type);
	return type;
}

/* The struct that TYPE is, or is an array of or a pointer to; NULL when it is none, or incomplete. */
static tree record_of(tree type)
{
	while (type && (TREE_CODE(type) == ARRAY_TYPE || POINTER_TYPE_P(type)))
		type = TREE_TYPE(type);
	return type && RECORD_OR_UNION_TYPE_P(type) && COMPLETE_TYPE_P(type) ? TYPE_MAIN_VARIANT(type) : NULL_TREE;
}

static void use(tree type, unsigned where);

/* Fields that are records themselves are where the whole is; bytes of a union's member may be another member's. */
static void use_fields(tree record, unsigned where)
{
	if (TREE_CODE(record) == UNION_TYPE)
		where |= IN_UNTYPED;
	for (tree f = TYPE_FIELDS(record); f; f = DECL_CHAIN(f)) {
		tree type = TREE_CODE(f) == FIELD_DECL ? element_of(TREE_TYPE(f)) : NULL_TREE;

		if (type && RECORD_OR_UNION_TYPE_P(type))
			use(type, where);
	}
}

/* TYPE is used, and objects of it, or that pointers of this type lead to, may be WHERE. */
static void use(tree type, unsigned where)
{
	tree record = record_of(type);
	bool known;

	if (!record)
		return;

	unsigned &place = by_uid->get_or_insert(TYPE_UID(record), &known);

	if (!known) {
		place = layouts.length();
		layouts.safe_push({ record, NULL_TREE, NULL, where });
	} else if ((layouts[place].where | where) != layouts[place].where) {
		layouts[place].where |= where;
	} else {
		return;
	}
	use_fields(record, where);
}

/* ---- by whom ----------------------------------------------------------------------------------------------------- */

/* A value of type FROM becomes one of type TO: do pointers to records lose or gain their type? */
static void use_conversion(tree to, tree from)
{
	tree a = record_of(to), b = record_of(from);

	if (a == b || !to || !from)
		return;
	if (POINTER_TYPE_P(to) && a)
		use(a, IN_UNTYPED);
	if (POINTER_TYPE_P(from) && b && (POINTER_TYPE_P(to) || INTEGRAL_TYPE_P(to)))
		use(b, IN_UNTYPED);
}

static void use_operand(tree op)
{
	if (!op || TYPE_P(op))
		return;
	if (TREE_CODE(op) == ADDR_EXPR)
		op = TREE_OPERAND(op, 0);
	for (; handled_component_p(op); op = TREE_OPERAND(op, 0)) {
		use(TREE_TYPE(op), 0);
		if (TREE_CODE(op) == VIEW_CONVERT_EXPR)
			use(TREE_TYPE(op), IN_UNTYPED), use(TREE_TYPE(TREE_OPERAND(op, 0)), IN_UNTYPED);
	}
	if (TREE_TYPE(op))
		use(TREE_TYPE(op), 0);
	if (VAR_P(op) && DECL_EXTERNAL(op))
		foreign->add(op);
	if (TREE_CODE(op) == MEM_REF) {
		tree pointer = TREE_TYPE(TREE_OPERAND(op, 0));

		use(pointer, 0);
		if (record_of(TREE_TYPE(op)) != record_of(pointer))
			use(TREE_TYPE(op), IN_UNTYPED), use(pointer, IN_UNTYPED);
	}
}

static void calls_add(char *type)
{
	for (unsigned i = 0; i < calls.length(); i++)
		if (!strcmp(calls[i], type)) {
			free(type);
			return;
		}
	calls.safe_push(type);
}

/* Without a prototype the arguments tell. */
static void use_pointer_call(gcall *call, tree type)
{
	struct text t = {};

	if (prototype_p(type)) {
		prototype_add(&t, type, ',');
	} else {
		value_add(&t, TREE_TYPE(type));
		text_add(&t, "(");
		for (unsigned i = 0; i < gimple_call_num_args(call); i++)
			text_add(&t, i ? "," : ""), value_add(&t, TREE_TYPE(gimple_call_arg(call, i)));
		text_add(&t, ")");
	}
	calls_add(t.p);
}

static bool keeps_no_copy(const_tree fndecl)
{
	return fndecl && (fndecl_built_in_p(fndecl, BUILT_IN_MEMSET) || fndecl_built_in_p(fndecl, BUILT_IN_BZERO));
}

static void use_call(gcall *call)
{
	tree type = gimple_call_fntype(call), fndecl = gimple_call_fndecl(call), lhs = gimple_call_lhs(call);
	tree parameter = type ? TYPE_ARG_TYPES(type) : NULL_TREE;

	if (!fndecl && type)
		use_pointer_call(call, type);
	if (fndecl && DECL_EXTERNAL(fndecl))
		foreign->add(fndecl);
	if (lhs && type)
		use_conversion(TREE_TYPE(lhs), TREE_TYPE(type));
	for (unsigned i = 0; i < gimple_call_num_args(call); i++) {
		tree to = parameter ? TREE_VALUE(parameter) : ptr_type_node;

		if (!keeps_no_copy(fndecl))
			use_conversion(to, TREE_TYPE(gimple_call_arg(call, i)));
		if (parameter)
			parameter = TREE_CHAIN(parameter);
	}
}

static void use_statement(gimple *stmt)
{
	if (is_gimple_debug(stmt))
		return;
	for (unsigned i = 0; i < gimple_num_ops(stmt); i++)
		use_operand(gimple_op(stmt, i));
	if (is_gimple_assign(stmt) && (gimple_assign_single_p(stmt) || gimple_assign_cast_p(stmt)))
		use_conversion(TREE_TYPE(gimple_assign_lhs(stmt)), TREE_TYPE(gimple_assign_rhs1(stmt)));
	else if (gcall *call = dyn_cast<gcall *>(stmt))
		use_call(call);
	else if (greturn *ret = dyn_cast<greturn *>(stmt))
		if (tree value = gimple_return_retval(ret))
			use_conversion(TREE_TYPE(DECL_RESULT(current_function_decl)), TREE_TYPE(value));
}

static void use_function(struct function *f)
{
	basic_block bb;
	tree local;
	unsigned i;

	use(TREE_TYPE(TREE_TYPE(f->decl)), 0);
	for (tree p = DECL_ARGUMENTS(f->decl); p; p = DECL_CHAIN(p))
		use(TREE_TYPE(p), 0);
	FOR_EACH_LOCAL_DECL(f, i, local)
		use(TREE_TYPE(local), 0);
	FOR_EACH_BB_FN(bb, f)
		for (gimple_stmt_iterator gsi = gsi_start_bb(bb); !gsi_end_p(gsi); gsi_next(&gsi))
			use_statement(gsi_stmt(gsi));
}

static void use_variables(void)
{
	varpool_node *node;

	FOR_EACH_VARIABLE(node) {
		tree type = element_of(TREE_TYPE(node->decl));

		use(type, 0);
		if (RECORD_OR_UNION_TYPE_P(type) && COMPLETE_TYPE_P(type) && DECL_NAME(node->decl))
			layouts[*by_uid->get(TYPE_UID(TYPE_MAIN_VARIANT(type)))].variable = node->decl;
	}
}

void types_of_variable(tree decl, bool constant)
{
	tree type = element_of(TREE_TYPE(decl));

	if (by_uid && !POINTER_TYPE_P(type))
		use(type, constant ? IN_CONSTANT : IN_STATIC);
}

static bool is_unused(tree type)
{
	tree record = record_of(type);

	return record && !by_uid->get(TYPE_UID(record));
}

/* Who measures objects has them as bytes. */
static void use_measured(tree type)
{
	use(type, IN_UNTYPED);
}

/* ---- LTO: the facts as an attribute ------------------------------------------------------------------------------ */

static void attributes_attach(void)
{
	tree list = NULL_TREE, name = get_identifier(ATTRIBUTE);
	struct cgraph_node *node;

	for (unsigned i = 0; i < layouts.length(); i++)
		if (layouts[i].fact)
			list = tree_cons(NULL_TREE, build_string(strlen(layouts[i].fact) + 1, layouts[i].fact), list);
	for (unsigned i = 0; i < calls.length(); i++)
		list = tree_cons(NULL_TREE, build_string(strlen(calls[i]) + 1, calls[i]), list);
	list = enums_attach(list);
	if (list)
		FOR_EACH_DEFINED_FUNCTION(node)
			DECL_ATTRIBUTES(node->decl) = tree_cons(name, list, DECL_ATTRIBUTES(node->decl));
}

static void attributes_collect(void)
{
	hash_set<nofree_string_hash> known;
	hash_set<tree> lists;
	struct cgraph_node *node;

	FOR_EACH_FUNCTION(node) {
		tree attribute = lookup_attribute(ATTRIBUTE, DECL_ATTRIBUTES(node->decl));

		if (!attribute || lists.add(TREE_VALUE(attribute)))
			continue;
		for (tree v = TREE_VALUE(attribute); v; v = TREE_CHAIN(v)) {
			const char *text = TREE_STRING_POINTER(TREE_VALUE(v));

			if (known.add(text))
				continue;
			if (startswith(text, "T\t"))
				layouts.safe_push({ NULL_TREE, NULL_TREE, xstrdup(text), IN_UNTYPED });
			else if (startswith(text, "N\t"))
				enum_collect(text + 2);
			else
				calls_add(xstrdup(text));
		}
	}
}

/* ---- what others define ------------------------------------------------------------------------------------------ */

/* The hash of the record that TYPE is or leads to. */
static void foreign_add(struct text *t, tree type)
{
	tree record = record_of(type);
	unsigned *at = record ? by_uid->get(TYPE_UID(record)) : NULL;

	if (at && layouts[*at].fact)
		text_add(t, "%x ", hash_of(layouts[*at].fact));
}

/* Objects of these types may be theirs. */
static bool foreign_fact_add(tree const &decl, void *)
{
	struct text t = {};

	if (FUNC_OR_METHOD_TYPE_P(TREE_TYPE(decl))) {
		foreign_add(&t, TREE_TYPE(TREE_TYPE(decl)));
		for (tree p = TYPE_ARG_TYPES(TREE_TYPE(decl)); p; p = TREE_CHAIN(p))
			foreign_add(&t, TREE_VALUE(p));
	} else {
		foreign_add(&t, TREE_TYPE(decl));
	}
	if (t.p)
		foreign_facts.safe_push(xasprintf("%s\t%s", assembler_name(decl), t.p));
	free(t.p);
	return true;
}

/* Before the optimisers begin. */
static void on_ipa_start(void *, void *)
{
	struct cgraph_node *node;

	if (seen_error())
		return;
	if (in_lto_p) {
		attributes_collect();
		return;
	}
	by_uid = new hash_map<int_hash<unsigned, 0>, unsigned>;
	foreign = new hash_set<tree>;
	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY(node) {
		struct function *f = DECL_STRUCT_FUNCTION(node->decl);

		if (!f || !f->cfg)
			continue;
		push_cfun(f);
		use_function(f);
		pop_cfun();
	}
	use_variables();
	measured_each(is_unused, use_measured);
	for (unsigned i = 0; i < layouts.length(); i++) {
		layouts[i].fact = layout_fact(layouts[i].type, layouts[i].variable);
		layouts[i].type = layouts[i].variable = NULL_TREE;
	}
	foreign->traverse<void *, foreign_fact_add>(NULL);
	if (flag_lto)
		attributes_attach();
}

/* ---- for facts.cc ------------------------------------------------------------------------------------------------ */

unsigned hash_of(const char *s)
{
	unsigned h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static char *frame;                     /* of the current function: hashes, space-separated */

static bool type_is_of_frames(tree type, unsigned *place)
{
	tree record = POINTER_TYPE_P(type) ? record_of(type) : element_of(type);
	bool known = record && RECORD_OR_UNION_TYPE_P(record) && by_uid;
	unsigned *at = known ? by_uid->get(TYPE_UID(TYPE_MAIN_VARIANT(record))) : NULL;

	if (!at || (layouts[*at].where & ~IN_CONSTANT) || !layouts[*at].fact)
		return false;
	if (POINTER_TYPE_P(type) && !(layouts[*at].where & IN_CONSTANT))
		return false;
	*place = *at;
	return true;
}

static char *frame_add_one(char *list, tree type)
{
	unsigned place;
	char entry[16], *longer;

	if (!type_is_of_frames(type, &place))
		return list;
	sprintf(entry, "%x", hash_of(layouts[place].fact));
	if (list && strstr(list, entry))
		return list;
	longer = list ? xasprintf("%s %s", list, entry) : xstrdup(entry);
	free(list);
	return longer;
}

/* With the records that are parts of it; SEEN: those that were added. */
static char *frame_add(char *list, tree type, hash_set<tree> *seen)
{
	tree record = element_of(type);

	if (!RECORD_OR_UNION_TYPE_P(record))
		return POINTER_TYPE_P(type) ? frame_add_one(list, type) : list;
	record = TYPE_MAIN_VARIANT(record);
	if (seen->add(record))
		return list;
	list = frame_add_one(list, record);
	for (tree f = TYPE_FIELDS(record); f; f = DECL_CHAIN(f))
		if (TREE_CODE(f) == FIELD_DECL && RECORD_OR_UNION_TYPE_P(element_of(TREE_TYPE(f))))
			list = frame_add(list, TREE_TYPE(f), seen);
	return list;
}

char *types_in_frame(void)
{
	char *list = frame;

	frame = NULL;
	return list;
}

static const struct pass_data frame_pass_data = {
	GIMPLE_PASS, "hotpatch_frame", OPTGROUP_NONE, TV_NONE, 0, 0, 0, 0, 0
};

/* After inlining, and before variables become registers and stack slots. */
struct frame_pass : public gimple_opt_pass {
	frame_pass() : gimple_opt_pass(frame_pass_data, g) {}
	unsigned int execute(function *f) final override
	{
		hash_set<tree> seen;
		tree local, name;
		unsigned i;

		free(types_in_frame());
		for (tree p = DECL_ARGUMENTS(f->decl); p; p = DECL_CHAIN(p))
			frame = frame_add(frame, TREE_TYPE(p), &seen);
		FOR_EACH_LOCAL_DECL(f, i, local)
			frame = frame_add(frame, TREE_TYPE(local), &seen);
		FOR_EACH_SSA_NAME(i, name, f)
			frame = frame_add(frame, TREE_TYPE(name), &seen);
		return 0;
	}
};

/* The hash of the record that TYPE is or leads to, or "". */
static void hash_add(struct text *t, tree type)
{
	tree record = record_of(type);
	unsigned *at = record && by_uid ? by_uid->get(TYPE_UID(record)) : NULL;

	if (at && layouts[*at].fact)
		text_add(t, ":%x", hash_of(layouts[*at].fact));
}

/* In a definition without a prototype the parameters are there all the same. */
char *types_of_function(tree decl)
{
	struct text t = {};
	const char *comma = "";

	value_add(&t, TREE_TYPE(TREE_TYPE(decl)));
	hash_add(&t, TREE_TYPE(TREE_TYPE(decl)));
	text_add(&t, "(");
	for (tree p = DECL_ARGUMENTS(decl); p; p = DECL_CHAIN(p), comma = ",") {
		text_add(&t, "%s", comma);
		value_add(&t, TREE_TYPE(p));
		hash_add(&t, TREE_TYPE(p));
	}
	text_add(&t, stdarg_p(TREE_TYPE(decl)) ? "%s...)" : ")", comma);
	convention_add(&t, TREE_TYPE(decl));
	return t.p;
}

/* A variable of the program's own that can be written. */
static bool variable_is_own(tree decl)
{
	return !TREE_READONLY(decl) && !DECL_ARTIFICIAL(decl) && DECL_NAME(decl) && !DECL_HARD_REGISTER(decl);
}

static void variables_print(FILE *f, const char *unit)
{
	varpool_node *node;

	FOR_EACH_DEFINED_VARIABLE(node) {
		struct text t = {};

		if (!variable_is_own(node->decl))
			continue;
		stored_add(&t, TREE_TYPE(node->decl));
		fprintf(f, "\t.asciz \"V\\t%s\\t%s\\t%s\"\n", unit,
			assembler_name(node->decl), t.p);
		free(t.p);
	}
}

static void layouts_print(FILE *f, const char *unit)
{
	for (unsigned i = 0; i < layouts.length(); i++) {
		if (!layouts[i].fact)
			continue;
		fact_print(f, layouts[i].fact);
	}
	fprintf(f, "\t.asciz \"S\\t%s\\t-\\t", unit);
	for (unsigned i = 0; i < layouts.length(); i++)
		if (layouts[i].fact)
			fprintf(f, "%x%s%s%s ", hash_of(layouts[i].fact), layouts[i].where & IN_STATIC ? "s" : "",
				layouts[i].where & IN_UNTYPED ? "u" : "", layouts[i].where & IN_CONSTANT ? "k" : "");
	fputs("\"\n", f);
}

void types_print(FILE *f, const char *unit)
{
	if (hp_broken("plugin-types"))
		return;
	layouts_print(f, unit);
	variables_print(f, unit);
	for (unsigned i = 0; i < foreign_facts.length(); i++) {
		char *fact = xasprintf("E\t%s\t%s", unit, foreign_facts[i]);

		fact_print(f, fact);
		free(fact);
	}
	fprintf(f, "\t.asciz \"I\\t%s\\t-\\t", unit);
	for (unsigned i = 0; i < calls.length(); i++)
		fprintf(f, "%s ", calls[i]);
	fputs("\"\n", f);
}

void types_register(const char *plugin)
{
	struct register_pass_info info = { new frame_pass(), GCC_PASS_LAST_GIMPLE, 1, PASS_POS_INSERT_AFTER };

	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_START, on_ipa_start, NULL);
	register_callback(plugin, PLUGIN_PASS_MANAGER_SETUP, NULL, &info);
}
