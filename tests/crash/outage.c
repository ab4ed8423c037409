/* SPDX-License-Identifier: ISC */
/*
 * outage TREE JOURNAL OUT SEED [LOST...]: what the power's failing may make of TREE after each
 * call of JOURNAL (which meddle wrote; none of its calls is thought to have failed but those that
 * had to).  A disk keeps what was in a file at its last fsync, and what names were in a directory
 * at that one's; of what was done since, any part: all parts are tried where up to 12 things were
 * done, else 1,000 by SEED.  Either half of a write is a thing of its own.  Paths that begin with
 * LOST lay in memory.
 *
 * Each tree that differs in what is read becomes OUT/NUMBER, and a line: its number, how often it
 * came out, the first and the last call that it came out after, and which of the things done
 * before the first one were lost then.
 */

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"

enum { ALL_UP_TO = 12, SOME = 1000, WORDS = 8 };

/* A file, link or directory, whatever it is called; it is known by its number. */
struct object {
	mode_t mode;	    /* with its kind */
	const char *target; /* of a link */
	unsigned char *content;
	size_t length;
};

struct name {
	const char *path;
	size_t object;
};

/* Names and what they stand for; all of it hangs on the state. */
struct state {
	struct name *names;
	size_t name_count;
	struct object *objects;
	size_t object_count;
};

/* One thing that was done; it lasts once it is durable. */
struct deed {
	enum { NAMES, UNNAMES, WRITES, CUTS, MODE } what;
	size_t object;
	const char *path, *from; /* of a name; what the object was called before, or NULL */
	const unsigned char *data;
	size_t offset, length;
	mode_t mode;
	bool durable;
};

/* What came out once or often. */
struct tree {
	uint64_t sum;
	size_t number;
	unsigned long times;
	unsigned first_call, last_call;
	char *lost;
};

struct outage {
	struct state *first; /* what was there; of what was made since, how it was made */
	struct state *now;   /* with all that was done */
	struct deed *deeds;
	size_t deed_count;
	struct tree *trees;
	size_t tree_count;
	char **lost; /* prefixes, NULL at the end */
	const char *out;
};

static struct name *find(const struct state *state, const char *path)
{
	for (size_t i = 0; i < state->name_count; i++)
		if (strcmp(state->names[i].path, path) == 0)
			return &state->names[i];
	return NULL;
}

static void set_name(struct state *state, const char *path, size_t object)
{
	struct name *name = find(state, path);

	if (!name) {
		name = mem_grow(state, state->names, struct name, state->name_count);
		state->name_count++;
		name->path = mem_strdup(state, path);
	}
	name->object = object;
}

static void drop_name(struct state *state, const char *path)
{
	struct name *name = find(state, path);

	if (name)
		*name = state->names[--state->name_count];
}

static void add_object(struct state *state, struct object object)
{
	*mem_grow(state, state->objects, struct object, state->object_count) = object;
	state->object_count++;
}

/* Makes LENGTH bytes at OFFSET those of DATA; nothing but zeros was between. */
static void put(struct state *state, struct object *object, const struct deed *deed)
{
	size_t end = deed->offset + deed->length;

	if (end > object->length) {
		object->content = mem_check(talloc_realloc(state, object->content,
							   unsigned char, end));
		memset(object->content + object->length, 0, end - object->length);
		object->length = end;
	}
	if (deed->length)
		memcpy(object->content + deed->offset, deed->data, deed->length);
}

static void perform(struct state *state, const struct deed *deed)
{
	struct object *object = &state->objects[deed->object];
	struct name *from;

	switch (deed->what) {
	case NAMES:
		from = deed->from ? find(state, deed->from) : NULL;
		if (from && from->object == deed->object)
			drop_name(state, deed->from);
		set_name(state, deed->path, deed->object);
		break;
	case UNNAMES:
		drop_name(state, deed->path);
		break;
	case WRITES:
		put(state, object, deed);
		break;
	case CUTS:
		object->length = deed->length < object->length ? deed->length : object->length;
		break;
	case MODE:
		object->mode = (object->mode & S_IFMT) | deed->mode;
		break;
	}
}

