/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which constants are values of __LINE__.
 *
 * An edit moves all lines behind it, and every assert() there compiles to another constant: most of what differs between
 * two builds. To take that for no change, a differ needs evidence: for every source function the values of __LINE__ in
 * order. The preprocessor has no callback for its own macros, but it leaves a map for each expansion that happens inside
 * another macro. So __LINE__ itself is made a macro whose body is a second name of the built-in one:
 *
 *	assert(x)  ->  ... __LINE__ ...  ->  __hp_LINE__  ->  42
 *
 * and then every expansion leaves a map called __LINE__. The maps are given to functions by file and line, before the
 * optimisers begin; the innermost function that encloses a line gets it. A function's instructions know their lines also
 * without -g; by them it is found whose values a function may hold after inlining.
 *
 * A coroutine made of a switch keeps the value in an object, to go on there: `*at = __LINE__; return; case __LINE__:;`.
 * Which values are such labels is told, too.
 *
 * With -flto the values travel in an attribute of the source function's declaration: maps do not, and what a unit writes
 * beside its intermediate code is not linked.
 *
 * Initialisers of variables hold such values, too (`static struct site here = { __FILE__, __LINE__ };`). Their constants
 * have no place, so one is taken for a line when __LINE__ is expanded on that very line, and within the declaration.
 * So may their names (`static int once_42;`, by a macro that pastes): the line is among the values then.
 *
 * A constant of the source may happen to be the number of a line of its function: `assert(n); return n > 24;` in line 24. A
 * fix that makes it 25 and moves the line by one would look like a moved line, so such a value is told as 0.
 *
 * Left out: input that was preprocessed before, __builtin_LINE(), a bare __LINE__ behind a precompiled header.
 */
#include "hotpatch.h"

#define MACRO "__LINE__"
#define OUTSIDE "."                      /* key of the values outside of functions: of constructors that C++ makes */
#define ATTRIBUTE "hotpatch lines"      /* the blank keeps it out of sources */

/* The lines of one source function. The instances of a template share one. */
struct span {
	const char *file;
	int first, last;
	const char *key;                /* assembler name; of several the first in the alphabet, so that it is stable */
	char *values;                   /* of __LINE__, space-separated; NULL: none */
	char *labels;                   /* those that are labels of a switch, ascending; NULL: none */
	int reach;                      /* greatest LAST of the spans up to this one in the file */
	unsigned visit;                 /* lines_of_function: number of the walk that met it */
	bool checked;                   /* constants_drop has been here */
};

/* A variable that starts with values of __LINE__. */
struct holder { const char *name; char *values; };

static vec<span> spans;                 /* ascending by file and FIRST, the outer one first */
static vec<expansion> all;              /* of __LINE__, ascending */
static vec<holder> holders;
static char *outside;                   /* the values outside of functions, in order */
static bool any_values;

/* ---- catching the expansions ------------------------------------------------------------------------------------- */

cpp_hashnode *macro_node(const char *name)
{
	return cpp_lookup(parse_in, (const unsigned char *)name, strlen(name));
}

/* A precompiled header keeps the plain macro: GCC 12 dies when it reads one with ours in a run without the plugin. */
static bool unit_has_preprocessor(void)
{
	return &parse_in && parse_in && cpp_lookup && cpp_define && !flag_preprocess_only && !(&pch_file && pch_file);
}

/* DEFINITION: MACRO=SECOND, with the second name that the built-in gets. */
static void catch_macro(const char *name, const char *second, const char *definition)
{
	cpp_hashnode *macro = macro_node(name), *builtin = macro_node(second);

	if (macro->type != NT_BUILTIN_MACRO)
		return;
	builtin->type = NT_BUILTIN_MACRO;
	builtin->value.builtin = macro->value.builtin;
	macro->type = NT_VOID;
	macro->flags &= ~NODE_WARN;     /* else cpp_define() says that a built-in is redefined */
	cpp_define(parse_in, definition);
}

