/* SPDX-License-Identifier: ISC */
/* The gate as text: its sets and rules, as nft(8) reads them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "hub/gate_parts.h"
#include "scanner/neighbour.h"

const char *const gate_families[] = { "bridge", "inet", "arp", NULL };

/* --- what the sets hold --- */

/* What nft(8) can say in quotes, and means that alone. */
static bool can_be_said(const char *port)
{
	return neighbour_port_is_sound(port) && !strpbrk(port, "\"\\*$");
}

/* A MAC as the number that bytes of a packet without a name are compared with. */
static char *mac_number(const void *ctx, struct mac mac)
{
	const uint8_t *o = mac.octet;

	return mem_printf(ctx, "0x%02x%02x%02x%02x%02x%02x", o[0], o[1], o[2], o[3], o[4],
			  o[5]);
}

void gate_elements_add(struct gate_elements *elements, char *text)
{
	*mem_grow(elements, elements->list, char *, elements->count) =
		talloc_steal(elements, text);
	elements->count++;
}

static void fill_ports(struct gate_elements *elements, const struct gate_plan *plan)
{
	for (size_t i = 0; i < plan->port_count; i++)
		if (can_be_said(plan->ports[i]))
			gate_elements_add(elements,
					  mem_printf(elements, "\"%s\"", plan->ports[i]));
}

/* Calls ADD for every tap that can be said. */
static void each_tap(struct gate_elements *elements, const struct gate_plan *plan,
		     char *(*text)(const void *ctx, const struct gate_tap *tap))
{
	for (size_t i = 0; i < plan->tap_count; i++)
		if (can_be_said(plan->taps[i].port))
			gate_elements_add(elements, text(elements, &plan->taps[i]));
}

static char *tap_port(const void *ctx, const struct gate_tap *tap)
{
	return mem_printf(ctx, "\"%s\"", tap->port);
}

static char *tap_mac(const void *ctx, const struct gate_tap *tap)
{
	return mem_strdup(ctx, MAC_TEXT(tap->mac));
}

static char *tap_both(const void *ctx, const struct gate_tap *tap)
{
	return mem_printf(ctx, "\"%s\" . %s", tap->port, MAC_TEXT(tap->mac));
}

static char *tap_chaddr(const void *ctx, const struct gate_tap *tap)
{
	return mac_number(ctx, tap->mac);
}

static char *tap_own_chaddr(const void *ctx, const struct gate_tap *tap)
{
	return mem_printf(ctx, "\"%s\" . %s", tap->port, mac_number(ctx, tap->mac));
}

static void fill_named(struct gate_elements *elements, const struct gate_plan *plan)
{
	each_tap(elements, plan, tap_port);
}

static void fill_macs(struct gate_elements *elements, const struct gate_plan *plan)
{
	each_tap(elements, plan, tap_mac);
}

static void fill_taps(struct gate_elements *elements, const struct gate_plan *plan)
{
	each_tap(elements, plan, tap_both);
}

static void fill_chaddrs(struct gate_elements *elements, const struct gate_plan *plan)
{
	each_tap(elements, plan, tap_chaddr);
}

static void fill_own_chaddrs(struct gate_elements *elements, const struct gate_plan *plan)
{
	each_tap(elements, plan, tap_own_chaddr);
}

static void fill_bindings(struct gate_elements *elements, const struct gate_plan *plan)
{
	for (size_t i = 0; i < plan->binding_count; i++) {
		const struct gate_binding *one = &plan->bindings[i];

		if (can_be_said(one->port))
			gate_elements_add(elements,
					  mem_printf(elements, "\"%s\" . %s . %s",
						     one->port, MAC_TEXT(one->mac),
						     IP_TEXT(one->ip)));
	}
}

