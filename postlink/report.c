// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The result, for people and as JSON. Both are made from struct diff alone, in the order of the picked list, so the
 * same input gives the same bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/demangle.h>
#include <jansson.h>
#include "output.h"

/* Has no life of its own in a report. */
static bool is_part(const struct object *o)
{
	return o->hot;
}

/* ---- for people -------------------------------------------------------------------------------------------------- */

static void put_name(FILE *out, const char *name)
{
	char *plain = cplus_demangle(name, DMGL_PARAMS | DMGL_ANSI);

	fputs(plain ? plain : name, out);
	free(plain);
}

/* The function's code is equal to OLD's; it is here because of others. */
static bool is_dragged(const struct object *o)
{
	return o->twin && o->change != CHANGED;
}

static const char *verb(const struct object *o)
{
	if (!o->twin)
		return "new       ";
	if (o->redirected)
		return is_dragged(o) ? "redirected" : "changed   ";
	return is_code(o) && is_dragged(o) ? "copied    " : "changed   ";
}

static void put_object(FILE *out, const struct object *o)
{
	fprintf(out, "%s  ", verb(o));
	put_name(out, o->name);
	if (o->why && o->why->text && o->twin)
		fprintf(out, ": %s", o->why->text);
	else if (o->why && o->why->other)
		fprintf(out, ": used by '%s'", o->why->other->name);
	if (o->redirected)
		fputs("; redirected", out);
	else if (o->entry_stays)
		fprintf(out, "; not redirected: %s", o->entry_stays);
	fputc('\n', out);
}

static void put_data(FILE *out, const struct object *o)
{
	fprintf(out, "%s  ", o->twin ? "changed   " : "new       ");
	put_name(out, o->name);
	fprintf(out, " (data, %llu bytes)", (unsigned long long)o->size);
	if (o->twin && o->why && o->why->text)
		fprintf(out, ": %s", o->why->text);
	fputc('\n', out);
}

static void put_hook(FILE *out, const struct hook *h)
{
	fprintf(out, "hook        %s: %s\n", h->name, hook_when_name(h->when));
}

static void put_value(FILE *out, const struct value *v)
{
	fputs("value       ", out);
	put_name(out, v->object->name);
	fprintf(out, "+0x%llx (data, %llu bytes): %s\n", (unsigned long long)v->offset, (unsigned long long)v->size,
		v->alone ? "an exported constant, changed in place where nothing has run; code of the module has a copy" :
		v->constant ? "a constant, changed in place" :
		v->update ? "set where it still has its old initial value" :
		v->keep ? "a live process keeps its own, a fresh one starts with the new" : "set when the patch is applied");
}

static void put_reason(FILE *out, const char *word, const char *where, const char *text, const char *detail, const char *code)
{
	fprintf(out, "%-10s  ", word);
	if (*where) {
		put_name(out, where);
		fputs(": ", out);
	}
	fprintf(out, "%s%s%s [%s]\n", text, *detail ? ": " : "", detail, code);
}

static void put_warnings(FILE *out, const struct diff *d)
{
	for (const struct refusal *r = d->accepted; r; r = r->next)
		put_reason(out, "accepted", r->where, cause_text(r->cause), r->detail, cause_code(r->cause));
	for (const struct warning *w = d->warnings; w; w = w->next)
		put_reason(out, "warning", w->where, warning_text(w->id), w->detail, warning_code(w->id));
}

static void put_refusals(FILE *out, const struct diff *d)
{
	for (const struct refusal *r = d->refusals; r; r = r->next)
		put_reason(out, "refused", r->where, cause_text(r->cause), r->detail, cause_code(r->cause));
	for (int c = 0; c < NCAUSES; c++)
		for (const struct refusal *r = d->refusals; r; r = r->next)
			if ((int)r->cause == c) {
				fprintf(out, "what to do  %s: %s\n", cause_code(c), cause_remedy(c));
				break;
			}
}

static void put_kept(FILE *out, const struct diff *d)
{
	for (uint32_t i = 0; i < d->old->nobjects; i++) {
		if (!d->old->objects[i].kept)
			continue;
		fputs("kept        ", out);
		put_name(out, d->old->objects[i].name);
		fputs(": NEW has another in its stead; other modules that call it run the old code\n", out);
	}
}

static const char *plural(uint32_t n) { return n == 1 ? "" : "s"; }

static void put_counts(FILE *out, const struct diff *d)
{
	uint32_t lines = 0, same = 0;

	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *o = &d->new->objects[i];

		if (!is_code(o) || is_part(o))
			continue;
		lines += o->change == LINES_ONLY && !o->included;
		same += o->change == SAME && !o->included;
	}
	fprintf(out, "unchanged   %u function%s, and %u that differ%s only in line numbers\n", same, plural(same), lines,
		lines == 1 ? "s" : "");
}

