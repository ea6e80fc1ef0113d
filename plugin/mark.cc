/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts that travel with a function or variable to where its facts are printed, through the optimisers and, with -flto, to
 * the link: attributes, whose names have a blank, so that no source has them.
 */
#include "hotpatch.h"

void mark_put(tree decl, const char *mark, const char *text)
{
	DECL_ATTRIBUTES(decl) = tree_cons(get_identifier(mark),
		build_tree_list(NULL_TREE, build_string(strlen(text) + 1, text)), DECL_ATTRIBUTES(decl));
}

const char *mark_of(tree decl, const char *mark)
{
	tree attribute = lookup_attribute(mark, DECL_ATTRIBUTES(decl));

	return attribute ? TREE_STRING_POINTER(TREE_VALUE(TREE_VALUE(attribute))) : NULL;
}

void mark_print(FILE *f, char kind, const char *unit, tree decl, const char *mark)
{
	const char *text = mark_of(decl, mark);

	if (text)
		fprintf(f, "\t.asciz \"%c\\t%s\\t%s\\t%s\"\n", kind, unit, assembler_name(decl), text);
}
