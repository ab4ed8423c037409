/* SPDX-License-Identifier: ISC */
#include "confgen/share.h"

#include <arpa/inet.h>
#include <bsd/stdlib.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/memory.h"
#include "common/text.h"

enum { NAME_MAX_CHARS = 80, PATH_MAX_BYTES = 4095, HOSTS_MAX_BYTES = 4096 };

#define ROW(name, aliases, kind, member, fallback)                                       \
	{                                                                                \
		name, aliases, kind, offsetof(struct share, member), fallback            \
	}

const struct parameter share_parameters[] = {
	ROW("guest ok", "public", PARAMETER_BOOL, guest_ok, "no"),
	ROW("read only", "!writeable;!writable;!write ok", PARAMETER_BOOL, read_only,
	    "yes"),
	ROW("hosts allow", "allow hosts", PARAMETER_LIST, hosts_allow, ""),
	ROW("force user", "", PARAMETER_TEXT, force_user, ""),
	ROW("create mask", "create mode", PARAMETER_MODE, create_mask, "0744"),
	ROW("directory mask", "directory mode", PARAMETER_MODE, directory_mask, "0755"),
	ROW("path", "directory", PARAMETER_TEXT, path, ""),
	{ 0 },
};

/* Names that mean something else to Samba or Windows than a directory to share. */
static const char *const reserved_names[] = { "global",	  "globals",  "homes",
					      "printers", "print$",   "ipc$",
					      "admin$",	  "netlogon", "sysvol" };

struct share *share_new(const void *ctx, const char *name, const char *path)
{
	struct share *share = mem_new(ctx, struct share);

	share->name = mem_strdup(share, name);
	share->path = path ? mem_strdup(share, path) : NULL;
	share->create_mask = "0664";
	share->directory_mask = "0775";
	share->owner = (uid_t)-1;
	return share;
}

bool share_same_name(const char *a, const char *b)
{
	return text_same(a, b);
}

struct fault *share_check_name(const char *name)
{
	const char *forbidden = "%<>*?|/\\+=;:\",[]";
	char *visible = text_visible(NULL, name);
	bool printable = strcmp(visible, name) == 0 || strchr(name, '\\');
	size_t chars = 0, length = strlen(name);
	const char *at = strpbrk(name, forbidden), *why = NULL;

	talloc_free(visible);
	if (!text_is_utf8(name, &chars))
		why = "is not UTF-8";
	else if (chars < 1 || chars > NAME_MAX_CHARS)
		why = "does not have 1 to 80 characters";
	else if (!printable)
		why = "has a control character in it";
	else if (strchr(" .-#", name[0]))
		why = "begins with a blank, '.', '-' or '#'";
	else if (strchr(" .", name[length - 1]))
		why = "ends with a blank or '.'";
	else if (strstr(name, "  "))
		why = "has two blanks in a row, which Samba would make one";
	if (at && !why)
		return fault_new(
			FAULT_USAGE,
			"A share cannot be called '%s': '%c' is not allowed in a name",
			name, *at);
	for (size_t i = 0; !why && i < sizeof(reserved_names) / sizeof(*reserved_names);
	     i++)
		if (share_same_name(name, reserved_names[i]))
			why = "is a name that Samba reserves";
	return why ? fault_new(FAULT_USAGE, "A share cannot be called '%s': it %s", name,
			       why) :
		     NULL;
}

/* Why TEXT would be another one once Samba has read it; NULL: it is as it stands. */
static const char *changed_by_samba(const char *text)
{
	size_t length = strlen(text);

	for (const char *c = text; *c; c++)
		if (iscntrl((unsigned char)*c))
			return "it has a control character in it";
	if (strchr(text, '%'))
		return "Samba replaces '%' and knows no way to write it";
	if (strstr(text, "  "))
		return "Samba makes one blank of several";
	if (*text == ' ')
		return "Samba drops a blank at the beginning";
	if (length && text[length - 1] == ' ')
		return "Samba drops a blank at the end";
	if (length && text[length - 1] == '\\')
		return "Samba joins lines at a backslash at the end";
	if (length && text[length - 1] == '"')
		return "Samba drops a quotation mark at the end";
	return NULL;
}

struct fault *share_check_path(const char *path)
{
	const char *why = NULL;

	if (*path != '/')
		why = "it is not absolute";
	else if (strlen(path) > PATH_MAX_BYTES)
		why = "it is too long";
	else if (!text_is_utf8(path, NULL))
		why = "it is not UTF-8, which smbd cannot serve";
	else
		why = changed_by_samba(path);
	return why ? fault_new(FAULT_USAGE, "'%s' cannot be shared: %s", path, why) :
		     NULL;
}

