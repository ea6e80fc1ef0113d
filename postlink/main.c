// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * hp-diff OLD NEW: from two builds of a program to a hotpatch and a coldpatch.
 *
 * The stages are those of diff.h. What can fail comes before the first written byte; every refusal is reported, not
 * only the first. Two relocatable objects are compared, and that is all.
 * Exit status: 0 written, 1 refused, 2 usage or unusable input, 3 no difference.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <libiberty/libiberty.h>
#include "pair.h"
#include "facts.h"

#ifndef VERSION
#define VERSION "0.1"
#endif

enum { WRITTEN = 0, REFUSED = 1, UNUSABLE = 2, NO_DIFFERENCE = 3 };

/* ---- options ----------------------------------------------------------------------------------------------------- */

enum argument { NO_ARG, ARG, MAY_ARG };

enum opt_id { OPT_OUT, OPT_LABEL, OPT_COLD_BASE, OPT_AFTER, OPT_ACCEPT, OPT_UPDATE, OPT_STARTUP, OPT_DRY_RUN, OPT_JSON, OPT_EXPLAIN,
	      OPT_VERBOSE, OPT_HELP, OPT_VERSION };

/* The parser and --help both read this table. */
static const struct { enum opt_id id; char letter; const char *name; enum argument argument; const char *value, *help; } table[] = {
	{ OPT_OUT, 'o', NULL, ARG, "DIR", "write NAME.hp.o and NAME into DIR (default: here)" },
	{ OPT_LABEL, 0, "label", ARG, "TEXT", "what the patch is for, such as CVE-2026-0001" },
	{ OPT_COLD_BASE, 0, "cold-base", ARG, "FILE", "coldpatch FILE, the stripped copy of OLD that ships" },
	{ OPT_ACCEPT, 0, "accept", ARG, "CAUSE:NAME", "make the patch although NAME is refused for CAUSE" },
	{ OPT_UPDATE, 0, "update", ARG, "NAME", "set variable NAME where it still has its old initial value" },
	{ OPT_STARTUP, 0, "startup", NO_ARG, NULL, "for processes that start: accept what only old objects forbid" },
	{ OPT_AFTER, 0, "after", ARG, "PATCH", "take over from PATCH in running programs, in one step" },
	{ OPT_DRY_RUN, 0, "dry-run", NO_ARG, NULL, "decide and report, write no patch" },
	{ OPT_JSON, 0, "json", ARG, "FILE", "write the result to FILE as JSON" },
	{ OPT_EXPLAIN, 0, "explain", MAY_ARG, "FUNCTION", "show old and new code side by side at the first difference" },
	{ OPT_VERBOSE, 'v', "verbose", NO_ARG, NULL, "say on stderr what each stage did" },
	{ OPT_HELP, 0, "help", NO_ARG, NULL, "show this help and exit" },
	{ OPT_VERSION, 0, "version", NO_ARG, NULL, "show the version and exit" },
};

#define NOPTIONS (sizeof table / sizeof *table)

static void put_help(FILE *out)
{
	fputs("usage: hp-diff [OPTION]... OLD NEW\n"
	      "Make a hotpatch and a coldpatch that turn the program or library OLD into NEW.\n\n", out);
	for (size_t i = 0; i < NOPTIONS; i++) {
		const char *eq = !table[i].value ? "" : table[i].argument == MAY_ARG ? "[=" : table[i].name ? "=" : " ";
		char *left = xasprintf("%s%c%s%s%s%s%s%s", table[i].letter ? "-" : "", table[i].letter ? table[i].letter : ' ',
				       table[i].letter && table[i].name ? ", " : "", table[i].name ? "--" : "",
				       table[i].name ? table[i].name : "", eq, table[i].value ? table[i].value : "",
				       table[i].argument == MAY_ARG ? "]" : "");

		fprintf(out, "  %-24s %s\n", left + (*left == ' '), table[i].help);
		free(left);
	}
	fputs("\nExit status: 0 written, 1 refused, 2 usage or unusable input, 3 no difference.\n", out);
}

static int usage(const char *fmt, const char *what)
{
	fputs("hp-diff: ", stderr);
	fprintf(stderr, fmt, what);
	fputs("\nTry 'hp-diff --help'.\n", stderr);
	return -1;
}

static int take_accept(struct options *opt, const char *value)
{
	const char *wrong = accept_parse(opt, value);

	if (!wrong)
		return 0;
	fprintf(stderr, "hp-diff: --accept=%s %s\nTry 'hp-diff --help'.\n", value, wrong);
	return -1;
}

