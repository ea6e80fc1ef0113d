/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Unwind tables: entries of .eh_frame with their CIEs, the size of .eh_frame_hdr, the extents of LSDAs.
 *
 * The final bytes are read; what --emit-relocs leaves for .eh_frame is not looked at (linkers other than GNU ld get it
 * wrong). Pointers are decoded as the CIE's augmentation says; an entry with something that is not understood is
 * skipped, which leaves its function without unwind entry, and that is refused where it matters.
 *
 * An LSDA has no size field. Its end is the end of what its header, call sites and action records reach; what lies
 * between it and the next one is padding.
 */
#include <stdlib.h>
#include <string.h>
#include <libiberty/libiberty.h>
#include "cursor.h"
#include "read.h"

enum {
	PE_ABSPTR = 0x00, PE_ULEB128 = 0x01, PE_UDATA2 = 0x02, PE_UDATA4 = 0x03, PE_UDATA8 = 0x04,
	PE_SLEB128 = 0x09, PE_SDATA2 = 0x0a, PE_SDATA4 = 0x0b, PE_SDATA8 = 0x0c,
	PE_PCREL = 0x10, PE_DATAREL = 0x30, PE_OMIT = 0xff,
};

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static uint64_t take_value(struct cursor *c, unsigned format)
{
	switch (format & 0x0f) {
	case PE_ABSPTR: case PE_UDATA8: case PE_SDATA8: return cursor_take(c, 8);
	case PE_ULEB128: return cursor_uleb(c);
	case PE_SLEB128: return cursor_sleb(c);
	case PE_UDATA2: return cursor_take(c, 2);
	case PE_UDATA4: return cursor_take(c, 4);
	case PE_SDATA2: return (int16_t)cursor_take(c, 2);
	case PE_SDATA4: return (int32_t)cursor_take(c, 4);
	}
	c->bad = true;
	return 0;
}

/* An encoded pointer: absolute or relative to itself. 0 stays 0. */
static uint64_t take_pointer(struct cursor *c, unsigned enc)
{
	uint64_t place = c->base + c->at, v;

	if (enc == PE_OMIT)
		return 0;
	v = take_value(c, enc);
	switch (enc & 0x70) {
	case 0: return v;
	case PE_PCREL: return v ? v + place : 0;
	}
	c->bad = true;
	return 0;
}

/* ---- CIE --------------------------------------------------------------------------------------------------------- */

static void take_augmentation(struct cursor *c, struct cie *cie)
{
	for (const char *p = cie->augmentation + 1; *p && !c->bad; p++)
		switch (*p) {
		case 'L': cie->lsda_enc = cursor_take(c, 1); break;
		case 'R': cie->fde_enc = cursor_take(c, 1); break;
		case 'S': cie->signal_frame = true; break;
		case 'P':
			cie->personality_enc = cursor_take(c, 1);
			cie->personality = take_pointer(c, cie->personality_enc);
			break;
		default: c->bad = true;
		}
}

static bool parse_cie(struct cursor c, struct cie *cie)
{
	unsigned version = cursor_take(&c, 1);
	uint64_t size;

	*cie = (struct cie) { .fde_enc = PE_ABSPTR, .lsda_enc = PE_OMIT, .personality_enc = PE_OMIT };
	cie->augmentation = (const char *)c.bytes + c.at;
	while (!c.bad && cursor_take(&c, 1))
		;
	if (c.bad || (version != 1 && version != 3))
		return false;
	cie->code_align = cursor_uleb(&c);
	cie->data_align = cursor_sleb(&c);
	cie->ra_reg = version == 1 ? cursor_take(&c, 1) : cursor_uleb(&c);
	if (*cie->augmentation == 'z') {
		size = cursor_uleb(&c);
		if (c.bad || size > c.end - c.at)
			return false;
		cie->insns = c.bytes + c.at + size;
		take_augmentation(&c, cie);
	} else if (*cie->augmentation) {
		return false;
	} else {
		cie->insns = c.bytes + c.at;
	}
	cie->ninsns = c.bytes + c.end - cie->insns;
	return !c.bad;
}

/* ---- LSDA -------------------------------------------------------------------------------------------------------- */

/* End of the exception specification that the negative FILTER names: type indices up to a 0, behind the type table. */
static uint64_t specification_end(struct cursor c, uint64_t types, int64_t filter)
{
	uint64_t at = types - filter - 1;

	if (at < types || at >= c.end)
		return 0;
	c.at = at;
	while (!c.bad && cursor_uleb(&c))
		;
	return c.bad ? 0 : c.at;
}