static void record(struct outage *o, struct deed deed)
{
	*mem_grow(o->now, o->deeds, struct deed, o->deed_count) = deed;
	o->deed_count++;
	perform(o->now, &deed);
}

static size_t new_object(struct outage *o, mode_t mode, const char *target)
{
	struct object object = { mode, target ? mem_strdup(o->now, target) : NULL, NULL, 0 };

	add_object(o->first, object);
	add_object(o->now, object);
	return o->now->object_count - 1;
}

/* A file without a name yet is called by what the kernel shows for one. */
static size_t object_at(struct outage *o, const char *path)
{
	if (!find(o->now, path))
		set_name(o->now, path, new_object(o, S_IFREG | 0600, NULL));
	return find(o->now, path)->object;
}

static bool lies_in(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 && path[length] == '/' &&
	       !strchr(path + length + 1, '/');
}

/* fsync of a file makes durable what was done in it, of a directory the names in it. */
static void make_durable(struct outage *o, const char *path)
{
	size_t object = object_at(o, path);

	for (size_t i = 0; i < o->deed_count; i++) {
		struct deed *deed = &o->deeds[i];
		bool name = deed->what == NAMES || deed->what == UNNAMES;

		if (name ? lies_in(deed->path, path) : deed->object == object)
			deed->durable = true;
	}
}

static void record_write(struct outage *o, const char *path, const char *hex)
{
	size_t object = object_at(o, path), length = strlen(hex) / 2, half = length / 2;
	size_t offset = o->now->objects[object].length;
	unsigned char *data = mem_array(o->now, unsigned char, length + 1);

	for (size_t i = 0; i < length; i++)
		sscanf(hex + 2 * i, "%2hhx", &data[i]);
	record(o, (struct deed){ .what = WRITES, .object = object, .data = data,
				 .offset = offset, .length = half });
	record(o, (struct deed){ .what = WRITES, .object = object, .data = data + half,
				 .offset = offset + half, .length = length - half });
}

static void record_name(struct outage *o, const char *path, const char *from, size_t object)
{
	record(o, (struct deed){ .what = NAMES, .object = object,
				 .path = mem_strdup(o->now, path),
				 .from = from ? mem_strdup(o->now, from) : NULL });
}

static void record_open(struct outage *o, const char *path, unsigned flags, mode_t mode)
{
	struct name *there = find(o->now, path);

	if ((flags & O_TMPFILE) == O_TMPFILE)
		return; /* it is met when something is done to it */
	if (!there && flags & O_CREAT)
		record_name(o, path, NULL, new_object(o, S_IFREG | mode, NULL));
	else if (there && flags & O_TRUNC)
		record(o, (struct deed){ .what = CUTS, .object = there->object });
}

/* CALL begins with WORD; there are kinds of most, which do the same. */
static bool is_call(const char *call, const char *word)
{
	return strncmp(call, word, strlen(word)) == 0;
}

/* What concerns no file leaves no trace, nor does what has failed: it made what was there. */
static void record_call(struct outage *o, const char *call, char *const word[])
{
	bool there = word[0] && find(o->now, word[0]);
	bool there_too = word[0] && word[1] && find(o->now, word[1]);

	if (is_call(call, "open"))
		record_open(o, word[0], (unsigned)atoi(word[1]),
			    (mode_t)strtoul(word[2], NULL, 8));
	else if (is_call(call, "write") || is_call(call, "pwrite"))
		record_write(o, word[0], word[1]);
	else if (is_call(call, "ftruncate") || is_call(call, "truncate"))
		record(o, (struct deed){ .what = CUTS, .object = object_at(o, word[0]),
					 .length = (size_t)atoll(word[1]) });
	else if (is_call(call, "fchmod") || is_call(call, "chmod"))
		record(o, (struct deed){ .what = MODE, .object = object_at(o, word[0]),
					 .mode = (mode_t)strtoul(word[1], NULL, 8) });
	else if (is_call(call, "fsync") || is_call(call, "fdatasync"))
		make_durable(o, word[0]);
	else if (is_call(call, "rename") && there)
		record_name(o, word[1], word[0], object_at(o, word[0]));
	else if (is_call(call, "link") && there && !there_too)
		record_name(o, word[1], NULL, object_at(o, word[0]));
	else if (is_call(call, "symlink") && !there_too)
		record_name(o, word[1], NULL, new_object(o, S_IFLNK | 0777, word[0]));
	else if (is_call(call, "mkdir") && !there)
		record_name(o, word[0], NULL, new_object(o, S_IFDIR | 0755, NULL));
	else if ((is_call(call, "unlink") || is_call(call, "rmdir")) && there)
		record(o, (struct deed){ .what = UNNAMES, .path = mem_strdup(o->now, word[0]) });
}

