// SPDX-License-Identifier: GPL-3.0-or-later
/* The list of warnings: see warn.def. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"

static const struct { const char *code, *text; } warnings[NWARNINGS] = {
#define HP_WARNING(id, code, text) [id] = { code, text },
#include "warn.def"
#undef HP_WARNING
};

const char *warning_code(enum warning_id id)
{
	return warnings[id].code;
}

const char *warning_text(enum warning_id id)
{
	return warnings[id].text;
}

void warn_add(struct diff *d, enum warning_id id, const char *where, const char *fmt, ...)
{
	struct warning **tail = &d->warnings;
	char *detail;
	va_list ap;

	va_start(ap, fmt);
	detail = xvasprintf(fmt, ap);
	va_end(ap);
	for (; *tail; tail = &(*tail)->next)
		if ((*tail)->id == id && !strcmp((*tail)->where, where) && !strcmp((*tail)->detail, detail)) {
			free(detail);
			return;
		}
	*tail = xcalloc(1, sizeof **tail);
	**tail = (struct warning){ id, xstrdup(where), detail, NULL };
}

void warnings_release(struct diff *d)
{
	for (struct warning *w = d->warnings, *next; w; w = next) {
		next = w->next;
		free(w->where);
		free(w->detail);
		free(w);
	}
}
