/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Types of which a unit knows the layout, though none of its objects, pointers or operands is of them.
 *
 *	static const struct column columns[] = { { "low", offsetof(struct point, low) }, ... };
 *	char *p = calloc(n, sizeof(struct point));
 *
 * The compiler has made numbers of these before anybody can look. So it is asked of the source: a type counts that the unit
 * defines and whose name stands where such an operand can: in the parentheses of sizeof, offsetof and their like, or of a
 * macro, and not as a pointer; at the end of a macro's definition; or in `(NAME *)0`. That is more than there is, since of
 * headers all is read but macros that nobody uses. Where a file of the source is not there, which happens to
 * input that was preprocessed elsewhere, all types of the unit count. The system's files are not read.
 *
 * Left out: names that a macro pastes together, objects that are measured themselves (`sizeof extern_array`), instances of
 * templates, and types of a precompiled header.
 */
#include "hotpatch.h"

static vec<tree, va_gc> *finished;      /* types, in the order of their definitions */

static const struct ggc_root_tab roots[] = {
	{ &finished, 1, sizeof finished, &gt_ggc_mx_vec_tree_va_gc_, &gt_pch_nx_vec_tree_va_gc_ }, LAST_GGC_ROOT_TAB
};

enum { AS_TAG = 1, AS_NAME = 2, IS_MEASURED = 4 };
typedef hash_map<tree, unsigned> names; /* identifiers: behind "struct", or alone; it stands where it may be measured */

static tree identifier_of(tree type)
{
	tree name = TYPE_NAME(type);

	return name && TREE_CODE(name) == TYPE_DECL ? DECL_NAME(name) : name;
}

/* ---- the source -------------------------------------------------------------------------------------------------- */

/* TAG: the word before was "struct" or "union"; ASKS: "sizeof" or a macro; OPEN: of each parenthesis that is open, whether such
 * a word stood before it; DEFINES: the word before was "define". */
struct reader { const char *p; bool directive, tag, asks, defines; auto_vec<bool> *open; };

static bool is_word(char c)
{
	return ISALNUM(c) || c == '_' || c == '$';
}

/* Onto the next character that is no blank, in a directive of this one. */
static void skip_blanks(struct reader *r)
{
	for (;; r->p++) {
		if (*r->p == '\\' && r->p[1] == '\n')
			r->p++;
		else if (!ISSPACE(*r->p) || (*r->p == '\n' && r->directive))
			return;
	}
}

static bool next_is(struct reader *r, char c)
{
	skip_blanks(r);
	if (*r->p != c)
		return false;
	r->p++;
	return true;
}

/* Behind the name of a type. */
static bool is_operand(struct reader r)
{
	bool asked = !r.open->is_empty() && r.open->last();

	if (next_is(&r, '*')) {
		if (!next_is(&r, ')'))
			return false;
		skip_blanks(&r);
		return *r.p == '0' || startswith(r.p, "NULL") || startswith(r.p, "nullptr");
	}
	return *r.p == '\n' || (asked && *r.p && strchr("),[", *r.p));
}

