/* SPDX-License-Identifier: MIT */
/*
 * What came of every process: a line each, and a summary.
 *
 *   1234     nginx           patched      2 functions, 0.41 ms, gate closed for 0.06 ms
 *   1240     worker          cannot       busy: a thread stays in a changed function: thread 1243 is in 'serve'
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ctl-job.h"

static const char *const words[NOUTCOMES] = {
	[OUT_PATCHED] = "patched", [OUT_ALREADY] = "already", [OUT_COLD] = "coldpatched", [OUT_REVERTED] = "reverted",
	[OUT_UNPATCHED] = "unpatched", [OUT_WOULD] = "would", [OUT_GONE] = "gone", [OUT_CANNOT] = "cannot",
};

struct result *results_add(struct results *r, const struct proc *p, const struct module *m)
{
	if (r->count == r->room) {
		size_t room = r->room ? 2 * r->room : 64;
		struct result *list = reallocarray(r->list, room, sizeof(*list));
		if (!list) {
			fprintf(stderr, "hp-ctl: no memory for the report\n");
			exit(EXIT_CANNOT);
		}
		r->list = list;
		r->room = room;
	}
	struct result *new = &r->list[r->count++];
	*new = (struct result){ .pid = p->pid, .start = p->start, .base = m ? m->base : 0, .outcome = OUT_CANNOT };
	memcpy(new->comm, p->comm, sizeof(new->comm));
	new->path = strdup(m ? m->path : "");
	return new;
}

struct result *results_find(struct results *r, const struct proc *p, const struct module *m)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->list[i].pid == p->pid && r->list[i].start == p->start && r->list[i].base == m->base)
			return &r->list[i];
	return NULL;
}

void results_free(struct results *r)
{
	for (size_t i = 0; i < r->count; i++) {
		free(r->list[i].path);
		free(r->list[i].label);
	}
	free(r->list);
	*r = (struct results){0};
}

/* ---- while it goes on -------------------------------------------------------------------------------------------- */

static struct { uint64_t began, last; unsigned done; bool shown; } progress;

/* Five times a second at most, from the second second on. */
static bool progress_is_due(const struct options *opt)
{
	uint64_t now = now_ns();

	if (!progress.began)
		progress.began = now;
	if (opt->json || opt->verbose || now - progress.began < 1000000000 || now - progress.last < 200000000 ||
	    !isatty(STDERR_FILENO))
		return false;
	progress.last = now;
	return progress.shown = true;
}

static void progress_clear(void)
{
	if (progress.shown)
		fputs("\r\033[K", stderr);
	progress.shown = false;
}

void result_progress(const struct options *opt, const struct result *r)
{
	progress.done++;
	if (progress_is_due(opt))
		fprintf(stderr, "\r%u processes done, the last was %d (%s)\033[K", progress.done, r->pid,
			printable(r->comm));
}

void wait_progress(const struct options *opt, const struct result *r, enum ctl_cause why)
{
	if (progress_is_due(opt))
		fprintf(stderr, "\r%u processes done, waiting for %d (%s): %.20s: %.60s\033[K", progress.done, r->pid,
			printable(r->comm), cause_code(why), r->detail);
}

/* ---- the report -------------------------------------------------------------------------------------------------- */

static void text_success(const struct result *r)
{
	if (r->took && (r->outcome == OUT_PATCHED || r->outcome == OUT_REVERTED)) {
		printf("%u function%s, %.2f ms", r->functions, r->functions == 1 ? "" : "s", (double)r->took / 1e6);
		if (r->window)
			printf(", gate closed for %.3f ms", (double)r->window / 1e6);
	}
	if (r->note[0])
		printf("; %s", printable(r->note));
}

static void text_result(const struct result *r)
{
	printf("%-8d %-15s %-12s ", r->pid, printable(r->comm), words[r->outcome]);
	if (r->outcome == OUT_CANNOT) {
		printf("%s: %s", cause_code(r->cause), cause_text(r->cause));
		if (r->detail[0])
			printf(": %s", printable(r->detail));
		printf("\n%38s%s", "", cause_remedy(r->cause));
	} else {
		text_success(r);
	}
	putchar('\n');
}

void say_unreadable(size_t n)
{
	if (n)
		fprintf(stderr, "hp-ctl: %zu %s could not be looked at for lack of rights\n", n,
			n == 1 ? "process" : "processes");
}

static void text_summary(const struct results *r, const size_t *counts)
{
	const char *comma = ": ";

	printf("%zu %s", r->count, r->count == 1 ? "process" : "processes");
	for (unsigned i = 0; i < NOUTCOMES; i++)
		if (counts[i]) {
			printf("%s%zu %s", comma, counts[i], words[i]);
			comma = ", ";
		}
	putchar('\n');
	say_unreadable(r->unreadable);
}

static void json_result(struct json *j, const struct result *r)
{
	json_open(j, NULL, '{');
	json_number(j, "pid", r->pid);
	json_string(j, "command", r->comm);
	json_string(j, "module", r->path ? r->path : "");
	json_string(j, "outcome", words[r->outcome]);
	if (r->label)
		json_string(j, "label", r->label);
	if (r->outcome == OUT_CANNOT) {
		json_string(j, "cause", cause_code(r->cause));
		json_string(j, "text", cause_text(r->cause));
		json_string(j, "detail", r->detail);
		json_string(j, "remedy", cause_remedy(r->cause));
	}
	if (r->note[0])
		json_string(j, "note", r->note);
	json_number(j, "functions", r->functions);
	json_number(j, "microseconds", (int64_t)(r->took / 1000));
	json_number(j, "gate_microseconds", (int64_t)(r->window / 1000));
	json_number(j, "gate_attempts", r->attempts);
	json_close(j, '}');
}

static void report_json(const struct results *r, const size_t *counts)
{
	struct json j = { .out = stdout };

	json_open(&j, NULL, '{');
	json_open(&j, "processes", '[');
	for (size_t i = 0; i < r->count; i++)
		json_result(&j, &r->list[i]);
	json_close(&j, ']');
	json_open(&j, "summary", '{');
	for (unsigned i = 0; i < NOUTCOMES; i++)
		json_number(&j, words[i], (int64_t)counts[i]);
	json_number(&j, "unreadable", (int64_t)r->unreadable);
	json_close(&j, '}');
	json_close(&j, '}');
	json_end(&j);
}

int results_report(const struct options *opt, const struct results *r)
{
	size_t counts[NOUTCOMES] = {0};

	for (size_t i = 0; i < r->count; i++)
		counts[r->list[i].outcome]++;
	progress_clear();
	if (opt->json) {
		report_json(r, counts);
	} else {
		for (size_t i = 0; i < r->count; i++)
			text_result(&r->list[i]);
		text_summary(r, counts);
	}
	return counts[OUT_CANNOT] ? EXIT_CANNOT : EXIT_DONE;
}
