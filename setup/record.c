/* SPDX-License-Identifier: ISC */
#include "setup/record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/document.h"
#include "common/file.h"
#include "common/memory.h"

enum { RECORD_MAX_BYTES = 4 << 20, RECORD_VERSION = 1 };

const char record_place[] = "/var/lib/hubshare";
static const char name[] = "setup.json";
static const char temporary[] = ".setup.json.new";
static const char leases[] =
	"dnsmasq.leases"; /* of hubshare-dhcp, which nobody needs then */

struct record {
	const char *root;
	char *path; /* its directory */
	int dir;    /* -1: not there yet, or idle */
	bool idle;
	struct deed *deeds;
	size_t count;
	const char **made; /* directories that were made for it, without the root */
	size_t made_count;
};

static int record_close(struct record *record)
{
	if (record->dir >= 0)
		close(record->dir);
	return 0;
}

/* NULL of JSON, and what is not there, is NULL. */
static const char *text_or_null(const void *ctx, const struct document *object,
				const char *key)
{
	struct document *member = document_member(NULL, object, key);
	const char *text = member ? document_string(member) : NULL;

	text = text ? mem_strdup(ctx, text) : NULL;
	talloc_free(member);
	return text;
}

static struct fault *take_deed(const struct document *object, void *user)
{
	struct record *record = user;
	struct deed deed = {
		.kind = text_or_null(record, object, "kind"),
		.what = text_or_null(record, object, "what"),
		.before = text_or_null(record, object, "before"),
		.after = text_or_null(record, object, "after"),
	};

	if (!deed.kind || !deed.what)
		return fault_new(FAULT_FAILED, "a deed has no kind or no name");
	*mem_grow(record, record->deeds, struct deed, record->count) = deed;
	record->count++;
	return NULL;
}

static struct fault *take_made(const struct document *member, void *user)
{
	struct record *record = user;

	if (!document_string(member))
		return fault_new(FAULT_FAILED, "a directory has no name");
	*mem_grow(record, record->made, const char *, record->made_count) =
		mem_strdup(record, document_string(member));
	record->made_count++;
	return NULL;
}

static struct fault *parse(struct record *record, const char *text)
{
	struct document *document = NULL, *deeds, *made;
	struct fault *fault = document_read(record, text, &document);

	if (fault)
		return fault;
	if (!document_is_object(document) ||
	    document_number(document, "version") != RECORD_VERSION ||
	    !(deeds = document_member(document, document, "deeds")) ||
	    !(made = document_member(document, document, "directories")))
		fault = fault_new(FAULT_FAILED,
				  "it is no record of this version's setup");
	else if (!(fault = document_each(deeds, take_deed, record)))
		fault = document_each(made, take_made, record);
	talloc_free(document);
	return fault;
}

static struct fault *load(struct record *record, int dir)
{
	uid_t owner = *record->root ? geteuid() : 0;
	struct fault *fault;
	char *text = NULL;

	if (!(fault = file_read_own(record, dir, name, owner, RECORD_MAX_BYTES, &text)) &&
	    text)
		fault = parse(record, text);
	talloc_free(text);
	return fault_wrap(fault, "%s", record->path);
}

static struct fault *another(void)
{
	return fault_new(FAULT_CONFLICT, "Another 'hubshare setup' is at work");
}

struct fault *record_open(const void *ctx, const char *root, bool idle,
			  struct record **ret)
{
	struct record *record = mem_new(ctx, struct record);
	struct fault *fault = NULL;

