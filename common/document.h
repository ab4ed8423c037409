/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to the JSON library: documents read whole, documents built and written.  A
 * document is a talloc object; its parts live as long as it does.
 */

#include <stdbool.h>
#include <stdint.h>

#include "common/fault.h"

struct document;

/* Reads TEXT.  Fault 1 with the place of the first error. */
struct fault *document_read(const void *ctx, const char *text, struct document **ret);
/* The member KEY of an object as a document of its own; NULL if there is none. */
struct document *document_member(const void *ctx, const struct document *object,
				 const char *key);
/* The string KEY of an object; "" if it has none. */
const char *document_text(const struct document *object, const char *key);
/* The whole number KEY of an object; 0 if it has none. */
int64_t document_number(const struct document *object, const char *key);
/* The member KEY of an object is there and true. */
bool document_truth(const struct document *object, const char *key);
/* What a document that is a string, or a whole number, says; NULL and false if it is none. */
const char *document_string(const struct document *document);
bool document_integer(const struct document *document, int64_t *ret);
bool document_is_object(const struct document *document);
bool document_is_array(const struct document *document);
bool document_is_null(const struct document *document);
/* Calls EACH for every member of an object or array until one gives a fault. */
struct fault *document_each(const struct document *document,
			    struct fault *(*each)(const struct document *member,
						  void *user),
			    void *user);

struct document *document_object(const void *ctx);
struct document *document_array(const void *ctx);
/* What is printed for programs: an object that carries the version of hubshare-json(5). */
enum { DOCUMENT_VERSION = 1 };
struct document *document_versioned(const void *ctx);
/* TEXT of NULL becomes null; what is not UTF-8 is escaped as text_visible() does. */
void document_put_text(struct document *object, const char *key, const char *text);
void document_put_bool(struct document *object, const char *key, bool truth);
void document_put_number(struct document *object, const char *key, int64_t number);
/* VALUE goes over to the object or array and is no document of its own any more. */
void document_put(struct document *object, const char *key, struct document *value);
void document_append(struct document *array, struct document *value);
/* A string, escaped as by document_put_text(). */
void document_append_text(struct document *array, const char *text);
/* The text of a document, on CTX, fit for a terminal: in one line, or indented. */
char *document_write(const void *ctx, const struct document *document, bool indented);
