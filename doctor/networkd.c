/* SPDX-License-Identifier: ISC */
#include "doctor/networkd.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/document.h"
#include "common/memory.h"
#include "common/process.h"
#include "common/text.h"

enum { ASK_MS = 5000 };

char *networkd_text(struct host *host)
{
	const char *const argv[] = { "networkctl", "--json=short", "status",
				     host->settings->bridge, NULL };
	struct document *document = NULL;
	char *output = NULL;
	const char *file = "";
	int status;

	if (access("/run/systemd/netif/state", F_OK) < 0)
		return NULL;
	talloc_free(process_run(host, argv, ASK_MS, &output, &status));
	if (output)
		talloc_free(document_read(host, output, &document));
	if (document_is_object(document))
		file = document_text(document, "NetworkFile");
	return *file ? host_read(host, file) : NULL;
}

/* What systemd takes for yes and no (systemd.syntax(7)). */
static bool is_yes(const char *value)
{
	return strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0 ||
	       strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0;
}

/* The last line KEY=VALUE of TEXT says; FALLBACK where none does. */
static bool says(const char *text, const char *key, bool fallback)
{
	char *copy = mem_strdup(NULL, text), *rest = copy, *line, *value;
	bool said = fallback;

	while ((line = text_line(&rest)))
		if ((value = strchr(line, '='))) {
			*value = '\0';
			if (strcmp(text_strip(line), key) == 0)
				said = is_yes(text_strip(value + 1));
		}
	talloc_free(copy);
	return said;
}

bool networkd_serves(const char *text)
{
	return says(text, "DHCPServer", false);
}

const char *judge_networkd(const char *text)
{
	if (says(text, "EmitRouter", true))
		return "It gives a default route (networkd: EmitRouter=no)";
	return says(text, "EmitDNS", true) ?
		       "It gives a DNS server (networkd: EmitDNS=no)" :
		       NULL;
}
