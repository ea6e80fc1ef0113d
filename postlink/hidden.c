// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Units that may have variables without a name. Bytes of a section that can be written, that have no name and that compiled
 * code refers to, are constants of the compiler as a rule (anon.c). They may be variables where
 *
 *   the unit's assembler code made them       .pushsection .data; .Lcount: .long 0     (P facts)
 *   the unit's object lost its local symbols  objcopy --discard-all, ld -r -x          (R facts of what has no symbol)
 *
 * Of the former a patch uses the place, behind the object before (anon.c). Of the latter nobody knows which is which: a new
 * variable, or another order, moves them. Variables that the linker left out (--gc-sections) have no symbol either; but a
 * unit that lost its symbols has no local one at all.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include <libiberty/hashtab.h>
#include "diff.h"
#include "facts.h"

static htab_t new_set(void)
{
	return htab_create_alloc(1024, htab_hash_string, htab_eq_string, NULL, xcalloc, free);
}

static void add(htab_t set, const char *name)
{
	*htab_find_slot(set, name, INSERT) = (void *)name;
}

/* NAME may end in @VERSION: then a copy without it, which *COPIES owns. */
static void add_import(htab_t set, htab_t copies, const char *name)
{
	char *plain;

	if (!name || htab_find(set, name))
		return;
	plain = xstrndup(name, strcspn(name, "@"));
	if (!htab_find(set, plain)) {
		add(copies, plain);
		add(set, plain);
	} else {
		free(plain);
	}
}

static void add_names(htab_t set, htab_t copies, const struct image *img)
{
	for (uint32_t i = 0; i < img->nobjects; i++) {
		add(set, img->objects[i].name);
		for (const struct alias *a = img->objects[i].aliases; a; a = a->next)
			add(set, a->name);
	}
	for (uint32_t i = 0; i < img->nrefs; i++)
		if (img->refs[i].target == TARGET_IMPORT)
			add_import(set, copies, img->refs[i].import);
	for (uint32_t i = 0; i < img->nobjects; i++)
		add_import(set, copies, img->objects[i].copied);
}

/* The units that have local symbols; with -flto all is one. */
static htab_t named_units(const struct image *img)
{
	htab_t units = new_set();

	for (uint32_t i = 0; i < img->nobjects; i++)
		if (!img->objects[i].global && img->objects[i].size)
			add(units, img->objects[i].file && *img->objects[i].file ? img->objects[i].file : "<artificial>");
	return units;
}

static int free_name(void **slot, void *unused ATTRIBUTE_UNUSED)
{
	free(*slot);
	return 1;
}

/* Units, by name. */
struct hidden { htab_t assembler, stripped; };

static struct hidden *find_units(const struct image *img)
{
	struct hidden *h = xmalloc(sizeof *h);
	htab_t names = new_set(), copies = new_set(), named = named_units(img);
	char **field;

	*h = (struct hidden){ new_set(), new_set() };
	add_names(names, copies, img);
	for (uint32_t i = 0; (field = facts_next(img, 'P', &i)); )
		add(h->assembler, field[1]);
	for (uint32_t i = 0; (field = facts_next(img, 'R', &i)); )
		if (!htab_find(named, field[1]) && !htab_find(names, field[2]))
			add(h->stripped, field[1]);
	htab_traverse_noresize(copies, free_name, NULL);
	htab_delete(copies);
	htab_delete(names);
	htab_delete(named);
	return h;
}

static struct hidden *units_of(struct image *img)
{
	if (!img->hidden)
		img->hidden = find_units(img);
	return img->hidden;
}

static bool is_of_units(const struct object *func, htab_t units)
{
	struct fact *f = NULL;
	const char *unit, *type;

	func = func->hot ? func->hot : func;
	while ((unit = facts_unit(func, &f, &type)))
		if (may_be_of_unit(func, unit) && htab_find(units, unit))
			return true;
	return false;
}

bool hides_data(const struct object *func)
{
	return !hp_broken("hidden") && (is_of_units(func, units_of(func->image)->assembler) || lost_symbols(func));
}

bool lost_symbols(const struct object *func)
{
	return is_of_units(func, units_of(func->image)->stripped);
}

void hidden_release(struct image *img)
{
	if (!img->hidden)
		return;
	htab_delete(img->hidden->assembler);
	htab_delete(img->hidden->stripped);
	free(img->hidden);
	img->hidden = NULL;
}
