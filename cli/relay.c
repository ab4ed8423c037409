/* SPDX-License-Identifier: ISC */
#include "cli/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "service/control.h"

bool relay_fits(const struct run *run)
{
	const struct settings none = { 0 };

	return run->action->called && geteuid() != 0 &&
	       memcmp(&run->options.settings, &none, sizeof(none)) == 0;
}

/* The action's PATH among its words; NULL: it has none. */
static const char *path_of(const struct run *run, bool *ret_must)
{
	const char *args = run->action->args;

	*ret_must = !strstr(args, "[PATH]");
	if (!strstr(args, "PATH") || (!*ret_must && !run->operands[2]))
		return NULL;
	return run->operands[1];
}

/* What the service does not find by a name is sent along. */
static struct fault *open_path(const struct run *run, int *ret)
{
	bool must;
	const char *path = path_of(run, &must);

	*ret = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (!path || *ret >= 0 || !must)
		return NULL;
	return fault_new(errno == EACCES ? FAULT_REFUSED : FAULT_USAGE,
			 "'%s' cannot be shared: %s", path, strerror(errno));
}

struct fault *relay(struct run *run, char *const words[], bool *ret)
{
	struct answer *answer = NULL;
	struct fault *fault;
	int directory;

	*ret = true;
	if ((fault = open_path(run, &directory)))
		return fault;
	fault = control_ask(run, &run->options.settings, (const char *const *)words,
			    directory, &answer);
	if (directory >= 0)
		close(directory);
	*ret = fault || answer;
	if (answer) {
		fputs(answer->output, stdout);
		fputs(answer->error, stderr);
		run->status = answer->status;
	}
	return fault;
}