static void fill_addresses(struct gate_elements *elements, const struct gate_plan *plan)
{
	for (size_t i = 0; i < plan->binding_count; i++)
		if (can_be_said(plan->bindings[i].port))
			gate_elements_add(elements,
					  mem_strdup(elements,
						     IP_TEXT(plan->bindings[i].ip)));
}

/* chaddr lies 28 bytes behind the 8 of UDP (RFC 2131, section 2). */
#define CHADDR "@th,288,48"

const struct gate_set gate_sets[] = {
	{ "bridge", "ports", "type ifname", fill_ports },
	{ "bridge", "taps", "type ifname . ether_addr", fill_taps },
	{ "bridge", "bindings", "type ifname . ether_addr . ipv4_addr", fill_bindings },
	/* what follows from these */
	{ "bridge", "named", "type ifname", fill_named },
	{ "bridge", "macs", "type ether_addr", fill_macs },
	{ "bridge", "chaddrs", "typeof iifname . " CHADDR, fill_own_chaddrs },
	{ "bridge", "addresses", "type ipv4_addr", fill_addresses },
	{ "inet", "chaddrs", "typeof " CHADDR, fill_chaddrs },
	{ 0 },
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void gate_elements_sort(struct gate_elements *elements)
{
	size_t kept = 0;

	if (elements->count)
		qsort(elements->list, elements->count, sizeof(*elements->list), by_text);
	for (size_t i = 0; i < elements->count; i++)
		if (!kept || strcmp(elements->list[i], elements->list[kept - 1]) != 0)
			elements->list[kept++] = elements->list[i];
	elements->count = kept;
}

struct gate_elements *gate_elements(const void *ctx, const struct gate_set *set,
				    const struct gate_plan *plan)
{
	struct gate_elements *elements = mem_new(ctx, struct gate_elements);

	set->fill(elements, plan);
	gate_elements_sort(elements);
	return elements;
}

/* --- the rules --- */

/*
 * A chain begins with a row that has a family, and holds the rows up to the next.  A rule
 * with a word of gate-allow is left out where the settings say that word.
 *
 * Each base chain comes before everybody else's of its hook, so that what it drops stays
 * dropped, and other chains find no trace of the mark, which lives from the bridge's
 * prerouting to inet's or arp's first chain.
 */
struct gate_rule {
	const char *family, *chain, *hook; /* or a rule: */
	const char *rule, *words, *allowed_by;
};

#define CHAIN(f, c)	.family = f, .chain = c
#define BASE(f, c, h)	.family = f, .chain = c, .hook = h
#define RULE(r, w)	.rule = r, .words = w
#define UNLESS(a, r, w) .rule = r, .words = w, .allowed_by = a

/* From a client's port, a request of Ethernet by no relay (RFC 2131, section 2). */
#define REQUEST "udp sport 68 @th,64,24 0x010106 @th,256,32 0"

#define MARKED "meta mark and $bit == $bit"
#define MARK   "meta mark set meta mark or $bit accept"
#define UNMARK "meta mark set meta mark xor $bit"

static const struct gate_rule gate_rules[] = {
	{ CHAIN("bridge", "claims") },
	{ RULE("log group 17216 snaplen 64 queue-threshold 1", "for hubscan") },
	{ RULE("log group 17217 snaplen 64 queue-threshold 1", "for hubscan") },
	{ RULE("log group 17218 snaplen 64 queue-threshold 1", "for hubscan") },
	{ RULE("log group 17219 snaplen 64 queue-threshold 1", "for hubscan") },
	{ RULE("log group 17220 snaplen 64 queue-threshold 1", "for hubscan") },
	{ RULE("log group 17221 snaplen 64 queue-threshold 1", "for hubscan") },
	{ RULE("log group 17222 snaplen 64 queue-threshold 1", "for hubscan") },
	{ RULE("log group 17223 snaplen 64 queue-threshold 1", "for hubscan") },

	/* What a frame is too short for matches nothing, by no operator: so what passes
	 * is said, and the rest is dropped. */
	{ CHAIN("bridge", "client") },
	{ RULE("ip saddr 0.0.0.0 " MARK, "has no address yet") },
	{ RULE("iifname . ether saddr . ip saddr @bindings " MARK, "keeps its address") },
	{ RULE("drop", "not verified") },

	{ CHAIN("bridge", "owner") },
	{ RULE("ether type arp arp saddr ip 0.0.0.0 arp operation request "
	       "iifname . arp saddr ether @taps " MARK,
	       "probe") },
	{ RULE("ether type arp iifname . arp saddr ether . arp saddr ip @bindings " MARK,
	       "of its verified address") },
	{ RULE("ether type ip udp dport 67 " REQUEST " iifname . " CHADDR
	       " @chaddrs goto client",
	       "DHCP for its own MAC") },
	{ RULE("ether type ip udp dport 67 drop", "other DHCP") },
	{ RULE("ether type ip iifname . ether saddr . ip saddr @bindings " MARK,
	       "from its verified address") },
	{ RULE("ether type ip update @sent { iifname limit rate 10/second burst 20 packets } "
	       "jump claims",
	       "who uses an address unclaimed") },
	{ RULE("drop", "not verified") },

	/* a port of which no MAC is known */
	{ CHAIN("bridge", "stranger") },
	{ RULE("ether saddr @macs drop", "another's MAC") },
	{ RULE("ether type arp arp saddr ether @macs drop", "another's MAC") },
	{ RULE("ether type arp arp saddr ip 0.0.0.0 arp operation request " MARK,
	       "probe") },
	{ RULE("ether type ip ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept",
	       "DHCP, judged on its way in") },
	{ RULE("drop", "not verified") },

	/* no chain has a word for IPv6, or for what comes in a VLAN */
	{ CHAIN("bridge", "guest") },
	{ RULE("ether type arp update @heard { iifname limit rate 100/second burst 200 packets } "
	       "jump claims",
	       "claims") },
	{ RULE("ether type arp arp htype != 1 drop", "no Ethernet") },
	{ RULE("ether type arp arp ptype != ip drop", "no IPv4") },
	{ RULE("ether type arp arp hlen != 6 drop", "no Ethernet") },
	{ RULE("ether type arp arp plen != 4 drop", "no IPv4") },
	{ RULE("iifname . ether saddr @taps goto owner", "its own MAC") },
	{ RULE("iifname @named drop", "not its own MAC") },
	{ RULE("goto stranger", "no MAC is known") },

	{ BASE("bridge", "prerouting", "prerouting") },
	{ RULE(MARKED " " UNMARK, "the mark is the gate's") },
	{ RULE("iifname @ports goto guest", "from the bridge") },

	{ BASE("bridge", "forward", "forward") },
	{ UNLESS("guests", "iifname @ports drop", "guests do not reach one another") },
	{ RULE("iifname @ports accept", "judged") },
	{ RULE("oifname @ports drop", "from a port that is not known") },

	{ CHAIN("bridge", "outward") },
	{ RULE("ether type != { arp, ip } drop", "no IPv6, no VLAN") },
	{ RULE("ether daddr and 01:00:00:00:00:00 != 0 accept", "for all") },
	{ RULE("ether type ip drop", "not verified") },
	{ RULE("ether daddr @macs oifname . ether daddr != @taps drop", "another's") },

	{ BASE("bridge", "postrouting", "postrouting") },
	{ RULE("ether type ip oifname . ether daddr . ip daddr @bindings accept",
	       "verified") },
	{ RULE("ether type ip udp sport 67 udp dport 68 accept", "DHCP") },
	{ RULE("ether type ip ip daddr @addresses drop", "another's") },
	{ RULE("oifname @ports goto outward", "to the bridge") },

	{ CHAIN("inet", "guest") },
	{ RULE(MARKED " " UNMARK " accept", "verified") },
	{ RULE("ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp dport 67 " REQUEST
	       " " CHADDR " != @chaddrs accept",
	       "DHCP for no other's MAC") },
	{ RULE("drop", "not verified") },

	/* SMB knows a guest by its address */
	{ BASE("inet", "prerouting", "prerouting") },
	{ RULE("iifname $hub goto guest", "from the bridge") },
	{ RULE("iifname != \"lo\" ip saddr $net tcp dport { 139, 445 } drop",
	       "a guest's address elsewhere") },

	{ BASE("inet", "input", "input") },
	{ UNLESS("host-addresses",
		 "iifname $hub ip daddr != { $host, 255.255.255.255 } drop",
		 "no other address of the host") },

	/* What smbd had to say when its session was cut, the kernel goes on sending by itself, to
	 * whoever has the address now: a socket that is nobody's.  The reset ends that. */
	{ CHAIN("inet", "smb") },
	{ RULE("meta skuid != 0xffffffff accept", "somebody's") },
	{ RULE("tcp flags and syn == syn accept", "begins") },
	{ RULE("meta length > 52 reject with tcp reset", "of a session that was cut") },

	{ BASE("inet", "output", "output") },
	{ RULE("oifname $hub tcp sport { 139, 445 } goto smb", "SMB") },

	{ BASE("inet", "forward", "forward") },
	{ UNLESS("guests", "iifname $hub oifname $hub drop",
		 "guests do not reach one another") },
	{ UNLESS("routes", "iifname $hub oifname != $hub drop",
		 "guests are not routed") },

	{ BASE("arp", "input", "input") },
	{ RULE("iifname $hub meta mark and $bit == 0 drop", "not verified") },

	{ 0 },
};

/* Does LIST, words with white space between, have WORD? */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += length)
		if ((at == list || at[-1] == ' ' || at[-1] == '\n' || at[-1] == '\t') &&
		    (!at[length] || strchr(" \n\t", at[length])))
			return true;
	return false;
}