/* Takes the option in: 0 to go on, 1 when the program is done, -1 after a message. */
static int apply_option(struct options *opt, enum opt_id id, const char *value)
{
	switch (id) {
	case OPT_OUT: opt->out_dir = value; break;
	case OPT_LABEL: opt->label = value; break;
	case OPT_COLD_BASE: opt->cold_base = value; break;
	case OPT_ACCEPT: return take_accept(opt, value);
	case OPT_UPDATE: update_add(opt, value); break;
	case OPT_STARTUP: opt->startup = true; break;
	case OPT_AFTER: opt->after = value; break;
	case OPT_DRY_RUN: opt->dry_run = true; break;
	case OPT_JSON: opt->json = value; break;
	case OPT_EXPLAIN: opt->want_explain = true; opt->explain = value ? value : ""; break;
	case OPT_VERBOSE: opt->verbose = true; break;
	case OPT_HELP: put_help(stdout); return 1;
	case OPT_VERSION: puts("hp-diff (hotpatch) " VERSION); return 1;
	}
	return 0;
}

/* The row for the word ARG, or -1. *value: what stands behind its letter or '='; NULL: nothing. */
static int find_option(const char *arg, const char **value)
{
	*value = NULL;
	for (size_t i = 0; i < NOPTIONS; i++) {
		size_t n = table[i].name ? strlen(table[i].name) : 0;

		if (table[i].letter && arg[0] == '-' && arg[1] == table[i].letter) {
			*value = arg[2] ? arg + 2 : NULL;
			return *value && table[i].argument == NO_ARG ? -1 : (int)i;
		}
		if (!n || strncmp(arg, "--", 2) || strncmp(arg + 2, table[i].name, n))
			continue;
		if (arg[n + 2] == '=' && table[i].argument != NO_ARG)
			*value = arg + n + 3;
		if (!arg[n + 2] || *value)
			return i;
	}
	return -1;
}

static int add_operand(struct options *opt, const char *arg)
{
	if (opt->new_path)
		return usage("too many files: '%s'", arg);
	*(opt->old_path ? &opt->new_path : &opt->old_path) = arg;
	return 0;
}

static int parse(struct options *opt, int argc, char **argv)
{
	bool only_files = false;

	for (int i = 1; i < argc; i++) {
		const char *value;
		int k, rc;

		if (only_files || argv[i][0] != '-' || !argv[i][1]) {
			if (add_operand(opt, argv[i]))
				return -1;
			continue;
		}
		if (!strcmp(argv[i], "--")) {
			only_files = true;
			continue;
		}
		k = find_option(argv[i], &value);
		if (k < 0)
			return usage("unknown option '%s'", argv[i]);
		if (table[k].argument == ARG && !value && !(value = argv[++i]))
			return usage("option '%s' needs an argument", argv[i - 1]);
		rc = apply_option(opt, table[k].id, value);
		if (rc)
			return rc;
	}
	return opt->new_path ? 0 : usage("%s", opt->old_path ? "NEW is missing" : "OLD and NEW are missing");
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static void say(const struct diff *d, const char *stage)
{
	if (d->opt.verbose)
		fprintf(stderr, "hp-diff: %s\n", stage);
}

static struct image *read_image(struct diff *d, const char *path)
{
	enum cause cause = CAUSE_UNREADABLE;
	struct image *img = image_read(path, &cause);

	if (!img)
		refuse_add(d, cause, path, "%s", "");
	return img;
}

static void *fill(void *img)
{
	image_fill(img);
	bounds_settle(img);
	return NULL;
}

/* An image has nothing in common with another one, and BFD has nothing to do here: each takes a processor. */
static void fill_both(struct image *old, struct image *new)
{
	pthread_t thread;
	bool two = !pthread_create(&thread, NULL, fill, new);

	fill(old);
	if (two)
		pthread_join(thread, NULL);
	else
		fill(new);
}

static int read_both(struct diff *d)
{
	say(d, "reading");
	if (!(d->old = read_image(d, d->opt.old_path)) || !(d->new = read_image(d, d->opt.new_path)))
		return -1;
	fill_both(d->old, d->new);
	if (d->opt.verbose)
		fprintf(stderr, "hp-diff: %u and %u objects, %u and %u references\n", d->old->nobjects, d->new->nobjects,
			d->old->nrefs, d->new->nrefs);
	return 0;
}

void stages_run(struct diff *d, const struct stage *stages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (hp_broken(stages[i].name))
			continue;
		say(d, stages[i].name);
		stages[i].run(d);
	}
}

static int decide(struct diff *d)
{
	static const struct stage stages[] = {
		/* own knows new symbols by what OLD exports, and compare must see what they are */
		{ "correlation", correlate }, { "marks", walked_mark }, { "constants", unwritten_mark },
		{ "alignments", aligned_mark },
		{ "growth", grown_part }, { "ownership", own_symbols },
		{ "comparison", compare }, { "values", values_settle }, { "late", constructors_find }, { "hooks", hooks_find },
		{ "selection", select_objects }, { "refusals", refuse },
		{ "transition", warn_transition }, { "once", warn_once }, { "fresh", warn_fresh }, { "enums", warn_enums },
		{ "unreached", warn_unreached }, { "stays", warn_stays },
	};

	stages_run(d, stages, ARRAY_SIZE(stages));
	if (d->refusals)
		return REFUSED;
	return d->npicked || values_active(d) ? WRITTEN : NO_DIFFERENCE;
}

