/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types as text: names, kinds and layouts, as plugin/FACTS has them.
 *
 * What only a type's user sees (signedness, qualifiers) is no part of a layout and is left out. Of what a pointer leads
 * to there is as much as code needs that follows it: `int *` for `short *` misreads as much as `int` for `short` does.
 * A record without a name is part of the one that holds it.
 */
#include "hotpatch.h"

static tree element_of(tree type)
{
	while (type && TREE_CODE(type) == ARRAY_TYPE)
		type = TREE_TYPE(type);
	return type;
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

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
	const char *name = plain_name(record);

	return unit_is_cxx() && (startswith(name, "__as_base ") || strstr(name, "_pseudo_"));
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

/* As users know it, in C "struct NAME" or the name of a typedef, in C++ the symbol of the type's name; NULL: it has
 * none. The caller frees. */
static char *record_name(tree record)
{
	tree name;

	if (unit_is_cxx() && !has_cxx_name(record))
		return NULL;
	if (unit_is_cxx())
		return xstrdup(IDENTIFIER_POINTER(mangle_typeinfo_string_for_type(record)));
	if (*plain_name(record))
		return xasprintf("%s %s", TREE_CODE(record) == UNION_TYPE ? "union" : "struct", plain_name(record));
	name = name_of_variant(record);
	return name ? xstrdup(IDENTIFIER_POINTER(name)) : NULL;
}

/* Not of a directory that only -isystem makes one of the system: a program may have its own headers there. */
static bool is_header_of_system(location_t at)
{
	const char *file = expand_location(at).file;

	return in_system_header_at(at) && (!file || startswith(file, "/usr/include/") || strstr(file, "/lib/gcc/") ||
	       strstr(file, "/include/c++/"));
}

static bool is_of_system(tree record)
{
	tree decl = TYPE_STUB_DECL(record), field = TYPE_FIELDS(record);

	if (!decl || DECL_SOURCE_LOCATION(decl) <= BUILTINS_LOCATION)
		decl = field;
	return !decl || is_header_of_system(DECL_SOURCE_LOCATION(decl));
}

/* ---- kinds ------------------------------------------------------------------------------------------------------- */

void text_add(struct text *t, const char *format, ...)
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

unsigned long size_of(tree type)
{
	tree size = TYPE_SIZE_UNIT(type);

	return size && tree_fits_uhwi_p(size) ? tree_to_uhwi(size) : 0;
}

/* Returns the type of the elements. */
static tree dimensions_add(struct text *t, tree type)
{
	for (; TREE_CODE(type) == ARRAY_TYPE; type = TREE_TYPE(type))
		text_add(t, "[%lu]", size_of(TREE_TYPE(type)) ? size_of(type) / size_of(TREE_TYPE(type)) : 0);
	return type;
}

/* Complex numbers and vectors are 'o', and tell their elements. */
static char letter_of(tree type)
{
	if (POINTER_TYPE_P(type))
		return 'p';
	if (SCALAR_FLOAT_TYPE_P(type))
		return DECIMAL_FLOAT_TYPE_P(type) ? 'd' : TYPE_MODE(type) == TFmode ? 'q' : 'f';
	return TREE_CODE(type) == BOOLEAN_TYPE ? 't' : INTEGRAL_TYPE_P(type) ? 'i' : 'o';
}

void kind_add(struct text *t, tree type)
{
	char *name;

	type = dimensions_add(t, type);
	if (RECORD_OR_UNION_TYPE_P(type)) {
		name = record_name(TYPE_MAIN_VARIANT(type));
		text_add(t, "{%s}%lu", name ? name : TREE_CODE(type) == UNION_TYPE ? "union" : "", size_of(type));
		free(name);
		return;
	}
	text_add(t, "%c%lu", letter_of(type), size_of(type));
	if (TREE_CODE(type) == COMPLEX_TYPE || VECTOR_TYPE_P(type)) {
		text_add(t, TREE_CODE(type) == COMPLEX_TYPE ? "c" : "x");
		kind_add(t, TREE_TYPE(type));
	}
}

void value_add(struct text *t, tree type)
{
	if (VOID_TYPE_P(type))
		text_add(t, "v");
	else if (RECORD_OR_UNION_TYPE_P(type))
		text_add(t, "r%lu", size_of(type));
	else
		kind_add(t, type);
}

void convention_add(struct text *t, tree type)
{
	static const char *const names[] = { "ms_abi", "sysv_abi" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (lookup_attribute(names[i], TYPE_ATTRIBUTES(type)))
			text_add(t, "%s", names[i]);
}

void prototype_add(struct text *t, tree type, char comma)
{
	char between[2] = "";

	value_add(t, TREE_TYPE(type));
	text_add(t, "(");
	for (tree p = TYPE_ARG_TYPES(type); p && p != void_list_node; p = TREE_CHAIN(p), *between = comma) {
		text_add(t, "%s", between);
		value_add(t, TREE_VALUE(p));
	}
	text_add(t, stdarg_p(type) ? "%s...)" : ")", between);
	convention_add(t, type);
}

static void target_add(struct text *t, tree type);
static bool fields_add(struct text *t, tree record, const char *prefix, HOST_WIDE_INT base);

/* Has no name, and nothing can lead from it to itself. */
static void nameless_add(struct text *t, tree record)
{
	struct text fields = {};

	if (!COMPLETE_TYPE_P(record) || is_made_by_compiler(record) || is_of_system(record))
		return;
	if (fields_add(&fields, record, "", 0) && fields.p)
		text_add(t, "#%x", hash_of(fields.p));
	free(fields.p);
}

/* A record by its name alone: in some units nothing else is known of it. */
static void pointee_add(struct text *t, tree type)
{
	char *name;

	text_add(t, ">");
	type = dimensions_add(t, type);
	if (VOID_TYPE_P(type)) {
		text_add(t, "v");
	} else if (RECORD_OR_UNION_TYPE_P(type)) {
		name = record_name(TYPE_MAIN_VARIANT(type));
		text_add(t, "{%s", name ? name : "");
		if (!name)
			nameless_add(t, TYPE_MAIN_VARIANT(type));
		text_add(t, "}");
		free(name);
	} else {
		kind_add(t, type);
		enum_add(t, type);
		target_add(t, type);
	}
}

/* What a pointer of this type, or one in an array of them, leads to. */
static void target_add(struct text *t, tree type)
{
	tree pointer = element_of(type), target = POINTER_TYPE_P(pointer) ? TREE_TYPE(pointer) : NULL_TREE;

	if (!target)
		return;
	if (!FUNC_OR_METHOD_TYPE_P(target))
		pointee_add(t, target);
	else if (prototype_p(target))
		text_add(t, "="), prototype_add(t, target, ';');
}

/* MARK: stands behind the kind. */
static void marked_add(struct text *t, tree type, const char *mark)
{
	kind_add(t, type);
	text_add(t, "%s", mark);
	enum_add(t, element_of(type));
	if (!hp_broken("plugin-kinds"))
		target_add(t, type);
}

void stored_add(struct text *t, tree type)
{
	marked_add(t, type, "");
}

/* ---- layouts ----------------------------------------------------------------------------------------------------- */

/* The bytes of numbers in it stand the other way round. */
static const char *order_mark(tree field)
{
	return TYPE_REVERSE_STORAGE_ORDER(DECL_CONTEXT(field)) ? "~" : "";
}

/* A record without a name is part of the one that holds it. */
static bool inner_add(struct text *t, tree field, const char *prefix, HOST_WIDE_INT base)
{
	tree inner = element_of(TREE_TYPE(field));
	char *name = RECORD_OR_UNION_TYPE_P(inner) ? record_name(TYPE_MAIN_VARIANT(inner)) : NULL, *longer;
	bool good = true;

	if (RECORD_OR_UNION_TYPE_P(inner) && !name) {
		longer = !DECL_NAME(field) ? xstrdup(prefix) :
			xasprintf("%s%s.", prefix, IDENTIFIER_POINTER(DECL_NAME(field)));
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
			text_add(t, "%ld.%ld b%ld%s", (long)(bit / 8), (long)(bit % 8),
				 (long)tree_to_uhwi(DECL_SIZE(field)), order_mark(field)),
			enum_add(t, DECL_BIT_FIELD_TYPE(field));
		else
			text_add(t, "%ld ", (long)(bit / 8)), marked_add(t, TREE_TYPE(field), order_mark(field));
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

char *layout_fact(tree record, tree variable)
{
	struct text t = {};
	char *name;

	if (is_of_system(record))
		return NULL;
	name = record_name(record);
	if (!name && variable && !is_made_by_compiler(record))
		name = xasprintf("typeof(%s)", IDENTIFIER_POINTER(DECL_NAME(variable)));
	if (!name)
		return NULL;
	text_add(&t, "T\t%s\t%lu\t", name, size_of(record));
	free(name);
	if (fields_add(&t, record, "", 0))
		return t.p;
	free(t.p);
	return NULL;
}
