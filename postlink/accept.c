// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * --accept=CAUSE:NAME: what the user knows better.
 *
 * Only causes about what lives in a process or what others may use can be accepted: that the objects of a type are all
 * short-lived, that a variable may keep its old value, that nobody calls a removed function. What makes the patch
 * itself wrong cannot, whatever the user knows. Each names one object, as the report does; what was accepted is
 * recorded in the patch.
 *
 * --update is such an option, too: it says what is to become of the value that would be refused.
 *
 * --startup accepts what only matters where old code ran before: in a process that starts with the patch all objects are
 * made by NEW's code and all calls come from it. Changed initial values are set (values.c), changed constructors run. The
 * patch says so, and hp-ctl leaves processes alone that run already.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/demangle.h>
#include "diff.h"

static const enum cause acceptable[] = {
	CAUSE_LAYOUT, CAUSE_SIGNATURE, CAUSE_DATA_VALUE, CAUSE_DATA_SIZE, CAUSE_DATA_USED, CAUSE_TLS_VALUE, CAUSE_NEW_CONSTRUCTOR,
	CAUSE_NEEDED, CAUSE_INTERPOSED, CAUSE_IFUNC, CAUSE_REMOVED, CAUSE_RESUME,
};

#define NACCEPTABLE (sizeof acceptable / sizeof *acceptable)

static void list_add(struct accept **list, enum cause cause, const char *name)
{
	struct accept *a = xcalloc(1, sizeof *a);

	*a = (struct accept){ cause, name, false, *list };
	*list = a;
}

const char *accept_parse(struct options *opt, const char *text)
{
	size_t n = strcspn(text, ":");

	if (!text[n] || !text[n + 1])
		return "is not CAUSE:NAME";
	for (size_t i = 0; i < NACCEPTABLE; i++) {
		const char *code = cause_code(acceptable[i]);

		if (strlen(code) != n || strncmp(code, text, n))
			continue;
		list_add(&opt->accepts, acceptable[i], text + n + 1);
		return NULL;
	}
	return "names no cause that can be accepted";
}

void update_add(struct options *opt, const char *name)
{
	list_add(&opt->updates, CAUSE_DATA_VALUE, name);
}

/* The symbol, as a C++ programmer writes it, or a struct without the word. */
static bool is_name_of(const char *name, const char *where)
{
	char *plain = cplus_demangle(where, DMGL_PARAMS | DMGL_ANSI);
	bool same = !strcmp(name, where) || (plain && !strcmp(name, plain)) ||
		    (!strncmp(where, "struct ", 7) && !strcmp(name, where + 7)) ||
		    (!strncmp(where, "union ", 6) && !strcmp(name, where + 6));

	free(plain);
	return same;
}

bool is_to_be_updated(struct diff *d, const char *where)
{
	for (struct accept *a = d->opt.updates; a; a = a->next)
		if (is_name_of(a->name, where))
			return a->used = true;
	return false;
}

bool is_accepted(struct diff *d, enum cause cause, const char *where)
{
	if (d->opt.startup && (cause == CAUSE_LAYOUT || cause == CAUSE_RESUME || cause == CAUSE_SIGNATURE))
		return d->startup_only = true;
	for (struct accept *a = d->opt.accepts; a; a = a->next)
		if (a->cause == cause && is_name_of(a->name, where))
			return a->used = true;
	return false;
}

void accept_check(struct diff *d)
{
	for (const struct accept *a = d->opt.accepts; a; a = a->next)
		if (!a->used)
			warn_add(d, WARNING_ACCEPT, a->name, "--accept=%s:%s", cause_code(a->cause), a->name);
	for (const struct accept *a = d->opt.updates; a; a = a->next)
		if (!a->used)
			warn_add(d, WARNING_ACCEPT, a->name, "--update=%s", a->name);
}

static void list_release(struct accept *a)
{
	for (struct accept *next; a; a = next) {
		next = a->next;
		free(a);
	}
}

void accept_release(struct options *opt)
{
	list_release(opt->accepts);
	list_release(opt->updates);
}