/* Did it lie in memory, has it no name, or is the name of a directory above lost? */
static bool is_lost(const struct outage *o, const struct state *state, const char *path)
{
	char *above = mem_strdup(NULL, path), *slash = strrchr(above, '/');
	bool lost = strchr(path, '(') != NULL;

	for (char **prefix = o->lost; *prefix; prefix++)
		lost |= strncmp(path, *prefix, strlen(*prefix)) == 0;
	if (slash)
		*slash = '\0';
	lost = lost || (slash && (!find(state, above) || is_lost(o, state, above)));
	talloc_free(above);
	return lost;
}

static uint64_t add_sum(uint64_t sum, const void *data, size_t length)
{
	for (size_t i = 0; i < length; i++) /* FNV-1a */
		sum = (sum ^ ((const unsigned char *)data)[i]) * 0x100000001b3;
	return sum;
}

/* A name that begins with a dot: nobody reads it, so what is in it tells no trees apart. */
static bool is_hidden(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (slash ? slash + 1 : path)[0] == '.';
}

/* The same for the same tree, whatever the order of its names.  Of the hidden ones it only tells
 * that there are any. */
static uint64_t sum_of(const struct outage *o, const struct state *state)
{
	uint64_t sum = 0;
	bool hidden = false;

	for (size_t i = 0; i < state->name_count; i++) {
		const struct name *name = &state->names[i];
		const struct object *object = &state->objects[name->object];
		uint64_t one = 0xcbf29ce484222325;

		if (is_lost(o, state, name->path))
			continue;
		hidden |= is_hidden(name->path);
		if (is_hidden(name->path))
			continue;
		one = add_sum(one, name->path, strlen(name->path));
		one = add_sum(one, &object->mode, sizeof(object->mode));
		one = add_sum(one, object->content, object->length);
		sum += object->target ? add_sum(one, object->target, strlen(object->target)) :
					one;
	}
	return sum + hidden;
}

static void write_object(const char *path, const struct object *object)
{
	FILE *file;

	if (S_ISDIR(object->mode)) {
		mkdir(path, 0755);
	} else if (S_ISLNK(object->mode)) {
		(void)!symlink(object->target, path);
	} else if ((file = fopen(path, "w"))) {
		fwrite(object->content, 1, object->length, file);
		fclose(file);
		chmod(path, object->mode & 07777);
	}
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->path, ((const struct name *)b)->path);
}

/* Directories come before what is in them. */
static void write_tree(const struct outage *o, struct state *state, size_t number)
{
	char *top = mem_printf(state, "%s/%zu", o->out, number);

	mkdir(top, 0755);
	qsort(state->names, state->name_count, sizeof(*state->names), by_path);
	for (size_t i = 0; i < state->name_count; i++)
		if (!is_lost(o, state, state->names[i].path))
			write_object(mem_printf(state, "%s/%s", top, state->names[i].path),
				     &state->objects[state->names[i].object]);
}

static struct tree *tree_of(struct outage *o, uint64_t sum)
{
	for (size_t i = 0; i < o->tree_count; i++)
		if (o->trees[i].sum == sum)
			return &o->trees[i];
	struct tree *tree = mem_grow(o->now, o->trees, struct tree, o->tree_count);
	*tree = (struct tree){ .sum = sum, .number = ++o->tree_count };
	return tree;
}

static struct state *copy_state(const void *ctx, const struct state *state)
{
	struct state *copy = mem_new(ctx, struct state);

