/* SPDX-License-Identifier: ISC */
/* hubshare user: accounts with which a guest logs on to Samba. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/actions.h"
#include "cli/report.h"
#include "cli/run.h"
#include "common/memory.h"
#include "hub/account.h"
#include "hub/passdb.h"
#include "hub/password.h"

/* What is known of an account, and what it gets. */
struct user {
	const char *name;
	enum account_kind kind;
	struct passdb *passdb;
	char *password;
};

static struct fault *find_user(struct run *run, struct user *ret)
{
	*ret = (struct user){ .name = run->operands[1],
			      .kind = account_kind(run->operands[1]) };
	return passdb_read(run, &run->options.settings, &ret->passdb);
}

/* Who has no password of Samba's yet becomes another one to it with his first. */
static bool lends_rights(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->inventory->truth_count; i++) {
		const struct fragment *truth = run->inventory->truths[i];

		for (size_t s = 0; s < truth->count; s++)
			if (truth->shares[s]->force_user &&
			    strcmp(truth->shares[s]->force_user, name) == 0)
				return true;
	}
	return false;
}

static struct fault *check_add(const struct run *run, const struct user *user)
{
	bool has = passdb_has(user->passdb, user->name);

	if (user->kind == ACCOUNT_SYSTEM)
		return fault_new(
			FAULT_REFUSED,
			"'%s' is an account of the system, which no guest shall have; "
			"take another name",
			user->name);
	if (user->kind == ACCOUNT_NONE && *run->options.settings.root)
		return fault_new(
			FAULT_NOT_FOUND,
			"There is no account '%s' on this host, and below a root none "
			"is made; make it by useradd first",
			user->name);
	if (has && !run->options.reset)
		return fault_new(
			FAULT_CONFLICT,
			"'%s' has a password for Samba; --reset gives it a new one",
			user->name);
	if (!has && run->options.reset)
		return fault_new(FAULT_NOT_FOUND,
				 "'%s' has no password for Samba; leave --reset out",
				 user->name);
	return NULL;
}

/* The account, where there is none, goes again if it gets no password. */
static struct fault *give_password(const struct run *run, const struct user *user)
{
	const struct settings *settings = &run->options.settings;
	struct fault *fault = NULL;

	if (user->kind == ACCOUNT_NONE && (fault = account_make(user->name)))
		return fault;
	if (!(fault = passdb_set(settings, user->name, user->password)))
		return NULL;
	if (user->kind == ACCOUNT_NONE)
		talloc_free(account_remove(user->name));
	return fault;
}

static void print_user(const struct run *run, const struct user *user)
{
	struct in_addr ip = report_host(run);

	printf("%s has this password for Samba, which is not shown again:\n"
	       "    %s\n"
	       "Linux:    mount -t cifs //%s/SHARE /mnt -o user=%s\n"
	       "Windows:  net use * \\\\%s\\SHARE /user:%s\n"
	       "macOS:    open smb://%s@%s/SHARE\n",
	       user->name, user->password, IP_TEXT(ip), user->name, IP_TEXT(ip),
	       user->name, user->name, IP_TEXT(ip));
	if (user->kind != ACCOUNT_PERSON)
		printf("It is no login of the host. In shares given with -g it works as who gave "
		       "them;\nin others it may do what everybody may.\n");
}

static void put_user(const struct run *run, const struct user *user)
{
	struct in_addr ip = report_host(run);
	struct document *body = document_object(run);

	document_put_text(body, "name", user->name);
	document_put_text(body, "password", user->password);
	document_put_text(body, "host", IP_TEXT(ip));
	document_put_bool(body, "made_by_hubshare", user->kind != ACCOUNT_PERSON);
	report_json("account", body);
}

static struct fault *user_add(struct run *run)
{
	struct fault *fault;
	struct user user;

	if ((fault = find_user(run, &user)) || (fault = check_add(run, &user)) ||
	    (fault = password_new(run, &user.password)) ||
	    (fault = give_password(run, &user)))
		return fault;
	if (run->options.json)
		put_user(run, &user);
	else
		print_user(run, &user);
	fflush(stdout);
	if (run->options.reset)
		return samba_cut_user(run->samba, user.name);
	if (lends_rights(run, user.name))
		report_note(
			run,
			"Sessions of shares given with -g that work as %s have to be opened "
			"anew",
			user.name);
	return NULL;
}

