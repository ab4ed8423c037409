/* SPDX-License-Identifier: ISC */
#include "confgen/fragment.h"

#include <ctype.h>
#include <sha2.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

struct fault *fragment_templates_load(const void *ctx, const char *directory,
				      struct fragment_templates **ret)
{
	struct fragment_templates *templates = mem_new(ctx, struct fragment_templates);
	struct fault *fault;

	if ((fault = template_load(templates, directory, "fragment.conf",
				   &templates->head)) ||
	    (fault = template_load(templates, directory, "share.conf",
				   &templates->share)))
		talloc_free(templates);
	else
		*ret = templates;
	return fault;
}

struct fragment *fragment_new(const void *ctx, const char *uuid, const char *vm,
			      enum tenure tenure)
{
	struct fragment *fragment = mem_new(ctx, struct fragment);

	fragment->uuid = uuid ? mem_strdup(fragment, uuid) : NULL;
	fragment->vm = vm ? mem_strdup(fragment, vm) : NULL;
	fragment->tenure = tenure;
	return fragment;
}

/* The sum of TEXT without the line "# sum: " of its head; a share may have such a remark. */
static const char *text_sum(const char *text,
			    char sum[static SHA256_DIGEST_STRING_LENGTH])
{
	const char *line = strstr(text, "\n# sum: "), *body = strstr(text, "\n[");

	if (line && body && line > body)
		line = NULL;
	const char *rest = line ? strchrnul(line + 1, '\n') : text + strlen(text);
	SHA2_CTX context;

	SHA256Init(&context);
	SHA256Update(&context, (const uint8_t *)text,
		     line ? (size_t)(line - text) : strlen(text));
	SHA256Update(&context, (const uint8_t *)rest, strlen(rest));
	return SHA256End(&context, sum);
}

/* "KEY: VALUE" of a comment in the head. */
static void parse_head(struct fragment *fragment, char *line, const char *sum)
{
	char *key = line + strspn(line, "# \t"), *value = strstr(key, ": ");

	if (!value)
		return;
	*value = '\0';
	value = text_strip(value + 2);
	if (strcmp(key, "UUID") == 0)
		fragment->uuid = text_plain(fragment, value);
	else if (strcmp(key, "VM") == 0)
		fragment->vm = text_plain(fragment, value);
	else if (strcmp(key, "MAC") == 0)
		fragment->mac = text_plain(fragment, value);
	else if (strcmp(key, "cut") == 0)
		fragment_cut(fragment, text_plain(fragment, value));
	else if (strcmp(key, "sum") == 0)
		fragment->edited = strcmp(value, sum) != 0;
}

/* Leaves of every run of white space its first character and takes it off the ends, as tini.c
 * does: a tab stays one, and does not become another path's blank. */
static char *collapse(char *text)
{
	char *out = text;

	for (const char *in = text; *in; in++)
		if (!isspace((unsigned char)*in) ||
		    (out > text && !isspace((unsigned char)out[-1])))
			*out++ = *in;
	while (out > text && isspace((unsigned char)out[-1]))
		out--;
	*out = '\0';
	return text;
}

/* The next line, with the lines that a backslash at the end joins to it. */
static char *joined_line(struct fragment *fragment, char **rest)
{
	char *line = text_line(rest), *next;

	if (!line || strchr("#;", *text_strip(line)))
		return line;
	for (;;) {
		size_t length = strlen(line);

		while (length > 0 && strchr(" \t\r", line[length - 1]))
			length--;
		if (length == 0 || line[length - 1] != '\\' || !(next = text_line(rest)))
			return line;
		line = mem_printf(fragment, "%.*s%s", (int)length - 1, line, next);
	}
}

static struct fault *open_section(struct fragment *fragment, char *line)
{
	char *end = strchr(line, ']');

	if (!end)
		return fault_new(FAULT_FAILED, "'%s' has no ]", line);
	*end = '\0';
	if (!*collapse(++line))
		return fault_new(FAULT_FAILED, "a share has no name");
	if (fragment_find(fragment, line))
		return fault_new(FAULT_FAILED, "the share '%s' stands twice", line);
	struct share *share = share_new(fragment, line, NULL);
	share->create_mask = share->directory_mask = NULL;
	share->read_only = true; /* smb.conf(5): the default */
	fragment_add(fragment, share);
	return NULL;
}

static struct fault *parse_line(struct fragment *fragment, char *line, const char *sum)
{
	struct share *share =
		fragment->count ? fragment->shares[fragment->count - 1] : NULL;
	char *equals;

	line = text_strip(line);
	if (!*line)
		return NULL;
	if (strchr("#;", *line)) {
		if (share)
			share_remark(share, line);
		else
			parse_head(fragment, line, sum);
		return NULL;
	}
	if (*line == '[')
		return open_section(fragment, line);
	if (line[strlen(line) - 1] == '\\')
		return fault_new(FAULT_FAILED, "'%s' ends in a backslash", line);
	if (!share)
		return fault_new(FAULT_FAILED, "'%s' stands before the first share",
				 line);
	if (!(equals = strchr(line, '=')))
		return fault_new(FAULT_FAILED, "'%s' has no =", line);
	*equals++ = '\0';
	if (!*collapse(line))
		return fault_new(FAULT_FAILED, "a value without a name stands in '%s'",
				 share->name);
	if (!share_set(share, line, collapse(equals)))
		return fault_new(FAULT_FAILED, "'%s' cannot be '%s'", line, equals);
	return NULL;
}