/* Samba reads a mask as octal and stops where it is none. */
static struct fault *check_mode(const char *what, const char *value)
{
	if (!value ||
	    (strlen(value) <= 5 && *value && value[strspn(value, "01234567")] == '\0'))
		return NULL;
	return fault_new(FAULT_USAGE, "'%s' cannot be the %s of a share: it is not octal",
			 value, what);
}

/* What a hand wrote: it must stay one line, and be all that it brings in. */
static struct fault *check_extra(const char *extra)
{
	static const char *const elsewhere[] = { "include", "copy", "config file" };
	size_t length = strlen(extra);

	if (length && extra[length - 1] == '\\')
		return fault_new(
			FAULT_USAGE,
			"'%s' would take the next line along: it ends in a backslash",
			extra);
	for (const char *c = extra; *c; c++)
		if (iscntrl((unsigned char)*c))
			return fault_new(FAULT_USAGE,
					 "'%s' has a control character in it", extra);
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++)
		if (!strchr("#;", *extra) && share_same_parameter(extra, elsewhere[i]))
			return fault_new(
				FAULT_USAGE,
				"'%s' cannot stand in a share: what it brings in stands "
				"elsewhere",
				extra);
	return NULL;
}

static struct fault *check_text(const char *what, const char *value)
{
	const char *why = value ? changed_by_samba(value) : NULL;

	if (!why && value && strchr(value, '\\'))
		why = "it has a backslash in it";
	return why ? fault_new(FAULT_USAGE, "'%s' cannot be the %s of a share: %s", value,
			       what, why) :
		     NULL;
}

struct fault *share_check(const struct share *share)
{
	struct fault *fault;

	if ((fault = share_check_name(share->name)))
		return fault;
	if (!share->path)
		return fault_new(FAULT_USAGE, "The share '%s' has no path", share->name);
	if ((fault = share_check_path(share->path)) ||
	    (fault = check_text("force user", share->force_user)) ||
	    (fault = check_mode("create mask", share->create_mask)) ||
	    (fault = check_mode("directory mask", share->directory_mask)) ||
	    (fault = check_text("hosts allow", share->hosts_allow)))
		return fault;
	for (size_t i = 0; !fault && i < share->extra_count; i++)
		fault = check_extra(share->extras[i]);
	return fault;
}

/* One "address[/bits]" in canonical form; NULL if it is none. */
static char *canonical_host(const void *ctx, char *word)
{
	uint8_t bytes[16];
	char text[INET6_ADDRSTRLEN];
	char *slash = strchr(word, '/');
	const char *error = NULL;

	if (slash)
		*slash = '\0';
	int family = strchr(word, ':') ? AF_INET6 : AF_INET;
	unsigned width = family == AF_INET6 ? 128 : 32;
	unsigned bits = slash ? (unsigned)strtonum(slash + 1, 0, width, &error) : width;
	if (slash)
		*slash = '/';
	if (error || (slash && !isdigit((unsigned char)slash[1])))
		return NULL;
	char *address = slash ? mem_strndup(ctx, word, (size_t)(slash - word)) :
				mem_strdup(ctx, word);
	if (inet_pton(family, address, bytes) != 1)
		return NULL;
	for (unsigned bit = bits; bit < width; bit++)
		bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	inet_ntop(family, bytes, text, sizeof(text));
	return bits == width ? mem_strdup(ctx, text) :
			       mem_printf(ctx, "%s/%u", text, bits);
}

struct fault *share_parse_hosts(const void *ctx, const char *list, const char **ret)
{
	char *scratch = mem_strdup(NULL, list), *rest = scratch, *word, *hosts = NULL;
	struct fault *fault = NULL;

	while (!fault && (word = strsep(&rest, ", \t"))) {
		if (!*word)
			continue;
		char *host = canonical_host(scratch, word);
		if (host)
			hosts = mem_append(scratch, hosts, "%s%s", hosts ? ", " : "",
					   host);
		else
			fault = fault_new(FAULT_USAGE,
					  "'%s' is no address and no range such as "
					  "172.16.10.0/24; names are not taken",
					  word);
	}
	if (!fault && !hosts)
		fault = fault_new(FAULT_USAGE,
				  "The list of allowed hosts '%s' is empty, which "
				  "would mean everybody",
				  list);
	if (!fault && strlen(hosts) > HOSTS_MAX_BYTES)
		fault = fault_new(
			FAULT_USAGE,
			"The list of allowed hosts has more than %d bytes; name ranges",
			HOSTS_MAX_BYTES);
	if (!fault)
		*ret = talloc_steal(ctx, hosts);
	talloc_free(scratch);
	return fault;
}