	for (size_t i = 0; i < state->name_count; i++)
		set_name(copy, state->names[i].path, state->names[i].object);
	for (size_t i = 0; i < state->object_count; i++) {
		struct object object = state->objects[i];

		object.content = mem_array(copy, unsigned char, object.length + 1);
		if (object.length)
			memcpy(object.content, state->objects[i].content, object.length);
		add_object(copy, object);
	}
	return copy;
}

/* Which of the deeds that are not durable are lost: those of the bits of LOST, in order. */
static void fail_power(struct outage *o, unsigned call, uint64_t lost)
{
	struct state *state = copy_state(NULL, o->first);
	char *list = mem_strdup(o->now, "");
	unsigned pending = 0;

	for (size_t i = 0; i < o->deed_count; i++)
		if (!o->deeds[i].durable && lost >> pending++ & 1)
			list = mem_append(o->now, list, " %zu", i + 1);
		else
			perform(state, &o->deeds[i]);
	struct tree *tree = tree_of(o, sum_of(o, state));
	tree->last_call = call;
	if (tree->times++ == 0) {
		tree->first_call = call;
		tree->lost = list;
		write_tree(o, state, tree->number);
	}
	talloc_free(state);
}

static uint64_t random_bits(void)
{
	return (uint64_t)random() << 42 ^ (uint64_t)random() << 21 ^ (uint64_t)random();
}

static void fail_everyhow(struct outage *o, unsigned call)
{
	unsigned pending = 0;

	for (size_t i = 0; i < o->deed_count; i++)
		pending += !o->deeds[i].durable;
	uint64_t all = pending <= ALL_UP_TO ? (uint64_t)1 << pending : SOME;
	for (uint64_t i = 0; i < all; i++)
		fail_power(o, call, pending <= ALL_UP_TO ? i : random_bits());
}

static void read_object(struct state *state, const char *path, const struct stat *st)
{
	struct object object = { .mode = st->st_mode };
	char target[4096];
	ssize_t n;
	FILE *file;

	if (S_ISLNK(st->st_mode) && (n = readlink(path, target, sizeof(target))) > 0)
		object.target = mem_strndup(state, target, (size_t)n);
	object.content = mem_array(state, unsigned char, (size_t)st->st_size + 1);
	if (S_ISREG(st->st_mode) && (file = fopen(path, "r"))) {
		object.length = fread(object.content, 1, (size_t)st->st_size, file);
		fclose(file);
	}
	add_object(state, object);
}

static struct state *read_tree(char *top)
{
	struct state *state = mem_new(NULL, struct state);
	FTS *fts = fts_open((char *[]){ top, NULL }, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *entry;

	while (fts && (entry = fts_read(fts)))
		if (entry->fts_info != FTS_DP && entry->fts_level > 0) {
			set_name(state, entry->fts_path + strlen(top) + 1, state->object_count);
			read_object(state, entry->fts_path, entry->fts_statp);
		}
	if (fts)
		fts_close(fts);
	return state;
}

static void read_journal(struct outage *o, FILE *journal)
{
	char *line = NULL, *rest;
	size_t room = 0;

	fail_everyhow(o, 0);
	while (getline(&line, &room, journal) > 0) {
		char *word[WORDS] = { NULL };

		line[strcspn(line, "\n")] = '\0';
		rest = line;
		for (int i = 0; i < WORDS - 1; i++)
			word[i] = strsep(&rest, "\t");
		record_call(o, word[1], word + 2);
		fail_everyhow(o, (unsigned)atoi(word[0]));
	}
	free(line);
}

int main(int argc, char *argv[])
{
	struct outage o = { 0 };
	FILE *journal = argc > 4 ? fopen(argv[2], "r") : NULL;

	if (!journal)
		return 2;
	o.first = read_tree(argv[1]);
	o.now = copy_state(NULL, o.first);
	o.out = argv[3];
	o.lost = argv + 5;
	srandom((unsigned)atoi(argv[4]));
	read_journal(&o, journal);
	fclose(journal);
	for (size_t i = 0; i < o.tree_count; i++)
		printf("%zu %lu %u %u%s\n", o.trees[i].number, o.trees[i].times,
		       o.trees[i].first_call, o.trees[i].last_call, o.trees[i].lost);
	talloc_free(o.first);
	talloc_free(o.now);
	return 0;
}
