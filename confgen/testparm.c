/* SPDX-License-Identifier: ISC */
#include "confgen/testparm.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "common/process.h"
#include "common/text.h"

enum { TESTPARM_TIMEOUT_MS = 20000 };

struct testparm {
	const struct settings *settings;
	char *file;
	struct process *process; /* NULL: there is no such file */
};

struct fault *testparm_start(const void *ctx, const struct settings *settings,
			     const char *file, struct testparm **ret)
{
	const char *const argv[] = { settings->testparm, "-s", "-l", file, NULL };
	struct testparm *testparm = mem_new(ctx, struct testparm);
	struct fault *fault = NULL;

	testparm->settings = settings;
	testparm->file = mem_strdup(testparm, file);
	if (access(file, F_OK) == 0)
		fault = process_start(testparm, argv, &testparm->process);
	if (fault)
		talloc_free(testparm);
	else
		*ret = testparm;
	return fault;
}

/* The dump without what comes before its first section. */
static char *without_head(char *dump)
{
	char *first = *dump == '[' ? dump : strstr(dump, "\n[");

	return first ? first : dump + strlen(dump);
}

/* All that it saw, [global] too. */
static struct fault *read_dump(const void *ctx, struct testparm *testparm,
			       struct fragment **ret)
{
	char *dump = NULL;
	int status = 0;
	struct fault *fault = process_output(testparm, testparm->process,
					     TESTPARM_TIMEOUT_MS, &dump, &status);

	TALLOC_FREE(testparm->process);
	if (!fault && status != 0)
		fault = fault_new(FAULT_FAILED, "Samba's parser refuses %s",
				  testparm->file);
	if (fault)
		return fault;
	fault = fragment_parse(ctx, without_head(dump), ret);
	talloc_free(dump);
	for (size_t i = 0; !fault && i < (*ret)->count; i++)
		(*ret)->shares[i]->private =
			false; /* its hosts are those that are seen */
	return fault_wrap(fault, "What testparm prints of %s", testparm->file);
}

struct fault *testparm_end(const void *ctx, struct testparm *testparm,
			   struct fragment **ret)
{
	struct fault *fault;

	*ret = NULL;
	if (!testparm->process)
		return NULL;
	if ((fault = read_dump(ctx, testparm, ret)))
		return fault;
	struct share *global = fragment_find(*ret, "global");
	if (global)
		fragment_remove(*ret, global);
	return NULL;
}

struct fault *testparm_shares(const void *ctx, const struct settings *settings,
			      const char *file, struct fragment **ret)
{
	struct testparm *testparm;
	struct fault *fault = testparm_start(NULL, settings, file, &testparm);

	*ret = NULL;
	if (fault)
		return fault;
	fault = testparm_end(ctx, testparm, ret);
	talloc_free(testparm);
	return fault;
}

struct globals {
	struct global {
		const char *name, *value;
	} * list;
	size_t count;
};

/* "\tname = value" each, after "[global]". */
static void take_globals(struct globals *globals, char *dump)
{
	char *line;

	while ((line = text_line(&dump))) {
		char *value = *line == '\t' ? strstr(line, " =") : NULL;

		if (!value)
			continue;
		*value = '\0';
		*mem_grow(globals, globals->list, struct global, globals->count) =
			(struct global){ text_strip(line), text_strip(value + 2) };
		globals->count++;
	}
}

struct fault *globals_read(const void *ctx, const struct settings *settings,
			   const char *file, struct globals **ret)
{
	const char *const argv[] = { settings->testparm,      "-s", "-l", "-v",
				     "--section-name=global", file, NULL };
	struct globals *globals = mem_new(ctx, struct globals);
	struct fault *fault = NULL;
	char *dump = NULL;
	int status = 0;

	if (access(file, F_OK) == 0)
		fault = process_run(globals, argv, TESTPARM_TIMEOUT_MS, &dump, &status);
	if (!fault && status != 0)
		fault = fault_new(FAULT_FAILED, "Samba's parser refuses %s", file);
	if (fault) {
		talloc_free(globals);
		return fault;
	}
	take_globals(globals, dump);
	*ret = globals;
	return NULL;
}

const char *globals_value(const struct globals *globals, const char *parameter)
{
	for (size_t i = 0; i < globals->count; i++)
		if (share_same_parameter(globals->list[i].name, parameter))
			return globals->list[i].value;
	return "";
}

