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
	add(leases, document_text(object, "ip-address"),
	    document_text(object, "mac-address"), document_number(object, "expiry-time"));
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

char **lease_paths(const void *ctx, const struct settings *settings)
{
	char **paths = mem_array(ctx, char *, 4);

	if (*settings->leases) {
		paths[0] = settings_path(paths, settings, settings->leases);
		return paths;
	}
	paths[0] = mem_printf(paths, "%s/var/lib/libvirt/dnsmasq/%s.status",
			      settings->root, settings->bridge);
	paths[1] = settings_path(paths, settings, "/var/lib/hubshare/dnsmasq.leases");
	paths[2] = settings_path(paths, settings, "/var/lib/misc/dnsmasq.leases");
	return paths;
}

struct leases *lease_load(const void *ctx, const struct settings *settings)
{
	char **paths = lease_paths(NULL, settings);
	struct leases *leases = NULL;

	for (size_t i = 0; !leases && paths[i]; i++)
		leases = load_file(ctx, paths[i]);
	talloc_free(paths);
	if (!leases)
		return mem_new(ctx, struct leases);
	drop_ended(leases, time(NULL));
	return leases;
}

bool leases_have(const struct leases *leases, const struct lease *lease)
{
	for (size_t i = 0; i < leases->count; i++)
		if (leases->list[i].ip.s_addr == lease->ip.s_addr &&
		    mac_equal(leases->list[i].mac, lease->mac))
			return true;
	return false;
}

static bool is_leased_to_anybody(const struct leases *leases, size_t count,
				 struct in_addr ip)
{
	for (size_t i = 0; i < count; i++)
		if (leases->list[i].ip.s_addr == ip.s_addr)
			return true;
	return false;
}

int64_t leases_carry(struct leases *leases, const struct leases *before, int64_t now_ms)
{
	size_t count = leases->count;
	int64_t next_ms = -1;

	for (size_t i = 0; i < before->count; i++) {
		struct lease lease = before->list[i];

		if (!lease.missed_ms)
			lease.missed_ms = now_ms;
		int64_t left_ms = lease.missed_ms + LEASE_MISSED_MS - now_ms;
		if (left_ms <= 0 || is_leased_to_anybody(leases, count, lease.ip))
			continue;
		*mem_grow(leases, leases->list, struct lease, leases->count) = lease;
		leases->count++;
		if (next_ms < 0 || left_ms < next_ms)
			next_ms = left_ms;
	}
	return next_ms;
}
