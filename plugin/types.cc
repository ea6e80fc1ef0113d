/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Layouts of the types that a unit's code depends on.
 *
 * Code of a patch meets objects that old code made. When a struct grows or a field moves, the two do not fit, and nothing
 * in the machine code says so. So for each struct, union and class that the unit's functions and variables use, its
 * layout is recorded: name, size, and the fields with place and kind. What only a type's user sees (signedness, qualifiers,
 * what a pointer points to) is no layout and is left out, or every rename would look like a change.
 *
 * A type is used when it is the type of a variable, parameter, result or of any operand, or a pointer to it is, or when
 * such a type holds it by value. This is asked of the functions before any optimiser has seen them, where casts are
 * still there: a pointer that is made from an untyped one means that objects may lie where no variable of that type
 * shows (`malloc`), and a pointer made untyped that they may be copied there. Types of which neither is true, and which
 * no variable with static storage holds, live in the frames of functions only; which functions those are is said, too.
 *
 * Types of system headers are left out, but not what they hold: they change with the toolchain, not with the program.
 * With -flto the facts travel in an attribute of the unit's functions, and the frames are not told.
 */
#include "hotpatch.h"

#define ATTRIBUTE "hotpatch types"      /* the blank keeps it out of sources */

enum { IN_STATIC = 1, IN_UNTYPED = 2 };

struct layout {
	tree type;                      /* until the facts are text */
	char *fact;                     /* the T line; NULL: it has no name, or is left out */
	unsigned where;                 /* IN_..., 0: in frames only */
};

static vec<layout> layouts;
static hash_map<int_hash<unsigned, 0>, unsigned> *by_uid;       /* TYPE_UID to the place in layouts */

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
	for (tree f = TYPE_FIELDS(record); f; f = DECL_CHAIN(f))
		if (TREE_CODE(f) == FIELD_DECL && element_of(TREE_TYPE(f)) && RECORD_OR_UNION_TYPE_P(element_of(TREE_TYPE(f))))
			use(TREE_TYPE(f), where);
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
		layouts.safe_push({ record, NULL, where });
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
	if (TREE_CODE(op) == MEM_REF) {
		tree pointer = TREE_TYPE(TREE_OPERAND(op, 0));

		use(pointer, 0);
		if (record_of(TREE_TYPE(op)) != record_of(pointer))
			use(TREE_TYPE(op), IN_UNTYPED), use(pointer, IN_UNTYPED);
	}
}

static bool keeps_no_copy(const_tree fndecl)
{
	return fndecl && (fndecl_built_in_p(fndecl, BUILT_IN_MEMSET) || fndecl_built_in_p(fndecl, BUILT_IN_BZERO));
}

