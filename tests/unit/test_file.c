/* SPDX-License-Identifier: ISC */
/* Files: read whole or refused, replaced whole or not at all. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"

static char directory[] = "/tmp/hubshare-file-XXXXXX";
static int dirfd_ = -1;

static void put(const char *name, const void *bytes, size_t length)
{
	int fd = openat(dirfd_, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

/* Removes all that a test left; returns how many there were. */
static int clear(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			count++;
			if (unlinkat(dirfd_, entry->d_name, 0) < 0)
				unlinkat(dirfd_, entry->d_name, AT_REMOVEDIR);
		}
	closedir(dir);
	return count;
}

/* Reads NAME; the result is the text, "(none)", or what the fault says. */
static char *read_(const void *ctx, const char *name, size_t max)
{
	char *text = (char *)-1;
	struct fault *fault = file_read(ctx, dirfd_, name, max, &text);

	if (!fault)
		return text ? text : mem_strdup(ctx, "(none)");
	assert_null(text);
	char *said = mem_strdup(ctx, fault->text);
	assert_int_equal(fault->status, FAULT_FAILED);
	talloc_free(fault);
	return said;
}

static void test_read(void **state)
{
	void *ctx = talloc_new(NULL);

	(void)state;
	put("plain", "two\nlines\n", 10);
	assert_string_equal(read_(ctx, "plain", 100), "two\nlines\n");
	assert_string_equal(read_(ctx, "plain", 10), "two\nlines\n");
	assert_non_null(strstr(read_(ctx, "plain", 9), "more than 9 bytes"));
	assert_string_equal(read_(ctx, "missing", 9), "(none)");
	put("empty", "", 0);
	assert_string_equal(read_(ctx, "empty", 0), "");
	int real = dirfd_; /* a file that says it has no bytes */
	dirfd_ = open("/proc/self", O_RDONLY | O_DIRECTORY);
	assert_string_equal(read_(ctx, "comm", 100), "test_file\n");
	close(dirfd_);
	dirfd_ = real;
	put("nul", "a\0b", 3);
	assert_non_null(strstr(read_(ctx, "nul", 9), "NUL"));
	assert_int_equal(symlinkat("plain", dirfd_, "link"), 0);
	assert_non_null(strstr(read_(ctx, "link", 100), "link"));
	assert_int_equal(symlinkat("nowhere", dirfd_, "dangling"), 0);
	assert_non_null(strstr(read_(ctx, "dangling", 100), "dangling"));
	assert_int_equal(mkfifoat(dirfd_, "fifo", 0600), 0);
	alarm(10); /* a FIFO must not make it wait */
	assert_non_null(strstr(read_(ctx, "fifo", 100), "not a regular file"));
	alarm(0);
	assert_int_equal(mkdirat(dirfd_, "directory", 0700), 0);
	assert_non_null(strstr(read_(ctx, "directory", 100), "not a regular file"));
	clear();
	talloc_free(ctx);
}

static void test_replace(void **state)
{
	void *ctx = talloc_new(NULL);
	struct stat st;

	(void)state;
	umask(077); /* the mode is what was asked for all the same */
	assert_null(file_replace(dirfd_, "f", "one", 0640, (gid_t)-1));
	assert_int_equal(fstatat(dirfd_, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_string_equal(read_(ctx, "f", 9), "one");

	/* Whoever has the old one open goes on reading the old one, whole. */
	int old = openat(dirfd_, "f", O_RDONLY);
	char bytes[4] = "";
	assert_null(file_replace(dirfd_, "f", "second", 0600, getgid()));
	assert_int_equal(read(old, bytes, 3), 3);
	assert_string_equal(bytes, "one");
	close(old);
	assert_string_equal(read_(ctx, "f", 9), "second");

	/* A link in its place is replaced, not followed. */
	assert_int_equal(symlinkat("f", dirfd_, "l"), 0);
	assert_null(file_replace(dirfd_, "l", "third", 0600, (gid_t)-1));
	assert_string_equal(read_(ctx, "f", 9), "second");
	assert_string_equal(read_(ctx, "l", 9), "third");
	assert_int_equal(clear(), 2); /* nothing of ours was left beside */
	talloc_free(ctx);
}

static void test_replace_fails(void **state)
{
	struct fault *fault;

	(void)state;
	assert_int_equal(mkdirat(dirfd_, "d", 0700), 0);
	fault = file_replace(dirfd_, "d", "text", 0600, (gid_t)-1);
	assert_non_null(fault);
	talloc_free(fault);
	assert_int_equal(clear(), 1); /* the temporary one is gone */
	if (geteuid() != 0) { /* a group that is not ours */
		put("f", "old", 3);
		fault = file_replace(dirfd_, "f", "new", 0600, 0);
		assert_non_null(fault);
		talloc_free(fault);
		char *text = read_(NULL, "f", 9);
		assert_string_equal(text, "old");
		talloc_free(text);
		assert_int_equal(clear(), 1);
	}
}

static void test_remove(void **state)
{
	(void)state;
	put("f", "x", 1);
	assert_null(file_remove(dirfd_, "f"));
	assert_null(file_remove(dirfd_, "f"));
	assert_int_equal(mkdirat(dirfd_, "d", 0700), 0);
	struct fault *fault = file_remove(dirfd_, "d");
	assert_non_null(fault);
	talloc_free(fault);
	clear();
}

/* A file of the kernel's has no size, and one that grows another one than it had. */
static void test_sizeless(void **state)
{
	char *text = NULL;

	(void)state;
	assert_null(file_read(NULL, AT_FDCWD, "/proc/self/status", 1 << 20, &text));
	assert_non_null(strstr(text, "\nUid:"));
	talloc_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizeless),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_replace),
		cmocka_unit_test(test_replace_fails),
		cmocka_unit_test(test_remove),
	};

	if (!mkdtemp(directory) || (dirfd_ = open(directory, O_RDONLY | O_DIRECTORY)) < 0)
		return 1;
	int status = cmocka_run_group_tests(tests, NULL, NULL);
	close(dirfd_);
	rmdir(directory);
	return status;
}