/* Follows one chain of action records from AT; the end of what it reaches, as offset. */
static uint64_t actions_end(struct cursor c, uint64_t at, uint64_t types, uint64_t end)
{
	for (int limit = 0; limit < 10000 && at < c.end; limit++) {
		int64_t filter, next;
		uint64_t place, spec;

		c.at = at;
		filter = cursor_sleb(&c);
		place = c.at;
		next = cursor_sleb(&c);
		if (c.bad)
			break;
		end = c.at > end ? c.at : end;
		spec = filter < 0 && types ? specification_end(c, types, filter) : 0;
		end = spec > end ? spec : end;
		if (!next)
			break;
		at = place + next;
	}
	return end;
}

/* End address of the LSDA at ADDR; 0 when it makes no sense. */
static uint64_t lsda_end(const struct image *img, uint64_t addr)
{
	const struct section *s = image_section_at(img, addr);
	struct cursor c;
	uint64_t types = 0, calls, end;
	unsigned enc;

	if (!s || !s->bytes)
		return 0;
	c = (struct cursor) { s->bytes, s->addr, addr - s->addr, s->size, false };
	enc = cursor_take(&c, 1);
	if (enc != PE_OMIT)
		take_value(&c, enc);
	if (cursor_take(&c, 1) != PE_OMIT) {
		types = cursor_uleb(&c);
		types += c.at;
	}
	enc = cursor_take(&c, 1);
	calls = cursor_uleb(&c);
	if (c.bad || types > c.end || calls > c.end - c.at)
		return 0;
	calls += c.at;
	end = types > calls ? types : calls;
	while (!c.bad && c.at < calls) {
		uint64_t action;

		for (int i = 0; i < 3; i++)
			take_value(&c, enc);
		action = cursor_uleb(&c);
		if (!c.bad && action)
			end = actions_end(c, calls + action - 1, types, end);
	}
	return c.bad ? 0 : s->addr + end - hp_broken("exception-tables");
}

/* ---- FDE --------------------------------------------------------------------------------------------------------- */

static bool parse_fde(const struct image *img, struct cursor c, struct cie *cie, struct fde *f)
{
	uint64_t size;

	f->cie = cie;
	f->addr = take_pointer(&c, cie->fde_enc);
	f->range = take_value(&c, cie->fde_enc & 0x0f);
	if ((cie->fde_enc & 0x0f) == PE_SDATA4)
		f->range = (uint32_t)f->range;
	if (*cie->augmentation == 'z') {
		size = cursor_uleb(&c);
		if (c.bad || size > c.end - c.at)
			return false;
		f->insns = c.bytes + c.at + size;
		f->lsda = size ? take_pointer(&c, cie->lsda_enc) : 0;
	} else {
		f->insns = c.bytes + c.at;
	}
	f->ninsns = c.bytes + c.end - f->insns;
	if (c.bad || !f->addr || !f->range)
		return false;
	f->lsda_end = f->lsda ? lsda_end(img, f->lsda) : 0;
	return true;
}

/* One record: its extent without the length field, and its id (0: a CIE). False at the end of the section. */
static bool next_record(struct cursor *all, struct cursor *rec, uint64_t *at, uint32_t *id)
{
	uint64_t size;

	*at = all->at;
	size = cursor_take(all, 4);
	if (size == 0xffffffff)
		size = cursor_take(all, 8);
	*rec = *all;
	if (!size)
		return !all->bad && all->at < all->end;
	if (all->bad || size < 4 || size > all->end - all->at)
		return false;
	rec->end = all->at + size;
	all->at = rec->end;
	*id = cursor_take(rec, 4);
	return true;
}

/* Where the CIEs are: offset of each in the section, ascending, as they come. */
struct cie_place { uint64_t at; };

static struct cie *cie_at(struct input *in, const struct cie_place *places, uint64_t at)
{
	uint32_t lo = 0, hi = in->ncies;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (places[mid].at < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < in->ncies && places[lo].at == at && in->cies[lo].augmentation ? &in->cies[lo] : NULL;
}

static struct cursor whole(const struct section *s) { return (struct cursor) { s->bytes, s->addr, 0, s->size, false }; }

static struct cie_place *read_cies(struct image *img, const struct section *s, uint32_t *nfdes)
{
	struct input *in = input_of(img);
	struct cursor all = whole(s), rec;
	struct cie_place *places = NULL;
	uint32_t room = 0, id = 0;
	uint64_t at;