static uint64_t data_room(const struct image *old)
{
	return hp_reserve_code(old->reserve, old->reserve_end) - old->reserve;
}

static void put_sizes(FILE *out, const struct diff *d)
{
	fprintf(out, "size        %llu bytes of %llu in the arena, %llu of %llu in the reserve%s\n",
		(unsigned long long)d->arena_used, (unsigned long long)(d->old->arena_end - d->old->arena),
		(unsigned long long)d->reserve_used, (unsigned long long)data_room(d->old),
		d->mapped ? "; outgrew the arena: mapped" : "");
	if (d->ntls)
		fprintf(out, "            %llu bytes of %llu in each thread\n", (unsigned long long)d->tls_used,
			(unsigned long long)(d->old->tls_room_end - d->old->tls_room));
	fprintf(out, "to bind     %u symbol%s, %u pointer%s, at startup\n", d->nbinds, plural(d->nbinds), d->nrels,
		plural(d->nrels));
	if (d->quiescent)
		fputs("quiescent   apply to a running process when no thread is in a changed function\n", out);
	if (d->startup_only)
		fputs("startup     for processes that start from now on; hp-ctl leaves running ones alone\n", out);
	else if (d->drops)
		fputs("startup     too few unwind slots for old and new functions: hp-ctl leaves running processes alone\n", out);
}

void report_text(const struct diff *d, FILE *out)
{
	for (uint32_t i = 0; i < d->npicked; i++)
		if (is_code(d->picked[i]) && !is_part(d->picked[i]) && !is_hook(d->picked[i]))
			put_object(out, d->picked[i]);
	for (uint32_t i = 0; i < d->npicked; i++)
		if (!is_code(d->picked[i]))
			put_data(out, d->picked[i]);
	put_kept(out, d);
	for (uint32_t i = 0; i < d->nvalues; i++)
		if (d->values[i].active)
			put_value(out, &d->values[i]);
	for (uint32_t i = 0; i < d->nhooks; i++)
		put_hook(out, &d->hooks[i]);
	put_counts(out, d);
	put_warnings(out, d);
	if (d->refusals) {
		put_refusals(out, d);
		return;
	}
	if ((!d->npicked && !values_active(d)) || d->old->kind == IMAGE_OBJECT)
		return;
	put_sizes(out, d);
	if (d->hot_size)
		fprintf(out, "hotpatch    %s (%llu bytes)\ncoldpatch   %s (%llu bytes)\n", d->hot_path,
			(unsigned long long)d->hot_size, d->cold_path, (unsigned long long)d->cold_size);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

/* Names of ELF files are bytes; JSON is UTF-8. */
static json_t *text(const char *s)
{
	json_t *j = s ? json_string(s) : json_null();
	char *clean;

	if (j)
		return j;
	clean = xstrdup(s);
	for (char *p = clean; *p; p++)
		if ((unsigned char)*p > 126)
			*p = '?';
	j = json_string(clean);
	free(clean);
	return j;
}

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		abort();
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *build_id(const struct image *img)
{
	char hex[2 * sizeof img->build_id + 1];

	for (uint32_t i = 0; i < img->build_id_size && i < sizeof img->build_id; i++)
		sprintf(hex + 2 * i, "%02x", img->build_id[i]);
	return img->build_id_size ? json_string(hex) : json_null();
}

enum list { LIST_CHANGED, LIST_NEW, LIST_REDIRECTED };

static bool is_on(const struct object *o, enum list list)
{
	switch (list) {
	case LIST_CHANGED: return o->twin && !is_dragged(o);
	case LIST_NEW: return !o->twin && !is_hook(o);
	default: return o->redirected;
	}
}

static json_t *functions(const struct diff *d, enum list list)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < d->npicked; i++)
		if (is_code(d->picked[i]) && !is_part(d->picked[i]) && is_on(d->picked[i], list))
			json_array_append_new(a, text(d->picked[i]->name));
	return a;
}

static json_t *kept(const struct diff *d)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < d->old->nobjects; i++)
		if (d->old->objects[i].kept)
			json_array_append_new(a, text(d->old->objects[i].name));
	return a;
}

static json_t *not_redirected(const struct diff *d)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (!is_code(o) || is_part(o) || !o->entry_stays)
			continue;
		json_array_append_new(a, json_pack("{s:o,s:o}", "name", text(o->name), "why", text(o->entry_stays)));
	}
	return a;
}

static json_t *reasons(const struct diff *d)
{
	json_t *a = json_object();

	for (uint32_t i = 0; i < d->npicked; i++) {
		json_t *name = text(d->picked[i]->name);        /* a key must be UTF-8, too */

		if (!is_part(d->picked[i]) && d->picked[i]->why)
			set(a, json_string_value(name), text(d->picked[i]->why->text));
		json_decref(name);
	}
	return a;
}