/* At the start of a unit the built-in macros do not exist yet; they do when the first file is entered. A precompiled
 * header brings the plain macros back, and they stay: cpp_define() amid an #include makes GCC die in its next line. */
static void on_include_file(void *, void *)
{
	static bool caught;

	if (caught || !unit_has_preprocessor())
		return;
	caught = macro_node(MACRO)->type == NT_BUILTIN_MACRO;
	catch_macro(MACRO, "__hp_LINE__", MACRO "=__hp_LINE__");
	catch_macro("__COUNTER__", "__hp_COUNTER__", "__COUNTER__=__hp_COUNTER__");
}

bool place_of(location_t loc, struct expansion *place)
{
	expanded_location x;

	if (LOCATION_LOCUS(loc) <= BUILTINS_LOCATION)
		return false;
	x = expand_location(linemap_resolve_location(line_table, loc, LRK_MACRO_EXPANSION_POINT, NULL));
	place->file = x.file;
	place->line = x.line;
	return x.file && x.line > 0;
}

/* ---- the source functions ---------------------------------------------------------------------------------------- */

static int file_compare(const char *a, const char *b)
{
	return a == b ? 0 : strcmp(a, b);
}

static int span_compare(const void *pa, const void *pb)
{
	const span *a = (const span *)pa, *b = (const span *)pb;
	int c = file_compare(a->file, b->file);

	if (c)
		return c;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last > b->last ? -1 : 1;
	return strcmp(a->key, b->key);
}

static bool span_is_same(const span *a, const span *b)
{
	return a->first == b->first && a->last == b->last && !file_compare(a->file, b->file);
}

static void span_add(tree decl, struct expansion begin, int last, char *values, char *labels)
{
	span s = { begin.file, begin.line, last, IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(decl)), values, labels, 0, 0, false };

	spans.safe_push(s);
}

/* From here on the order is final: spans are sorted, and instances of one template are one. */
static void spans_settle(void)
{
	unsigned n = 0;

	spans.qsort(span_compare);
	for (unsigned i = 0; i < spans.length(); i++) {
		if (n && span_is_same(&spans[n - 1], &spans[i]))
			continue;
		spans[n] = spans[i];
		spans[n].reach = spans[n].last;
		if (n && !file_compare(spans[n - 1].file, spans[n].file))
			spans[n].reach = MAX(spans[n].last, spans[n - 1].reach);
		n++;
	}
	spans.truncate(n);
}

/* The innermost span around a place, NULL when there is none. */
static span *span_find(const struct expansion *place)
{
	unsigned low = 0, high = spans.length();

	while (low < high) {
		unsigned mid = (low + high) / 2;
		int c = file_compare(spans[mid].file, place->file);

		if (c < 0 || (!c && spans[mid].first <= place->line))
			low = mid + 1;
		else
			high = mid;
	}
	while (low-- && !file_compare(spans[low].file, place->file) && spans[low].reach >= place->line)
		if (spans[low].last >= place->line)
			return &spans[low];
	return NULL;
}

static void spans_collect(void)
{
	struct cgraph_node *node;

	FOR_EACH_DEFINED_FUNCTION(node) {
		struct function *f = DECL_STRUCT_FUNCTION(node->decl);
		struct expansion begin, end;

		if (f && place_of(DECL_SOURCE_LOCATION(node->decl), &begin) && place_of(f->function_end_locus, &end) &&
		    !file_compare(begin.file, end.file) && begin.line <= end.line)
			span_add(node->decl, begin, end.line, NULL, NULL);
	}
	spans_settle();
}

static void value_add(char **values, int line)
{
	char *old = *values;

	*values = old ? xasprintf("%s %d", old, line) : xasprintf("%d", line);
	free(old);
	any_values = true;
}

static int expansion_compare(const void *pa, const void *pb)
{
	const expansion *a = (const expansion *)pa, *b = (const expansion *)pb;
	int c = file_compare(a->file, b->file);

	return c ? c : a->line < b->line ? -1 : a->line > b->line;
}