static void use_call(gcall *call)
{
	tree type = gimple_call_fntype(call), fndecl = gimple_call_fndecl(call), lhs = gimple_call_lhs(call);
	tree parameter = type ? TYPE_ARG_TYPES(type) : NULL_TREE;

	if (lhs && type)
		use_conversion(TREE_TYPE(lhs), TREE_TYPE(type));
	for (unsigned i = 0; i < gimple_call_num_args(call); i++) {
		if (!keeps_no_copy(fndecl))
			use_conversion(parameter ? TREE_VALUE(parameter) : ptr_type_node, TREE_TYPE(gimple_call_arg(call, i)));
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
		if (gimple_return_retval(ret))
			use_conversion(TREE_TYPE(DECL_RESULT(current_function_decl)), TREE_TYPE(gimple_return_retval(ret)));
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

	FOR_EACH_VARIABLE(node)
		if (POINTER_TYPE_P(element_of(TREE_TYPE(node->decl))))
			use(TREE_TYPE(node->decl), 0);
		else
			use(TREE_TYPE(node->decl), IN_STATIC);
}

/* ---- the text ---------------------------------------------------------------------------------------------------- */

/* `typedef struct { ... } name`: the struct has no name in C, a variant of it does. */
static tree name_of_variant(tree record)
{
	for (tree v = record; v; v = TYPE_NEXT_VARIANT(v))
		if (TYPE_NAME(v) && TREE_CODE(TYPE_NAME(v)) == TYPE_DECL && DECL_NAME(TYPE_NAME(v)))
			return DECL_NAME(TYPE_NAME(v));
	return NULL_TREE;
}

static bool unit_is_cxx(void)
{
	return mangle_typeinfo_string_for_type && startswith(lang_hooks.name, "GNU C++");
}

static const char *plain_name(tree record)
{
	tree name = TYPE_NAME(record);

	if (name && TREE_CODE(name) == TYPE_DECL)
		name = DECL_NAME(name);
	return name ? IDENTIFIER_POINTER(name) : "";
}

/* What GCC makes for itself: a class as it is laid out where it is a base, and the types of type_info objects. */
static bool is_made_by_compiler(tree record)
{
	return unit_is_cxx() && (startswith(plain_name(record), "__as_base ") || strstr(plain_name(record), "_pseudo_"));
}

/* A closure without a function around it has no name that others could not have. */
static bool is_closure(tree decl)
{
	return IDENTIFIER_LAMBDA(DECL_NAME(decl)) && decl_function_context(decl);
}

static bool has_cxx_name(tree record)
{
	tree decl = TYPE_NAME(record);

	if (!decl || TREE_CODE(decl) != TYPE_DECL || !DECL_NAME(decl) || is_made_by_compiler(record))
		return false;
	return !IDENTIFIER_ANON_P(DECL_NAME(decl)) || is_closure(decl);
}

/* As users know it, in C "struct NAME" or the name of a typedef, in C++ the symbol of the type's name; NULL: it has none.
 * The caller frees. */
static char *record_name(tree record)
{
	tree name;

	if (unit_is_cxx())
		return has_cxx_name(record) ? xstrdup(IDENTIFIER_POINTER(mangle_typeinfo_string_for_type(record))) : NULL;
	if (*plain_name(record))
		return xasprintf("%s %s", TREE_CODE(record) == UNION_TYPE ? "union" : "struct", plain_name(record));
	name = name_of_variant(record);
	return name ? xstrdup(IDENTIFIER_POINTER(name)) : NULL;
}

static bool is_of_system(tree record)
{
	tree decl = TYPE_STUB_DECL(record), field = TYPE_FIELDS(record);

	if (!decl || DECL_SOURCE_LOCATION(decl) <= BUILTINS_LOCATION)
		decl = field;
	return !decl || in_system_header_at(DECL_SOURCE_LOCATION(decl));
}

struct text { char *p; size_t n, room; };

static void text_add(struct text *t, const char *format, ...) ATTRIBUTE_PRINTF_2;
static void text_add(struct text *t, const char *format, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, format);
	char *more = xvasprintf(format, ap);
	va_end(ap);
	n = strlen(more);
	if (t->n + n + 1 > t->room) {
		t->room = 2 * (t->n + n + 1);
		t->p = XRESIZEVEC(char, t->p, t->room);
	}
	memcpy(t->p + t->n, more, n + 1);
	t->n += n;
	free(more);
}

static unsigned long size_of(tree type)
{
	tree size = TYPE_SIZE_UNIT(type);

	return size && tree_fits_uhwi_p(size) ? tree_to_uhwi(size) : 0;
}

static void kind_add(struct text *t, tree type)
{
	char *name;

	for (; TREE_CODE(type) == ARRAY_TYPE; type = TREE_TYPE(type))
		text_add(t, "[%lu]", size_of(TREE_TYPE(type)) ? size_of(type) / size_of(TREE_TYPE(type)) : 0);
	if (RECORD_OR_UNION_TYPE_P(type)) {
		name = record_name(TYPE_MAIN_VARIANT(type));
		text_add(t, "{%s}%lu", name ? name : "", size_of(type));
		free(name);
		return;
	}
	text_add(t, "%c%lu", POINTER_TYPE_P(type) ? 'p' : SCALAR_FLOAT_TYPE_P(type) ? 'f' : INTEGRAL_TYPE_P(type) ? 'i' : 'o',
		 size_of(type));
}

static bool fields_add(struct text *t, tree record, const char *prefix, HOST_WIDE_INT base);

