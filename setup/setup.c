/* SPDX-License-Identifier: ISC */
#include "setup/setup.h"

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/file.h"
#include "common/memory.h"
#include "common/process.h"
#include "common/text.h"
#include "setup/thing.h"
#include "hub/samba.h"

enum { RUN_TIMEOUT_MS = 60000 };

const struct step setup_steps[] = {
	{ "", step_settings },
	{ "", step_group },
	{ "scanner", step_scanner },
	{ "permanent-directory temporary-directory temporary-tmpfs", step_directories },
	{ "firewall", step_firewalld },
	{ "bridge bridge-up bridge-address bridge-ipv6 dhcp dhcp-options", step_network },
	{ "listening", step_drop_in },
	{ "apparmor", step_apparmor },
	{ "smb-conf includes multi-channel bind-only interfaces map-to-guest homes",
	  step_samba },
	{ "smbd listening", step_smbd },
	{ "gate", step_service },
	{ 0 },
};

void setup_tell(struct setup *setup, enum setup_news news, const char *what,
		const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(NULL, format, args);
	va_end(args);
	setup->left += news == SETUP_LEFT;
	setup->wish->tell(setup->wish->arg, news, what, text);
	talloc_free(text);
}

bool setup_has(struct setup *setup, const char *path)
{
	char *whole = settings_path(NULL, setup->settings, path);
	bool has = faccessat(AT_FDCWD, whole, F_OK, AT_SYMLINK_NOFOLLOW) == 0;

	talloc_free(whole);
	return has;
}

struct fault *setup_run(const char *const argv[])
{
	struct process *process;
	struct fault *fault = process_start(NULL, argv, &process);
	int64_t until_ms = clock_ms() + RUN_TIMEOUT_MS;
	char *line = NULL;

	if (fault)
		return fault;
	do
		fault = process_line(process, process, until_ms, &line);
	while (!fault && line);
	if (!fault && (fault = process_end(process)) &&
	    fault->status != FAULT_UNREACHABLE)
		fault->status = FAULT_FAILED; /* the numbers are another program's */
	talloc_free(process);
	return fault_wrap(fault, "%s", argv[0]);
}

static bool systemd_runs(void)
{
	return access("/run/systemd/system", F_OK) == 0;
}

bool networkd_runs(void)
{
	return access("/run/systemd/netif/state", F_OK) == 0;
}

bool nm_runs(void)
{
	return access("/run/NetworkManager", F_OK) == 0;
}

bool apparmor_runs(void)
{
	return access("/sys/kernel/security/apparmor/profiles", F_OK) == 0;
}

bool firewalld_runs(void)
{
	const char *const argv[] = { "firewall-cmd", "-q", "--state", NULL };
	struct fault *fault = access("/etc/firewalld", F_OK) == 0 ?
				      setup_run(argv) :
				      fault_new(FAULT_UNREACHABLE, "no firewalld");
	bool runs = !fault;

	talloc_free(fault);
	return runs;
}

struct fault *setup_announce(struct setup *setup, const char *path)
{
	static const struct {
		const char *below;
		bool (*reads)(void); /* is there anybody who reads it? */
		bool gone_only;	     /* what is new is made known in another way */
		const char *argv[4];
	} readers[] = {
		{ "/etc/systemd/system/",
		  systemd_runs,
		  false,
		  { "systemctl", "daemon-reload" } },
		{ "/etc/systemd/network/50-hubshare.netdev",
		  networkd_runs,
		  true,
		  { "networkctl", "reload" } },
		{ "/etc/NetworkManager/",
		  nm_runs,
		  false,
		  { "nmcli", "connection", "reload" } },
		{ "/etc/firewalld/",
		  firewalld_runs,
		  false,
		  { "firewall-cmd", "-q", "--reload" } },
		{ "/etc/apparmor.d/local/",
		  apparmor_runs,
		  false,
		  { "apparmor_parser", "-r", "/etc/apparmor.d/usr.sbin.smbd" } },
	};
	struct fault *fault = NULL;

	if (!setup->alive)
		return NULL;
	if (strcmp(path, setup->host->smb_conf) == 0)
		return setup->undoing ? setup_restart_smbd(setup) :
					setup_reload_smbd(setup);
	for (size_t i = 0; !fault && i < sizeof(readers) / sizeof(*readers); i++)
		if (strncmp(path, readers[i].below, strlen(readers[i].below)) == 0 &&
		    (setup->undoing || !readers[i].gone_only) && readers[i].reads())
			fault = setup_run(readers[i].argv);
	return fault;
}

