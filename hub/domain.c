/* SPDX-License-Identifier: ISC */
#include "hub/domain.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>
#include <strings.h>

#include "common/memory.h"
#include "common/text.h"

enum { UUID_LENGTH = 36 };

static xmlNode *child(xmlNode *node, const char *name)
{
	for (node = node ? node->children : NULL; node; node = node->next)
		if (node->type == XML_ELEMENT_NODE &&
		    !xmlStrcmp(node->name, BAD_CAST name))
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

void domain_add_disk(struct domain *domain, const char *path)
{
	*mem_grow(domain, domain->disks, const char *, domain->disk_count) =
		mem_strdup(domain, path);
	domain->disk_count++;
}

static void parse_volume(struct domain *domain, xmlNode *source)
{
	struct volume volume = { attribute(domain, source, "pool"),
				 attribute(domain, source, "volume") };

	if (!volume.pool || !volume.name)
		return;
	*mem_grow(domain, domain->volumes, struct volume, domain->volume_count) = volume;
	domain->volume_count++;
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
	if (path && *path == '/')
		domain_add_disk(domain, path);
	parse_volume(domain, source);
	if (outermost)
		parse_disk(domain, child(disk, "mirror"), false);
	parse_disk(domain, child(disk, "backingStore"), false);
}

/*
 * What a VM boots from, in <os>: its own firmware variables, its kernel.  The firmware that
 * all VMs share lies in /usr.  Newer libvirt has <nvram><source file=''/></nvram>.
 */
static void parse_boot(struct domain *domain, xmlNode *os)
{
	static const char *const names[] = { "loader", "nvram", "kernel", "initrd",
					     "dtb" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		xmlNode *node = child(os, names[i]);
		char *path = attribute(domain, child(node, "source"), "file");

		if (!path && (path = content(domain, node)))
			path = text_strip(path);
		if (path && *path == '/' && strncmp(path, "/usr/", 5) != 0)
			domain_add_disk(domain, path);
	}
}

/* Makes TEXT a UUID in lower case; it becomes a file's name, so it must be one. */
static bool make_uuid(char *text)
{
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		text[i] =
			(char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] + ('a' - 'A') :
								  text[i]);
		if (!text[i] ||
		    !strchr(i == 8 || i == 13 || i == 18 || i == 23 ? "-" :
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

	domain->id = -1;
	domain->name = content(domain, child(root, "name"));
	if (!uuid || !domain->name || !make_uuid(uuid)) {
		talloc_free(domain);
		return fault_new(FAULT_FAILED, "A domain's XML has no name or UUID");
	}
	domain->uuid = uuid;
	parse_boot(domain, child(root, "os"));
	for (xmlNode *node = devices ? devices->children : NULL; node; node = node->next)
		if (!xmlStrcmp(node->name, BAD_CAST "interface"))
			parse_interface(domain, node);
		else if (!xmlStrcmp(node->name, BAD_CAST "disk"))
			parse_disk(domain, node, true);
	*ret = domain;
	return NULL;
}

static xmlDoc *document_of_xml(const char *xml)
{
	return xmlReadMemory(xml, (int)strlen(xml), "domain", NULL,
			     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

struct fault *domain_parse(const void *ctx, const char *xml, struct domain **ret)
{
	xmlDoc *document = document_of_xml(xml);

	if (!document)
		return fault_new(FAULT_FAILED, "A domain's XML cannot be read");
	struct fault *fault = parse_tree(ctx, xmlDocGetRootElement(document), ret);
	xmlFreeDoc(document);
	return fault;
}

struct fault *pool_parse(const void *ctx, const char *xml, char **ret)
{
	xmlDoc *document = document_of_xml(xml);

	if (!document)
		return fault_new(FAULT_FAILED, "A storage pool's XML cannot be read");
	*ret = content(ctx,
		       child(child(xmlDocGetRootElement(document), "target"), "path"));
	xmlFreeDoc(document);
	return NULL;
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

const struct nic *domain_nic(const struct domain *domain, struct mac mac,
			     const char *bridge)
{
	for (size_t i = 0; i < domain->nic_count; i++)
		if (mac_equal(domain->nics[i].mac, mac) &&
		    nic_on(&domain->nics[i], bridge))
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
