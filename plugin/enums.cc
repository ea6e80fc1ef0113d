/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Enumerations of which fields and variables hold values. When a constant is put in between others, these get other values,
 * and an object that old code made means something else to new code; the machine code holds numbers only. So the constants
 * of each such enumeration are recorded, as soon as a field or variable of it is met (kinds.cc).
 */
#include "hotpatch.h"

static hash_map<int_hash<unsigned, 0>, char *> *known;  /* TYPE_UID to the fact behind the unit; NULL: it has no name */

static tree name_of(tree type)
{
	tree name = TYPE_NAME(type);

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

void enum_note(tree type)
{
	bool is_known;
	tree name;

	if (TREE_CODE(type) != ENUMERAL_TYPE)
		return;
	type = TYPE_MAIN_VARIANT(type);
	name = name_of(type);
	if (!known)
		known = new hash_map<int_hash<unsigned, 0>, char *>;

	char *&fact = known->get_or_insert(TYPE_UID(type), &is_known);

	if (!is_known)
		fact = name && TREE_CODE(name) == IDENTIFIER_NODE && TYPE_VALUES(type) ? constants_of(type, name) : NULL;
}

void enums_print(FILE *f, const char *unit)
{
	if (!known)
		return;
	for (auto it = known->begin(); it != known->end(); ++it) {
		const char *fact = (*it).second;
		const char *tab = fact ? strchr(fact, '\t') : NULL;

		if (tab)
			fprintf(f, "\t.asciz \"N\\t%s\\t%.*s\\t%s\"\n", unit, (int)(tab - fact), fact, tab + 1);
	}
}