static bool in_effect(const struct settings *settings, const struct gate_rule *rule)
{
	return rule->rule &&
	       !(rule->allowed_by && has_word(settings->gate_allow, rule->allowed_by));
}

static bool is_end(const struct gate_rule *rule)
{
	return !rule->chain && !rule->rule;
}

bool gate_rule_number(const char *comment, unsigned *ret_number, unsigned *ret_count)
{
	return sscanf(comment, "%u/%u ", ret_number, ret_count) == 2 &&
	       *ret_number >= 1 && *ret_number <= *ret_count &&
	       *ret_count <= GATE_RULES_MAX;
}

/* --- the text --- */

static char *add_elements(const void *ctx, char *text, char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text = mem_append(ctx, text, "%s%s", i ? ", " : "{ ", list[i]);
	return mem_append(ctx, text, " }\n");
}

static char *add_sets(const void *ctx, char *text, const char *family,
		      const struct gate_plan *plan)
{
	for (const struct gate_set *set = gate_sets; set->name; set++) {
		struct gate_elements *elements;

		if (strcmp(set->family, family) != 0)
			continue;
		elements = gate_elements(ctx, set, plan);
		text = mem_append(ctx, text, "\tset %s {\n\t\t%s\n", set->name,
				  set->type);
		if (elements->count)
			text = add_elements(ctx, mem_append(ctx, text, "\t\telements = "),
					    elements->list, elements->count);
		text = mem_append(ctx, text, "\t}\n");
		talloc_free(elements);
	}
	return text;
}

