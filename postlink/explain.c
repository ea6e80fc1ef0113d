// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Why a thing is in the patch, in words, and --explain: both versions of a function side by side.
 *
 * Both read the two functions instruction by instruction, with addresses replaced by what they mean: symbols, strings,
 * offsets within the function. So an instruction that only moved looks the same on both sides; a jump inside the
 * function is reduced to its mnemonic, because its distance changes with everything that lies between.
 *
 *   first differs at +0x2f: `cmp $0x10,%eax` was `cmp $0x20,%eax`
 *
 * Nothing is decided here.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

#define MAX_TEXT 160
#define MAX_STRING 40

/* ---- one instruction --------------------------------------------------------------------------------------------- */

struct insn {
	uint64_t offset;                                /* from the function's start */
	int size;
	bool local;                                     /* a jump within the function */
	char text[MAX_TEXT];
};

static void put_string(char *buf, size_t size, const char *s)
{
	size_t n = 0;

	buf[n++] = '"';
	for (size_t i = 0; s[i] && i < MAX_STRING && n + 8 < size; i++) {
		unsigned char c = s[i];

		if (c == '\n' || c == '\t') {
			buf[n++] = '\\';
			buf[n++] = c == '\n' ? 'n' : 't';
		} else {
			buf[n++] = c < 32 || c > 126 ? '?' : c;
		}
	}
	strcpy(buf + n, strlen(s) > MAX_STRING ? "...\"" : "\"");
}

static bool is_text(const char *s)
{
	size_t n = 0;

	for (; s && s[n] && n < MAX_STRING; n++)
		if ((unsigned char)s[n] > 126 || ((unsigned char)s[n] < 32 && !strchr("\t\n\r", s[n])))
			return false;
	return n > 1;
}

/* What R refers to. */
static void put_target(char *buf, size_t size, const struct image *img, const struct ref *r)
{
	const char *s = r->target == TARGET_ANON && (r->lea || r->literal) ? anon_string(img, r->addr) : NULL;
	const char *name = ref_name(r);

	if (name && r->offset)
		snprintf(buf, size, "%s%+lld", name, (long long)r->offset);
	else if (name)
		snprintf(buf, size, "%s", name);
	else if (is_text(s))
		put_string(buf, size, s);
	else if (r->target == TARGET_ANON)
		snprintf(buf, size, "constant");
	else
		snprintf(buf, size, "0x%llx", (unsigned long long)r->addr);
}

static void trim(char *text)
{
	size_t n = strlen(text);

	while (n && (text[n - 1] == ' ' || text[n - 1] == '\t'))
		text[--n] = 0;
}

/* `mov    %eax,%ebx` has its operands in a column of their own: one blank will do. */
static void squeeze(char *text)
{
	char *to = text;

	for (char *from = text; *from; from++)
		if (*from != ' ' || to == text || to[-1] != ' ')
			*to++ = *from;
	*to = 0;
	trim(text);
}

/* Puts WHAT in place of the LEN characters at AT. */
static void splice(char *text, size_t size, char *at, size_t len, const char *what)
{
	char *rest = xstrdup(at + len);
	size_t used = at - text;

	snprintf(at, size - used, "%s%s", what, rest);
	free(rest);
}

/* `mov $0x4bcc67,%eax` with NAME instead of the field's value; behind it, where the value is written in another way. */
static void name_number(char *text, size_t size, const struct image *img, const struct ref *r, const char *name)
{
	const uint8_t *field = image_bytes(img, r->at, r->size);
	char number[24], *at;
	uint64_t value = 0;
	size_t n = strlen(text);

	if (field && r->size <= sizeof value)
		memcpy(&value, field, r->size);
	snprintf(number, sizeof number, "0x%llx", (unsigned long long)value);
	at = strstr(text, number);
	if (at && !isxdigit((unsigned char)at[strlen(number)]))
		splice(text, size, at, strlen(number), name);
	else
		snprintf(text + n, size - n, "  # %s", name);
}

/* `lea 0x2ea4(%rip),%rdi        # 0x4010` with its target's name instead of numbers. */
static void name_operand(char *text, size_t size, const struct image *img, const struct ref *r)
{
	char name[MAX_TEXT], *hash = strchr(text, '#'), *rip, *start;

	put_target(name, sizeof name, img, r);
	if (hash)
		*hash = 0;
	squeeze(text);
	rip = strstr(text, "(%rip)");
	if (!rip) {
		name_number(text, size, img, r, name);
		return;
	}
	for (start = rip; start > text && !strchr(" ,*", start[-1]); start--)
		;
	splice(text, size, start, rip - start, name);
}

static void name_branch(char *text, size_t size, const struct image *img, const struct object *func, uint64_t target,
			const struct ref *r, bool *local)
{
	char name[MAX_TEXT], *operand;
	const struct object *o = image_object_at(img, target);

	squeeze(text);
	operand = strrchr(text, ' ');
	if (!operand)
		return;
	*local = o == func;
	if (r)
		put_target(name, sizeof name, img, r);
	else if (o == func)
		snprintf(name, sizeof name, "+0x%llx", (unsigned long long)(target - func->addr));
	else
		snprintf(name, sizeof name, "%s", o ? o->name : "?");
	splice(text, size, operand + 1, strlen(operand + 1), name);
}

