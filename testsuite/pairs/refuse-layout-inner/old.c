#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part without a name gets a field where it was padded; a new member of a union is none. */
struct packet {
	int id;
	struct {
		char tag;
		long at;
	} part;
	union {
		long number;
		struct {
			char low;
			int high;
		} halves;
	} value;
};

static struct packet *packet;

__attribute__((noipa)) static void begin(void)
{
	packet = malloc(sizeof *packet);
	memset(packet, 0x11, sizeof *packet);
	packet->part.at = 3;
}

__attribute__((noipa)) static void show(void)
{
	printf("%ld\n", packet->part.at);
}

int main(void)
{
	begin();
	show();
	return 0;
}