/* Names of parameters are compared without case and without blanks (lib/param). */
static bool same_parameter(const char *a, size_t a_length, const char *b)
{
	const char *end = a + a_length;

	for (;;) {
		while (a < end && isspace((unsigned char)*a))
			a++;
		while (isspace((unsigned char)*b))
			b++;
		if (a == end || !*b)
			return a == end && !*b;
		if (tolower((unsigned char)*a++) != tolower((unsigned char)*b++))
			return false;
	}
}

bool share_same_parameter(const char *line, const char *name)
{
	char *wanted = mem_strndup(NULL, name, strcspn(name, "="));
	bool same = same_parameter(line, strcspn(line, "="), wanted);

	talloc_free(wanted);
	return same;
}

static const struct parameter *find_parameter(const char *name, bool *ret_opposite)
{
	*ret_opposite = false;
	for (const struct parameter *p = share_parameters; p->name; p++) {
		if (same_parameter(p->name, strlen(p->name), name))
			return p;
		for (const char *alias = p->aliases; *alias;) {
			size_t length = strcspn(alias, ";");
			bool opposite = *alias == '!';

			if (same_parameter(alias + opposite, length - opposite, name)) {
				*ret_opposite = opposite;
				return p;
			}
			alias += length + (alias[length] == ';');
		}
	}
	return NULL;
}

static bool parse_bool(const char *value, bool *ret)
{
	static const char *const words[][2] = {
		{ "no", "yes" }, { "false", "true" }, { "off", "on" }, { "0", "1" }
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		for (int truth = 0; truth < 2; truth++)
			if (strcasecmp(value, words[i][truth]) == 0) {
				*ret = truth;
				return true;
			}
	return false;
}

static void keep_extra(struct share *share, char *line)
{
	*mem_grow(share, share->extras, const char *, share->extra_count) =
		talloc_steal(share, line);
	share->extra_count++;
}

bool share_set(struct share *share, const char *name, const char *value)
{
	bool opposite, truth;
	const struct parameter *p = find_parameter(name, &opposite);
	void *member = p ? (char *)share + p->offset : NULL;

	if (p && p->kind != PARAMETER_BOOL)
		*(const char **)member = *value ? mem_strdup(share, value) : NULL;
	else if (p && !parse_bool(value, &truth))
		return false;
	else if (p)
		*(bool *)member = truth != opposite;
	else
		keep_extra(share, mem_printf(share, "%s = %s", name, value));
	return true;
}

void share_remark(struct share *share, const char *line)
{
	char *remark = mem_strdup(share, line);
	const char *note = remark + strspn(line, "# ;\t"), *error = NULL;

	/* What is written has no control character, which a tab is. */
	for (char *c = remark; (c = strchr(c, '\t'));)
		*c = ' ';
	if (strcmp(note, "hubshare: private") == 0)
		share->private = true;
	else if (strncmp(note, "hubshare: owner=", 16) == 0)
		share->owner = (uid_t)strtonum(note + 16, 0, (uid_t)-2, &error);
	else if (strncmp(note, "hubshare: ", 10) != 0 ||
		 !term_parse_note(note + 10, &share->term))
		keep_extra(share, remark);
	if (error)
		share->owner = (uid_t)-1;
}

struct values *share_values(const void *ctx, const struct share *share,
			    const char *address)
{
	struct values *values = values_new(ctx);

	values_add(values, "name", share->name);
	values_add(values, "note", share->private ? "private" : NULL);
	if (share->owner != (uid_t)-1)
		values_add(values, "note", mem_printf(values, "owner=%u", share->owner));
	values_add(values, "note", term_note(values, &share->term));
	for (const struct parameter *p = share_parameters; p->name; p++) {
		const void *member = (const char *)share + p->offset;

		if (p->kind == PARAMETER_BOOL)
			values_add(values, p->name, *(const bool *)member ? "yes" : "no");
		else if (member == &share->hosts_allow && share->private)
			values_add(values, p->name, address);
		else
			values_add(values, p->name, *(const char *const *)member);
	}
	for (size_t i = 0; i < share->extra_count; i++)
		values_add(values, "extra", share->extras[i]);
	return values;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool share_same_access(const struct share *a, const struct share *b)
{
	if (a->extra_count != b->extra_count || a->private != b->private)
		return false;
	for (size_t i = 0; i < a->extra_count; i++)
		if (strcmp(a->extras[i], b->extras[i]) != 0)
			return false;
	for (const struct parameter *p = share_parameters; p->name; p++) {
		const void *x = (const char *)a + p->offset,
			   *y = (const char *)b + p->offset;

		if (x == &a->hosts_allow && a->private)
			continue; /* each rendering has its own address there */
		if (p->kind == PARAMETER_BOOL ?
			    *(const bool *)x != *(const bool *)y :
			    !same_text(*(const char *const *)x, *(const char *const *)y))
			return false;
	}
	return true;
}