/* A record without a name is part of the one that holds it. */
static bool inner_add(struct text *t, tree field, const char *prefix, HOST_WIDE_INT base)
{
	tree inner = element_of(TREE_TYPE(field));
	char *name = RECORD_OR_UNION_TYPE_P(inner) ? record_name(TYPE_MAIN_VARIANT(inner)) : NULL, *longer;
	bool good = true;

	if (RECORD_OR_UNION_TYPE_P(inner) && !name) {
		longer = DECL_NAME(field) ? xasprintf("%s%s.", prefix, IDENTIFIER_POINTER(DECL_NAME(field))) : xstrdup(prefix);
		good = fields_add(t, inner, longer, base);
		free(longer);
	}
	free(name);
	return good;
}

static bool field_add(struct text *t, tree field, const char *prefix, HOST_WIDE_INT base)
{
	HOST_WIDE_INT bit;

	if (!DECL_SIZE(field) && TREE_CODE(TREE_TYPE(field)) != ARRAY_TYPE)
		return false;
	if (TREE_CODE(DECL_FIELD_OFFSET(field)) != INTEGER_CST || !tree_fits_shwi_p(bit_position(field)))
		return false;
	bit = base + int_bit_position(field);
	if (DECL_NAME(field) || DECL_ARTIFICIAL(field)) {
		text_add(t, "%s%s%s ", t->n && t->p[t->n - 1] != '\t' ? "," : "", prefix,
			 DECL_NAME(field) ? IDENTIFIER_POINTER(DECL_NAME(field)) : ":");
		if (DECL_BIT_FIELD(field))
			text_add(t, "%ld.%ld b%ld", (long)(bit / 8), (long)(bit % 8), (long)tree_to_uhwi(DECL_SIZE(field)));
		else
			text_add(t, "%ld ", (long)(bit / 8)), kind_add(t, TREE_TYPE(field));
	}
	return inner_add(t, field, prefix, bit);
}

/* False for a layout that is only known at run time. */
static bool fields_add(struct text *t, tree record, const char *prefix, HOST_WIDE_INT base)
{
	for (tree f = TYPE_FIELDS(record); f; f = DECL_CHAIN(f))
		if (TREE_CODE(f) == FIELD_DECL && !field_add(t, f, prefix, base))
			return false;
	return true;
}

static char *layout_fact(tree record)
{
	struct text t = {};
	char *name;

	if (is_of_system(record) || !(name = record_name(record)))
		return NULL;
	text_add(&t, "T\t%s\t%lu\t", name, size_of(record));
	free(name);
	if (fields_add(&t, record, "", 0))
		return t.p;
	free(t.p);
	return NULL;
}

/* ---- LTO: the facts as an attribute ------------------------------------------------------------------------------ */

static void attributes_attach(void)
{
	struct cgraph_node *node;
	tree list = NULL_TREE;

	for (unsigned i = 0; i < layouts.length(); i++)
		if (layouts[i].fact)
			list = tree_cons(NULL_TREE, build_string(strlen(layouts[i].fact) + 1, layouts[i].fact), list);
	if (list)
		FOR_EACH_DEFINED_FUNCTION(node)
			DECL_ATTRIBUTES(node->decl) = tree_cons(get_identifier(ATTRIBUTE), list, DECL_ATTRIBUTES(node->decl));
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
		for (tree v = TREE_VALUE(attribute); v; v = TREE_CHAIN(v))
			if (!known.add(TREE_STRING_POINTER(TREE_VALUE(v))))
				layouts.safe_push({ NULL_TREE, xstrdup(TREE_STRING_POINTER(TREE_VALUE(v))), IN_UNTYPED });
	}
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
	FOR_EACH_FUNCTION_WITH_GIMPLE_BODY(node) {
		struct function *f = DECL_STRUCT_FUNCTION(node->decl);

		if (!f || !f->cfg)
			continue;
		push_cfun(f);
		use_function(f);
		pop_cfun();
	}
	use_variables();
	for (unsigned i = 0; i < layouts.length(); i++) {
		layouts[i].fact = layout_fact(layouts[i].type);
		layouts[i].type = NULL_TREE;
	}
	if (flag_lto)
		attributes_attach();
}