/* The instruction at OFFSET; false at the end of the function. */
static bool read_insn(struct disasm *dis, const struct object *func, uint64_t offset, struct insn *in)
{
	const struct image *img = func->image;
	const uint8_t *p = offset < func->size ? image_bytes(img, func->addr + offset, func->size - offset) : NULL;
	uint64_t target = 0;
	const struct ref *r;
	uint32_t n;

	in->offset = offset;
	in->local = false;
	in->size = p ? disasm_insn(dis, func->addr + offset, p, func->size - offset, in->text, sizeof in->text, &target) : 0;
	if (in->size <= 0)
		return false;
	r = image_refs_in(img, func->addr + offset, func->addr + offset + in->size, &n);
	if (target)
		name_branch(in->text, sizeof in->text, img, func, target, r, &in->local);
	else if (r)
		name_operand(in->text, sizeof in->text, img, r);
	else
		squeeze(in->text);
	return true;
}

static size_t mnemonic(const struct insn *in)
{
	return strcspn(in->text, " ");
}

static bool insn_same(const struct insn *a, const struct insn *b)
{
	size_t n = mnemonic(a);

	if (a->local && b->local)
		return n == mnemonic(b) && !strncmp(a->text, b->text, n);
	return !strcmp(a->text, b->text);
}

/* ---- the first difference ---------------------------------------------------------------------------------------- */

static bool is_padding(const struct insn *in)
{
	return strstr(in->text, "nop") || !strcmp(in->text, "xchg %ax,%ax");
}

/* read_insn() behind no-operations, which come and go with the alignment of what follows. */
static bool read_real_insn(struct disasm *dis, const struct object *func, uint64_t *offset, struct insn *in)
{
	while (read_insn(dis, func, *offset, in)) {
		if (!is_padding(in))
			return true;
		*offset += in->size;
	}
	return false;
}

/* Fills A and B with the first instructions that differ, LINES: in more than a moved line; size 0: that side has ended.
 * False when all are the same. */
static bool first_difference(struct disasm **dis, const struct object *old, const struct object *new, bool lines,
			     struct insn *a, struct insn *b)
{
	uint64_t i = 0, k = 0;

	for (;;) {
		bool more_a = read_real_insn(dis[0], old, &i, a), more_b = read_real_insn(dis[1], new, &k, b);

		if (!more_a && !more_b)
			return false;
		if (!more_a)
			a->size = 0;
		if (!more_b)
			b->size = 0;
		if (!more_a || !more_b)
			return true;
		if (!insn_same(a, b) && !(lines && line_texts_differ(old, new, a->text, b->text)))
			return true;
		i += a->size;
		k += b->size;
	}
}

/* The same; a moved line counts where there is nothing else. */
static bool telling_difference(struct disasm **dis, const struct object *old, const struct object *new,
			       struct insn *a, struct insn *b)
{
	return first_difference(dis, old, new, true, a, b) || first_difference(dis, old, new, false, a, b);
}

static char *difference_text(const struct insn *a, const struct insn *b)
{
	if (!b->size)
		return xasprintf("first differs at +0x%llx: ends, where `%s` was", (unsigned long long)b->offset, a->text);
	if (!a->size)
		return xasprintf("first differs at +0x%llx: goes on with `%s`", (unsigned long long)b->offset, b->text);
	return xasprintf("first differs at +0x%llx: `%s` was `%s`", (unsigned long long)b->offset, b->text, a->text);
}

static char *table_text(const struct object *new)
{
	return xasprintf("jump table used at +0x%llx differs", (unsigned long long)new->why->offset);
}

static char *code_text(struct disasm **dis, const struct object *old, const struct object *new)
{
	struct insn a, b;

	if (telling_difference(dis, old, new, &a, &b))
		return difference_text(&a, &b);
	switch (new->why->cause) {
	case WHY_TABLE: return table_text(new);
	case WHY_LITERAL: return xasprintf("constant used at +0x%llx differs", (unsigned long long)new->why->offset);
	case WHY_UNWIND: return xstrdup("unwind or exception table differs");
	default: return xasprintf("first differs at +0x%llx", (unsigned long long)new->why->offset);
	}
}

static char *data_text(const struct object *o)
{
	if (!o->twin)
		return xstrdup("new");
	if (o->size != o->twin->size)
		return xasprintf("%llu bytes, was %llu", (unsigned long long)o->size, (unsigned long long)o->twin->size);
	return xasprintf("differs at +0x%llx", (unsigned long long)o->why->offset);
}

/* The half of a function with a cold part in which they differ. */
static const struct object *differing_part(const struct object *o)
{
	return o->why->other && o->why->other == o->cold && o->cold->twin ? o->cold : o;
}

