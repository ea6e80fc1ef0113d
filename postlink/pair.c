// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Can OLD and NEW be compared at all?
 *
 * They must be two builds of one thing, by one compiler with the same options: else everything differs and the patch
 * would be the whole program, or worse, would mix two conventions. What is asked here is found in the ELF files and in
 * the plugin's facts; what makes a single file unusable is image_read()'s.
 */
#include <elf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <libiberty/libiberty.h>
#include "pair.h"
#include "facts.h"

static int unusable(struct diff *d, enum cause cause, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static int unusable(struct diff *d, enum cause cause, const char *where, const char *fmt, ...)
{
	char *detail;
	va_list ap;

	va_start(ap, fmt);
	detail = xvasprintf(fmt, ap);
	va_end(ap);
	fprintf(stderr, "hp-diff: %s%s%s%s%s\nhp-diff: %s\n", cause_text(cause), *where ? ": " : "", where,
		*detail ? ": " : "", detail, cause_remedy(cause));
	refuse_add(d, cause, where, "%s", detail);
	free(detail);
	return -1;
}

/* ---- paths ------------------------------------------------------------------------------------------------------- */

static bool is_one_file(const char *a, const char *b)
{
	struct stat s, t;

	return a && b && !stat(a, &s) && !stat(b, &t) && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

static int check_output(struct diff *d, const char *path)
{
	const char *const inputs[] = { d->opt.old_path, d->opt.new_path, d->opt.cold_base, d->opt.after };

	for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
		if (is_one_file(path, inputs[i]))
			return unusable(d, CAUSE_OUTPUT, path, "it is an input");
	return 0;
}

int pair_check_files(struct diff *d)
{
	return is_one_file(d->opt.old_path, d->opt.new_path) ?
		unusable(d, CAUSE_SAME_FILE, d->opt.old_path, "%s", "") : 0;
}

int pair_check_output(struct diff *d)
{
	const char *slash = strrchr(d->opt.old_path, '/'), *dir = d->opt.out_dir ? d->opt.out_dir : ".";
	struct stat st;
	char *path;
	int rc;

	if (d->opt.dry_run)
		return 0;
	if (!stat(dir, &st) && !S_ISDIR(st.st_mode))
		return unusable(d, CAUSE_OUTPUT, dir, "it is no directory");
	path = concat(dir, "/", slash ? slash + 1 : d->opt.old_path, NULL);
	rc = check_output(d, path);
	path = reconcat(path, path, ".hp.o", NULL);
	rc = rc ? rc : check_output(d, path);
	free(path);
	return rc;
}

/* Nobody knows which bytes were seen of it. */
int pair_check_unchanged(struct diff *d)
{
	const char *path = mapping_changed();

	if (!path)
		return 0;
	refuse_add(d, CAUSE_DAMAGED, path, "it was written to while it was read");
	return -1;
}

/* ---- what they are ----------------------------------------------------------------------------------------------- */

static const char *kind_name(enum image_kind kind)
{
	static const char *const names[] = {
		[IMAGE_PIE] = "a position-independent program", [IMAGE_EXEC] = "a program at a fixed address",
		[IMAGE_STATIC] = "a static program", [IMAGE_STATIC_PIE] = "a static position-independent program",
		[IMAGE_SHARED] = "a shared library", [IMAGE_OBJECT] = "an object file",
	};

	return names[kind];
}

static const char *soname(const struct image *img)
{
	const char *name = image_dynamic_name(img, DT_SONAME, 0);

	return name ? name : "";
}

static bool build_ids_equal(const struct image *a, const struct image *b)
{
	return a->build_id_size && a->build_id_size == b->build_id_size &&
	       !memcmp(a->build_id, b->build_id, a->build_id_size);
}

/* ld's build-id does not tell of the symbol table, where a function may come to be weak and nothing else. */
static bool loaded_equal(const struct image *a, const struct image *b)
{
	bool equal = a->nsections == b->nsections;

	for (uint32_t i = 0; i < a->nsections && equal; i++) {
		const struct section *s = &a->sections[i], *t = &b->sections[i];

		equal = s->addr == t->addr && (!s->addr || (s->size == t->size && !strcmp(s->name, t->name) &&
			!s->bytes == !t->bytes && (!s->bytes || !memcmp(s->bytes, t->bytes, s->size))));
	}
	return equal;
}

int pair_check(struct diff *d)
{
	const struct image *old = d->old, *new = d->new;
	char *difference = NULL;
	int rc = 0;

	if (old->kind != new->kind)
		return unusable(d, CAUSE_PAIR_KIND, "", "OLD is %s, NEW is %s", kind_name(old->kind), kind_name(new->kind));
	if (strcmp(soname(old), soname(new)))
		return unusable(d, CAUSE_PAIR_SONAME, "", "OLD is '%s', NEW is '%s'", soname(old), soname(new));
	if (build_ids_equal(old, new) && !loaded_equal(old, new))
		return unusable(d, CAUSE_PAIR_BUILD_ID, "", "%s", "");
	if (!facts_same_build(old, new, &difference) && !hp_broken("same-build"))
		rc = unusable(d, CAUSE_PAIR_OPTIONS, "", "%s", difference);
	free(difference);
	return rc;
}

bool pair_is_equal(struct diff *d)
{
	if (!build_ids_equal(d->old, d->new))
		return false;
	puts("no difference: OLD and NEW load the same bytes");
	return true;
}