	*record = (struct record){ .root = mem_strdup(record, root), .idle = idle };
	record->path = mem_printf(record, "%s%s", root, record_place);
	record->dir = open(record->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	talloc_set_destructor(record, record_close);
	if (record->dir >= 0 && !idle && flock(record->dir, LOCK_EX | LOCK_NB) < 0)
		fault = another();
	else if (record->dir >= 0)
		fault = load(record, record->dir);
	if (fault)
		talloc_free(record);
	else
		*ret = record;
	return fault;
}

size_t record_count(const struct record *record)
{
	return record->count;
}

const struct deed *record_deed(const struct record *record, size_t number)
{
	return &record->deeds[number];
}

const struct deed *record_find(const struct record *record, const char *kind,
			       const char *what)
{
	for (size_t i = record->count; i-- > 0;) {
		const struct deed *deed = &record->deeds[i];

		if (strcmp(deed->kind, kind) == 0 && strcmp(deed->what, what) == 0)
			return deed;
	}
	return NULL;
}

bool record_made(const struct record *record, const char *kind, const char *what,
		 const char *state)
{
	bool made = false;

	for (size_t i = 0; i < record->count && !made; i++) {
		const struct deed *deed = &record->deeds[i];

		made = strcmp(deed->kind, kind) == 0 && strcmp(deed->what, what) == 0 &&
		       deed->after && strcmp(deed->after, state) == 0;
	}
	return made;
}

static char *render(const struct record *record)
{
	struct document *document = document_object(NULL),
			*deeds = document_array(document);
	struct document *made = document_array(document);
	char *text, *line;

	document_put_number(document, "version", RECORD_VERSION);
	for (size_t i = 0; i < record->count; i++) {
		struct document *object = document_object(document);

		document_put_text(object, "kind", record->deeds[i].kind);
		document_put_text(object, "what", record->deeds[i].what);
		document_put_text(object, "before", record->deeds[i].before);
		document_put_text(object, "after", record->deeds[i].after);
		document_append(deeds, object);
	}
	for (size_t i = 0; i < record->made_count; i++)
		document_append_text(made, record->made[i]);
	document_put(document, "directories", made);
	document_put(document, "deeds", deeds);
	text = document_write(document, document, true);
	line = mem_printf(NULL, "%s\n", text);
	talloc_free(document);
	return line;
}

/* One more directory of ours, unless it is there. */
static struct fault *make_directory(struct record *record, const char *path)
{
	if (mkdir(path, 0755) < 0)
		return errno == EEXIST ? NULL : fault_errno(errno, "%s", path);
	*mem_grow(record, record->made, const char *, record->made_count) =
		mem_strdup(record, path + strlen(record->root));
	record->made_count++;
	return NULL;
}

/* Makes the record's directory, and those above it that are missing.  Who has read that there is
 * none has not read what another, who has made it meanwhile, has left there. */
static struct fault *make_place(struct record *record)
{
	const char *path = record->path;
	struct fault *fault = NULL;

	for (size_t at = strlen(record->root) + 1; !fault && at <= strlen(path); at++)
		if (path[at] == '/' || !path[at]) {
			char *part = mem_strndup(NULL, path, at);

			fault = make_directory(record, part);
			talloc_free(part);
		}
	if (!fault)
		record->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!fault && record->dir < 0)
		fault = fault_errno(errno, "%s", path);
	if (!fault && (flock(record->dir, LOCK_EX | LOCK_NB) < 0 ||
		       faccessat(record->dir, name, F_OK, 0) == 0)) {
		close(record->dir);
		record->dir =
			-1; /* the next step that is to be written down is refused, too */
		fault = another();
	}
	return fault;
}

static struct fault *save(struct record *record)
{
	struct fault *fault;
	char *text;

	if (record->idle)
		return NULL;
	if (record->dir < 0 && (fault = make_place(record)))
		return fault;
	text = render(record);
	unlinkat(record->dir, temporary, 0); /* of one that was killed */
	if (!(fault = file_stage(record->dir, temporary, text, 0600, (gid_t)-1)))
		fault = file_place(record->dir, temporary, name);
	talloc_free(text);
	return fault_wrap(fault, "%s/%s", record->path, name);
}

struct fault *record_add(struct record *record, const struct deed *deed)
{
	struct deed copy = {
		.kind = mem_strdup(record, deed->kind),
		.what = mem_strdup(record, deed->what),
		.before = deed->before ? mem_strdup(record, deed->before) : NULL,
		.after = deed->after ? mem_strdup(record, deed->after) : NULL,
	};

	*mem_grow(record, record->deeds, struct deed, record->count) = copy;
	record->count++;
	return save(record);
}

struct fault *record_drop(struct record *record, size_t number)
{
	record->count--;
	for (size_t i = number; i < record->count; i++)
		record->deeds[i] = record->deeds[i + 1];
	return record->count ? save(record) : record_end(record);
}

struct fault *record_end(struct record *record)
{
	struct fault *fault;

	if (record->idle || record->count || record->dir < 0)
		return NULL;
	unlinkat(record->dir, temporary, 0);
	unlinkat(record->dir, leases, 0);
	if ((fault = file_remove(record->dir, name)))
		return fault_wrap(fault, "%s", record->path);
	rmdir(record->path);
	for (size_t i = record->made_count; i-- > 0;) {
		char *path = mem_printf(NULL, "%s%s", record->root, record->made[i]);

		rmdir(path); /* one that holds something stays */
		talloc_free(path);
	}
	return NULL;
}
