/* SPDX-License-Identifier: ISC */
#include "hub/domain.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>
#include <strings.h>

#include "common/memory.h"

enum { UUID_LENGTH = 36 };

static xmlNode *child(xmlNode *node, const char *name)
{
	for (node = node ? node->children : NULL; node; node = node->next)
		if (node->type == XML_ELEMENT_NODE && !xmlStrcmp(node->name, BAD_CAST name))
			return node;
	return NULL;
}

static char *copied(const void *ctx, xmlChar *text)
{
	char *copy = text ? mem_strdup(ctx, (const char *)text) : NULL;

	xmlFree(text);
	return copy;
}

static char *attribute(const void *ctx, xmlNode *node, const char *name)
{
	return node ? copied(ctx, xmlGetProp(node, BAD_CAST name)) : NULL;
}

static char *content(const void *ctx, xmlNode *node)
{
	return node ? copied(ctx, xmlNodeGetContent(node)) : NULL;
}

/* An <interface>; one without a MAC (not yet given one) is no way to know anybody by. */
static void parse_interface(struct domain *domain, xmlNode *interface)
{
	xmlNode *source = child(interface, "source");
	char *mac = attribute(domain, child(interface, "mac"), "address"), *state;
	struct nic nic = { 0 };

	if (!mac || !mac_parse(mac, &nic.mac))
		return;
	nic.network = attribute(domain, source, "network");
	nic.bridge = attribute(domain, source, "bridge");
	nic.tap = attribute(domain, child(interface, "target"), "dev");
	state = attribute(domain, child(interface, "link"), "state");
	nic.down = state && strcmp(state, "down") == 0;
	*mem_grow(domain, domain->nics, struct nic, domain->nic_count) = nic;
	domain->nic_count++;
}

/*
 * A <disk>: its file or directory, and those that it is backed by or copied to.  CD-ROMs are
 * no disk of a VM, but a file that it was shown; block devices are none of our business.
 */
static void parse_disk(struct domain *domain, xmlNode *disk, bool outermost)
{
	xmlNode *source = child(disk, "source");
	char *device = outermost ? attribute(domain, disk, "device") : NULL;
	char *path = attribute(domain, source, "file");

	if (!disk || (device && strcmp(device, "cdrom") == 0))
		return;
	if (!path)
		path = attribute(domain, source, "dir");
	if (path && *path == '/') {
		*mem_grow(domain, domain->disks, const char *, domain->disk_count) = path;
		domain->disk_count++;
	}
	if (outermost)
		parse_disk(domain, child(disk, "mirror"), false);
	parse_disk(domain, child(disk, "backingStore"), false);
}

/* Makes TEXT a UUID in lower case; it becomes a file's name, so it must be one. */
static bool make_uuid(char *text)
{
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		text[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] + ('a' - 'A') : text[i]);
		if (!text[i] || !strchr(i == 8 || i == 13 || i == 18 || i == 23 ? "-" :
									"0123456789abcdef",
					text[i]))
			return false;
	}
	return text[UUID_LENGTH] == '\0';
}

static struct fault *parse_tree(const void *ctx, xmlNode *root, struct domain **ret)
{
	struct domain *domain = mem_new(ctx, struct domain);
	xmlNode *devices = child(root, "devices");
	char *uuid = content(domain, child(root, "uuid"));

	domain->name = content(domain, child(root, "name"));
	if (!uuid || !domain->name || !make_uuid(uuid)) {
		talloc_free(domain);
		return fault_new(FAULT_FAILED, "A domain's XML has no name or UUID");
	}
	domain->uuid = uuid;
	for (xmlNode *node = devices ? devices->children : NULL; node; node = node->next)
		if (!xmlStrcmp(node->name, BAD_CAST "interface"))
			parse_interface(domain, node);
		else if (!xmlStrcmp(node->name, BAD_CAST "disk"))
			parse_disk(domain, node, true);
	*ret = domain;
	return NULL;
}

struct fault *domain_parse(const void *ctx, const char *xml, struct domain **ret)
{
	xmlDoc *document = xmlReadMemory(xml, (int)strlen(xml), "domain", NULL,
					 XML_PARSE_NONET | XML_PARSE_NOERROR |
						 XML_PARSE_NOWARNING);
	if (!document)
		return fault_new(FAULT_FAILED, "A domain's XML cannot be read");
	struct fault *fault = parse_tree(ctx, xmlDocGetRootElement(document), ret);
	xmlFreeDoc(document);
	return fault;
}

struct domain *domains_by_uuid(const struct domains *domains, const char *uuid)
{
	for (size_t i = 0; i < domains->count; i++)
		if (strcasecmp(domains->list[i]->uuid, uuid) == 0)
			return domains->list[i];
	return NULL;
}

struct domain *domains_by_name(const struct domains *domains, const char *name)
{
	for (size_t i = 0; i < domains->count; i++)
		if (strcmp(domains->list[i]->name, name) == 0)
			return domains->list[i];
	return NULL;
}

static bool nic_on(const struct nic *nic, const char *bridge)
{
	return nic->bridge && strcmp(nic->bridge, bridge) == 0;
}

const struct nic *domain_nic(const struct domain *domain, struct mac mac, const char *bridge)
{
	for (size_t i = 0; i < domain->nic_count; i++)
		if (mac_equal(domain->nics[i].mac, mac) && nic_on(&domain->nics[i], bridge))
			return &domain->nics[i];
	return NULL;
}

bool domain_on_bridge(const struct domain *domain, const char *bridge)
{
	for (size_t i = 0; i < domain->nic_count; i++)
		if (nic_on(&domain->nics[i], bridge))
			return true;
	return false;
}