static void values_collect(void)
{
	struct expansion place;

	for (unsigned i = 0; i < LINEMAPS_MACRO_USED(line_table); i++) {
		const line_map_macro *map = LINEMAPS_MACRO_MAP_AT(line_table, i);

		if (strcmp(linemap_map_get_macro_name(map), MACRO) || !place_of(map->expansion, &place))
			continue;
		span *s = span_find(&place);

		value_add(s ? &s->values : &outside, place.line);
		all.safe_push(place);
	}
	all.qsort(expansion_compare);
}

/* ---- values that are labels -------------------------------------------------------------------------------------- */

static bool value_is_in(const char *list, long value)
{
	char *end;

	for (const char *p = list; ; p = end) {
		long v = strtol(p, &end, 10);

		if (end == p)
			return false;
		if (v == value)
			return true;
	}
}

/* A label that stands in the line of its value, which is one of __LINE__. Ranges of GNU C are none. */
static bool label_is_line(const span *s, tree label)
{
	struct expansion place;
	tree value = CASE_LOW(label);

	return value && !CASE_HIGH(label) && tree_fits_shwi_p(value) && value_is_in(s->values, tree_to_shwi(value)) &&
	       place_of(DECL_SOURCE_LOCATION(CASE_LABEL(label)), &place) && place.line == tree_to_shwi(value);
}

static char *labels_of(const span *s, struct function *f)
{
	char *list = NULL;
	basic_block bb;

	FOR_EACH_BB_FN(bb, f) {
		gimple_stmt_iterator i = gsi_last_nondebug_bb(bb);
		gswitch *choice = gsi_end_p(i) ? NULL : dyn_cast<gswitch *>(gsi_stmt(i));

		for (unsigned k = 1; choice && k < gimple_switch_num_labels(choice); k++)
			if (label_is_line(s, gimple_switch_label(choice, k)))
				value_add(&list, tree_to_shwi(CASE_LOW(gimple_switch_label(choice, k))));
	}
	return list;
}

/* Instances of a template have the same labels. */
static void labels_collect(void)
{
	struct cgraph_node *node;

	FOR_EACH_DEFINED_FUNCTION(node) {
		struct function *f = DECL_STRUCT_FUNCTION(node->decl);
		struct expansion begin;
		span *s = f && f->cfg && place_of(DECL_SOURCE_LOCATION(node->decl), &begin) ? span_find(&begin) : NULL;

		if (s && s->values && !s->labels)
			s->labels = labels_of(s, f);
	}
}

/* ---- values that are constants, too ------------------------------------------------------------------------------ */

struct count { int lines, all, far; };  /* of a value: expansions, constants in statements, and in such of other lines */
typedef hash_map<int_hash<long, -1, -2>, count> counts;
struct counting { counts *of; long line; };             /* LINE: of the statement, -1: unknown */

static tree count_constant(tree *op, int *walk, void *data)
{
	struct counting *c = (struct counting *)((walk_stmt_info *)data)->info;
	count *n = TREE_CODE(*op) == INTEGER_CST && tree_fits_shwi_p(*op) && tree_to_shwi(*op) > 0 ?
		c->of->get(tree_to_shwi(*op)) : NULL;

	if (TYPE_P(*op))
		*walk = 0;
	if (n) {
		n->all++;
		n->far += c->line >= 0 && c->line != tree_to_shwi(*op);
	}
	return NULL_TREE;
}

static void constants_count(counts *of, struct function *f)
{
	struct counting c = { of, -1 };
	walk_stmt_info info = {};
	basic_block bb;

	info.info = &c;
	FOR_EACH_BB_FN(bb, f)
		for (gimple_stmt_iterator i = gsi_start_bb(bb); !gsi_end_p(i); gsi_next(&i)) {
			struct expansion place;

			c.line = place_of(gimple_location(gsi_stmt(i)), &place) ? place.line : -1;
			if (!is_gimple_debug(gsi_stmt(i)))
				walk_gimple_op(gsi_stmt(i), count_constant, &info);
		}
}

