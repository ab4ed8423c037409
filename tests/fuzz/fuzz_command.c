/* SPDX-License-Identifier: ISC */
/*
 * Any command line, its words separated by NUL: what hubshare's own tables and the checks of
 * a share let pass is what smbd is given, no more and no less; what they refuse is never
 * written.
 */
#include <stddef.h>
#include <stdint.h>

int hubshare_main(int argc, char *argv[]);
#define main hubshare_main /* its tables, without its main() */
#include "cli/hubshare.c"
#undef main

#include "tests/fuzz/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORDS = 12, ROWS = 64 };

/* The tables, but that none of the options ends the program. */
static const struct command *command(void)
{
	static struct option_row options[ROWS];
	static struct command the_command;

	if (the_command.name)
		return &the_command;
	for (size_t i = 0; rows[i].name; i++) {
		require(i < ROWS - 1, "there is room for the options");
		options[i] = rows[i];
		if (rows[i].kind == OPTION_HELP || rows[i].kind == OPTION_VERSION)
			options[i].kind = OPTION_FLAG, options[i].offset = AT(dry_run);
	}
	the_command = hubshare;
	the_command.options = options;
	return &the_command;
}

static int cut_words(const void *ctx, const uint8_t *data, size_t size, char *argv[])
{
	char *text = mem_array(ctx, char, size + 1), *end = text + size;
	int argc = 1;

	memcpy(text, data, size);
	argv[0] = mem_strdup(ctx, "hubshare");
	for (char *word = text; word < end && argc < WORDS; word += strlen(word) + 1)
		argv[argc++] = word;
	return argc;
}

static struct fault *make_term(const struct run_options *options, struct term *ret)
{
	const struct term_now now = { 1, 1, "c0ffee00-0000-4000-8000-00000000b007" };
	struct fault *fault = NULL;
	int64_t ms;

	if (options->lasts && !(fault = term_parse_duration(options->lasts, &ms)))
		*ret = term_for(&now, ms, options->permanent);
	else if (options->until_stop)
		*ret = term_until_stop(&now, 7);
	return fault;
}

/* As add makes it, but for what the file system and the accounts say. */
static struct fault *make_share(struct run *run, struct share **ret)
{
	const struct run_options *options = &run->options;
	const char *path = run->operands[1], *name = run->operands[2];
	struct share *share = share_new(run, name ? name : "name", path);
	struct fault *fault;

	share->read_only = options->read_only;
	share->guest_ok = options->guest_ok;
	share->private = options->private;
	share->owner = 1000;
	share->force_user = options->guest_ok ? "user" : NULL;
	*ret = share;
	if ((fault = make_term(options, &share->term)) || (fault = share_check_path(path)) ||
	    (fault = share_check(share)))
		return fault;
	return options->allow && !options->private ?
		       share_parse_hosts(share, options->allow, &share->hosts_allow) :
		       NULL;
}

static void give(struct run *run)
{
	struct fragment *fragment = fragment_new(run, "c0ffee00-0000-4000-8000-00000000000a",
						 run->operands[0], TENURE_TEMPORARY);
	struct share *share;
	struct fault *refused = make_share(run, &share), *bad = share_check(share), *unwritten;
	char *text;

	fragment_add(fragment, share);
	if (!refused) {
		round_trip(fragment);
		round_trip_by_samba(fragment);
	}
	if (bad) {
		unwritten = fragment_truth(run, templates(), fragment, &text);
		require(refused && unwritten, "what is refused is not written");
		talloc_free(unwritten);
	}
	talloc_free(refused);
	talloc_free(bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct run *run = mem_new(NULL, struct run);
	char *argv[WORDS + 1] = { NULL };
	int argc = cut_words(run, data, size, argv);
	struct fault *fault = command_parse(run, command(), argc, argv, &run->options,
					    &run->action, &run->operands);

	if (fault)
		require(fault->status == FAULT_USAGE && *fault->text, "a refusal says why");
	else if (run->action == &action_add)
		give(run);
	talloc_free(fault);
	talloc_free(run);
	return 0;
}
