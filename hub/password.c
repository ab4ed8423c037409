/* SPDX-License-Identifier: ISC */
#include "hub/password.h"

#include <errno.h>
#include <sys/random.h>

#include "common/memory.h"

/* 32 of them, so that five bits are one, each as likely as any other. */
static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";

struct fault *password_new(const void *ctx, char **ret)
{
	unsigned char random[PASSWORD_GROUPS * PASSWORD_GROUP];
	char *text, *to;

	/* So few bytes come whole, and no signal comes between: getrandom(2). */
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return fault_errno(errno, "The kernel gives no random bytes");
	text = to = mem_array(ctx, char, PASSWORD_LENGTH + 1);
	for (size_t i = 0; i < sizeof(random); i++) {
		if (i && i % PASSWORD_GROUP == 0)
			*to++ = '-';
		*to++ = letters[random[i] % (sizeof(letters) - 1)];
	}
	*ret = text;
	return NULL;
}
