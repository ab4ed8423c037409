/* SPDX-License-Identifier: ISC */
#include "common/document.h"

#include <jansson.h>
#include <stdlib.h>

#include "common/memory.h"
#include "common/text.h"

struct document {
	json_t *json;
};

static int document_close(struct document *document)
{
	json_decref(document->json);
	return 0;
}

/* Takes the reference over. */
static struct document *document_of(const void *ctx, json_t *json)
{
	struct document *document = mem_new(ctx, struct document);

	document->json = mem_check(json);
	talloc_set_destructor(document, document_close);
	return document;
}

struct fault *document_read(const void *ctx, const char *text, struct document **ret)
{
	json_error_t error;
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!json)
		return fault_new(FAULT_FAILED, "It is no JSON (line %d: %s)", error.line,
				 error.text);
	*ret = document_of(ctx, json);
	return NULL;
}

struct document *document_member(const void *ctx, const struct document *object,
				 const char *key)
{
	json_t *member = json_object_get(object->json, key);

	return member ? document_of(ctx, json_incref(member)) : NULL;
}

const char *document_text(const struct document *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object->json, key));

	return text ? text : "";
}

int64_t document_number(const struct document *object, const char *key)
{
	return json_integer_value(json_object_get(object->json, key));
}

bool document_truth(const struct document *object, const char *key)
{
	return json_is_true(json_object_get(object->json, key));
}

const char *document_string(const struct document *document)
{
	return json_string_value(document->json);
}

bool document_integer(const struct document *document, int64_t *ret)
{
	if (!json_is_integer(document->json))
		return false;
	*ret = json_integer_value(document->json);
	return true;
}

bool document_is_object(const struct document *document)
{
	return document && json_is_object(document->json);
}

bool document_is_array(const struct document *document)
{
	return document && json_is_array(document->json);
}

bool document_is_null(const struct document *document)
{
	return document && json_is_null(document->json);
}

struct fault *document_each(const struct document *document,
			    struct fault *(*each)(const struct document *member,
						  void *user),
			    void *user)
{
	struct fault *fault = NULL;
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(document->json, key, member)
	if (!fault)
		fault = each(&(struct document){ member }, user);
	json_array_foreach(document->json, i, member)
	if (!fault)
		fault = each(&(struct document){ member }, user);
	return fault;
}

struct document *document_object(const void *ctx)
{
	return document_of(ctx, json_object());
}

struct document *document_array(const void *ctx)
{
	return document_of(ctx, json_array());
}

struct document *document_versioned(const void *ctx)
{
	struct document *document = document_object(ctx);

	document_put_number(document, "version", DOCUMENT_VERSION);
	return document;
}

static json_t *string_of(const char *text)
{
	json_t *string = text ? json_string(text) : json_null();

	if (!string) { /* JSON is UTF-8 */
		char *visible = text_visible(NULL, text);

		string = json_string(visible);
		talloc_free(visible);
	}
	return string;
}

void document_put_text(struct document *object, const char *key, const char *text)
{
	json_object_set_new(object->json, key, string_of(text));
}

void document_put_bool(struct document *object, const char *key, bool truth)
{
	json_object_set_new(object->json, key, json_boolean(truth));
}

void document_put_number(struct document *object, const char *key, int64_t number)
{
	json_object_set_new(object->json, key, json_integer(number));
}

void document_put(struct document *object, const char *key, struct document *value)
{
	json_object_set(object->json, key, value->json);
	talloc_free(value);
}

void document_append(struct document *array, struct document *value)
{
	json_array_append(array->json, value->json);
	talloc_free(value);
}

void document_append_text(struct document *array, const char *text)
{
	json_array_append_new(array->json, string_of(text));
}

char *document_write(const void *ctx, const struct document *document, bool indented)
{
	char *dump = mem_check(json_dumps(document->json, indented ? JSON_INDENT(2) : 0));
	char *text = text_json(ctx, dump);

	free(dump);
	return text;
}
