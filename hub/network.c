/* SPDX-License-Identifier: ISC */
#include "hub/network.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "common/text.h"

struct facts {
	char **list;
	size_t count;
};

static void add_fact(struct facts *facts, const char *name, const char *between,
		     xmlChar *value)
{
	char *text = mem_strdup(facts, value ? (const char *)value : "");
	char *stripped = text_strip(text);

	xmlFree(value);
	if (*stripped || *between == '@') {
		*mem_grow(facts, facts->list, char *, facts->count) =
			mem_printf(facts, "%s%s%s", name, *between == '@' ? "" : "=",
				   stripped);
		facts->count++;
	}
}

/* What ELEMENT, called NAME, says, and those in it. */
static void add_element(struct facts *facts, xmlNode *element, const char *name)
{
	for (xmlAttr *one = element->properties; one; one = one->next)
		add_fact(facts,
			 mem_printf(facts, "%s@%s=", name, (const char *)one->name), "@",
			 xmlGetProp(element, one->name));
	for (xmlNode *node = element->children; node; node = node->next) {
		if (node->type == XML_TEXT_NODE)
			add_fact(facts, name, "=", xmlNodeGetContent(node));
		else if (node->type == XML_ELEMENT_NODE)
			add_element(facts, node,
				    mem_printf(facts, "%s/%s", name,
					       (const char *)node->name));
	}
}

static bool is_made_up(const xmlNode *node)
{
	return !xmlStrcmp(node->name, BAD_CAST "uuid") ||
	       !xmlStrcmp(node->name, BAD_CAST "mac");
}

static int compare_facts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct fault *network_facts(const void *ctx, const char *xml, char **ret)
{
	xmlDoc *document =
		xmlReadMemory(xml, (int)strlen(xml), "network", NULL,
			      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
	struct facts *facts = mem_new(NULL, struct facts);

	for (xmlNode *node = root ? root->children : NULL; node; node = node->next)
		if (node->type == XML_ELEMENT_NODE && !is_made_up(node))
			add_element(facts, node, (const char *)node->name);
	if (facts->count)
		qsort(facts->list, facts->count, sizeof(*facts->list), compare_facts);
	if (document)
		xmlFreeDoc(document);
	if (root) {
		*ret = mem_strdup(ctx, "");
		for (size_t i = 0; i < facts->count; i++)
			*ret = mem_append(ctx, *ret, "%s\n", facts->list[i]);
	}
	talloc_free(facts);
	return root ? NULL : fault_new(FAULT_FAILED, "A network's XML cannot be read");
}
