/* SPDX-License-Identifier: ISC */
#include "doctor/firewall.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "hub/nft.h"

struct fault *firewall_ruleset(const void *ctx, struct document **ret)
{
	return nft_list(ctx, "list ruleset", ret);
}

enum { JUMPS_MAX = 16 }; /* as the kernel has it (NFT_JUMP_STACK_SIZE) */

/* Does a part of a rule hold for a packet? */
enum holds { HOLDS_NOT, HOLDS_MAYBE, HOLDS };

/* What becomes of a packet in a chain. */
enum fate { FATE_NEXT, FATE_RETURN, FATE_IN, FATE_OUT };

struct packet {
	const char *bridge, *protocol, *port;
	const char *words; /* as nft(8) names it */
};

/* A packet on its way through the chains. */
struct way {
	const void *ctx;
	const struct document *list; /* "nftables" */
	const struct packet *packet;
	const char *family, *table;
	const char *chain; /* where it is now */
	int depth;
	enum fate fate;
	bool doubt; /* it may have been accepted by a rule that cannot be judged */
};

/* A value of a rule, seen against what the packet has there. */
struct comparison {
	const void *ctx;
	const char *value;
	enum holds holds;
};

static enum holds compare(const void *ctx, const struct document *right,
			  const char *value);

static struct fault *compare_member(const struct document *member, void *user)
{
	struct comparison *any = user;
	enum holds holds = compare(any->ctx, member, any->value);

	any->holds = holds > any->holds ? holds : any->holds;
	return NULL;
}

static enum holds compare_any(const void *ctx, const struct document *list,
			      const char *value)
{
	struct comparison any = { ctx, value, HOLDS_NOT };

	document_each(list, compare_member, &any);
	return any.holds;
}

/* The ends of a range, in their order. */
struct ends {
	int64_t end[2];
	size_t count;
};

static struct fault *take_end(const struct document *member, void *user)
{
	struct ends *ends = user;

	if (ends->count < 2 && document_integer(member, &ends->end[ends->count]))
		ends->count++;
	return NULL;
}

static enum holds compare_range(const struct document *range, const char *value)
{
	struct ends ends = { { 0 }, 0 };
	int64_t number = atoi(value);

	document_each(range, take_end, &ends);
	if (ends.count != 2)
		return HOLDS_MAYBE;
	return number >= ends.end[0] && number <= ends.end[1] ? HOLDS : HOLDS_NOT;
}

/* A name, which may end in '*'; "@NAME" is a set that is not looked up. */
static enum holds compare_name(const char *name, const char *value)
{
	size_t length = strlen(name);

	if (*name == '@')
		return HOLDS_MAYBE;
	if (length && name[length - 1] == '*')
		return strncmp(name, value, length - 1) == 0 ? HOLDS : HOLDS_NOT;
	return strcmp(name, value) == 0 ? HOLDS : HOLDS_NOT;
}

static enum holds compare(const void *ctx, const struct document *right,
			  const char *value)
{
	const struct document *part;
	int64_t number;

	if (document_string(right))
		return compare_name(document_string(right), value);
	if (document_integer(right, &number))
		return number == atoi(value) ? HOLDS : HOLDS_NOT;
	if (!document_is_object(right))
		return compare_any(ctx, right, value);
	if ((part = document_member(ctx, right, "set")))
		return compare_any(ctx, part, value);
	if ((part = document_member(ctx, right, "range")))
		return compare_range(part, value);
	return HOLDS_MAYBE;
}

/* "meta iifname", "payload tcp dport", "ct state": what LEFT of a match asks for. */
static const char *question(const void *ctx, const struct document *left)
{
	const struct document *part;

	if ((part = document_member(ctx, left, "meta")))
		return mem_printf(ctx, "meta %s", document_text(part, "key"));
	if ((part = document_member(ctx, left, "ct")))
		return mem_printf(ctx, "ct %s", document_text(part, "key"));
	if ((part = document_member(ctx, left, "payload")))
		return mem_printf(ctx, "payload %s %s", document_text(part, "protocol"),
				  document_text(part, "field"));
	return "";
}

