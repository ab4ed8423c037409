/* SPDX-License-Identifier: ISC */
/*
 * The gate by hand, for tests:
 *
 *	gate-try raise HOST [WORD...]   puts it up for the plan on its input; WORDs as in
 *gate-allow gate-try change FROM TO         changes what differs between two files;
 *prints how long that took, in µs gate-try read                   prints what stands;
 *"none" gate-try text HOST [WORD...]    prints what raise would have nft(8) do gate-try
 *lower
 *
 * A plan is lines: "port NAME", "tap NAME MAC", "bind NAME MAC IP".
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/memory.h"
#include "hub/gate.h"

static struct gate_plan *plan_from(const void *ctx, FILE *file)
{
	struct gate_plan *plan = mem_new(ctx, struct gate_plan);
	char line[128], kind[8], port[IFNAMSIZ], mac[ADDRESS_TEXT], ip[ADDRESS_TEXT];

	plan->ports = mem_check(talloc_zero_size(plan, 1024 * sizeof(*plan->ports)));
	plan->taps = mem_array(plan, struct gate_tap, 1024);
	plan->bindings = mem_array(plan, struct gate_binding, 1024);
	while (fgets(line, sizeof(line), file)) {
		struct gate_binding one = { 0 };

		*mac = *ip = '\0';
		if (sscanf(line, "%7s %15s %17s %17s", kind, port, mac, ip) < 2)
			continue;
		strcpy(one.port, port);
		mac_parse(mac, &one.mac);
		ip_parse(ip, &one.ip);
		if (strcmp(kind, "port") == 0)
			strcpy(plan->ports[plan->port_count++], port);
		else if (strcmp(kind, "bind") == 0)
			plan->bindings[plan->binding_count++] = one;
		else
			memcpy(&plan->taps[plan->tap_count++], &one, sizeof(*plan->taps));
	}
	return plan;
}

static struct gate_plan *plan_of_file(const void *ctx, const char *path)
{
	FILE *file = fopen(path, "r");
	struct gate_plan *plan = file ? plan_from(ctx, file) : NULL;

	if (file)
		fclose(file);
	return plan;
}

static struct fault *try_raise(const void *ctx, char **words, int count, bool print)
{
	struct settings settings = { .bridge = "br-hub", .network = "172.16.10.0/24" };
	char *allow = mem_strdup(ctx, "");
	struct in_addr host = { 0 };

	if (count)
		ip_parse(words[0], &host);
	for (int i = 1; i < count; i++)
		allow = mem_append(ctx, allow, "%s\n", words[i]);
	settings.gate_allow = allow;
	struct gate_plan *plan = plan_from(ctx, stdin);
	if (!print)
		return gate_raise(&settings, host, plan);
	fputs(gate_text(ctx, &settings, host, plan), stdout);
	return NULL;
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static struct fault *try_change(const void *ctx, char **files, int count)
{
	struct gate_plan *from = count == 2 ? plan_of_file(ctx, files[0]) : NULL;
	struct gate_plan *to = count == 2 ? plan_of_file(ctx, files[1]) : NULL;
	int64_t since = now_us();

	if (!from || !to)
		return fault_new(FAULT_USAGE, "gate-try change takes two files");
	struct fault *fault = gate_change(from, to);
	printf("%lld\n", (long long)(now_us() - since));
	return fault;
}

static struct fault *try_read(const void *ctx)
{
	struct gate_plan *plan;
	struct fault *fault = gate_read(ctx, &plan);

	if (fault || !plan) {
		puts("none");
		return fault;
	}
	for (size_t i = 0; i < plan->port_count; i++)
		printf("port %s\n", plan->ports[i]);
	for (size_t i = 0; i < plan->tap_count; i++)
		printf("tap %s %s\n", plan->taps[i].port, MAC_TEXT(plan->taps[i].mac));
	for (size_t i = 0; i < plan->binding_count; i++)
		printf("bind %s %s %s\n", plan->bindings[i].port,
		       MAC_TEXT(plan->bindings[i].mac), IP_TEXT(plan->bindings[i].ip));
	return NULL;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	void *ctx = talloc_new(NULL);
	struct fault *fault;

	if (strcmp(verb, "raise") == 0 || strcmp(verb, "text") == 0)
		fault = try_raise(ctx, argv + 2, argc - 2, *verb == 't');
	else if (strcmp(verb, "change") == 0)
		fault = try_change(ctx, argv + 2, argc - 2);
	else if (strcmp(verb, "read") == 0)
		fault = try_read(ctx);
	else if (strcmp(verb, "lower") == 0)
		fault = gate_lower();
	else
		fault = fault_new(FAULT_USAGE, "see the head of gate-try.c");
	talloc_free(ctx);
	return fault_finish(fault);
}
