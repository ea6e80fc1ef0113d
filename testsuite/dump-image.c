/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prints what hp-diff's input side sees in a file, in a form that tests can compare.
 *
 *   dump-image FILE [sections|objects|refs|fdes|plts|gots|image] [FUNCTION]
 *   dump-image FILE verify      counts refs by kind and target, and lists every REF_UNKNOWN; exit status 1 if there are
 *   dump-image -s FILE ...      strict: only files that hp-diff takes
 *
 * Any linked program with --emit-relocs serves; the plugin is not needed.
 */
#include <stdlib.h>
#include <string.h>
#include "../postlink/read.h"

static const char *const kinds[] = {
	"CALL", "PCREL", "ABS32", "ABS32S", "ABS64", "PCREL_DATA", "PC64", "GOT", "GOT_TPOFF", "TLSGD", "TLSLD",
	"TLSDESC", "TPOFF32", "DTPOFF32", "TPOFF64", "DTPOFF64", "GOTPC", "GOTOFF", "SIZE", "UNKNOWN",
};
static const char *const targets[] = { "object", "import", "anon", "abs", "nothing" };
static const char *const object_kinds[] = { "func", "ifunc", "data", "tls", "label" };
static const char *const holds[] = { "address", "tpoff", "tlsgd", "tlsld", "tlsdesc" };
static const char *const image_kinds[] = { "pie", "exec", "static", "static-pie", "shared", "object" };

static unsigned long long num(uint64_t v) { return v; }

static void print_sections(const struct image *img)
{
	for (uint32_t i = 0; i < img->nsections; i++) {
		const struct section *s = &img->sections[i];

		printf("%-20s %8llx %8llx %s%s%s%s%s objects %u refs %u\n", s->name, num(s->addr), num(s->size),
		       s->exec ? "x" : "-", s->write ? "w" : "-", s->tls ? "t" : "-", s->nobits ? "n" : "-",
		       s->relro ? "r" : "-", s->nobjects, s->nrefs);
	}
}

static void print_object(const struct object *o)
{
	printf("%8llx %6llx %-5s %s%s%s%s %s %s", num(o->addr), num(o->size), object_kinds[o->kind],
	       o->global ? "g" : "-", o->weak ? "w" : "-", o->hidden ? "h" : "-", o->exported ? "e" : "-",
	       o->section->name, o->name);
	for (const struct alias *a = o->aliases; a; a = a->next)
		printf(" = %s%s", a->name, a->exported ? "(e)" : "");
	if (o->file)
		printf(" [%s]", o->file);
	if (o->hot)
		printf(" cold-of %s", o->hot->name);
	if (o->cold)
		printf(" cold %s", o->cold->name);
	printf("%s refs %u\n", o->fde ? " fde" : "", o->nrefs);
}

static void print_ref(const struct image *img, const struct ref *r)
{
	const struct object *in = image_object_at(img, r->at);

	printf("%8llx %s+%llx %s/%u%s%s%s%s tail %u -> ", num(r->at), in ? in->name : "?",
	       num(r->at - (in ? in->addr : 0)), kinds[r->kind], r->size, r->kind == REF_UNKNOWN ? "!" : "",
	       r->lea ? " lea" : "", r->literal ? " literal" : "", r->edge ? " edge" : "", r->tail);
	if (r->target == TARGET_OBJECT)
		printf("%s%+lld", r->object->name, (long long)r->offset);
	else if (r->target == TARGET_IMPORT)
		printf("import %s%+lld", r->import, (long long)r->offset);
	else
		printf("%s %llx", targets[r->target], num(r->addr));
	printf(" (type %u)\n", r->type);
}

static bool wanted(const struct object *o, const char *name)
{
	if (!name)
		return true;
	for (const struct alias *a = o ? o->aliases : NULL; a; a = a->next)
		if (!strcmp(a->name, name))
			return true;
	return o && !strcmp(o->name, name);
}