/* With arguments it may become one of the others. */
static bool is_measure(const char *word)
{
	static const char *const all[] = {
		"sizeof", "offsetof", "__builtin_offsetof", "_Alignof", "alignof", "__alignof__", "__alignof",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		if (!strcmp(word, all[i]))
			return true;
	return cpp_lookup && macro_node(word)->type == NT_USER_MACRO;
}

/* It is defined, but was never used. */
static bool is_idle(const char *macro)
{
	return cpp_lookup && macro_node(macro)->type == NT_USER_MACRO && !(macro_node(macro)->flags & NODE_USED);
}

static void skip_directive(struct reader *r)
{
	while (*r->p && (*r->p != '\n' || r->p[-1] == '\\'))
		r->p++;
}

static void take_word(struct reader *r, names *known)
{
	const char *start = r->p;
	char *word;
	tree id;

	while (is_word(*r->p))
		r->p++;
	word = xstrndup(start, r->p - start);
	id = maybe_get_identifier(word);
	if (unsigned *name = id ? known->get(id) : NULL)
		if ((r->tag || (*name & AS_NAME)) && is_operand(*r))
			*name |= IS_MEASURED;
	r->tag = !strcmp(word, "struct") || !strcmp(word, "union");
	skip_blanks(r);
	r->asks = *r->p == '(' && is_measure(word);
	if (r->defines && is_idle(word))
		skip_directive(r);
	r->defines = r->directive && !strcmp(word, "define");
	free(word);
}

/* Over a comment, a text or a character; false: there is none here. */
static bool skip_other(struct reader *r)
{
	const char *end = NULL, quote = *r->p;

	if (startswith(r->p, "/*"))
		end = strstr(r->p + 2, "*/") ? strstr(r->p + 2, "*/") + 2 : strchr(r->p, 0);
	else if (startswith(r->p, "//"))
		end = r->p + strcspn(r->p, "\n");
	else if (quote == '"' || quote == '\'')
		for (end = r->p + 1; *end && *end != '\n' && *end++ != quote; )
			end += end[-1] == '\\' && *end;
	r->p = end ? end : r->p;
	return end;
}

static void take_parenthesis(struct reader *r)
{
	if (*r->p == '(')
		r->open->safe_push(r->asks || (!r->open->is_empty() && r->open->last() && !is_word(r->p[-1])));
	else if (*r->p == ')' && !r->open->is_empty())
		r->open->pop();
	r->asks = false;
}

static void take_text(const char *text, names *known)
{
	auto_vec<bool> open;
	struct reader r = { text, false, false, false, false, &open };

	for (bool start = true; *r.p; ) {
		if (is_word(*r.p)) {
			take_word(&r, known);
			start = false;
			continue;
		}
		if (skip_other(&r))
			continue;
		if (*r.p == '\n' && !(r.p > text && r.p[-1] == '\\'))
			r.directive = false, start = true;
		else if (!ISSPACE(*r.p))
			r.directive |= start && *r.p == '#', start = false;
		take_parenthesis(&r);
		r.p++;
	}
}

/* To be freed; NULL: it is not there. */
static char *read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char part[4096], *text = NULL;
	size_t size = 0, n;

	if (!f)
		return NULL;
	while ((n = fread(part, 1, sizeof part, f)) > 0) {
		text = XRESIZEVEC(char, text, size + n + 1);
		memcpy(text + size, part, n);
		size += n;
	}
	fclose(f);
	if (text)
		text[size] = 0;
	return text ? text : xstrdup("");
}

/* False: some file is not there. */
static bool take_files(names *known)
{
	hash_set<nofree_string_hash> done;

	for (unsigned i = 0; i < LINEMAPS_ORDINARY_USED(line_table); i++) {
		const line_map_ordinary *map = LINEMAPS_ORDINARY_MAP_AT(line_table, i);
		const char *path = ORDINARY_MAP_FILE_NAME(map);

		if (ORDINARY_MAP_IN_SYSTEM_HEADER_P(map) || !path || !*path || *path == '<' || done.add(path))
			continue;
		char *text = read_file(path);
		if (!text)
			return false;
		take_text(text, known);
		free(text);
	}
	return true;
}

/* ---- the types --------------------------------------------------------------------------------------------------- */

static bool is_measured(tree type, names *known)
{
	for (tree v = TYPE_MAIN_VARIANT(type); v; v = TYPE_NEXT_VARIANT(v))
		if (identifier_of(v) && (*known->get(identifier_of(v)) & IS_MEASURED))
			return true;
	return false;
}

void measured_each(bool (*wanted)(tree), void (*found)(tree))
{
	names known;
	bool all;

	for (unsigned i = 0; i < vec_safe_length(finished); i++)
		for (tree v = TYPE_MAIN_VARIANT((*finished)[i]); v && wanted((*finished)[i]); v = TYPE_NEXT_VARIANT(v))
			if (TYPE_NAME(v) && identifier_of(v))
				known.get_or_insert(identifier_of(v)) |= TREE_CODE(TYPE_NAME(v)) == TYPE_DECL ? AS_NAME : AS_TAG;
	if (known.is_empty() || hp_broken("plugin-measured"))
		return;
	all = !take_files(&known);
	for (unsigned i = 0; i < vec_safe_length(finished); i++)
		if (wanted((*finished)[i]) && (all || is_measured((*finished)[i], &known)))
			found((*finished)[i]);
}

static void on_finish_type(void *type, void *)
{
	if (type && TYPE_P((tree)type) && RECORD_OR_UNION_TYPE_P((tree)type) && !in_system_header_at(input_location))
		vec_safe_push(finished, (tree)type);
}

void measured_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_REGISTER_GGC_ROOTS, NULL, (void *)roots);
	register_callback(plugin, PLUGIN_FINISH_TYPE, on_finish_type, NULL);
}