	*nfdes = 0;
	while (next_record(&all, &rec, &at, &id)) {
		if (rec.at == all.at)
			continue;
		if (id) {
			++*nfdes;
			continue;
		}
		if (in->ncies == room) {
			room = room ? 2 * room : 64;
			in->cies = xrealloc(in->cies, room * sizeof *in->cies);
			places = xrealloc(places, room * sizeof *places);
		}
		if (!parse_cie(rec, &in->cies[in->ncies]))
			in->cies[in->ncies].augmentation = NULL;
		places[in->ncies++].at = at;
	}
	return places;
}

static void sort_fdes(struct image *img)
{
	struct place *places = xmalloc((img->nfdes + 1) * sizeof *places);
	struct fde *to = xmalloc((img->nfdes + 1) * sizeof *to);

	for (uint32_t i = 0; i < img->nfdes; i++)
		places[i] = (struct place) { .addr = img->fdes[i].addr, .sym = i };
	places = sort_places(places, img->nfdes);
	for (uint32_t i = 0; i < img->nfdes; i++)
		to[i] = img->fdes[places[i].sym];
	free(img->fdes);
	img->fdes = to;
	free(places);
}

static void read_fdes(struct image *img, const struct section *s)
{
	struct input *in = input_of(img);
	struct cursor all = whole(s), rec;
	struct cie_place *places;
	uint32_t n, id = 0;
	uint64_t at;
	bool sorted = true;

	places = read_cies(img, s, &n);
	img->fdes = xcalloc(n + 1ull, sizeof *img->fdes);
	while (next_record(&all, &rec, &at, &id)) {
		struct fde *f = &img->fdes[img->nfdes];
		struct cie *cie;

		if (rec.at == all.at || !id)
			continue;
		cie = cie_at(in, places, rec.at - 4 - id);
		f->at = s->addr + at;
		if (cie && parse_fde(img, rec, cie, f))
			img->nfdes++;
		else
			*f = (struct fde) { 0 };
	}
	free(places);
	for (uint32_t i = 1; i < img->nfdes && sorted; i++)
		sorted = img->fdes[i - 1].addr <= img->fdes[i].addr;
	if (!sorted)
		sort_fdes(img);
}

/* The entries of functions, by going through both in step. */
static void give_fdes(struct image *img)
{
	struct fde *f = img->fdes, *end = img->nfdes ? img->fdes + img->nfdes : NULL;

	for (uint32_t i = 0; i < img->nobjects && img->nfdes; i++) {
		struct object *o = &img->objects[i];

		if (!o->section->exec)
			continue;
		while (f < end && f->addr < o->addr)
			f++;
		while (f > img->fdes && f[-1].addr >= o->addr)
			f--;
		o->fde = f < end && f->addr == o->addr ? f : NULL;
	}
}

/* The search table of .eh_frame_hdr, if it has the form that all linkers write: sdata4, relative to the header. */
static void read_header(struct image *img, const struct section *s)
{
	struct cursor c = whole(s);
	unsigned version = cursor_take(&c, 1), frame = cursor_take(&c, 1), count = cursor_take(&c, 1), table = cursor_take(&c, 1);
	uint64_t n;

	take_value(&c, frame);
	n = take_value(&c, count);
	if (c.bad || version != 1 || count != PE_UDATA4 || table != (PE_DATAREL | PE_SDATA4) || n > (c.end - c.at) / 8)
		return;
	img->eh_frame_hdr = s->addr;
	img->eh_count = n;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

struct fde *image_fde_at(const struct image *img, uint64_t addr)
{
	uint32_t lo = 0, hi = img->nfdes;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (img->fdes[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && addr - img->fdes[lo - 1].addr < img->fdes[lo - 1].range ? &img->fdes[lo - 1] : NULL;
}

void eh_collect(struct image *img)
{
	for (uint32_t i = 0; i < img->nsections; i++) {
		const struct section *s = &img->sections[i];

		if (s->bytes && !strcmp(s->name, ".eh_frame") && !img->fdes)
			read_fdes(img, s);
		if (s->bytes && !strcmp(s->name, ".eh_frame_hdr"))
			read_header(img, s);
	}
	give_fdes(img);
}

void eh_release(struct image *img)
{
	free(img->fdes);
	free(input_of(img)->cies);
}