static void print_fde(const struct image *img, const struct fde *f)
{
	const struct object *o = image_object_at(img, f->addr);

	printf("%8llx %6llx %s at %llx \"%s\" insns %u", num(f->addr), num(f->range), o ? o->name : "?", num(f->at),
	       f->cie->augmentation, f->ninsns);
	if (f->lsda)
		printf(" lsda %llx-%llx", num(f->lsda), num(f->lsda_end));
	if (f->cie->personality)
		printf(" personality %llx", num(f->cie->personality));
	putchar('\n');
}

static void print_image(const struct image *img)
{
	printf("%s", image_kinds[img->kind]);
	printf(" build-id ");
	for (uint32_t i = 0; i < img->build_id_size; i++)
		printf("%02x", img->build_id[i]);
	printf("\ntls %llx %llx %llu\neh_frame_hdr %llx %u\n", num(img->tls_addr), num(img->tls_size),
	       num(img->tls_align), num(img->eh_frame_hdr), img->eh_count);
	printf("note %llx arena %llx-%llx reserve %llx-%llx registry %llx stub %llx facts %llu\n", num(img->note_addr),
	       num(img->arena), num(img->arena_end), num(img->reserve), num(img->reserve_end), num(img->registry),
	       num(img->stub), num(img->facts_size));
	printf("objects %u refs %u fdes %u plts %u gots %u\n", img->nobjects, img->nrefs, img->nfdes, img->nplts,
	       img->ngots);
}

static int verify_refs(const struct image *img)
{
	unsigned count[REF_UNKNOWN + 1][TARGET_NOTHING + 1] = { { 0 } }, unknown = 0;

	for (uint32_t i = 0; i < img->nrefs; i++) {
		count[img->refs[i].kind][img->refs[i].target]++;
		if (img->refs[i].kind == REF_UNKNOWN && ++unknown <= 50)
			print_ref(img, &img->refs[i]);
	}
	for (int k = 0; k <= REF_UNKNOWN; k++)
		for (int t = 0; t <= TARGET_NOTHING; t++)
			if (count[k][t])
				printf("%-10s %-7s %u\n", kinds[k], targets[t], count[k][t]);
	printf("unknown %u\n", unknown);
	return unknown != 0;
}

static int print(struct image *img, const char *what, const char *name)
{
	if (!strcmp(what, "verify"))
		return verify_refs(img);
	if (!strcmp(what, "image"))
		print_image(img);
	if (!strcmp(what, "sections"))
		print_sections(img);
	for (uint32_t i = 0; !strcmp(what, "objects") && i < img->nobjects; i++)
		if (wanted(&img->objects[i], name))
			print_object(&img->objects[i]);
	for (uint32_t i = 0; !strcmp(what, "refs") && i < img->nrefs; i++)
		if (wanted(image_object_at(img, img->refs[i].at), name))
			print_ref(img, &img->refs[i]);
	for (uint32_t i = 0; !strcmp(what, "fdes") && i < img->nfdes; i++)
		if (wanted(image_object_at(img, img->fdes[i].addr), name))
			print_fde(img, &img->fdes[i]);
	for (uint32_t i = 0; !strcmp(what, "plts") && i < img->nplts; i++)
		printf("%8llx %u %s\n", num(img->plts[i].addr), img->plts[i].size, img->plts[i].import);
	for (uint32_t i = 0; !strcmp(what, "gots") && i < img->ngots; i++)
		printf("%8llx %s %s %llx\n", num(img->gots[i].addr), holds[img->gots[i].holds],
		       img->gots[i].import ? img->gots[i].import : "-", num(img->gots[i].value));
	return 0;
}

int main(int argc, char **argv)
{
	bool strict = argc > 1 && !strcmp(argv[1], "-s");
	struct image *img;
	int status;

	argv += strict;
	argc -= strict;
	if (argc < 2)
		return 2;
	img = strict ? image_read(argv[1], NULL) : image_read_any(argv[1], NULL);
	if (!img)
		return 2;
	image_fill(img);
	status = print(img, argc > 2 ? argv[2] : "image", argc > 3 ? argv[3] : NULL);
	image_release(img);
	return status;
}
