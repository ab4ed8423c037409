/* SPDX-License-Identifier: ISC */
#include "service/event.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include "common/document.h"
#include "common/memory.h"
#include "common/text.h"

/*
 * In a sentence @key@ is that value, and what stands in brackets is left out if it has none.
 * An id (sd_journal_sendv(3): MESSAGE_ID) was made once at random and never changes: people's
 * filters and alerts go by it.
 */
static const struct kind_row {
	const char *name;
	int priority;
	const char *id, *sentence;
} kinds[EVENT_KINDS] = {
	[EVENT_VM_HEARD] = { "vm-heard", LOG_INFO, "21c2e17af66b4e7b881e7b087945e06a",
			     "@vm@ is at @ip@[ (@mac@)][ on @tap@]" },
	[EVENT_ADDRESS_MOVED] = { "address-moved", LOG_INFO,
				  "04e3511be6604baab1bbd55f109748f4",
				  "@vm@ has moved[ from @text@] to @ip@[ (@mac@)][ on @tap@]" },
	[EVENT_SHARE_OPENED] = { "share-opened", LOG_INFO,
				 "33502f3adace414a92db716f300a82dc",
				 "'@share@' of @vm@ is open[ at @ip@]" },
	[EVENT_SHARE_CLOSED] = { "share-closed", LOG_INFO,
				 "8d77710d5b2246d5bf8108ed377b487a",
				 "'@share@' of @vm@ is closed[ at @ip@]" },
	[EVENT_SHARE_SUSPENDED] = { "share-suspended", LOG_WARNING,
				    "62db220996f14bf0b331bbea161dc472",
				    "'@share@' of @vm@ is suspended[ at @ip@]" },
	[EVENT_SHARE_RESUMED] = { "share-resumed", LOG_NOTICE,
				  "0e1a3582cd1a47ddaa3f875a79ef155d",
				  "'@share@' of @vm@ is no longer suspended[ at @ip@]" },
	[EVENT_SHARE_EXPIRED] = { "share-expired", LOG_INFO,
				  "09b010a4c4c34e11ac2cc08dc1aa7e62",
				  "'@share@' of @vm@ has expired" },
	[EVENT_CONFLICT] = { "conflict", LOG_WARNING, "d19164963e1047ce82d91a476e4110e3",
			     "Conflict[ over @ip@][, claimed by @vm@][ (@mac@)][ on @tap@]" },
	[EVENT_CONFLICT_OVER] = { "conflict-over", LOG_NOTICE,
				  "c13c792cb7b5492b94d84f9b47ebd5b8",
				  "No conflict any more[ over @ip@][ with @vm@][ (@mac@)]"
				  "[ on @tap@]" },
	[EVENT_SESSION_OPENED] = { "session-opened", LOG_INFO,
				   "fee5543b637c43e0928b89b5a31b08b0",
				   "[@vm@ at ]@ip@ has opened '@share@'" },
	[EVENT_SESSION_CLOSED] = { "session-closed", LOG_INFO,
				   "dbc697c57c91471dbee1f1f8914f8fde",
				   "[@vm@ at ]@ip@ has left '@share@'" },
	[EVENT_GATE_MENDED] = { "gate-mended", LOG_WARNING,
				"89045fa1008641d696e2489f57fe02d5",
				"The gate stands again" },
	[EVENT_GATE_CLOSED] = { "gate-closed", LOG_WARNING,
				"a1c4a2b1d92742ea94527e65cbd43292",
				"The gate is closed[ to @vm@][ at @ip@][ (@mac@)][ on @tap@]" },
	[EVENT_LIBVIRT_LOST] = { "libvirt-lost", LOG_WARNING,
				 "46418e0a4d654b01a83335b00385cf09",
				 "libvirt does not answer" },
	[EVENT_LIBVIRT_BACK] = { "libvirt-back", LOG_NOTICE,
				 "59231a9541484e3abe197994557cd7fe",
				 "libvirt answers again" },
	[EVENT_VM_STARTED] = { "vm-started", LOG_INFO, "fe623c790b134c188e28ab221b21d602",
			       "@vm@ has started" },
	[EVENT_VM_STOPPED] = { "vm-stopped", LOG_INFO, "1afa78b8f34145e0b03d03602c4fbcbb",
			       "@vm@ has stopped" },
	[EVENT_VM_RENAMED] = { "vm-renamed", LOG_INFO, "8fd234d7692447e592a5e511253c4eed",
			       "@text@ is called @vm@ now" },
	[EVENT_DEGRADED] = { "degraded", LOG_ERR, "c1d199340b924f8cb6f49f844fc67c6d",
			     "hubshare cannot do all that it should" },
	[EVENT_COMMAND] = { "command", LOG_NOTICE, "8904335d43e6476b8afe06fc368b1395",
			    "[@account@ ](user @uid@)[ called 'hubshare @text@']: @result@" },
};

/* Of a sentence without @text@. */
static const char ending[] = "[: @text@]";

