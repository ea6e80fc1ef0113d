/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enumerations of which fields and variables hold values. When a constant is put in between others, these get other values,
 * and an object that old code made means something else to new code; the machine code holds numbers only. So the constants
 * of each such enumeration are recorded, as soon as a field or variable of it is met (kinds.cc).
 */
#include "hotpatch.h"

static hash_map<int_hash<unsigned, 0>, char *> *known;  /* TYPE_UID to the fact behind the unit; NULL: it has no name */

/* `typedef enum { ... } name`: in C a variant has the name. */
static tree name_of(tree type)
{
	tree name = TYPE_NAME(type);

	for (tree v = type; v && !name; v = TYPE_NEXT_VARIANT(v))
		name = TYPE_NAME(v);
	return name && TREE_CODE(name) == TYPE_DECL ? DECL_NAME(name) : name;
}

/* "NAME<TAB>CONSTANT VALUE,..."; in C++ a constant is a declaration. */
static char *constants_of(tree type, tree name)
{
	struct text t = {};
	const char *comma = "";

	text_add(&t, "%s\t", IDENTIFIER_POINTER(name));
	for (tree c = TYPE_VALUES(type); c; c = TREE_CHAIN(c), comma = ",") {
		tree value = TREE_CODE(TREE_VALUE(c)) == CONST_DECL ? DECL_INITIAL(TREE_VALUE(c)) : TREE_VALUE(c);

		if (value && TREE_CODE(value) == INTEGER_CST && tree_fits_shwi_p(value))
			text_add(&t, "%s%s %ld", comma, IDENTIFIER_POINTER(TREE_PURPOSE(c)), (long)tree_to_shwi(value));
	}
	return t.p;
}

/* NULL: no enumeration, or one without a name. */
static const char *fact_of(tree type)
{
	bool is_known;
	tree name;

	if (TREE_CODE(type) != ENUMERAL_TYPE)
		return NULL;
	type = TYPE_MAIN_VARIANT(type);
	name = name_of(type);
	if (!known)
		known = new hash_map<int_hash<unsigned, 0>, char *>;

	char *&fact = known->get_or_insert(TYPE_UID(type), &is_known);

	if (!is_known)
		fact = name && TREE_CODE(name) == IDENTIFIER_NODE && TYPE_VALUES(type) ? constants_of(type, name) : NULL;
	return fact;
}

void enum_add(struct text *t, tree type)
{
	const char *fact = fact_of(type);

	if (fact && !hp_broken("plugin-enums"))
		text_add(t, "%%%x:%.*s", hash_of(fact), (int)strcspn(fact, "\t"), fact);
}

/* ---- with -flto: as part of the attribute of types.cc ------------------------------------------------------------ */

static vec<const char *> collected;     /* each once */

tree enums_attach(tree list)
{
	if (!known)
		return list;
	for (auto it = known->begin(); it != known->end(); ++it)
		if (const char *fact = (*it).second) {
			char *text = xasprintf("N\t%s", fact);

			list = tree_cons(NULL_TREE, build_string(strlen(text) + 1, text), list);
			free(text);
		}
	return list;
}

void enum_collect(const char *fact)
{
	collected.safe_push(xstrdup(fact));
}

/* ---- for facts.cc ------------------------------------------------------------------------------------------------ */

static void enum_print(FILE *f, const char *unit, const char *fact)
{
	const char *tab = strchr(fact, '\t');

	if (tab)
		fprintf(f, "\t.asciz \"N\\t%s\\t%.*s\\t%s\"\n", unit, (int)(tab - fact), fact, tab + 1);
}

void enums_print(FILE *f, const char *unit)
{
	for (unsigned i = 0; i < collected.length(); i++)
		enum_print(f, unit, collected[i]);
	if (!known)
		return;
	for (auto it = known->begin(); it != known->end(); ++it)
		if ((*it).second)
			enum_print(f, unit, (*it).second);
}
