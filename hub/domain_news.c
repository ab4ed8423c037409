/* SPDX-License-Identifier: ISC */
#include "hub/domain_news.h"

#include <string.h>

#include "common/document.h"
#include "common/memory.h"

static const char *const kinds[] = { [NEWS_DOMAIN] = "domain",
				     [NEWS_GONE] = "gone",
				     [NEWS_LIST] = "list",
				     [NEWS_WHOLE] = "whole",
				     [NEWS_ALIVE] = "alive" };

static void put_nic(struct document *array, const struct nic *nic)
{
	struct document *object = document_object(array);

	document_put_text(object, "mac", MAC_TEXT(nic->mac));
	document_put_text(object, "network", nic->network);
	document_put_text(object, "bridge", nic->bridge);
	document_put_text(object, "tap", nic->tap);
	document_put_bool(object, "down", nic->down);
	document_append(array, object);
}

char *domain_news_line(const void *ctx, const struct domain_news *news)
{
	struct document *object = document_object(NULL), *nics = document_array(object);
	struct document *disks = document_array(object);
	const struct domain *domain = news->domain;

	document_put_text(object, "kind", kinds[news->kind]);
	if (domain)
		document_put_text(object, "uuid", domain->uuid);
	if (domain && news->kind == NEWS_DOMAIN) {
		document_put_text(object, "name", domain->name);
		document_put_bool(object, "running", domain->running);
		document_put_number(object, "id", domain->id);
		for (size_t i = 0; i < domain->nic_count; i++)
			put_nic(nics, &domain->nics[i]);
		document_put(object, "nics", nics);
		for (size_t i = 0; i < domain->disk_count; i++)
			document_append_text(disks, domain->disks[i]);
		document_put(object, "disks", disks);
	}
	char *line = mem_strdup(ctx, document_write(object, object, false));
	talloc_free(object);
	return line;
}

/* NULL for a text that is empty: what was not known is not told. */
static const char *known_text(const void *ctx, const struct document *object,
			      const char *key)
{
	const char *text = document_text(object, key);

	return *text ? mem_strdup(ctx, text) : NULL;
}

static struct fault *take_nic(const struct document *object, void *user)
{
	struct domain *domain = user;
	struct nic nic = {
		.network = known_text(domain, object, "network"),
		.bridge = known_text(domain, object, "bridge"),
		.tap = known_text(domain, object, "tap"),
		.down = document_truth(object, "down"),
	};

	if (!mac_parse(document_text(object, "mac"), &nic.mac))
		return fault_new(FAULT_FAILED, "a NIC without a MAC");
	*mem_grow(domain, domain->nics, struct nic, domain->nic_count) = nic;
	domain->nic_count++;
	return NULL;
}

static struct fault *take_disk(const struct document *text, void *user)
{
	const char *path = document_string(text);

	if (!path)
		return fault_new(FAULT_FAILED, "a disk without a path");
	domain_add_disk(user, path);
	return NULL;
}

static struct fault *read_domain(const void *ctx, const struct document *object,
				 struct domain **ret)
{
	struct domain *domain = mem_new(ctx, struct domain);
	struct document *nics = document_member(domain, object, "nics");
	struct document *disks = document_member(domain, object, "disks");
	struct fault *fault = NULL;

	domain->uuid = known_text(domain, object, "uuid");
	domain->name = mem_strdup(domain, document_text(object, "name"));
	domain->running = document_truth(object, "running");
	domain->id = domain->running ? (int)document_number(object, "id") : -1;
	if (!domain->uuid)
		fault = fault_new(FAULT_FAILED, "a domain without a UUID");
	else if (nics)
		fault = document_each(nics, take_nic, domain);
	if (!fault && disks)
		fault = document_each(disks, take_disk, domain);
	talloc_free(nics);
	talloc_free(disks);
	if (fault)
		talloc_free(domain);
	else
		*ret = domain;
	return fault;
}

struct fault *domain_news_parse(const void *ctx, const char *line,
				struct domain_news *ret)
{
	struct document *object = NULL;
	struct domain_news news = { 0 };
	struct fault *fault = document_read(ctx, line, &object);
	size_t kind = 0;

	if (fault)
		return fault;
	while (kind < sizeof(kinds) / sizeof(*kinds) &&
	       strcmp(kinds[kind], document_text(object, "kind")) != 0)
		kind++;
	news.kind = (enum domain_news_kind)kind;
	if (kind == sizeof(kinds) / sizeof(*kinds))
		fault = fault_new(FAULT_FAILED, "'%s' is no news of a domain", line);
	else if (news.kind == NEWS_DOMAIN || news.kind == NEWS_GONE)
		fault = read_domain(ctx, object, &news.domain);
	talloc_free(object);
	if (!fault)
		*ret = news;
	return fault;
}

static void remove_at(struct domains *domains, size_t at)
{
	talloc_free(domains->list[at]);
	domains->list[at] = domains->list[--domains->count];
}

static void put_domain(struct domains *domains, struct domain *domain)
{
	size_t at = 0;

	while (at < domains->count && strcmp(domains->list[at]->uuid, domain->uuid) != 0)
		at++;
	if (at < domains->count)
		remove_at(domains, at);
	*mem_grow(domains, domains->list, struct domain *, domains->count) =
		talloc_steal(domains, domain);
	domains->count++;
}

static void take_whole(struct domains *domains, struct domains *listed)
{
	for (size_t i = domains->count; i > 0; i--)
		if (!domains_by_uuid(listed, domains->list[i - 1]->uuid))
			remove_at(domains, i - 1);
	for (size_t i = 0; i < listed->count; i++)
		put_domain(domains, listed->list[i]);
}

void domain_news_take(struct domains *domains, struct domains **listed,
		      const struct domain_news *news)
{
	struct domain *gone = news->kind == NEWS_GONE ?
				      domains_by_uuid(domains, news->domain->uuid) :
				      NULL;

	if (news->kind == NEWS_LIST) {
		talloc_free(*listed);
		*listed = mem_new(domains, struct domains);
	} else if (news->kind == NEWS_DOMAIN) {
		put_domain(*listed ? *listed : domains, news->domain);
	} else if (news->kind == NEWS_WHOLE && *listed) {
		take_whole(domains, *listed);
		talloc_free(*listed);
		*listed = NULL;
	}
	for (size_t i = 0; gone && i < domains->count; i++)
		if (domains->list[i] == gone) {
			remove_at(domains, i);
			break;
		}
	if (news->kind == NEWS_GONE)
		talloc_free(news->domain);
}
