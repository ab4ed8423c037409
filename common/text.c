/* SPDX-License-Identifier: ISC */
#include "common/text.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#define LIBBSD_OPENBSD_VIS /* libbsd wants to know whose strnvis() is meant; none here */
#include <bsd/vis.h>

#include "common/memory.h"

/* How many bytes the UTF-8 character at TEXT has; 0 if it is none.  RFC 3629, section 4. */
static size_t utf8_length(const char *text, uint32_t *ret_code)
{
	static const struct {
		uint8_t mask, lead;
		uint32_t least;
	} form[] = { { 0x80, 0x00, 0 },
		     { 0xe0, 0xc0, 0x80 },
		     { 0xf0, 0xe0, 0x800 },
		     { 0xf8, 0xf0, 0x10000 } };
	const uint8_t *byte = (const uint8_t *)text;

	for (size_t n = 0; n < 4; n++) {
		if ((byte[0] & form[n].mask) != form[n].lead)
			continue;
		uint32_t code = byte[0] & (uint8_t)~form[n].mask;
		for (size_t i = 1; i <= n; i++) {
			if ((byte[i] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (byte[i] & 0x3f);
		}
		if (code < form[n].least || code > 0x10ffff ||
		    (code >= 0xd800 && code <= 0xdfff))
			return 0;
		*ret_code = code;
		return n + 1;
	}
	return 0;
}

/*
 * Characters that move the cursor, hide or reorder text: C0, DEL, C1, and the format
 * characters of Unicode's Bidi_Control, zero-width and line separator kinds.
 */
static bool is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad ||
	       code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
	       code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) || code >= 0xe0000;
}

/* vis(3) asks the locale, which takes some single bytes beyond ASCII for printable. */
static char *write_byte(char *out, uint8_t byte)
{
	if (byte < 0x80)
		return vis(out, byte, VIS_CSTYLE | VIS_OCTAL | VIS_WHITE, 0);
	*out++ = '\\';
	for (int shift = 6; shift >= 0; shift -= 3)
		*out++ = (char)('0' + (byte >> shift & 7));
	return out;
}

char *text_visible(const void *ctx, const char *text)
{
	size_t room = strlen(text) * 4 + 1;
	char *visible = mem_array(ctx, char, room), *out = visible;
	uint32_t code = 0;

	while (*text) {
		size_t length = utf8_length(text, &code);

		if (length > 0 && !is_unsafe(code) && *text != '\\') {
			out = mempcpy(out, text, length);
			text += length;
			continue;
		}
		for (length = length ? length : 1; length > 0; length--, text++)
			out = write_byte(out, (uint8_t)*text);
	}
	*out = '\0';
	return visible;
}

char *text_json(const void *ctx, const char *text)
{
	char *json = mem_array(ctx, char, strlen(text) * 6 + 1), *out = json;
	size_t length;
	uint32_t code = 0;

	for (; *text; text += length) {
		length = utf8_length(text, &code);
		if (!length || !is_unsafe(code) || *text == '\n')
			out = mempcpy(out, text, length = length ? length : 1);
		else if (code < 0x10000)
			out += sprintf(out, "\\u%04x", code);
		else /* the two halves of UTF-16 */
			out += sprintf(out, "\\u%04x\\u%04x", 0xd7c0 + (code >> 10),
				       0xdc00 + (code & 0x3ff));
	}
	*out = '\0';
	return json;
}

char *text_plain(const void *ctx, const char *visible)
{
	char *plain = mem_strdup(ctx, visible);

	if (strunvis(plain, visible) < 0)
		strcpy(plain, visible);
	return plain;
}

bool text_is_utf8(const char *text, size_t *ret_chars)
{
	size_t chars = 0, length;
	uint32_t code;

	for (; *text; text += length, chars++)
		if (!(length = utf8_length(text, &code)))
			return false;
	if (ret_chars)
		*ret_chars = chars;
	return true;
}

/* How many columns the character at TEXT takes, and how many bytes it has. */
static size_t char_width(const char *text, size_t *ret_length)
{
	uint32_t code = 0;
	size_t length = utf8_length(text, &code);
	int columns = length ? wcwidth((wchar_t)code) : 1;

	*ret_length = length ? length : 1;
	return columns < 0 ? 1 : (size_t)columns;
}

size_t text_width(const char *text)
{
	size_t width = 0, length;

	for (; *text; text += length)
		width += char_width(text, &length);
	return width;
}

/* How many bytes of TEXT fit into COLUMNS columns. */
static size_t text_fitting(const char *text, size_t columns)
{
	size_t bytes = 0, length, width;

	for (; text[bytes]; bytes += length, columns -= width)
		if ((width = char_width(text + bytes, &length)) > columns)
			break;
	return bytes;
}

/* The longest end of TEXT that fits; it begins with no accent of what is left out. */
static const char *text_end(const char *text, size_t columns)
{
	size_t left = text_width(text), length, width;

	for (; *text; text += length, left -= width) {
		width = char_width(text, &length);
		if (left <= columns && width > 0)
			break;
	}
	return text;
}

char *text_shorten(const void *ctx, const char *text, size_t columns)
{
	size_t before = columns / 2;

	if (text_width(text) <= columns || columns == 0)
		return mem_strdup(ctx, columns ? text : "");
	return mem_printf(ctx, "%.*s\u2026%s", (int)text_fitting(text, before), text,
			  text_end(text, columns - before - 1));
}

char *text_wrap(const void *ctx, const char *text, size_t columns, size_t indent)
{
	char *wrapped = mem_strdup(ctx, "");
	size_t used = indent;

	while (*text) {
		size_t blanks = strspn(text, " "),
		       length = blanks + strcspn(text + blanks, " ");
		char *word = mem_strndup(NULL, text, length);
		bool breaks =
			columns && used > indent && used + text_width(word) > columns;

		if (breaks)
			wrapped = mem_append(ctx, wrapped, "\n%*s", (int)indent, "");
		wrapped = mem_append(ctx, wrapped, "%s", word + (breaks ? blanks : 0));
		used = (breaks ? indent - blanks : used) + text_width(word);
		talloc_free(word);
		text += length;
	}
	return wrapped;
}

bool text_same(const char *a, const char *b)
{
	uint32_t x = 0, y = 0;

	while (*a && *b) {
		size_t m = utf8_length(a, &x), n = utf8_length(b, &y);

		if (!m || !n) /* not UTF-8: byte by byte */
			return strcmp(a, b) == 0;
		if (towlower(towupper((wint_t)x)) != towlower(towupper((wint_t)y)))
			return false;
		a += m;
		b += n;
	}
	return *a == *b;
}

char *text_strip(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	for (char *end = text + strlen(text);
	     end > text && isspace((unsigned char)end[-1]);)
		*--end = '\0';
	return text;
}

char *text_line(char **rest)
{
	char *line = *rest;

	if (!line || !*line)
		return NULL;
	char *end = strchrnul(line, '\n');
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return line;
}
