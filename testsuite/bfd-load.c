/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bfd-load FILE...: what it costs to bring files into memory with libbfd and do nothing with them: symbols, relocations
 * and section contents. The yardstick that hp-diff's time is measured by.
 */
#define PACKAGE "hotpatch"
#define PACKAGE_VERSION "1"
#include <bfd.h>
#include <stdio.h>
#include <stdlib.h>

static void die(const char *what, const char *path)
{
	fprintf(stderr, "cannot %s '%s': %s\n", what, path, bfd_errmsg(bfd_get_error()));
	exit(2);
}

/* Emitted relocations of loaded sections; sections that the loader relocates by itself have none here. */
static long load_relocs(bfd *b, asection *s, asymbol **symbols)
{
	long size = bfd_get_reloc_upper_bound(b, s);
	return size > (long)sizeof(arelent *) ? bfd_canonicalize_reloc(b, s, malloc(size), symbols) : 0;
}

static void load(const char *path)
{
	bfd *b = bfd_openr(path, NULL);
	long size, nsymbols, nrelocs = 0;
	asymbol **symbols;
	bfd_byte *bytes;

	if (!b || !bfd_check_format(b, bfd_object))
		die("open", path);
	size = bfd_get_symtab_upper_bound(b);
	symbols = malloc(size > 0 ? size : 1);
	nsymbols = bfd_canonicalize_symtab(b, symbols);
	if (nsymbols < 0)
		die("read the symbols of", path);
	for (asection *s = b->sections; s; s = s->next) {
		nrelocs += load_relocs(b, s, symbols);
		if ((s->flags & SEC_HAS_CONTENTS) && !bfd_malloc_and_get_section(b, s, &bytes))
			die("read", path);
	}
	printf("%s: %ld symbols, %ld relocations\n", path, nsymbols, nrelocs);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		load(argv[i]);
	return 0;
}
