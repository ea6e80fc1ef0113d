// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Variables that must be aligned more in NEW than OLD has them: by an attribute, or since the vectoriser reads them sixteen
 * bytes and more at once, by instructions that fault elsewhere (D facts). OLD's variable stays where it is, so it is refused;
 * in a process that starts it gets another place (grown.c). A constant is copied.
 *
 *	static float sums[3];   ->      static float sums[3] __attribute__((aligned(64)));
 */
#include "diff.h"
#include "facts.h"

void aligned_mark(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		struct object *o = &d->new->objects[i];
		uint64_t need;

		if (!o->twin || (o->kind != OBJECT_DATA && o->kind != OBJECT_TLS))
			continue;
		need = facts_alignment(o);
		o->misplaced = o->kind == OBJECT_TLS ? (o->twin->addr - d->old->tls_addr) % need || d->old->tls_align % need :
			       o->twin->addr % need;
	}
}

static bool is_used(const struct image *img, const struct object *o)
{
	for (uint32_t i = 0; i < img->nrefs; i++)
		if (img->refs[i].target == TARGET_OBJECT && img->refs[i].object == o)
			return true;
	return o->exported;
}

void refuse_misplaced(struct diff *d)
{
	for (uint32_t i = 0; i < d->new->nobjects; i++) {
		const struct object *o = &d->new->objects[i];

		if (o->misplaced && o->twin && !o->included && is_used(d->new, o))
			refuse_add(d, CAUSE_ALIGNMENT, o->name, "%llu bytes", (unsigned long long)facts_alignment(o));
	}
}