/* The members that may have no value: their keys in JSON and in the sentences; the journal's
 * fields are the same in capitals. */
enum member_kind { MEMBER_TEXT, MEMBER_IP, MEMBER_MAC };

#define MEMBER(name, kind)                                                               \
	{                                                                                \
#name, kind, offsetof(struct event, name)                                \
	}

static const struct member_row {
	const char *key;
	enum member_kind kind;
	size_t offset;
} members[] = {
	MEMBER(vm, MEMBER_TEXT),      MEMBER(uuid, MEMBER_TEXT),
	MEMBER(ip, MEMBER_IP),	      MEMBER(mac, MEMBER_MAC),
	MEMBER(tap, MEMBER_TEXT),     MEMBER(share, MEMBER_TEXT),
	MEMBER(tenure, MEMBER_TEXT),  MEMBER(uid, MEMBER_TEXT),
	MEMBER(account, MEMBER_TEXT), MEMBER(result, MEMBER_TEXT),
	MEMBER(text, MEMBER_TEXT),
};

enum { MEMBERS = sizeof(members) / sizeof(*members) };

const char *event_name(enum event_kind kind)
{
	return kinds[kind].name;
}

int event_priority(enum event_kind kind)
{
	return kinds[kind].priority;
}

static void *member_place(const struct event *event, const struct member_row *row)
{
	return (char *)event + row->offset;
}

/* The value of a member, in BUFFER where it is none of the event's own; NULL: it has none. */
static const char *member_text(const struct event *event, const struct member_row *row,
			       char buffer[static ADDRESS_TEXT])
{
	const struct in_addr *ip = member_place(event, row);
	const struct mac *mac = member_place(event, row);

	switch (row->kind) {
	case MEMBER_IP:
		return ip->s_addr ? ip_text(*ip, buffer) : NULL;
	case MEMBER_MAC:
		return mac_equal(*mac, (struct mac){ 0 }) ? NULL : mac_text(*mac, buffer);
	default:
		return *(const char **)member_place(event, row);
	}
}

/* The value that KEY, of LENGTH bytes, stands for. */
static const char *member_named(const struct event *event, const char *key, size_t length,
				char buffer[static ADDRESS_TEXT])
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (strlen(members[i].key) == length &&
		    memcmp(members[i].key, key, length) == 0)
			return member_text(event, &members[i], buffer);
	return NULL;
}

/* Adds the LENGTH bytes of PATTERN to TEXT, with WITHOUT for a value that is missing; where
 * that is NULL: false, and not all is added. */
static bool sentence_add(const struct event *event, const char *pattern, size_t length,
			 const char *without, char **text)
{
	const char *end = pattern + length, *at, *rest;
	char buffer[ADDRESS_TEXT];

	while ((at = memchr(pattern, '@', (size_t)(end - pattern)))) {
		rest = strchr(at + 1, '@');
		const char *value =
			member_named(event, at + 1, (size_t)(rest - at - 1), buffer);
		if (!value && !without)
			return false;
		*text = mem_append(NULL, *text, "%.*s%s", (int)(at - pattern), pattern,
				   value ? value : without);
		pattern = rest + 1;
	}
	*text = mem_append(NULL, *text, "%.*s", (int)(end - pattern), pattern);
	return true;
}

/* Adds a whole sentence: what is in brackets if it is known, "?" for what should be. */
static char *sentence_fill(const struct event *event, const char *pattern, char *text)
{
	while (*pattern) {
		bool optional = *pattern == '[';
		size_t length = strcspn(pattern + optional, optional ? "]" : "[");
		char *piece = mem_strdup(NULL, "");

		if (sentence_add(event, pattern + optional, length, optional ? NULL : "?",
				 &piece))
			text = mem_append(NULL, text, "%s", piece);
		talloc_free(piece);
		pattern += length + (optional ? 2 : 0);
	}
	return text;
}

char *event_sentence(const void *ctx, const struct event *event)
{
	const char *sentence = kinds[event->kind].sentence;
	char *text = sentence_fill(event, sentence, mem_strdup(NULL, ""));

	if (!strstr(sentence, "@text@"))
		text = sentence_fill(event, ending, text);
	char *visible = text_visible(ctx, text);
	talloc_free(text);
	return visible;
}

