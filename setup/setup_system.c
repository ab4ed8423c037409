/* SPDX-License-Identifier: ISC */
/* Sets up what runs: smbd behind the bridge, what confines it, the service. */

#include <string.h>
#include <unistd.h>

#include "common/memory.h"
#include "setup/thing.h"
#include "hub/samba.h"

static const char wants[] = "/etc/systemd/system/multi-user.target.wants";

/* Where systemd finds UNIT (systemd.unit(5)); NULL: nowhere. */
static const char *unit_file(struct setup *setup, const char *unit)
{
	static const char *const places[] = { "/etc/systemd/system",
					      "/usr/local/lib/systemd/system",
					      "/usr/lib/systemd/system",
					      "/lib/systemd/system" };

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		const char *path = mem_printf(setup, "%s/%s", places[i], unit);

		if (setup_has(setup, path) ||
		    (setup->wish->dry_run && record_find(setup->record, "file", path)))
			return path;
	}
	return NULL;
}

struct fault *setup_want_unit(struct setup *setup, const char *unit)
{
	const char *file = unit_file(setup, unit);
	char *link = mem_printf(setup, "%s/%s", wants, unit);
	struct fault *fault;

	if (!file) {
		setup_tell(setup, SETUP_WELL, unit,
			   "is not installed; without it run 'hubshare sync "
			   "--watch' as root");
		return NULL;
	}
	if (!setup->booted) {
		fault = setup_want_parents(setup, link);
		return fault ? fault : setup_want(setup, &thing_link, link, file);
	}
	if ((fault = setup_want(setup, &thing_enabled, unit, "yes")))
		return fault;
	return setup_want(setup, &thing_started, unit, "yes");
}

struct fault *step_service(struct setup *setup)
{
	return setup_want_unit(setup, "hubshare.service");
}

/* smbd's unit, which Fedora calls smb; NULL: there is none. */
static const char *smbd_unit(struct setup *setup)
{
	return unit_file(setup, "smbd.service") ? "smbd.service" :
	       unit_file(setup, "smb.service")	? "smb.service" :
						  NULL;
}

/* An smbd that begins before the bridge is there never listens on it. */
struct fault *step_drop_in(struct setup *setup)
{
	const char *unit = smbd_unit(setup);
	struct values *values;
	struct fault *fault;

	if (!unit)
		return NULL;
	if ((fault = setup_values(setup, setup, &values)))
		return fault;
	values_add(values, "network", setup->network);
	return setup_want_file(setup,
			       mem_printf(setup, "/etc/systemd/system/%s.d/hubshare.conf",
					  unit),
			       0644, setup->drop_in, values);
}

static const char profile[] = "/etc/apparmor.d/usr.sbin.smbd";
static const char abstraction[] = "/etc/apparmor.d/abstractions/hubshare";
static const char local[] = "/etc/apparmor.d/local/usr.sbin.smbd";

/* What the package brings, where it was not installed from one. */
static struct fault *want_abstraction(struct setup *setup)
{
	char *path = mem_printf(setup, "%s/apparmor", setup->snippets), *text;
	struct fault *fault;

	if (setup_has(setup, abstraction) &&
	    !record_find(setup->record, "file", abstraction)) {
		setup_tell(setup, SETUP_WELL, abstraction, "is there");
		return NULL;
	}
	text = host_read(setup->host, path);
	if ((fault = setup_want_parents(setup, abstraction)))
		return fault;
	return setup_want(setup, &thing_file, abstraction,
			  thing_file_state(setup, 0644, text));
}

/* A profile that was understood before has to be after it. */
static struct fault *check_profile(struct setup *setup)
{
	const char *const argv[] = { "apparmor_parser", "-Q",	 "-K", "-I",
				     "/etc/apparmor.d", profile, NULL };

	return !setup->alive || setup->wish->dry_run ||
			       access("/usr/sbin/apparmor_parser", X_OK) < 0 ?
		       NULL :
		       setup_run(argv);
}

struct fault *step_apparmor(struct setup *setup)
{
	static const char line[] = "include <abstractions/hubshare>\n";
	struct fault *fault, *undone;
	char *now = NULL;

	if (!setup_has(setup, profile))
		return NULL;
	if (strstr(host_read(setup->host, settings_path(setup, setup->settings, local)),
		   "<abstractions/hubshare>") &&
	    !record_find(setup->record, "block", local)) {
		setup_tell(setup, SETUP_WELL, local, "has hubshare's lines");
		return NULL;
	}
	if ((fault = check_profile(setup))) {
		setup_tell(setup, SETUP_LEFT, profile,
			   "is not understood by AppArmor (%s)", fault->text);
		talloc_free(fault);
		return NULL;
	}
	if ((fault = want_abstraction(setup)) ||
	    (fault = setup_want_parents(setup, local)) ||
	    (fault = setup_look(setup, setup, &thing_block, local, &now)) ||
	    (fault = setup_want(setup, &thing_block, local, line)))
		return fault;
	if (!now && (fault = check_profile(setup))) {
		undone = setup_put(setup, &thing_block, local, NULL);
		return fault_first(fault, undone);
	}
	return NULL;
}

struct fault *setup_reload_smbd(struct setup *setup)
{
	struct samba *samba = samba_new(setup, setup->settings);
	struct fault *fault = samba_ping(samba);
	bool runs = !fault;

	talloc_free(fault);
	return runs ? samba_reload(samba) : NULL;
}

/* By who started it.  Without a configuration Debian's scripts let it run on. */
struct fault *setup_restart_smbd(struct setup *setup)
{
	const char *const by_systemd[] = { "systemctl", "restart", smbd_unit(setup),
					   NULL };
	const char *const by_script[] = { "service", "smbd", "restart", NULL };
	struct samba *samba = samba_new(setup, setup->settings);
	struct fault *fault = samba_ping(samba);
	bool runs = !fault;

	talloc_free(fault);
	if (!runs)
		return NULL;
	if (access(setup->host->smb_conf, F_OK) < 0)
		return samba_end(samba);
	if (setup->booted && smbd_unit(setup))
		return setup_run(by_systemd);
	if (access("/etc/init.d/smbd", X_OK) == 0)
		return setup_run(by_script);
	return fault_new(FAULT_UNREACHABLE,
			 "smbd has to be started anew; nobody here knows how");
}

static struct fault *smbd_listens(struct setup *setup)
{
	struct finding finding = look_listening(setup->host);

	if (finding.verdict == VERDICT_WRONG || setup->bind_changed) {
		setup_tell(setup, SETUP_CHANGED, "smbd",
			   setup->bind_changed ?
				   "is to listen elsewhere, starting it anew" :
				   "does not listen on the bridge, starting it anew");
		return setup->wish->dry_run ? NULL : setup_restart_smbd(setup);
	}
	if (finding.verdict == VERDICT_OK)
		setup_tell(setup, SETUP_WELL, "smbd", "listens %s", finding.text);
	return NULL;
}

struct fault *step_smbd(struct setup *setup)
{
	const char *unit = smbd_unit(setup);

	if (!setup->alive)
		return NULL;
	if (look_smbd(setup->host).verdict == VERDICT_OK)
		return smbd_listens(setup);
	if (setup->booted && unit)
		return setup_want(setup, &thing_started, unit, "yes");
	setup_tell(setup, SETUP_LEFT, "smbd", "does not run; start it");
	return NULL;
}
