// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Texts with line numbers: "main.c:" STRINGIFY(__LINE__) is another literal when something above it is edited.
 *
 * Two texts are taken for the same when they differ in decimal numbers only, and the plugin's facts say of each that it is
 * a value of __LINE__ that moved:      "check failed at main.c:120"      "check failed at main.c:123"
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "diff.h"
#include "facts.h"

/* Both texts up to *P and *Q are equal; there they are not. To the start of the number that differs. */
static bool number_start(const char *old, const char **p, const char **q)
{
	while (*p > old && isdigit((unsigned char)(*p)[-1]))
		--*p, --*q;
	return isdigit((unsigned char)**p) && isdigit((unsigned char)**q);
}

static bool numbers_moved(const struct diff *d, const struct object *user, const char **p, const char **q)
{
	uint64_t oldv = strtoull(*p, (char **)p, 10), newv = strtoull(*q, (char **)q, 10);

	return facts_line_moved(d->old, d->new, user, oldv, newv) && !hp_broken("line-texts");
}

bool line_text_moved(const struct diff *d, const struct object *user, const char *old, const char *new)
{
	const char *p = old, *q = new;

	while (*p || *q) {
		if (*p == *q)
			p++, q++;
		else if (!number_start(old, &p, &q) || !numbers_moved(d, user, &p, &q))
			return false;
	}
	return true;
}