/* The next of VALUES at *P; 0: there is none. */
static long next_value(const char **p)
{
	char *end;
	long value = strtol(*p, &end, 10);

	*p = end;
	return value;
}

/* The code has a value more often than __LINE__ was expanded to it, and elsewhere. A macro may use its line twice. */
static char *without_constants(const char *values, struct function *f)
{
	struct text t = {};
	counts of;
	long value;

	for (const char *p = values; (value = next_value(&p)); )
		of.get_or_insert(value).lines++;
	constants_count(&of, f);
	for (const char *p = values; (value = next_value(&p)); ) {
		const count *n = of.get(value);

		text_add(&t, "%s%ld", t.n ? " " : "", n->far && n->all > n->lines ? 0 : value);
	}
	return t.p;
}

static void constants_drop(void)
{
	struct cgraph_node *node;

	FOR_EACH_DEFINED_FUNCTION(node) {
		struct function *f = DECL_STRUCT_FUNCTION(node->decl);
		struct expansion begin;
		span *s = f && f->cfg && place_of(DECL_SOURCE_LOCATION(node->decl), &begin) ? span_find(&begin) : NULL;

		if (s && s->values && !s->checked) {
			s->checked = true;
			s->values = without_constants(s->values, f);
		}
	}
}

/* ---- variables --------------------------------------------------------------------------------------------------- */

/* The last line that may belong to the declaration at BEGIN: outside of functions that before the next function; inside,
 * where all is one statement behind the other, its own line. */
static int last_line(const struct expansion *begin)
{
	int last = INT_MAX;

	if (span_find(begin))
		return begin->line;
	for (unsigned i = 0; i < spans.length(); i++)
		if (!file_compare(spans[i].file, begin->file) && spans[i].first > begin->line)
			last = MIN(last, spans[i].first - 1);
	return last;
}

static bool is_line_of(const struct expansion *begin, tree value)
{
	struct expansion key = { begin->file, 0 };

	if (!tree_fits_shwi_p(value) || tree_to_shwi(value) < begin->line || tree_to_shwi(value) > INT_MAX)
		return false;
	key.line = tree_to_shwi(value);
	return bsearch(&key, all.address(), all.length(), sizeof key, expansion_compare) && key.line <= last_line(begin);
}

static void initial_collect(const struct expansion *begin, tree value, char **values)
{
	unsigned i;
	tree element;

	STRIP_NOPS(value);
	if (TREE_CODE(value) == INTEGER_CST && is_line_of(begin, value))
		value_add(values, tree_to_shwi(value));
	if (TREE_CODE(value) == CONSTRUCTOR)
		FOR_EACH_CONSTRUCTOR_VALUE(CONSTRUCTOR_ELTS(value), i, element)
			initial_collect(begin, element, values);
}

static void holder_add(tree decl, char *values)
{
	struct holder h = { IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(decl)), values };

	holders.safe_push(h);
}

/* `static int once_42;`, by a macro that pastes __LINE__ to a name. */
static bool is_named_by_line(tree decl, const struct expansion *begin)
{
	const char *name = DECL_NAME(decl) ? IDENTIFIER_POINTER(DECL_NAME(decl)) : "";

	for (; *name; name += ISDIGIT(*name) ? strspn(name, "0123456789") : 1)
		if (ISDIGIT(*name) && *name != '0' && atol(name) == begin->line)
			return bsearch(begin, all.address(), all.length(), sizeof *begin, expansion_compare);
	return false;
}

static void holders_collect(void)
{
	struct varpool_node *node;

	FOR_EACH_VARIABLE(node) {
		tree initial = DECL_INITIAL(node->decl);
		struct expansion begin;
		char *values = NULL;

		if (!place_of(DECL_SOURCE_LOCATION(node->decl), &begin))
			continue;
		if (is_named_by_line(node->decl, &begin))
			value_add(&values, begin.line);
		if (initial && initial != error_mark_node)
			initial_collect(&begin, initial, &values);
		if (values)
			holder_add(node->decl, values);
	}
}

