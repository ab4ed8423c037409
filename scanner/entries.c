/* SPDX-License-Identifier: ISC */
#include "scanner/entries.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/memory.h"

/* As much as the entries of four /16 networks need. */
#define TEXT_MAX ((size_t)16 << 20)

static struct fault *read_stream(const void *ctx, FILE *file, const char *name,
				 char **ret)
{
	char *text = mem_strdup(ctx, "");
	size_t length = 0, room = 0, got;

	do {
		room = room ? 2 * room : 4096;
		text = mem_check(talloc_realloc(ctx, text, char, room));
		got = fread(text + length, 1, room - length - 1, file);
		length += got;
	} while (got && length < TEXT_MAX);
	text[length] = '\0';
	*ret = text;
	return ferror(file) ? fault_errno(errno, "Cannot read %s", name) : NULL;
}

/* The text of a list: itself, or that of the file it names. */
static struct fault *read_list(const void *ctx, const char *text, char **ret)
{
	struct fault *f;
	FILE *file;

	if (text[0] != '@') {
		*ret = mem_strdup(ctx, text);
		return NULL;
	}
	if (strcmp(text, "@-") == 0)
		return read_stream(ctx, stdin, "standard input", ret);
	file = fopen(text + 1, "re");
	if (!file)
		return fault_errno(errno, "Cannot open %s", text + 1);
	f = read_stream(ctx, file, text + 1, ret);
	fclose(file);
	return f;
}

struct fault *entries_macs(const void *ctx, const char *text, struct mac **ret,
			   size_t *ret_count)
{
	struct mac *mac = mem_array(ctx, struct mac, 1);
	size_t count = 0, room = 1;
	char *rest, *entry;
	struct fault *f = read_list(mac, text, &rest);

	if (f)
		return f;
	while ((entry = strsep(&rest, ",\n"))) {
		if (!*entry)
			continue;
		if (count == room)
			mac = mem_check(talloc_realloc(ctx, mac, struct mac, room *= 2));
		if (!mac_parse(entry, &mac[count++]))
			return fault_new(FAULT_USAGE, "'%s' is no MAC", entry);
	}
	*ret = mac;
	*ret_count = count;
	return NULL;
}

static bool parse_known(char *entry, struct known *ret)
{
	char *mac = entry + strcspn(entry, "=\t");

	if (*mac == '\t')
		mac[1 + strcspn(mac + 1, "\t")] = '\0';
	if (*mac)
		*mac++ = '\0';
	return ip_parse(entry, &ret->ip) && mac_parse(mac, &ret->mac);
}

struct fault *entries_known(const void *ctx, const char *text, struct known **ret,
			    size_t *ret_count)
{
	struct known *known = mem_array(ctx, struct known, 1);
	size_t count = 0, room = 1;
	char *rest, *entry;
	struct fault *f = read_list(known, text, &rest);

	if (f)
		return f;
	while ((entry = strsep(&rest, ",\n"))) {
		if (!*entry)
			continue;
		if (count == room)
			known = mem_check(
				talloc_realloc(ctx, known, struct known, room *= 2));
		if (!parse_known(entry, &known[count++]))
			return fault_new(FAULT_USAGE, "'%s' is no IP=MAC", entry);
	}
	*ret = known;
	*ret_count = count;
	return NULL;
}