/* What the kernel fills, with the ports that speak ARP, or send IPv4 from elsewhere: each has a
 * rate of its own. */
#define RATES(name)                                                                      \
	"\tset " name " {\n"                                                             \
	"\t\ttype ifname\n"                                                              \
	"\t\tsize 4096\n"                                                                \
	"\t\tflags dynamic,timeout\n"                                                    \
	"\t\ttimeout 1m\n"                                                               \
	"\t}\n"
static const char rates[] = RATES("heard") RATES("sent");

/* The chains of FAMILY; *NUMBER counts the rules of all. */
static char *add_chains(const void *ctx, char *text, const struct settings *settings,
			const char *family, unsigned *number, unsigned count)
{
	bool here = false;

	for (const struct gate_rule *rule = gate_rules; !is_end(rule); rule++) {
		if (rule->chain && here)
			text = mem_append(ctx, text, "\t}\n");
		if (rule->chain)
			here = strcmp(rule->family, family) == 0;
		if (rule->chain && here)
			text = mem_append(ctx, text, "\tchain %s {\n", rule->chain);
		if (rule->hook && here)
			text = mem_append(ctx, text,
					  "\t\ttype filter hook %s priority -1000\n",
					  rule->hook);
		if (in_effect(settings, rule) && here)
			text = mem_append(ctx, text, "\t\t%s comment \"%u/%u %s\"\n",
					  rule->rule, ++*number, count, rule->words);
	}
	return here ? mem_append(ctx, text, "\t}\n") : text;
}