/* ---- LTO: the values as an attribute ----------------------------------------------------------------------------- */

/* A constructor that C++ made carries what is outside of functions. */
static void values_attach(tree decl)
{
	struct expansion begin;
	span *s = place_of(DECL_SOURCE_LOCATION(decl), &begin) ? span_find(&begin) : NULL;
	char *text = NULL;

	if (s && s->values)
		text = xasprintf("%d %s%s%s", s->last, s->values, s->labels ? ";" : "", s->labels ? s->labels : "");
	else if (outside && DECL_STATIC_CONSTRUCTOR(decl) && DECL_ARTIFICIAL(decl))
		text = xasprintf("0 %s", outside);
	if (text)
		mark_put(decl, ATTRIBUTE, text);
	free(text);
}

static void attributes_attach(void)
{
	struct cgraph_node *node;
	struct varpool_node *variable;

	FOR_EACH_DEFINED_FUNCTION(node)
		values_attach(node->decl);
	FOR_EACH_VARIABLE(variable)
		for (unsigned i = 0; i < holders.length(); i++)
			if (holders[i].name == IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(variable->decl)))
				mark_put(variable->decl, ATTRIBUTE, holders[i].values);
}

/* TEXT: "VALUES" or "VALUES;LABELS". */
static void span_add_text(tree decl, struct expansion begin, int last, const char *text)
{
	const char *labels = strchr(text, ';');

	span_add(decl, begin, last, xstrndup(text, strcspn(text, ";")), labels ? xstrdup(labels + 1) : NULL);
}

static void values_take(tree decl, const char *text)
{
	struct expansion begin;
	char *values;
	int last = strtol(text, &values, 10);

	any_values = true;
	if (!last)
		outside = outside ? xasprintf("%s%s", outside, values) : xstrdup(values + 1);
	else if (place_of(DECL_SOURCE_LOCATION(decl), &begin))
		span_add_text(decl, begin, last, values + 1);
}

static void attributes_collect(void)
{
	struct cgraph_node *node;
	struct varpool_node *variable;

	FOR_EACH_VARIABLE(variable)
		if (const char *text = mark_of(variable->decl, ATTRIBUTE))
			holder_add(variable->decl, xstrdup(text));
	FOR_EACH_FUNCTION(node)
		if (const char *text = mark_of(node->decl, ATTRIBUTE))
			values_take(node->decl, text);
	spans_settle();
}

/* Before the optimisers begin: all functions are known, none is inlined. */
static void on_ipa_start(void *, void *)
{
	if (seen_error())
		return;
	if (in_lto_p) {
		attributes_collect();
		return;
	}
	if (!LINEMAPS_MACRO_USED(line_table))
		return;
	spans_collect();
	values_collect();
	if (any_values) {
		labels_collect();
		constants_drop();
		holders_collect();
	}
	if (any_values && flag_lto)
		attributes_attach();
}

/* ---- clones of one caller ---------------------------------------------------------------------------------------- */

/* A clone that was made for the constants of its callers, get.constprop.0, may hold their lines: get(n, __LINE__). */
struct passed { tree func; const char *key; };

static vec<passed> passed_lines;

static void passed_add(tree func, const span *s)
{
	struct passed p = { func, s->key };

	for (unsigned i = passed_lines.length(); i-- && passed_lines[i].func == func; )
		if (passed_lines[i].key == s->key)
			return;
	passed_lines.safe_push(p);
}

static bool is_made_for_constants(const struct cgraph_node *node)
{
	return strstr(IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(node->decl)), ".constprop");
}