char *event_line(const void *ctx, const struct event *event)
{
	time_t seconds = (time_t)(event->time_ms / 1000);
	char date[64] = "";
	struct tm tm;

	if (localtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%F %T", &tm);
	char *sentence = event_sentence(NULL, event);
	char *line = mem_printf(ctx, "%s.%03d %s", date, (int)(event->time_ms % 1000),
				sentence);
	talloc_free(sentence);
	return line;
}

/* "2026-01-31T12:00:00.123Z" */
static char *time_text(const void *ctx, int64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	char date[64] = "";
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(date, sizeof(date), "%FT%T", &tm);
	return mem_printf(ctx, "%s.%03dZ", date, (int)(time_ms % 1000));
}

/* Only what time_text() writes: read as a date, it is written the same again. */
static bool time_parse(const char *text, int64_t *ret)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (!rest || *rest != '.' || strspn(rest + 1, "0123456789") != 3)
		return false;
	int64_t time_ms = (int64_t)timegm(&tm) * 1000 + (rest[1] - '0') * 100 +
			  (rest[2] - '0') * 10 + (rest[3] - '0');
	char *again = time_text(NULL, time_ms);
	bool same = time_ms >= 0 && strcmp(again, text) == 0;
	talloc_free(again);
	if (same)
		*ret = time_ms;
	return same;
}

char *event_json(const void *ctx, const struct event *event)
{
	struct document *object = document_versioned(NULL);
	char buffer[ADDRESS_TEXT];

	document_put_text(object, "kind", event_name(event->kind));
	document_put_text(object, "time", time_text(object, event->time_ms));
	document_put_text(object, "message", event_sentence(object, event));
	for (size_t i = 0; i < MEMBERS; i++)
		document_put_text(object, members[i].key,
				  member_text(event, &members[i], buffer));
	char *json = document_write(ctx, object, false);
	talloc_free(object);
	return json;
}

/* The address or text that TEXT is goes where ROW says. */
static bool member_take(struct event *event, const struct member_row *row,
			const char *text)
{
	struct in_addr *ip = member_place(event, row);
	struct mac *mac = member_place(event, row);

	switch (row->kind) {
	case MEMBER_IP:
		return ip_parse(text, ip) && ip->s_addr;
	case MEMBER_MAC:
		return mac_parse(text, mac) && !mac_equal(*mac, (struct mac){ 0 });
	default:
		*(const char **)member_place(event, row) = mem_strdup(event, text);
		return true;
	}
}

static struct fault *member_read(const void *ctx, const struct document *object,
				 const struct member_row *row, struct event *event)
{
	struct document *value = document_member(ctx, object, row->key);
	const char *text = value ? document_string(value) : NULL;
	bool good =
		value && (text ? member_take(event, row, text) : document_is_null(value));

	talloc_free(value);
	return good ? NULL : fault_new(FAULT_FAILED, "It has no usable '%s'", row->key);
}

static struct fault *kind_read(const struct document *object, struct event *event)
{
	const char *name = document_text(object, "kind");

	for (int kind = 0; kind < EVENT_KINDS; kind++)
		if (strcmp(kinds[kind].name, name) == 0) {
			event->kind = (enum event_kind)kind;
			return NULL;
		}
	return fault_new(FAULT_FAILED, "There is no kind of event '%s'", name);
}

static struct fault *object_read(const struct document *object, struct event *event)
{
	struct fault *fault;

	if (!document_is_object(object))
		return fault_new(FAULT_FAILED, "It is no object");
	if ((fault = kind_read(object, event)))
		return fault;
	if (!time_parse(document_text(object, "time"), &event->time_ms))
		return fault_new(FAULT_FAILED, "It has no usable 'time'");
	for (size_t i = 0; !fault && i < MEMBERS; i++)
		fault = member_read(event, object, &members[i], event);
	return fault;
}

struct fault *event_parse(const void *ctx, const char *json, struct event **ret)
{
	struct event *event = mem_new(ctx, struct event);
	struct document *object;
	struct fault *fault = document_read(event, json, &object);

	if (!fault) {
		fault = object_read(object, event);
		talloc_free(object);
	}
	if (fault)
		talloc_free(event);
	else
		*ret = event;
	return fault;
}

struct fields {
	char **list;
	size_t count;
};

static void fields_add(struct fields *fields, const char *key, const char *value)
{
	char *field = mem_printf(fields->list, "%s=%s", key, value);

	for (char *c = field; *c != '='; c++)
		*c = (char)toupper((unsigned char)*c);
	fields->list[fields->count++] = field;
}

char **event_fields(const void *ctx, const struct event *event)
{
	const struct kind_row *kind = &kinds[event->kind];
	struct fields fields = { mem_array(ctx, char *, MEMBERS + 6), 0 };
	char buffer[ADDRESS_TEXT], priority[] = { (char)('0' + kind->priority), '\0' };
	char *sentence = event_sentence(NULL, event);

	fields_add(&fields, "MESSAGE", sentence);
	fields_add(&fields, "PRIORITY", priority);
	fields_add(&fields, "MESSAGE_ID", kind->id);
	fields_add(&fields, "SYSLOG_IDENTIFIER", "hubshare");
	fields_add(&fields, "HUBSHARE_KIND", kind->name);
	for (size_t i = 0; i < MEMBERS; i++) {
		const char *value = member_text(event, &members[i], buffer);
		char *key = mem_printf(sentence, "HUBSHARE_%s", members[i].key);

		if (value)
			fields_add(&fields, key, value);
	}
	talloc_free(sentence);
	return fields.list;
}