/* Of two object files there is only to say what differs: whether it can be patched is known when they are linked. */
static int compare_objects(struct diff *d)
{
	say(d, "correlating");
	correlate(d);
	say(d, "comparing");
	compare(d);
	select_changed(d);
	return d->npicked ? WRITTEN : NO_DIFFERENCE;
}

/* That an input or output can't be used may turn up late (--cold-base, a full disk). */
static int refusal_status(struct diff *d)
{
	if (!d->refusals)
		refuse_add(d, CAUSE_OUTPUT, d->opt.out_dir ? d->opt.out_dir : ".", "%s", "");
	else if (d->refusals->cause <= CAUSE_OUTPUT)
		fprintf(stderr, "hp-diff: %s: %s: %s; %s\n", d->refusals->where, cause_text(d->refusals->cause),
			d->refusals->detail, cause_remedy(d->refusals->cause));
	return d->refusals->cause <= CAUSE_OUTPUT ? UNUSABLE : REFUSED;
}

static int write_files(struct diff *d)
{
	say(d, "placing");
	place(d);
	if (d->refusals)
		return refusal_status(d);
	if (d->opt.dry_run)
		return WRITTEN;
	say(d, "writing");
	return emit(d) ? refusal_status(d) : WRITTEN;
}

/* An input was cut off while it was read, in the middle of anything: all that is left is to say so. */
static const struct diff *running;

static void end_without(const char *path)
{
	struct diff d = { .opt = running->opt };

	emit_undo(running);
	fprintf(stderr, "hp-diff: cannot read '%s': it was cut off while it was read; %s\n", path,
		cause_remedy(CAUSE_DAMAGED));
	refuse_add(&d, CAUSE_DAMAGED, path, "%s", "");
	if (d.opt.json)
		report_json(&d, d.opt.json, UNUSABLE);
	_exit(UNUSABLE);
}

static int run(struct diff *d)
{
	int status;
	bool linked;

	if (pair_check_files(d) || read_both(d) || pair_check(d))
		return UNUSABLE;
	linked = d->old->kind != IMAGE_OBJECT;
	if (pair_is_equal(d))
		return NO_DIFFERENCE;
	if (linked && pair_check_output(d))
		return UNUSABLE;
	if (linked && after_open(d))
		return refusal_status(d);
	status = linked ? decide(d) : compare_objects(d);
	if (status != REFUSED && pair_check_unchanged(d))
		return refusal_status(d);
	if (linked && status == WRITTEN)
		status = write_files(d);
	if (status == UNUSABLE)
		return status;
	explain_reasons(d);
	report_text(d, stdout);
	if (status == NO_DIFFERENCE)
		puts(d->accepted ? "nothing to patch: what differs was accepted, and stays as it is" :
		     d->warnings ? "no difference that a patch could make" :
				   "no difference: every function and variable of NEW is in OLD");
	if (d->opt.want_explain)
		explain_side_by_side(d, stdout);
	return status;
}

/* ---- releasing --------------------------------------------------------------------------------------------------- */

static void image_close(struct image *img)
{
	if (!img)
		return;
	for (uint32_t i = 0; i < img->nobjects; i++) {
		if (img->objects[i].why)
			free(img->objects[i].why->text);
		free(img->objects[i].why);
		free(img->objects[i].entry_stays);
	}
	anon_release(img);
	hidden_release(img);
	facts_release(img);
	image_release(img);
}

static void refusals_release(struct refusal *r)
{
	for (struct refusal *next; r; r = next) {
		next = r->next;
		free(r->where);
		free(r->detail);
		free(r);
	}
}

static void diff_release(struct diff *d)
{
	refusals_release(d->refusals);
	refusals_release(d->accepted);
	warnings_release(d);
	accept_release(&d->opt);
	for (struct item *i = d->items, *next; i; i = next) {
		next = i->next;
		free(i->bytes);
		free(i->name);
		free(i);
	}
	for (uint32_t i = 0; i < d->nwrites; i++) {
		free(d->writes[i].old);
		free(d->writes[i].new_);
	}
	free(d->values);
	free(d->hooks);
	after_close(d);
	free(d->picked);
	free(d->writes);
	free(d->boot);
	free(d->tls);
	free(d->patch);
	free(d->segment);
	free(d->debug_frame);
	free(d->hot_path);
	free(d->cold_path);
	image_close(d->old);
	image_close(d->new);
}

int main(int argc, char **argv)
{
	struct diff d = { .refusals = NULL };
	int status, rc = parse(&d.opt, argc, argv);

	if (rc)
		return rc > 0 ? 0 : UNUSABLE;
	running = &d;
	mapping_guard(end_without);
	status = run(&d);
	if (d.opt.json && report_json(&d, d.opt.json, status))
		status = UNUSABLE;
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "hp-diff: cannot write to standard output: %s\n", strerror(errno));
		status = UNUSABLE;
	}
	diff_release(&d);
	return status;
}