struct fault *testparm_admits(const struct settings *settings, const char *file,
			      const char *share, const char *ip, bool *ret)
{
	/* It says so on standard error. */
	const char *const argv[] = { "sh",
				     "-c",
				     "exec \"$0\" \"$@\" 2>&1",
				     settings->testparm,
				     "-s",
				     file,
				     "host",
				     ip,
				     NULL };
	char *wanted =
		mem_printf(NULL, "Allow connection from host (%s) to %s\n", ip, share);
	char *output = NULL;
	int status = 0;
	struct fault *fault =
		process_run(wanted, argv, TESTPARM_TIMEOUT_MS, &output, &status);

	if (!fault && status != 0)
		fault = fault_new(FAULT_FAILED, "Samba's parser refuses %s", file);
	*ret = !fault && strstr(output, wanted);
	talloc_free(wanted);
	return fault;
}

/* What is compared with what, and what was found. */
struct comparison {
	const void *ctx;
	const struct testparm *testparm;
	const char *address;
	const char **list;
	size_t count;
};

static void differ(struct comparison *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void differ(struct comparison *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*mem_grow(c->ctx, c->list, const char *, c->count) =
		mem_vprintf(c->ctx, format, args);
	c->count++;
	va_end(args);
}

/* Is EXTRA a line "NAME = VALUE"?  The others are remarks, which Samba does not see. */
static bool is_parameter(const char *extra)
{
	return !strchr("#;", *extra);
}

static bool has_extra(const struct share *share, const char *name)
{
	for (size_t i = 0; i < share->extra_count; i++)
		if (is_parameter(share->extras[i]) &&
		    share_same_parameter(share->extras[i], name))
			return true;
	return false;
}

/* Does Samba know that parameter of a share, at its default or by another name? */
static struct fault *ask_known(const struct testparm *testparm, const char *section,
			       const char *extra, bool *ret)
{
	void *ctx = talloc_new(NULL);
	const char *const argv[] = { testparm->settings->testparm,
				     "-s",
				     "-l",
				     mem_printf(ctx, "--section-name=%s", section),
				     mem_printf(ctx, "--parameter-name=%.*s",
						(int)strcspn(extra, "="), extra),
				     testparm->file,
				     NULL };
	char *value;
	int status = 0;
	struct fault *fault =
		process_run(ctx, argv, TESTPARM_TIMEOUT_MS, &value, &status);

	*ret = status == 0;
	talloc_free(ctx);
	return fault;
}

/* Has SHARE one of the names in "(synonyms: NAME, NAME[i])", as testparm lists them? */
static bool has_synonym(const struct share *share, char *list)
{
	char *word;

	list[strcspn(list, ")")] = '\0';
	while ((word = strsep(&list, ","))) {
		word[strcspn(word, "[")] = '\0';
		if (has_extra(share, text_strip(word)))
			return true;
	}
	return false;
}

/* Has SHARE the parameter of EXTRA by one of its other names? */
static struct fault *ask_synonym(const struct testparm *testparm,
				 const struct share *share, const char *extra, bool *ret)
{
	const char *const argv[] = { testparm->settings->testparm,
				     "--show-all-parameters", NULL };
	char *text = NULL, *rest, *line, *names;
	int status = 0;
	struct fault *fault =
		process_run(NULL, argv, TESTPARM_TIMEOUT_MS, &text, &status);

	*ret = false;
	rest = text;
	while (!fault && !*ret && (line = text_line(&rest)))
		if ((names = strstr(line, "(synonyms: ")) &&
		    share_same_parameter(line, extra))
			*ret = has_synonym(share, names + strlen("(synonyms: "));
	talloc_free(text);
	return fault;
}

/* What else stands in the share: by name, since Samba spells values its own way. */
static struct fault *compare_extras(struct comparison *c, const struct share *written,
				    const struct share *seen)
{
	struct fault *fault = NULL;
	bool same;

	for (size_t i = 0; !fault && i < written->extra_count; i++) {
		const char *extra = written->extras[i];

		if (!is_parameter(extra) || has_extra(seen, extra))
			continue;
		if (!(fault = ask_known(c->testparm, seen->name, extra, &same)) && !same)
			differ(c, "[%s]: '%s' is unknown to Samba", written->name, extra);
	}
	for (size_t i = 0; !fault && i < seen->extra_count; i++) {
		const char *extra = seen->extras[i];

		if (has_extra(written, extra))
			continue;
		if (!(fault = ask_synonym(c->testparm, written, extra, &same)) && !same)
			differ(c, "[%s]: Samba sees '%s', which nobody wrote",
			       written->name, extra);
	}
	return fault;
}

/* What the writer was to write of a parameter, or what the dump says of it. */
static const char *expected(const struct share *share, const struct parameter *parameter,
			    const char *address)
{
	const void *member = (const char *)share + parameter->offset;
	const char *text;

	if (parameter->kind == PARAMETER_BOOL)
		return *(const bool *)member ? "yes" : "no";
	text = member == &share->hosts_allow && share->private ?
		       address :
		       *(const char *const *)member;
	return text ? text : parameter->fallback;
}

static bool same_mode(const char *a, const char *b)
{
	char *end_a, *end_b;
	unsigned long x = strtoul(a, &end_a, 8), y = strtoul(b, &end_b, 8);

	return *a && *b && !*end_a && !*end_b && x == y;
}

/* Samba divides such a list at each of these, and puts blanks between. */
static bool same_list(const char *a, const char *b)
{
	static const char separators[] = " \t,;";

	for (;;) {
		size_t length = strcspn(a += strspn(a, separators), separators);

		b += strspn(b, separators);
		if (length != strcspn(b, separators) || strncmp(a, b, length) != 0)
			return false;
		if (length == 0)
			return true;
		a += length;
		b += length;
	}
}

static bool same_value(enum parameter_kind kind, const char *a, const char *b)
{
	return strcmp(a, b) == 0 || (kind == PARAMETER_MODE && same_mode(a, b)) ||
	       (kind == PARAMETER_LIST && same_list(a, b));
}

static struct fault *compare_share(struct comparison *c, const struct share *written,
				   const struct share *seen)
{
	if (strcmp(written->name, seen->name) != 0)
		differ(c, "[%s]: Samba calls it '%s'", written->name, seen->name);
	for (const struct parameter *p = share_parameters; p->name; p++) {
		const char *wanted = expected(written, p, c->address);
		const char *got = expected(seen, p, NULL);

		if (!same_value(p->kind, wanted, got))
			differ(c, "[%s]: '%s' is '%s' to Samba, not '%s'", written->name,
			       p->name, got, wanted);
	}
	return compare_extras(c, written, seen);
}

/* Does SHARE have none of the parameters that are ours? */
static bool is_bare(const struct share *share)
{
	bool bare = true;

	for (const struct parameter *p = share_parameters; p->name; p++)
		bare &= strcmp(expected(share, p, NULL), p->fallback) == 0;
	return bare;
}

/* An empty file has that much in its [global]. */
static struct fault *empty_global(const void *ctx, const struct settings *settings,
				  struct share **ret)
{
	struct fragment *nothing = NULL;
	struct testparm *testparm;
	struct fault *fault = testparm_start(ctx, settings, "/dev/null", &testparm);

	if (!fault)
		fault = read_dump(testparm, testparm, &nothing);
	*ret = nothing ? fragment_find(nothing, "global") : NULL;
	return fault;
}

/* No fragment has a [global]: what testparm shows there is the same for every file. */
static struct fault *compare_global(struct comparison *c, const struct share *seen)
{
	struct share *empty;
	struct fault *fault;

	if (is_bare(seen) && seen->extra_count == 1 &&
	    has_extra(seen, "idmap config * : backend"))
		return NULL; /* it shows that, and need not be asked */
	fault = empty_global(c->ctx, c->testparm->settings, &empty);
	if (!fault && empty)
		return compare_share(c, empty, seen);
	if (!fault)
		differ(c, "[%s]: Samba sees it, and nobody wrote it", seen->name);
	return fault;
}

static struct fault *compare(struct comparison *c, const struct fragment *written,
			     const struct fragment *seen)
{
	struct fault *fault = NULL;

	for (size_t i = 0; !fault && i < written->count; i++) {
		const struct share *share = fragment_find(seen, written->shares[i]->name);

		if (share)
			fault = compare_share(c, written->shares[i], share);
		else
			differ(c, "[%s]: Samba does not see it",
			       written->shares[i]->name);
	}
	for (size_t i = 0; !fault && i < seen->count; i++) {
		const struct share *share = seen->shares[i];

		if (share_same_name(share->name, "global"))
			fault = compare_global(c, share);
		else if (!fragment_find(written, share->name))
			differ(c, "[%s]: Samba sees it, and nobody wrote it",
			       share->name);
	}
	return fault;
}

struct fault *testparm_differences(const void *ctx, struct testparm *testparm,
				   const struct fragment *written, const char *address,
				   const char ***ret)
{
	struct comparison c = { .ctx = ctx, .testparm = testparm, .address = address };
	struct fragment *seen;
	struct fault *fault;

	if (!testparm->process)
		return fault_errno(ENOENT, "%s", testparm->file);
	if ((fault = read_dump(testparm, testparm, &seen)) ||
	    (fault = compare(&c, written, seen)))
		return fault;
	*mem_grow(ctx, c.list, const char *, c.count) = NULL;
	*ret = c.list;
	return NULL;
}