/* FUNC got what callers of NODE passed; where these are such clones themselves, theirs as well, up to DEPTH calls away. */
static void passed_collect(tree func, struct cgraph_node *node, int depth)
{
	for (cgraph_edge *e = node->callers; e; e = e->next_caller) {
		struct expansion begin;
		span *s = place_of(DECL_SOURCE_LOCATION(e->caller->decl), &begin) ? span_find(&begin) : NULL;

		if (s && s->values)
			passed_add(func, s);
		if (depth && (e->caller->inlined_to || is_made_for_constants(e->caller)))
			passed_collect(func, e->caller, depth - 1);
	}
}

/* All clones are made; bodies, and with them edges, go as code is written. */
static void on_ipa_end(void *, void *)
{
	struct cgraph_node *node;

	if (!any_values)
		return;
	FOR_EACH_DEFINED_FUNCTION(node)
		if (is_made_for_constants(node))
			passed_collect(node->decl, node, 3);
}

/* ---- for facts.cc ------------------------------------------------------------------------------------------------ */

/* Members may start with values that stand outside of functions, by constructors of the user's, too. */
static bool is_constructor(tree decl)
{
	return decl && TREE_CODE(decl) == FUNCTION_DECL && DECL_CXX_CONSTRUCTOR_P(decl);
}

/* Is BLOCK a part of an inlined constructor? */
static bool block_is_constructors(tree block)
{
	for (; block && TREE_CODE(block) == BLOCK; block = BLOCK_SUPERCONTEXT(block))
		if (inlined_function_outer_scope_p(block) && is_constructor(block_ultimate_origin(block)))
			return true;
	return false;
}

/* Marked, since the current function has values of theirs, but not their code. */
static void passed_visit(void (*visit)(void *, const char *), void *data)
{
	for (unsigned i = 0; i < passed_lines.length(); i++)
		if (passed_lines[i].func == current_function_decl) {
			char *key = xasprintf("+%s", passed_lines[i].key);

			visit(data, key);
			free(key);
		}
}

void lines_of_function(void (*visit)(void *, const char *), void *data)
{
	static unsigned walk;
	location_t last = UNKNOWN_LOCATION;
	bool is_outside = DECL_ARTIFICIAL(current_function_decl) || is_constructor(current_function_decl);

	walk++;
	if (!any_values)
		return;
	for (rtx_insn *insn = get_insns(); insn; insn = NEXT_INSN(insn)) {
		struct expansion place;
		span *s;

		if (!NONDEBUG_INSN_P(insn) || INSN_LOCATION(insn) == last)
			continue;
		last = INSN_LOCATION(insn);
		is_outside |= outside && block_is_constructors(LOCATION_BLOCK(last));
		if (!place_of(last, &place))
			continue;
		s = span_find(&place);
		is_outside |= !s && !in_lto_p;  /* there functions without values have no span */
		if (!s || !s->values || s->visit == walk)
			continue;
		s->visit = walk;
		visit(data, s->key);
	}
	if (is_outside && outside)
		visit(data, OUTSIDE);
	passed_visit(visit, data);
}

static void value_print(FILE *f, char kind, const char *unit, const char *key, const char *values)
{
	if (values)
		fprintf(f, "\t.asciz \"%c\\t%s\\t%s\\t%s\"\n", kind, unit, key, values);
}

void lines_print(FILE *f, const char *unit)
{
	if (hp_broken("plugin-lines"))
		return;
	for (unsigned i = 0; i < spans.length(); i++) {
		value_print(f, 'L', unit, spans[i].key, spans[i].values);
		value_print(f, 'J', unit, spans[i].key, spans[i].labels);
	}
	for (unsigned i = 0; i < holders.length(); i++)
		value_print(f, 'L', unit, holders[i].name, holders[i].values);
	value_print(f, 'L', unit, OUTSIDE, outside);
}

void lines_register(const char *plugin)
{
	register_callback(plugin, PLUGIN_INCLUDE_FILE, on_include_file, NULL);
	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_START, on_ipa_start, NULL);
	register_callback(plugin, PLUGIN_ALL_IPA_PASSES_END, on_ipa_end, NULL);
}
