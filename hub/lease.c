/* SPDX-License-Identifier: ISC */
#include "hub/lease.h"

#include <bsd/stdlib.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "common/document.h"
#include "common/file.h"
#include "common/memory.h"
#include "common/text.h"

enum { LEASES_MAX_BYTES = 16 << 20 };

static void add(struct leases *leases, const char *ip, const char *mac, int64_t until_s)
{
	struct lease lease = { .until_s = until_s };

	if (!ip || !mac || !ip_parse(ip, &lease.ip) || !mac_parse(mac, &lease.mac))
		return;
	*mem_grow(leases, leases->list, struct lease, leases->count) = lease;
	leases->count++;
}

static struct fault *add_object(const struct document *object, void *leases)
{
	add(leases, document_text(object, "ip-address"), document_text(object, "mac-address"),
	    document_number(object, "expiry-time"));
	return NULL;
}

static struct fault *parse_json(const char *text, struct leases *leases)
{
	struct document *document;
	struct fault *fault = document_read(leases, text, &document);

	return fault ? fault : document_each(document, add_object, leases);
}

static void parse_lines(char *text, struct leases *leases)
{
	char *line;

	while ((line = text_line(&text))) {
		const char *until = strsep(&line, " ");
		const char *mac = strsep(&line, " "), *ip = strsep(&line, " ");

		add(leases, ip, mac, strtonum(until, 0, INT64_MAX, NULL));
	}
}

struct fault *lease_parse(const void *ctx, const char *text, struct leases **ret)
{
	struct leases *leases = mem_new(ctx, struct leases);
	struct fault *fault = NULL;

	if (text[strspn(text, " \t\r\n")] == '[')
		fault = parse_json(text, leases);
	else
		parse_lines(mem_strdup(leases, text), leases);
	if (fault)
		talloc_free(leases);
	else
		*ret = leases;
	return fault;
}

/* NULL where that file does not help. */
static struct leases *load_file(const void *ctx, const char *path)
{
	struct leases *leases = NULL;
	char *text;
	struct fault *fault = file_read(ctx, AT_FDCWD, path, LEASES_MAX_BYTES, &text);

	if (!fault && text)
		fault = lease_parse(ctx, text, &leases);
	talloc_free(fault);
	talloc_free(text);
	return leases;
}

static void drop_ended(struct leases *leases, int64_t now_s)
{
	size_t kept = 0;

	for (size_t i = 0; i < leases->count; i++)
		if (!leases->list[i].until_s || leases->list[i].until_s > now_s)
			leases->list[kept++] = leases->list[i];
	leases->count = kept;
}

struct leases *lease_load(const void *ctx, const struct settings *settings)
{
	struct leases *leases = NULL;

	if (*settings->leases)
		leases = load_file(ctx, settings_path(ctx, settings, settings->leases));
	else if (!(leases = load_file(
			   ctx, mem_printf(ctx, "%s/var/lib/libvirt/dnsmasq/%s.status",
					   settings->root, settings->bridge))))
		leases = load_file(ctx, settings_path(ctx, settings,
						      "/var/lib/misc/dnsmasq.leases"));
	if (!leases)
		return mem_new(ctx, struct leases);
	drop_ended(leases, time(NULL));
	return leases;
}
