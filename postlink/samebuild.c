// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Were OLD and NEW compiled alike? Each unit says in a U fact (plugin/FACTS) which compiler made it, of which language, with
 * which options that change code. Which unit is whose counterpart nobody tells, so the different ones of both builds are
 * compared as sets.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "diff.h"
#include "facts.h"

struct unit { const char *lang, *compiler, *options; };

static int by_text(const void *a, const void *b)
{
	const struct unit *x = a, *y = b;
	int c = strcmp(x->lang, y->lang);

	c = c ? c : strcmp(x->compiler, y->compiler);
	return c ? c : strcmp(x->options, y->options);
}

/* The different U facts, sorted. */
static struct unit *units_of(const struct image *img, uint32_t *n)
{
	struct unit *u;
	uint32_t m = 0, k = 0;
	char **field;

	for (uint32_t i = 0; facts_next(img, 'U', &i); )
		m++;
	u = xmalloc((m + 1) * sizeof *u);
	m = 0;
	for (uint32_t i = 0; (field = facts_next(img, 'U', &i)); )
		u[m++] = (struct unit){ field[2], field[1], field[3] };
	qsort(u, m, sizeof *u, by_text);
	for (uint32_t i = 0; i < m; i++)
		if (!k || by_text(&u[k - 1], &u[i]))
			u[k++] = u[i];
	*n = k;
	return u;
}

static bool has_word(const char *list, const char *word, size_t n)
{
	for (const char *p = list; *p; p += strcspn(p, " "), p += strspn(p, " "))
		if (strcspn(p, " ") == n && !strncmp(p, word, n))
			return true;
	return false;
}

/* Words of A that B lacks, appended to TEXT. */
static char *missing_words(char *text, const char *a, const char *b)
{
	for (const char *p = a; *p; p += strcspn(p, " "), p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (!has_word(b, p, n))
			text = reconcat(text, text, *text ? " " : "", xstrndup(p, n), NULL);
	}
	return text;
}

static char *describe(const char *what, const char *old, const char *new)
{
	char *only_old = missing_words(xstrdup(""), old, new), *only_new = missing_words(xstrdup(""), new, old), *text;

	if (!*only_old && !*only_new)
		text = xasprintf("%s in another order", what);
	else
		text = xasprintf("%s: OLD has '%s', NEW has '%s'", what, only_old, only_new);
	free(only_old);
	free(only_new);
	return text;
}

static char *describe_units(const struct unit *old, const struct unit *new)
{
	if (!old || !new)
		return xasprintf("only %s has units of %s with '%s'", old ? "OLD" : "NEW", (old ? old : new)->lang,
				 (old ? old : new)->options);
	if (strcmp(old->lang, new->lang))
		return xasprintf("a unit is %s in OLD and %s in NEW", old->lang, new->lang);
	if (strcmp(old->compiler, new->compiler))
		return xasprintf("compiler: OLD '%s', NEW '%s'", old->compiler, new->compiler);
	return describe("options", old->options, new->options);
}

bool facts_same_build(const struct image *old, const struct image *new, char **difference)
{
	uint32_t n, m, i = 0, k = 0;
	struct unit *a = units_of(old, &n), *b = units_of(new, &m), *only_old = NULL, *only_new = NULL;

	while (i < n || k < m) {
		int c = i == n ? 1 : k == m ? -1 : by_text(&a[i], &b[k]);

		if (c < 0 && !only_old)
			only_old = &a[i];
		if (c > 0 && !only_new)
			only_new = &b[k];
		i += c <= 0;
		k += c >= 0;
	}
	*difference = only_old || only_new ? describe_units(only_old, only_new) : NULL;
	free(a);
	free(b);
	return !*difference;
}
