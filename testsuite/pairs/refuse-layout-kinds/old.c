#include <complex.h>
#include <stdio.h>
#include <stdlib.h>

/* As many bytes, and other values: elements of vectors and complex numbers, decimal and binary, order of bytes, truth. */
#define ORDER "little-endian"
typedef int part;
typedef int complex pair_of;
typedef _Decimal64 price;
typedef long double exact;
typedef char flag;

typedef part four __attribute__((vector_size(16)));

struct point { four at; pair_of pair; price price; exact exact; flag flag; };
struct __attribute__((scalar_storage_order(ORDER))) header { short tag; unsigned length : 12; };

static struct point *point;
static struct header *header;

__attribute__((noipa)) static void begin(void)
{
	point = aligned_alloc(16, sizeof *point);
	*point = (struct point){ { 1, 2, 3, 4 }, 3, 2, 5, 1 };
	header = calloc(1, sizeof *header);
	header->tag = 4;
	header->length = 5;
}

__attribute__((noipa)) static void show(void)
{
	printf("%d %d %d %d %d %d %d\n", (int)point->at[1], (int)__real__ point->pair, (int)point->price, (int)point->exact,
	       point->flag, header->tag, header->length);
}

int main(void)
{
	begin();
	show();
	return 0;
}