struct fault *setup_look(const void *ctx, struct setup *setup, const struct thing *thing,
			 const char *what, char **ret)
{
	const struct deed *deed = record_find(setup->record, thing->name, what);
	struct fault *fault = thing_check_place(setup, thing, what);

	if (fault)
		return fault;
	if (!setup->wish->dry_run || !deed)
		return thing->look(ctx, setup, what, ret);
	*ret = deed->after ? mem_strdup(ctx, deed->after) : NULL;
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Written down first: of what was not done any more, nothing is to be undone. */
static struct fault *do_it(struct setup *setup, const struct thing *thing,
			   const struct deed *deed)
{
	struct fault *fault = record_add(setup->record, deed);

	return fault || setup->wish->dry_run ? fault :
					       thing->put(setup, deed->what, deed->after);
}

struct fault *setup_put(struct setup *setup, const struct thing *thing, const char *what,
			const char *wanted)
{
	struct deed deed = { .kind = thing->name, .what = what, .after = wanted };
	char *now = NULL;
	struct fault *fault = setup_look(NULL, setup, thing, what, &now);

	deed.before = now;
	if (!fault && !same(now, wanted))
		fault = do_it(setup, thing, &deed);
	talloc_free(now);
	return fault;
}

struct fault *setup_want(struct setup *setup, const struct thing *thing, const char *what,
			 const char *wanted)
{
	char *now = NULL;
	struct fault *fault = setup_look(NULL, setup, thing, what, &now);

	if (!fault && same(now, wanted))
		setup_tell(setup, SETUP_WELL, what, "%s", thing->well);
	else if (!fault && now && !thing->mendable &&
		 !record_made(setup->record, thing->name, what, now))
		setup_tell(
			setup, SETUP_LEFT, what,
			"is there, and not hubshare's or changed since; left as it is");
	else if (!fault) {
		if (!now)
			setup_tell(setup, SETUP_CHANGED, what, "%s", thing->making);
		else if (strchr(now, '\n'))
			setup_tell(setup, SETUP_CHANGED, what,
				   "is an older one of hubshare's, replacing");
		else
			setup_tell(setup, SETUP_CHANGED, what, "is %s, making it %s", now,
				   wanted);
		fault = setup_put(setup, thing, what, wanted);
	}
	talloc_free(now);
	return fault_wrap(fault, "%s", what);
}

static char *directory_state(const void *ctx, const struct setup *setup, unsigned mode)
{
	bool own = *setup->settings->root != '\0';

	return mem_printf(ctx, "%04o %u:%u", mode, own ? geteuid() : 0,
			  own ? getegid() : 0);
}

struct fault *setup_want_parents(struct setup *setup, const char *path)
{
	void *ctx = talloc_new(NULL);
	const char *wanted = directory_state(ctx, setup, 0755);
	struct fault *fault = NULL;

	for (const char *slash = strchr(path + 1, '/'); !fault && slash;
	     slash = strchr(slash + 1, '/')) {
		char *above = mem_strndup(ctx, path, (size_t)(slash - path)), *now;

		if (!(fault = setup_look(ctx, setup, &thing_directory, above, &now)) &&
		    !now)
			fault = setup_want(setup, &thing_directory, above, wanted);
	}
	talloc_free(ctx);
	return fault;
}

struct fault *setup_want_file(struct setup *setup, const char *path, unsigned mode,
			      const char *template, const struct values *values)
{
	void *ctx = talloc_new(NULL);
	struct template *loaded;
	struct fault *fault;
	char *text;

	if (!(fault = template_load(ctx, setup->snippets, template, &loaded)) &&
	    !(fault = template_fill(ctx, loaded, values, &text)) &&
	    !(fault = setup_want_parents(setup, path)))
		fault = setup_want(setup, &thing_file, path,
				   thing_file_state(ctx, mode, text));
	talloc_free(ctx);
	return fault;
}

/* What can be written into other programs' files without a thought. */
static bool is_name(const char *text)
{
	static const char fit[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return *text && *text != '-' && strlen(text) < 16 && !text[strspn(text, fit)];
}

static struct fault *check_names(const struct settings *settings)
{
	if (!is_name(settings->bridge))
		return fault_new(FAULT_USAGE,
				 "'%s' is no name for a bridge: use up to 15 letters, "
				 "digits and '.', '_', '-'",
				 settings->bridge);
	return setup_check_network(settings);
}

static struct fault *setup_open(const struct settings *settings,
				const struct setup_wish *wish, struct setup **ret)
{
	struct setup *setup = mem_new(NULL, struct setup);
	struct fault *fault;

	*setup = (struct setup){ .settings = settings, .wish = wish };
	setup->host = host_new(setup, settings);
	setup->snippets =
		file_beside(setup, "setup-snippets", PKGDATADIR "/setup-snippets");
	setup->alive = !*settings->root;
	setup->booted = setup->alive && systemd_runs();
	if ((fault = check_names(settings)) ||
	    (fault = thing_check_place(setup, &thing_directory, record_place)) ||
	    (fault = record_open(setup, settings->root, wish->dry_run, &setup->record)))
		talloc_free(setup);
	else
		*ret = setup;
	return fault;
}

/* FIRST, and where that is none, that something is left. */
static struct fault *setup_close(struct setup *setup, struct fault *first)
{
	size_t left = setup->left;

	talloc_free(setup);
	if (first || !left)
		return first;
	return fault_new(FAULT_CONFLICT,
			 "%zu thing%s left to you; the lines above say why", left,
			 left == 1 ? " is" : "s are");
}

struct fault *setup_make(const struct settings *settings, const struct setup_wish *wish)
{
	struct fault *first = NULL;
	struct setup *setup;

	if ((first = setup_open(settings, wish, &setup)))
		return first;
	if ((first = setup_check_host(setup))) {
		talloc_free(setup);
		return first;
	}
	for (const struct step *step = setup_steps; step->make; step++)
		first = fault_first(first, step->make(setup));
	return setup_close(setup, first);
}

static const struct thing *thing_called(const char *name)
{
	const struct thing *const *thing = things;

	while (*thing && strcmp((*thing)->name, name) != 0)
		thing++;
	return *thing;
}

/* Takes deed NUMBER back; *RET_STAYS: it cannot be, and is remembered. */
static struct fault *undo_deed(struct setup *setup, const struct deed *deed,
			       bool *ret_stays)
{
	const struct thing *thing = thing_called(deed->kind);
	char *now = NULL;
	struct fault *fault;

	*ret_stays = true;
	if (!thing)
		return fault_new(FAULT_FAILED, "%s: this version knows no '%s'",
				 deed->what, deed->kind);
	if ((fault = thing_check_place(setup, thing, deed->what)))
		return fault;
	if (thing->tidy && !setup->wish->dry_run)
		thing->tidy(setup, deed->what);
	if ((fault = thing->look(NULL, setup, deed->what, &now)))
		return fault;
	if (same(now, deed->before) || (!now && deed->after)) {
		*ret_stays = false; /* it was not done, or somebody has undone it */
	} else if (!same(now, deed->after)) {
		setup_tell(setup, SETUP_LEFT, deed->what,
			   "was changed since; left as it is");
	} else if (!setup->wish->dry_run &&
		   (fault = thing->put(setup, deed->what, deed->before)) &&
		   fault->status == FAULT_CONFLICT) {
		setup_tell(setup, SETUP_LEFT, deed->what, "%s; left as it is",
			   fault->text);
		TALLOC_FREE(fault);
	} else if (!fault) {
		*ret_stays = false;
		setup_tell(setup, SETUP_CHANGED, deed->what, "%s",
			   deed->before ? "making it again as it was" : thing->undoing);
	}
	talloc_free(now);
	return fault_wrap(fault, "%s", deed->what);
}

struct fault *setup_undo(const struct settings *settings, const struct setup_wish *wish)
{
	struct fault *first = NULL, *fault;
	struct setup *setup;

	if ((first = setup_open(settings, wish, &setup)))
		return first;
	setup->undoing = true;
	for (size_t i = record_count(setup->record); i-- > 0;) {
		bool stays;

		first = fault_first(first, undo_deed(setup, record_deed(setup->record, i),
						     &stays));
		if (stays || wish->dry_run)
			continue;
		if ((fault = record_drop(setup->record, i))) {
			first = fault_first(first, fault);
			break;
		}
	}
	first = fault_first(first, record_end(setup->record));
	return setup_close(setup, first);
}