static struct fault *check_remove(const struct run *run, const struct user *user)
{
	if (user->kind == ACCOUNT_OURS && !*run->options.settings.root)
		return NULL;
	if (user->kind == ACCOUNT_OURS)
		return fault_new(
			FAULT_REFUSED,
			"'%s' is an account of this host; leave --root out to remove it",
			user->name);
	if (user->kind == ACCOUNT_NONE && !passdb_has(user->passdb, user->name))
		return fault_new(
			FAULT_NOT_FOUND,
			"There is no account '%s'; 'hubshare user list' shows all",
			user->name);
	return fault_new(
		FAULT_REFUSED,
		"hubshare has not made '%s'; 'sudo smbpasswd -x %s' takes its password "
		"for Samba away",
		user->name, user->name);
}

/* First nobody comes in any more, then who is in goes, then the account. */
static struct fault *user_remove(struct run *run)
{
	struct fault *fault, *uncut;
	struct user user;

	if ((fault = find_user(run, &user)) || (fault = check_remove(run, &user)) ||
	    (passdb_has(user.passdb, user.name) &&
	     (fault = passdb_remove(&run->options.settings, user.name))))
		return fault;
	uncut = samba_cut_user(run->samba, user.name);
	if ((fault = fault_first(uncut, account_remove(user.name))))
		return fault;
	struct document *body = document_object(run);
	document_put_text(body, "name", user.name);
	if (run->options.json)
		report_json("removed_account", body);
	else
		printf("%s is no account any more\n", user.name);
	return NULL;
}

static const struct column columns[] = {
	{ "Name", "name", COLUMN_TEXT, 12, 0, COLUMN_NAME },
	{ "Made by hubshare", "made_by_hubshare", COLUMN_BOOL, 0, 0, COLUMN_RAGGED },
	{ 0 },
};

static struct fault *user_list(struct run *run)
{
	const struct terminal terminal = terminal_stdout();
	struct table *table = table_new(run, columns);
	struct passdb *passdb;
	struct fault *fault = passdb_read(run, &run->options.settings, &passdb);

	if (fault)
		return fault;
	for (size_t i = 0; i < passdb->count; i++) {
		struct cell *row = table_row(table);

		row[0].text = passdb->names[i];
		row[1].truth = account_kind(passdb->names[i]) == ACCOUNT_OURS;
	}
	if (run->options.json) {
		report_json("accounts", table_document(table, table));
		return NULL;
	}
	table_align(table, table);
	table_fit(table, table, &terminal);
	table_print(table, 0);
	return NULL;
}

static const struct user_verb {
	const char *name;
	bool named;	/* it takes a USER */
	unsigned needs; /* the lock of the store keeps two from making one account */
	struct fault *(*run)(struct run *run);
} user_verbs[] = {
	{ "add", true, NEEDS_CHANGE, user_add },
	{ "list", false, NEEDS_NOTHING, user_list },
	{ "remove", true, NEEDS_CHANGE, user_remove },
	{ 0 },
};

static const struct user_verb *user_verb(const struct run *run)
{
	const struct user_verb *verb = user_verbs;

	while (verb->name && strcmp(verb->name, run->operands[0]) != 0)
		verb++;
	return verb->name ? verb : NULL;
}

static struct fault *check_words(struct run *run)
{
	const struct user_verb *verb = user_verb(run);
	const char *name = run->operands[1];

	if (!verb)
		return fault_new(FAULT_USAGE, "user takes add, list or remove, not '%s'",
				 run->operands[0]);
	if (verb->named != (name != NULL))
		return fault_new(FAULT_USAGE, "Use it as: hubshare user %s%s", verb->name,
				 verb->named ? " USER" : "");
	if (run->options.reset && verb->run != user_add)
		return fault_new(FAULT_USAGE, "--reset goes with user add");
	if (geteuid() != 0)
		return fault_new(FAULT_REFUSED,
				 "Accounts are root's to see and to change; use "
				 "sudo");
	return name ? account_check_name(name) : NULL;
}

static struct fault *user_run(struct run *run)
{
	const struct user_verb *verb = user_verb(run);
	struct fault *fault = run_open(run, verb->needs);

	return fault ? fault : verb->run(run);
}

const struct action action_user = {
	.name = "user",
	.args = "add|list|remove [USER]",
	.help = "makes, lists and removes accounts for Samba",
	.example = "sudo hubshare user add personal-0",
	.needs = NEEDS_NOTHING,
	.check = check_words,
	.told = true,
	.run = user_run,
};