struct fault *fragment_parse(const void *ctx, const char *text, struct fragment **ret)
{
	struct fragment *fragment = fragment_new(ctx, NULL, NULL, TENURE_TEMPORARY);
	char sum[SHA256_DIGEST_STRING_LENGTH];
	char *rest = mem_strdup(fragment, text), *line;
	struct fault *fault = NULL;

	text_sum(text, sum);
	fragment->edited = true; /* until the sum is found */
	while (!fault && (line = joined_line(fragment, &rest)))
		fault = parse_line(fragment, line, sum);
	if (fault)
		talloc_free(fragment);
	else
		*ret = fragment;
	return fault;
}

struct fragment *fragment_parse_head(const void *ctx, const char *text)
{
	struct fragment *fragment = fragment_new(ctx, NULL, NULL, TENURE_TEMPORARY);
	char *rest = mem_strdup(fragment, text), *line;

	while ((line = text_line(&rest)) && *(line = text_strip(line)) != '[')
		if (*line == '#')
			parse_head(fragment, line, "");
	fragment->edited = fragment->broken = true;
	return fragment;
}

/* TEXT (or NULL) for a line of the head: blanks at its ends would not be read again. */
static char *head_text(const void *ctx, const char *text)
{
	char *visible = text ? text_visible(ctx, text) : NULL;
	size_t length = text ? strlen(visible) : 0;

	if (length && visible[length - 1] == ' ')
		visible = mem_printf(ctx, "%.*s\\040", (int)length - 1, visible);
	return length && *visible == ' ' ? mem_printf(ctx, "\\040%s", visible + 1) :
					   visible;
}

static struct fault *fill_head(const struct fragment_templates *templates,
			       const struct fragment *fragment, const char *sum,
			       char **ret)
{
	struct values *values = values_new(NULL);

	values_add(values, "uuid", head_text(values, fragment->uuid));
	values_add(values, "vm", head_text(values, fragment->vm));
	values_add(values, "mac", head_text(values, fragment->mac));
	for (size_t i = 0; i < fragment->cut_count; i++)
		values_add(values, "cut", head_text(values, fragment->cuts[i]));
	values_add(values, "sum", sum);
	struct fault *fault = template_fill(NULL, templates->head, values, ret);
	talloc_free(values);
	return fault;
}

static struct fault *fill_shares(const struct fragment_templates *templates,
				 const struct fragment *fragment, const char *address,
				 char **text)
{
	struct fault *fault = NULL;
	char *section;

	for (size_t i = 0; !fault && i < fragment->count; i++) {
		struct values *values = share_values(NULL, fragment->shares[i], address);

		if (!(fault = share_check(fragment->shares[i])) &&
		    !(fault = template_fill(values, templates->share, values, &section)))
			*text = mem_append(NULL, *text, "\n%s", section);
		talloc_free(values);
	}
	return fault;
}

struct fault *fragment_truth(const void *ctx, const struct fragment_templates *templates,
			     const struct fragment *fragment, char **ret)
{
	struct fragment plain = *fragment;
	char *text = NULL;

	plain.mac = NULL;
	plain.cut_count = 0;
	struct fault *fault = fill_head(templates, &plain, NULL, &text);
	if (!fault)
		fault = fill_shares(templates, fragment, NULL, &text);
	if (fault)
		talloc_free(text);
	else
		*ret = talloc_steal(ctx, text);
	return fault;
}

struct fault *fragment_rendering(const void *ctx,
				 const struct fragment_templates *templates,
				 const struct fragment *fragment, const char *address,
				 char **ret)
{
	char sum[SHA256_DIGEST_STRING_LENGTH];
	char *body = mem_strdup(NULL, ""), *head = NULL, *whole;
	struct fault *fault;

	if (!(fault = fill_shares(templates, fragment, address, &body)) &&
	    !(fault = fill_head(templates, fragment, NULL, &head))) {
		whole = mem_printf(NULL, "%s%s", head, body);
		text_sum(whole, sum);
		talloc_free(whole);
		TALLOC_FREE(head);
		if (!(fault = fill_head(templates, fragment, sum, &head)))
			*ret = mem_printf(ctx, "%s%s", head, body);
	}
	talloc_free(head);
	talloc_free(body);
	return fault;
}

struct share *fragment_find(const struct fragment *fragment, const char *name)
{
	for (size_t i = 0; i < fragment->count; i++)
		if (share_same_name(fragment->shares[i]->name, name))
			return fragment->shares[i];
	return NULL;
}

void fragment_add(struct fragment *fragment, struct share *share)
{
	*mem_grow(fragment, fragment->shares, struct share *, fragment->count) =
		talloc_steal(fragment, share);
	fragment->count++;
}

void fragment_remove(struct fragment *fragment, struct share *share)
{
	size_t i = 0;

	while (i < fragment->count && fragment->shares[i] != share)
		i++;
	if (i == fragment->count)
		return;
	memmove(&fragment->shares[i], &fragment->shares[i + 1],
		(fragment->count - i - 1) * sizeof(*fragment->shares));
	fragment->count--;
	talloc_free(share);
}

void fragment_cut(struct fragment *fragment, const char *name)
{
	for (size_t i = 0; i < fragment->cut_count; i++)
		if (share_same_name(fragment->cuts[i], name))
			return;
	*mem_grow(fragment, fragment->cuts, const char *, fragment->cut_count) =
		mem_strdup(fragment, name);
	fragment->cut_count++;
}
