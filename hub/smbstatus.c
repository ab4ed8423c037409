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
	struct clients *clients;
	struct document *sessions;
};

/* The process that serves a session or a tree; 0 if none is named. */
static pid_t server_pid(const void *ctx, const struct document *object)
{
	struct document *server = document_member(ctx, object, "server_id");
	const char *error = NULL, *text = server ? document_text(server, "pid") : "";
	pid_t pid = (pid_t)strtonum(text, 1, INT_MAX, &error);

	talloc_free(server);
	return error ? 0 : pid;
}

static struct fault *add_session(const struct document *object, void *user)
{
	struct clients *clients = ((struct reading *)user)->clients;
	pid_t pid = server_pid(clients, object);

	if (!pid)
		return fault_new(FAULT_FAILED, "It names no process for a session");
	*mem_grow(clients, clients->sessions, struct session, clients->session_count) =
		(struct session){ parse_client(document_text(object, "hostname")), pid,
				  mem_strdup(clients,
					     document_text(object, "username")) };
	clients->session_count++;
	return NULL;
}

static struct fault *add_tree(const struct document *tcon, void *user)
{
	struct reading *reading = user;
	struct clients *clients = reading->clients;
	const char *service = document_text(tcon, "service");
	struct document *session = document_member(clients, reading->sessions,
						   document_text(tcon, "session_id"));
	struct in_addr ip =
		parse_client(session ? document_text(session, "hostname") : "");
	pid_t pid = server_pid(clients, tcon);

	talloc_free(session);
	if (!pid)
		return fault_new(FAULT_FAILED, "It names no process for share '%s'",
				 service);
	*mem_grow(clients, clients->trees, struct tree, clients->tree_count) =
		(struct tree){ ip, pid, mem_strdup(clients, service) };
	clients->tree_count++;
	return NULL;
}

/* The object KEY of a document. */
static struct fault *read_object(const void *ctx, const char *json, const char *key,
				 struct document **ret)
{
	struct document *root;
	struct fault *fault = document_read(ctx, json, &root);

	if (fault)
		return fault;
	*ret = document_member(ctx, root, key);
	talloc_free(root);
	return document_is_object(*ret) ? NULL :
					  fault_new(FAULT_FAILED, "It has no %s", key);
}

struct fault *smbstatus_parse(const void *ctx, const char *shares, const char *sessions,
			      struct clients **ret)
{
	struct reading reading = { .clients = mem_new(ctx, struct clients) };
	void *scratch = talloc_new(reading.clients);
	struct document *tcons;
	struct fault *fault;

	if (!(fault = read_object(scratch, sessions, "sessions", &reading.sessions)) &&
	    !(fault = read_object(scratch, shares, "tcons", &tcons)) &&
	    !(fault = document_each(reading.sessions, add_session, &reading)))
		fault = document_each(tcons, add_tree, &reading);
	talloc_free(scratch);
	if (fault)
		talloc_free(reading.clients);
	else
		*ret = reading.clients;
	return fault_wrap(fault, "What smbstatus --json prints cannot be used");
}
