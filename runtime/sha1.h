/* SPDX-License-Identifier: MIT */
/* SHA-1 (RFC 3174) without a C library. It guards against damage, not forgers: trust comes from the file's owner. */
#ifndef HOTPATCH_SHA1_H
#define HOTPATCH_SHA1_H

#include <stdint.h>

#define SHA1_SIZE 20

struct sha1 {
	uint32_t h[5];
	uint64_t length;                /* bytes fed so far */
	uint8_t block[64];              /* the last LENGTH % 64 of them */
};

void sha1_init(struct sha1 *s);
void sha1_feed(struct sha1 *s, const void *bytes, uint64_t size);
void sha1_finish(struct sha1 *s, uint8_t digest[SHA1_SIZE]);

#endif
