/* SPDX-License-Identifier: ISC */
#include "service/call.h"

#include <string.h>

#include "common/document.h"
#include "common/memory.h"
#include "common/text.h"

enum { CALL_VERSION = 1, TEXT_MAX_BYTES = 2000 /* of an event */ };

struct fault *call_line(const void *ctx, const char *const *words, char **ret)
{
	struct document *object = document_object(NULL), *array = document_array(object);
	struct fault *fault = NULL;
	size_t count = 0;

	for (; words[count] && !fault; count++) {
		if (!text_is_utf8(words[count], NULL))
			fault = fault_new(FAULT_USAGE, "'%s' is not UTF-8", words[count]);
		document_append_text(array, words[count]);
	}
	document_put_number(object, "version", CALL_VERSION);
	document_put(object, "words", array);
	char *line = document_write(object, object, false);
	if (!fault && (count > CALL_WORDS_MAX || strlen(line) >= CALL_MAX_BYTES))
		fault = fault_new(FAULT_USAGE,
				  "That is more than the service takes, %d words or %d "
				  "bytes",
				  CALL_WORDS_MAX, CALL_MAX_BYTES);
	if (!fault)
		*ret = talloc_steal(ctx, line);
	talloc_free(object);
	return fault;
}

struct words {
	const char **list; /* one more than COUNT, which is NULL */
	size_t count;
};

static struct fault *read_word(const struct document *member, void *user)
{
	struct words *words = user;
	const char *word = document_string(member);

	if (!word || words->count == CALL_WORDS_MAX)
		return fault_new(FAULT_USAGE, "A command line has at most %d words",
				 CALL_WORDS_MAX);
	words->list[words->count++] = mem_strdup(words->list, word);
	return NULL;
}

static struct fault *read_words(const void *ctx, const struct document *object,
				const char *const **ret)
{
	struct words words = { mem_array(ctx, const char *, CALL_WORDS_MAX + 1), 0 };
	struct document *array = document_member(words.list, object, "words");
	struct fault *fault;

	if (document_number(object, "version") != CALL_VERSION ||
	    !document_is_array(array))
		fault = fault_new(FAULT_USAGE, "It has no version %d, or no words",
				  CALL_VERSION);
	else
		fault = document_each(array, read_word, &words);
	if (fault)
		talloc_free(words.list);
	else
		*ret = words.list;
	return fault;
}

struct fault *call_parse(const void *ctx, const char *line, const char *const **ret)
{
	struct document *object;
	struct fault *fault = document_read(NULL, line, &object);

	if (!fault) {
		fault = document_is_object(object) ?
				read_words(ctx, object, ret) :
				fault_new(FAULT_USAGE, "It is no object");
		talloc_free(object);
	}
	if (fault)
		fault->status = FAULT_USAGE;
	return fault_wrap(fault, "The service was sent what is no command");
}

char *answer_line(const void *ctx, const struct answer *answer)
{
	struct document *object = document_object(NULL);

	document_put_number(object, "version", CALL_VERSION);
	document_put_number(object, "status", answer->status);
	document_put_text(object, "output", answer->output);
	document_put_text(object, "error", answer->error);
	char *line = document_write(ctx, object, false);
	talloc_free(object);
	return line;
}

struct fault *answer_parse(const void *ctx, const char *line, struct answer **ret)
{
	struct document *object;
	struct fault *fault = document_read(NULL, line, &object);

	if (fault)
		return fault_wrap(fault, "What the service says cannot be used");
	bool good = document_is_object(object) &&
		    document_number(object, "version") == CALL_VERSION;
	int64_t status = good ? document_number(object, "status") : -1;
	if (status < FAULT_NONE || status > FAULT_UNPROVED) {
		talloc_free(object);
		return fault_new(FAULT_FAILED, "What the service says cannot be used");
	}
	struct answer *answer = mem_new(ctx, struct answer);
	answer->status = (int)status;
	answer->output = mem_strdup(answer, document_text(object, "output"));
	answer->error = mem_strdup(answer, document_text(object, "error"));
	talloc_free(object);
	*ret = answer;
	return NULL;
}

/* The words as a person would write them, nearly; cut where there are too many of them. */
static char *words_text(const void *ctx, const char *const *words)
{
	char *text = mem_strdup(ctx, "");

	for (size_t i = 0; words[i] && strlen(text) <= TEXT_MAX_BYTES; i++) {
		const char *quote = !*words[i] || strpbrk(words[i], " \t") ? "\"" : "";

		text = mem_append(ctx, text, "%s%s%s%s", i ? " " : "", quote, words[i],
				  quote);
	}
	if (strlen(text) <= TEXT_MAX_BYTES)
		return text;
	return mem_printf(ctx, "%.*s...", TEXT_MAX_BYTES, text);
}

struct event *call_event(const void *ctx, uid_t uid, const char *const *words,
			 const struct fault *fault)
{
	struct event *event = mem_new(ctx, struct event);
	struct fault *nobody;
	char *account = NULL;

	event->kind = EVENT_COMMAND;
	event->uid = mem_printf(event, "%u", uid);
	if ((nobody = caller_name(event, uid, &account)))
		talloc_free(nobody);
	event->account = account;
	event->text = words ? words_text(event, words) : NULL;
	event->result =
		mem_printf(event, "%.*s", TEXT_MAX_BYTES, fault ? fault->text : "done");
	return event;
}