static unsigned rules_in_effect(const struct settings *settings)
{
	unsigned count = 0;

	for (const struct gate_rule *rule = gate_rules; !is_end(rule); rule++)
		count += in_effect(settings, rule);
	return count;
}

char *gate_text(const void *ctx, const struct settings *settings, struct in_addr host,
		const struct gate_plan *plan)
{
	unsigned number = 0, count = rules_in_effect(settings);
	char *text =
		mem_printf(ctx,
			   "define hub = \"%s\"\n"
			   "define net = %s\n"
			   "define host = %s\n"
			   "define bit = 0x%08x\n",
			   settings->bridge, settings->network, IP_TEXT(host), GATE_MARK);

	for (const char *const *family = gate_families; *family; family++)
		text = mem_append(ctx, text,
				  "add table %s hubshare\ndelete table %s hubshare\n",
				  *family, *family);
	for (const char *const *family = gate_families; *family; family++) {
		text = mem_append(ctx, text, "table %s hubshare {\n%s", *family,
				  strcmp(*family, "bridge") == 0 ? rates : "");
		text = add_sets(ctx, text, *family, plan);
		text = add_chains(ctx, text, settings, *family, &number, count);
		text = mem_append(ctx, text, "}\n");
	}
	return text;
}

/* What A has and B has not; both are sorted. */
static struct gate_elements *without(const void *ctx, const struct gate_elements *a,
				     const struct gate_elements *b)
{
	struct gate_elements *rest = mem_new(ctx, struct gate_elements);

	for (size_t i = 0, n = 0; i < a->count; i++) {
		while (n < b->count && strcmp(b->list[n], a->list[i]) < 0)
			n++;
		if (n == b->count || strcmp(b->list[n], a->list[i]) != 0)
			gate_elements_add(rest, mem_strdup(rest, a->list[i]));
	}
	return rest;
}

/* "create" is refused where an element is there already, "delete" where it is not. */
static char *add_change(const void *ctx, char *text, const char *verb,
			const struct gate_set *set, const struct gate_elements *elements)
{
	if (!elements->count)
		return text;
	text = mem_append(ctx, text, "%s element %s hubshare %s ", verb, set->family,
			  set->name);
	return add_elements(ctx, text, elements->list, elements->count);
}

char *gate_change_text(const void *ctx, const struct gate_plan *from,
		       const struct gate_plan *to)
{
	char *text = mem_strdup(ctx, "");

	for (const struct gate_set *set = gate_sets; set->name; set++) {
		void *here = talloc_new(ctx);
		struct gate_elements *old = gate_elements(here, set, from);
		struct gate_elements *new = gate_elements(here, set, to);

		text = add_change(ctx, text, "delete", set, without(here, old, new));
		text = add_change(ctx, text, "create", set, without(here, new, old));
		talloc_free(here);
	}
	return text;
}
