/* SPDX-License-Identifier: MIT */
/* SHA-1 (RFC 3174) in its plain form: the stub wants it small, and a patch has some ten kilobytes. */
#include "sha1.h"
#include "bytes.h"

static uint32_t rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

static uint32_t load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

void sha1_init(struct sha1 *s)
{
	s->h[0] = 0x67452301;
	s->h[1] = 0xefcdab89;
	s->h[2] = 0x98badcfe;
	s->h[3] = 0x10325476;
	s->h[4] = 0xc3d2e1f0;
	s->length = 0;
}

/* The round function and constant of step I. */
static uint32_t mix(unsigned i, uint32_t b, uint32_t c, uint32_t d)
{
	if (i < 20)
		return (d ^ (b & (c ^ d))) + 0x5a827999;
	if (i < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (i < 60)
		return ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void sha1_block(uint32_t h[5], const uint8_t *block)
{
	uint32_t w[16], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	for (unsigned i = 0; i < 80; i++) {
		uint32_t *x = &w[i % 16];

		if (i < 16)
			*x = load_be32(block + 4 * i);
		else
			*x = rotate(w[(i + 13) % 16] ^ w[(i + 8) % 16] ^ w[(i + 2) % 16] ^ *x, 1);
		uint32_t next = rotate(a, 5) + mix(i, b, c, d) + e + *x;
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void sha1_feed(struct sha1 *s, const void *bytes, uint64_t size)
{
	for (const uint8_t *p = bytes; size; size--) {
		s->block[s->length++ % 64] = *p++;
		if (s->length % 64 == 0)
			sha1_block(s->h, s->block);
	}
}

void sha1_finish(struct sha1 *s, uint8_t digest[SHA1_SIZE])
{
	uint64_t bits = s->length * 8;
	uint8_t tail[8], byte = 0x80;

	do {
		sha1_feed(s, &byte, 1);
		byte = 0;
	} while (s->length % 64 != 56);
	for (unsigned i = 0; i < 8; i++)
		tail[i] = bits >> (56 - 8 * i);
	sha1_feed(s, tail, 8);
	for (unsigned i = 0; i < SHA1_SIZE; i++)
		digest[i] = s->h[i / 4] >> (24 - 8 * (i % 4));
}