/* What PACKET has there; NULL: that is not known. */
static const char *answer(const struct packet *packet, const char *question)
{
	const struct {
		const char *question, *answer;
	} rows[] = {
		{ "meta iifname", packet->bridge },
		{ "meta iif", packet->bridge },
		{ "meta l4proto", packet->protocol },
		{ "meta nfproto", "ipv4" },
		{ "meta protocol", "ip" },
		{ "payload ip protocol", packet->protocol },
		{ "payload tcp dport", packet->port },
		{ "payload udp dport", packet->port },
		{ "payload th dport", packet->port },
		{ "ct state", "new" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].question, question) == 0)
			return rows[i].answer;
	return NULL;
}

/* A field of a protocol that the packet does not speak matches never, by no operator. */
static bool speaks(const struct packet *packet, const char *question)
{
	static const char *const strangers[] = { "tcp",	 "udp",	   "ip6",
						 "icmp", "icmpv6", "arp" };
	char protocol[16] = "";

	sscanf(question, "payload %15s", protocol);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++)
		if (strcmp(protocol, strangers[i]) == 0)
			return strcmp(protocol, packet->protocol) == 0;
	return true;
}

static enum holds match_holds(const struct way *way, const struct document *match)
{
	struct document *left = document_member(way->ctx, match, "left");
	struct document *right = document_member(way->ctx, match, "right");
	const char *op = document_text(match, "op");
	const char *asked =
		left && document_is_object(left) ? question(way->ctx, left) : "";
	const char *value = answer(way->packet, asked);
	bool unequal = strcmp(op, "!=") == 0;

	if (!speaks(way->packet, asked))
		return HOLDS_NOT;
	if (!value || !right ||
	    (*op && !unequal && strcmp(op, "==") != 0 && strcmp(op, "in") != 0))
		return HOLDS_MAYBE;
	enum holds holds = compare(way->ctx, right, value);
	return unequal ? (enum holds)(HOLDS - holds) : holds;
}

static enum fate chain_fate(struct way *way, const char *chain);

static enum fate enter(struct way *way, const struct document *target)
{
	enum fate fate = FATE_NEXT;

	if (++way->depth <= JUMPS_MAX)
		fate = chain_fate(way, document_text(target, "target"));
	way->depth--;
	return fate == FATE_RETURN ? FATE_NEXT : fate;
}

/* Statements that end a rule's work on a packet that it holds for. */
static enum fate verdict_fate(struct way *way, const struct document *statement)
{
	static const struct {
		const char *key;
		enum fate fate;
	} rows[] = {
		{ "accept", FATE_IN },	   { "drop", FATE_OUT },
		{ "reject", FATE_OUT },	   { "queue", FATE_RETURN },
		{ "return", FATE_RETURN },
	};
	const struct document *target;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (document_member(way->ctx, statement, rows[i].key))
			return rows[i].fate;
	if ((target = document_member(way->ctx, statement, "jump")))
		return enter(way, target);
	if ((target = document_member(way->ctx, statement, "goto"))) {
		enum fate fate = enter(way, target);

		return fate == FATE_NEXT ? FATE_RETURN : fate;
	}
	return FATE_NEXT;
}

/* What a statement that is no match says about whether the rest is reached. */
static enum holds statement_holds(const struct way *way, const struct document *statement)
{
	static const char *const harmless[] = { "accept", "drop",    "reject",	"return",
						"jump",	  "goto",    "counter", "log",
						"mangle", "comment", "continue" };

	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (document_member(way->ctx, statement, harmless[i]))
			return HOLDS;
	return HOLDS_MAYBE;
}

/* A rule on its way through its statements. */
struct rule {
	struct way *way;
	enum holds holds;
	enum fate fate;
};