static char *reason(struct disasm **dis, const struct object *o)
{
	const struct why *w = o->why;

	switch (w->cause) {
	case WHY_NEW:
		return w->other ? xasprintf("new, used by '%s'", w->other->name) : xstrdup("new");
	case WHY_CALLS_UNREDIRECTED:
		return xasprintf("calls '%s', whose old entry can't be redirected", w->other->name);
	case WHY_USES_DATA:
		return xasprintf("uses '%s', which changed", w->other->name);
	default:
		break;
	}
	if (!is_code(o))
		return w->cause == WHY_TABLE && w->other ? xasprintf("holds labels of '%s'", w->other->name) : data_text(o);
	if (!o->twin)
		return xstrdup("new part of the function");
	o = differing_part(o);
	return code_text(dis, o->twin, o);
}

void explain_reasons(struct diff *d)
{
	struct disasm *dis[2] = { disasm_open(d->old), disasm_open(d->new) };

	for (uint32_t i = 0; i < d->npicked; i++)
		if (d->picked[i]->why && !d->picked[i]->why->text)
			d->picked[i]->why->text = reason(dis, d->picked[i]);
	disasm_close(dis[0]);
	disasm_close(dis[1]);
}

/* ---- side by side ------------------------------------------------------------------------------------------------ */

#define BEFORE 4                                        /* instructions shown in front of the first difference */
#define WINDOW 24                                       /* and from there on, on each side */
#define COLUMN 58

struct window { struct insn in[BEFORE + WINDOW]; int n; };

/* The window of FUNC in which the first difference, at OFFSET, has BEFORE instructions in front of it. */
static void fill_window(struct disasm *dis, const struct object *func, uint64_t offset, struct window *w)
{
	uint64_t at = 0;
	struct insn in;

	w->n = 0;
	while (at < offset && read_insn(dis, func, at, &in)) {
		if (w->n == BEFORE)
			memmove(w->in, w->in + 1, --w->n * sizeof in);
		w->in[w->n++] = in;
		at += in.size;
	}
	for (int k = 0; k < WINDOW && read_insn(dis, func, at, &in); k++) {
		w->in[w->n++] = in;
		at += in.size;
	}
}

/* Length of the longest common subsequence of what follows A[i] and B[k], for all i and k. */
typedef uint8_t lengths[BEFORE + WINDOW + 1][BEFORE + WINDOW + 1];

static void common(const struct window *a, const struct window *b, lengths len)
{
	memset(len, 0, sizeof (lengths));
	for (int i = a->n - 1; i >= 0; i--)
		for (int k = b->n - 1; k >= 0; k--) {
			uint8_t down = len[i + 1][k], right = len[i][k + 1];

			if (insn_same(&a->in[i], &b->in[k]))
				len[i][k] = len[i + 1][k + 1] + 1;
			else
				len[i][k] = down > right ? down : right;
		}
}

static void put_line(FILE *out, const struct insn *a, char mark, const struct insn *b)
{
	char left[MAX_TEXT + 24] = "", right[MAX_TEXT + 24] = "";

	if (a)
		snprintf(left, sizeof left, "%5llx  %s", (unsigned long long)a->offset, a->text);
	if (b)
		snprintf(right, sizeof right, "%5llx  %s", (unsigned long long)b->offset, b->text);
	fprintf(out, "  %-*.*s %c%s%s\n", COLUMN, COLUMN, left, mark, *right ? " " : "", right);
}

static void put_windows(FILE *out, const struct window *a, const struct window *b)
{
	lengths len;
	int i = 0, k = 0;

	common(a, b, len);
	while (i < a->n || k < b->n) {
		if (i < a->n && k < b->n && insn_same(&a->in[i], &b->in[k]))
			put_line(out, &a->in[i++], ' ', &b->in[k++]);
		else if (i < a->n && k < b->n && len[i + 1][k + 1] == len[i][k])
			put_line(out, &a->in[i++], '|', &b->in[k++]);
		else if (i < a->n && (k == b->n || len[i + 1][k] >= len[i][k + 1]))
			put_line(out, &a->in[i++], '<', NULL);
		else
			put_line(out, NULL, '>', &b->in[k++]);
	}
}

static void explain_function(struct disasm **dis, const struct object *o, FILE *out)
{
	struct window a, b;
	struct insn x, y;

	fprintf(out, "\n%s: %s\n", o->name, o->why && o->why->text ? o->why->text : "unchanged");
	if (!o->twin)
		return;
	o = o->why ? differing_part(o) : o;
	if (!telling_difference(dis, o->twin, o, &x, &y))
		return;
	fill_window(dis[0], o->twin, x.offset, &a);
	fill_window(dis[1], o, y.offset, &b);
	put_windows(out, &a, &b);
}

void explain_side_by_side(struct diff *d, FILE *out)
{
	struct disasm *dis[2] = { disasm_open(d->old), disasm_open(d->new) };
	bool found = false;

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *o = &d->new->objects[i];

		if (!is_code(o) || o->hot || (*d->opt.explain ? strcmp(o->name, d->opt.explain) : o->change != CHANGED))
			continue;
		explain_function(dis, o, out);
		found = true;
	}
	if (!found && *d->opt.explain)
		fprintf(out, "\n%s: NEW has no function of this name\n", d->opt.explain);
	disasm_close(dis[0]);
	disasm_close(dis[1]);
}