static json_t *data(const struct diff *d)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < d->npicked; i++) {
		const struct object *o = d->picked[i];

		if (!is_code(o))
			json_array_append_new(a, json_pack("{s:o,s:s,s:o}", "name", text(o->name), "status",
							   o->twin ? "changed" : "new", "size", number(o->size)));
	}
	return a;
}

static json_t *hooks(const struct diff *d)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < d->nhooks; i++)
		json_array_append_new(a, json_pack("{s:o,s:s}", "name", text(d->hooks[i].name), "when",
						   hook_when_name(d->hooks[i].when)));
	return a;
}

static json_t *values(const struct diff *d)
{
	json_t *a = json_array();

	for (uint32_t i = 0; i < d->nvalues; i++) {
		const struct value *v = &d->values[i];

		if (v->active)
			json_array_append_new(a, json_pack("{s:o,s:o,s:o,s:s}", "name", text(v->object->name), "offset",
							   number(v->offset), "size", number(v->size), "how",
							   v->keep ? "keep" : v->update ? "update" : "set"));
	}
	return a;
}

static json_t *refusals(const struct refusal *r)
{
	json_t *a = json_array();

	for (; r; r = r->next) {
		char *said = concat(cause_text(r->cause), *r->detail ? ": " : "", r->detail, NULL);

		json_array_append_new(a, json_pack("{s:s,s:o,s:o,s:s}", "cause", cause_code(r->cause), "where",
						   text(r->where), "text", text(said), "remedy", cause_remedy(r->cause)));
		free(said);
	}
	return a;
}

static json_t *warnings(const struct diff *d)
{
	json_t *a = json_array();

	for (const struct warning *w = d->warnings; w; w = w->next) {
		char *said = concat(warning_text(w->id), *w->detail ? ": " : "", w->detail, NULL);

		json_array_append_new(a, json_pack("{s:s,s:o,s:o}", "cause", warning_code(w->id), "where", text(w->where),
						   "text", text(said)));
		free(said);
	}
	return a;
}

static json_t *sizes(const struct diff *d)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o}", "old", number(d->old->file_size), "new", number(d->new->file_size),
			 "patch", number(d->patch_size), "hotpatch", number(d->hot_size), "coldpatch",
			 number(d->cold_size));
}

static json_t *arena(const struct diff *d)
{
	const struct image *old = d->old;

	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:b}", "size", number(old->arena_end - old->arena), "used",
			 number(d->arena_used), "reserve_size", number(data_room(old)), "reserve_used",
			 number(d->reserve_used), "tls_size", number(old->tls_room_end - old->tls_room), "tls_used",
			 number(d->tls_used), "mapped", d->mapped);
}

static const char *status_name(const struct diff *d, int status)
{
	static const char *const names[] = { "written", "refused", "unusable", "no-difference" };

	if (!status && d->old->kind == IMAGE_OBJECT)
		return "compared";
	return !status && d->opt.dry_run ? "possible" : names[status & 3];
}

static json_t *describe(const struct diff *d, int status)
{
	json_t *j = json_object();

	set(j, "status", json_string(status_name(d, status)));
	set(j, "build_id", d->old ? build_id(d->old) : json_null());
	set(j, "inputs", json_pack("{s:o,s:o}", "old", text(d->opt.old_path), "new", text(d->opt.new_path)));
	if (d->old && d->new) {
		set(j, "label", text(patch_label(d)));
		set(j, "changed", functions(d, LIST_CHANGED));
		set(j, "new", functions(d, LIST_NEW));
		set(j, "redirected", functions(d, LIST_REDIRECTED));
		set(j, "not_redirected", not_redirected(d));
		set(j, "kept", kept(d));
		set(j, "reasons", reasons(d));
		set(j, "data", data(d));
		set(j, "values", values(d));
		set(j, "hooks", hooks(d));
		set(j, "sizes", sizes(d));
		set(j, "arena", arena(d));
		set(j, "bind", json_pack("{s:i,s:i}", "symbols", (int)d->nbinds, "pointers", (int)d->nrels));
		set(j, "quiescent", json_boolean(d->quiescent));
		set(j, "startup_only", json_boolean(d->startup_only || d->drops));
	}
	set(j, "accepted", refusals(d->accepted));
	set(j, "warnings", warnings(d));
	set(j, "refusals", refusals(d->refusals));
	return j;
}

int report_json(const struct diff *d, const char *path, int status)
{
	json_t *j = describe(d, status);
	int rc = json_dump_file(j, path, JSON_INDENT(2));
	FILE *f = rc ? NULL : fopen(path, "a");

	json_decref(j);
	if (f) {
		fputc('\n', f);
		rc = fclose(f);
	}
	if (rc || !f)
		fprintf(stderr, "hp-diff: cannot write '%s': %s\n", path, strerror(errno));
	return rc || !f ? -1 : 0;
}