static struct fault *step_statement(const struct document *statement, void *user)
{
	struct rule *rule = user;
	struct way *way = rule->way;
	const struct document *match = document_member(way->ctx, statement, "match");
	enum holds holds =
		match ? match_holds(way, match) : statement_holds(way, statement);

	rule->holds = holds < rule->holds ? holds : rule->holds;
	if (match || rule->holds == HOLDS_NOT || rule->fate != FATE_NEXT)
		return NULL;
	if (rule->holds == HOLDS)
		rule->fate = verdict_fate(way, statement);
	else if (!document_member(way->ctx, statement, "drop") &&
		 !document_member(way->ctx, statement, "reject") &&
		 (holds == HOLDS || document_member(way->ctx, statement, "vmap")))
		way->doubt = true;
	return NULL;
}

/* One rule of the list, seen for the chain in which the packet is. */
static struct fault *step_rule(const struct document *member, void *user)
{
	struct way *way = user;
	struct document *part = document_member(way->ctx, member, "rule");
	struct rule rule = { way, HOLDS, FATE_NEXT };

	if (!part || way->fate != FATE_NEXT ||
	    strcmp(document_text(part, "family"), way->family) != 0 ||
	    strcmp(document_text(part, "table"), way->table) != 0 ||
	    strcmp(document_text(part, "chain"), way->chain) != 0)
		return NULL;
	struct document *statements = document_member(way->ctx, part, "expr");
	if (statements)
		document_each(statements, step_statement, &rule);
	way->fate = rule.fate;
	return NULL;
}

static enum fate chain_fate(struct way *way, const char *chain)
{
	struct way inner = *way;

	inner.chain = chain;
	inner.fate = FATE_NEXT;
	document_each(way->list, step_rule, &inner);
	way->doubt = inner.doubt;
	return inner.fate;
}

struct looking {
	const void *ctx;
	const struct document *list;
	struct packet packet;
	struct obstacles *found;
};

/* A base chain that sees a guest's packet on its way to the host's own programs. */
static bool judges(const struct document *chain)
{
	const char *family = document_text(chain, "family");

	return strcmp(document_text(chain, "hook"), "input") == 0 &&
	       strcmp(document_text(chain, "type"), "nat") != 0 &&
	       (strcmp(family, "inet") == 0 || strcmp(family, "ip") == 0);
}

static struct fault *look_chain(const struct document *member, void *user)
{
	struct looking *looking = user;
	struct document *chain = document_member(looking->ctx, member, "chain");

	if (!chain || !judges(chain))
		return NULL;
	struct way way = { .ctx = looking->ctx,
			   .list = looking->list,
			   .packet = &looking->packet,
			   .family = document_text(chain, "family"),
			   .table = document_text(chain, "table") };
	const char *name = document_text(chain, "name");
	enum fate fate = chain_fate(&way, name);
	if (fate == FATE_IN ||
	    (fate != FATE_OUT && strcmp(document_text(chain, "policy"), "drop") != 0))
		return NULL;
	struct obstacles *found = looking->found;
	*mem_grow(looking->ctx, found->list, struct obstacle, found->count) =
		(struct obstacle){ mem_printf(looking->ctx, "%s %s %s", way.family,
					      way.table, name),
				   looking->packet.words, way.doubt };
	found->count++;
	return NULL;
}

void firewall_obstacles(const void *ctx, const struct document *ruleset,
			const char *bridge, struct obstacles *ret)
{
	const struct packet packets[] = { { bridge, "tcp", "445", "tcp dport 445" },
					  { bridge, "udp", "67", "udp dport 67" } };
	const struct document *list = document_member(ctx, ruleset, "nftables");

	*ret = (struct obstacles){ mem_array(ctx, struct obstacle, 0), 0 };
	for (size_t i = 0; list && i < sizeof(packets) / sizeof(*packets); i++)
		document_each(list, look_chain,
			      &(struct looking){ ctx, list, packets[i], ret });
}