/* ---- for facts.cc ------------------------------------------------------------------------------------------------ */

/* FNV-1a: what hp-diff finds the T line by. */
static unsigned hash_of(const char *s)
{
	unsigned h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static char *frame;                     /* of the current function: hashes, space-separated */

static bool type_is_of_frames(tree type, unsigned *place)
{
	tree record = element_of(type);
	unsigned *at = record && RECORD_OR_UNION_TYPE_P(record) && by_uid ? by_uid->get(TYPE_UID(TYPE_MAIN_VARIANT(record))) : NULL;

	if (!at || layouts[*at].where || !layouts[*at].fact)
		return false;
	*place = *at;
	return true;
}

static char *frame_add(char *list, tree decl)
{
	unsigned place;
	char entry[16], *longer;

	if (!type_is_of_frames(TREE_TYPE(decl), &place))
		return list;
	sprintf(entry, "%x", hash_of(layouts[place].fact));
	if (list && strstr(list, entry))
		return list;
	longer = list ? xasprintf("%s %s", list, entry) : xstrdup(entry);
	free(list);
	return longer;
}

char *types_in_frame(void)
{
	char *list = frame;

	frame = NULL;
	return list;
}

static const struct pass_data frame_pass_data = { GIMPLE_PASS, "hotpatch_frame", OPTGROUP_NONE, TV_NONE, 0, 0, 0, 0, 0 };

/* After inlining, and before variables become registers and stack slots. */
struct frame_pass : public gimple_opt_pass {
	frame_pass() : gimple_opt_pass(frame_pass_data, g) {}
	unsigned int execute(function *f) final override
	{
		tree local;
		unsigned i;

		free(types_in_frame());
		for (tree p = DECL_ARGUMENTS(f->decl); p; p = DECL_CHAIN(p))
			frame = frame_add(frame, p);
		FOR_EACH_LOCAL_DECL(f, i, local)
			frame = frame_add(frame, local);
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

static void value_add(struct text *t, tree type)
{
	if (VOID_TYPE_P(type))
		text_add(t, "v");
	else if (RECORD_OR_UNION_TYPE_P(type))
		text_add(t, "r%lu", size_of(type));
	else
		kind_add(t, type);
	hash_add(t, type);
}

/* In a definition without a prototype the parameters are there all the same. */
char *types_of_function(tree decl)
{
	struct text t = {};
	const char *comma = "";

	value_add(&t, TREE_TYPE(TREE_TYPE(decl)));
	text_add(&t, "(");
	for (tree p = DECL_ARGUMENTS(decl); p; p = DECL_CHAIN(p), comma = ",") {
		text_add(&t, "%s", comma);
		value_add(&t, TREE_TYPE(p));
	}
	text_add(&t, stdarg_p(TREE_TYPE(decl)) ? "%s...)" : ")", comma);
	return t.p;
}

void types_print(FILE *f, const char *unit)
{
	for (unsigned i = 0; i < layouts.length(); i++) {
		if (!layouts[i].fact)
			continue;
		fputs("\t.asciz \"", f);
		facts_string(f, layouts[i].fact, strlen(layouts[i].fact));
		fputs("\"\n", f);
	}
	fprintf(f, "\t.asciz \"S\\t%s\\t-\\t", unit);
	for (unsigned i = 0; i < layouts.length(); i++)
		if (layouts[i].fact)
			fprintf(f, "%x%s%s ", hash_of(layouts[i].fact), layouts[i].where & IN_STATIC ? "s" : "",
				layouts[i].where & IN_UNTYPED ? "u" : "");
	fputs("\"\n", f);
}

void types_register(const char *plugin)
{
	struct register_pass_info info = { new frame_pass(), GCC_PASS_LAST_GIMPLE, 1, PASS_POS_INSERT_AFTER };

	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_START, on_ipa_start, NULL);
	register_callback(plugin, PLUGIN_PASS_MANAGER_SETUP, NULL, &info);
}
