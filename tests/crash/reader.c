/* SPDX-License-Identifier: ISC */
/*
 * reader DIRECTORY...: reads every rendering in them, over and over, as smbd might at any moment.
 * Says "reading" when it has read all once; on SIGTERM, how often it has read one.  Exits with 1
 * at the first one that is not whole: it does not parse, or its sum is not its own.
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/address.h"
#include "common/file.h"
#include "common/memory.h"
#include "confgen/fragment.h"

enum { FRAGMENT_MAX_BYTES = 1 << 20 };

static volatile sig_atomic_t ended;
static unsigned long reads;

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

/* The address in "<IP>.conf". */
static bool is_rendering(const char *name)
{
	char stem[INET_ADDRSTRLEN] = "";
	const char *end = strstr(name, ".conf");
	struct in_addr ip;

	if (!end || strlen(end) != strlen(".conf") || end - name >= INET_ADDRSTRLEN)
		return false;
	memcpy(stem, name, (size_t)(end - name));
	return ip_parse(stem, &ip);
}

/* One that is not there any more is none to read. */
static struct fault *read_one(const void *ctx, int dirfd, const char *name)
{
	char *text;
	struct fault *fault = file_read(ctx, dirfd, name, FRAGMENT_MAX_BYTES, &text);
	struct fragment *fragment;

	if (fault || !text)
		return fault;
	reads++;
	if ((fault = fragment_parse(ctx, text, &fragment)))
		return fault_wrap(fault, "%s: %s", name, text);
	if (fragment->edited)
		return fault_new(FAULT_FAILED, "%s has not its own sum: %s", name, text);
	return NULL;
}

/* Links lead to one of the other directories. */
static struct fault *read_all(const char *path)
{
	void *ctx = talloc_new(NULL);
	DIR *dir = opendir(path);
	struct fault *fault = NULL;
	struct dirent *entry;

	while (dir && !fault && (entry = readdir(dir)))
		if (entry->d_type == DT_REG && is_rendering(entry->d_name))
			fault = read_one(ctx, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
	talloc_free(ctx);
	return fault;
}

int main(int argc, char *argv[])
{
	struct fault *fault = NULL;

	signal(SIGTERM, end);
	for (bool first = true; !ended && !fault; first = false) {
		for (int i = 1; !fault && i < argc; i++)
			fault = read_all(argv[i]);
		if (first && puts("reading") >= 0)
			fflush(stdout);
	}
	printf("%lu\n", reads);
	return fault_finish(fault);
}
