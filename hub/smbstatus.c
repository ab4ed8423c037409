/* SPDX-License-Identifier: ISC */
#include "hub/smbstatus.h"

#include <bsd/stdlib.h>
#include <limits.h>
#include <string.h>

#include "common/document.h"
#include "common/memory.h"

/* "ipv4:172.16.10.59:52492" */
static struct in_addr parse_client(const char *hostname)
{
	struct in_addr ip = { 0 };
	char text[ADDRESS_TEXT] = "";
	const char *end;

	if (strncmp(hostname, "ipv4:", 5) != 0)
		return ip;
	hostname += 5;
	end = strchrnul(hostname, ':');
	if ((size_t)(end - hostname) < sizeof(text))
		memcpy(text, hostname, (size_t)(end - hostname));
	if (!ip_parse(text, &ip))
		ip.s_addr = 0;
	return ip;
}

struct reading {
	struct trees *trees;
	struct document *sessions;
};

static struct fault *add_tree(const struct document *tcon, void *user)
{
	struct reading *reading = user;
	struct trees *trees = reading->trees;
	struct document *session = document_member(trees, reading->sessions,
						   document_text(tcon, "session_id"));
	struct document *server = document_member(trees, tcon, "server_id");
	const char *error = "missing", *service = document_text(tcon, "service");
	pid_t pid = server ? (pid_t)strtonum(document_text(server, "pid"), 1, INT_MAX, &error) :
			     0;
	struct in_addr ip = parse_client(session ? document_text(session, "hostname") : "");

	talloc_free(session);
	talloc_free(server);
	if (error)
		return fault_new(FAULT_FAILED, "smbstatus names no process for share '%s'",
				 service);
	*mem_grow(trees, trees->list, struct tree, trees->count) =
		(struct tree){ ip, pid, mem_strdup(trees, service) };
	trees->count++;
	return NULL;
}

struct fault *smbstatus_parse(const void *ctx, const char *json, struct trees **ret)
{
	struct reading reading = { .trees = mem_new(ctx, struct trees) };
	struct document *root, *tcons;
	struct fault *fault = document_read(reading.trees, json, &root);

	if (!fault) {
		reading.sessions = document_member(root, root, "sessions");
		tcons = document_member(root, root, "tcons");
		if (!document_is_object(reading.sessions) || !document_is_object(tcons))
			fault = fault_new(FAULT_FAILED, "It names no sessions and tcons");
		else
			fault = document_each(tcons, add_tree, &reading);
		talloc_free(root);
	}
	if (fault)
		talloc_free(reading.trees);
	else
		*ret = reading.trees;
	return fault_wrap(fault, "What smbstatus --json prints cannot be used");
}
