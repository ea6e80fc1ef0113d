/* SPDX-License-Identifier: MIT */
/*
 * A small JSON writer, and the words that text and JSON share.
 *
 * What a process calls itself, or its files, may be any bytes: in text what would disturb a terminal is replaced, in
 * JSON, which is read on terminals, too, it is escaped, and everything that is not UTF-8 becomes U+FFFD.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <string.h>
#include "ctl.h"

static const struct { const char *code, *text, *remedy; } causes[CTL_NCAUSES] = {
#define HP_CTL_CAUSE(id, code, text, remedy) [id] = { code, text, remedy },
#include "ctl-cause.def"
#undef HP_CTL_CAUSE
};

const char *cause_code(enum ctl_cause cause) { return causes[cause].code; }
const char *cause_text(enum ctl_cause cause) { return causes[cause].text; }
const char *cause_remedy(enum ctl_cause cause) { return causes[cause].remedy; }

/* Length of the well-formed UTF-8 sequence at s, 0 when there is none. */
static size_t utf8(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3 :
		   s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* What a well-formed sequence stands for. */
static unsigned code_point(const unsigned char *s, size_t length)
{
	return length == 1 ? s[0] : length == 2 ? (s[0] & 0x1fu) << 6 | (s[1] & 0x3f) :
	       length == 3 ? (s[0] & 0xfu) << 12 | (s[1] & 0x3fu) << 6 | (s[2] & 0x3f) : 0x10000;
}

/* Would it move the cursor, begin an escape sequence, break the line, or turn the direction of what stands behind
 * it? */
static bool disturbs(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e || code == 0x200f ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

const char *printable(const char *string)
{
	static char bufs[4][512];
	static unsigned turn;
	char *buf = bufs[turn++ % 4];
	size_t n = 0;

	for (const unsigned char *s = (const unsigned char *)string; *s && n < sizeof(bufs[0]) - 5;) {
		size_t length = utf8(s);
		if (!hp_broken("printable") && (length == 0 || disturbs(code_point(s, length)))) {
			buf[n++] = '?';
			s += length ? length : 1;
			continue;
		}
		memcpy(buf + n, s, length);
		n += length;
		s += length;
	}
	buf[n] = '\0';
	return buf;
}

const char *hex(const uint8_t *bytes, size_t n)
{
	static char bufs[4][80];
	static unsigned turn;
	char *buf = bufs[turn++ % 4];

	buf[0] = '\0';
	for (size_t i = 0; i < n && i < 39; i++)
		sprintf(buf + 2 * i, "%02x", bytes[i]);
	return buf;
}

static void write_string(FILE *out, const char *value)
{
	putc('"', out);
	for (const unsigned char *s = (const unsigned char *)value; *s;) {
		size_t length = utf8(s);
		if (length == 0) {
			fputs("\\ufffd", out);
			length = 1;
		} else if (*s == '"' || *s == '\\') {
			fprintf(out, "\\%c", *s);
		} else if (disturbs(code_point(s, length))) {
			fprintf(out, "\\u%04x", code_point(s, length));
		} else {
			fwrite(s, 1, length, out);
		}
		s += length;
	}
	putc('"', out);
}

static void write_key(struct json *j, const char *key)
{
	if (j->more)
		putc(',', j->out);
	if (j->depth)
		fprintf(j->out, "\n%*s", (int)j->depth * 2, "");
	if (key) {
		write_string(j->out, key);
		fputs(": ", j->out);
	}
	j->more = true;
}

void json_open(struct json *j, const char *key, char bracket)
{
	write_key(j, key);
	putc(bracket, j->out);
	j->depth++;
	j->more = false;
}

void json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->more)
		fprintf(j->out, "\n%*s", (int)j->depth * 2, "");
	putc(bracket, j->out);
	j->more = true;
}

void json_string(struct json *j, const char *key, const char *value)
{
	write_key(j, key);
	write_string(j->out, value);
}

void json_number(struct json *j, const char *key, int64_t value)
{
	write_key(j, key);
	fprintf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	write_key(j, key);
	fputs(value ? "true" : "false", j->out);
}

void json_end(struct json *j)
{
	putc('\n', j->out);
}
