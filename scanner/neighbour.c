/* SPDX-License-Identifier: ISC */
#include "scanner/neighbour.h"

#include <stdio.h>
#include <string.h>

#include "common/memory.h"

/* The events by the names they have in a line; NEIGHBOUR_HEARD has none. */
static const char *const names[] = { [NEIGHBOUR_NEW] = "new",
				     [NEIGHBOUR_MOVED] = "moved",
				     [NEIGHBOUR_CONTESTED] = "contested",
				     [NEIGHBOUR_GONE] = "gone",
				     [NEIGHBOUR_LINK] = "link" };

/* As many as a line can have. */
enum { FIELDS = 5 };

#define DAY_MS (24 * 60 * 60 * (int64_t)1000)
/* A line's year has four digits: 9999-12-31T23:59:59.999Z is the last time it can say. */
#define TIME_MAX (2932897 * DAY_MS - 1)

/*
 * Days since 1970 to a date of the Gregorian calendar and back, counting in eras of 400
 * years that begin on 1 March.  gmtime(3) would do, but reads a file, which the sandbox
 * that prints these lines does not allow.
 */
static void date_of(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t shifted = days + 719468; /* days since 1 March of the year 0 */
	int64_t era = shifted / 146097, day = shifted % 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153; /* 0 is March */

	*ret_day = (int)(of_year - (153 * month + 2) / 5 + 1);
	*ret_month = (int)(month < 10 ? month + 3 : month - 9);
	*ret_year = (int)(year + era * 400 + (*ret_month <= 2));
}

static int64_t days_of(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = y / 400, of_era = y % 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

const char *neighbour_event_name(enum neighbour_event event)
{
	return names[event];
}

const char *neighbour_time(int64_t time_ms, char buffer[static NEIGHBOUR_TIME])
{
	int year, month, day;
	int64_t ms = time_ms < 0 ? 0 : time_ms > TIME_MAX ? TIME_MAX : time_ms;
	int rest = (int)(ms % DAY_MS);

	date_of(ms / DAY_MS, &year, &month, &day);
	snprintf(buffer, NEIGHBOUR_TIME, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
		 (unsigned)year % 10000, (unsigned)month % 100, (unsigned)day % 100,
		 (unsigned)rest / 3600000 % 24, (unsigned)rest / 60000 % 60,
		 (unsigned)rest / 1000 % 60, (unsigned)rest % 1000);
	return buffer;
}

bool neighbour_port_is_sound(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++) {
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '/')
			return false;
	}
	return length > 0 && length < IFNAMSIZ;
}

char *neighbour_line(const void *ctx, const struct neighbour *neighbour)
{
	char time[NEIGHBOUR_TIME];
	const char *ip =
		neighbour->event == NEIGHBOUR_LINK ? "-" : IP_TEXT(neighbour->ip);
	const char *tab = *neighbour->port ? "\t" : "";

	if (neighbour->event == NEIGHBOUR_HEARD)
		return mem_printf(ctx, "%s\t%s%s%s", ip, MAC_TEXT(neighbour->mac), tab,
				  neighbour->port);
	return mem_printf(ctx, "%s\t%s\t%s\t%s%s%s", ip, MAC_TEXT(neighbour->mac),
			  names[neighbour->event],
			  neighbour_time(neighbour->time_ms, time), tab, neighbour->port);
}

static bool parse_event(const char *text, enum neighbour_event *ret)
{
	for (size_t i = NEIGHBOUR_NEW; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret = (enum neighbour_event)i;
			return true;
		}
	}
	return false;
}

/* The number that COUNT digits at TEXT make. */
static int digits(const char *text, int count)
{
	int value = 0;

	while (count--)
		value = value * 10 + (*text++ - '0');
	return value;
}

/* Takes only what neighbour_time() writes: it is what the time, written again, looks like. */
static bool parse_time(const char *text, int64_t *ret)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	char again[NEIGHBOUR_TIME];

	if (strlen(text) != strlen(shape))
		return false;
	for (size_t i = 0; shape[i]; i++) {
		if (shape[i] == 'd' ? text[i] < '0' || text[i] > '9' :
				      text[i] != shape[i])
			return false;
	}
	*ret = days_of(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)) *
		       DAY_MS +
	       digits(text + 11, 2) * (int64_t)3600000 + digits(text + 14, 2) * 60000 +
	       digits(text + 17, 2) * 1000 + digits(text + 20, 3);
	return strcmp(neighbour_time(*ret, again), text) == 0;
}

/* Cuts LINE at its tabs into at most MAX fields; returns how many there are. */
static size_t split(char *line, char *field[], size_t max)
{
	size_t count = 0;

	for (char *at = line; at && count <= max; count++) {
		char *tab = strchr(at, '\t');

		if (count < max)
			field[count] = at;
		if (tab)
			*tab++ = '\0';
		at = tab;
	}
	return count;
}

static bool parse_port(const char *text, char ret[static IFNAMSIZ])
{
	if (!neighbour_port_is_sound(text))
		return false;
	strcpy(ret, text);
	return true;
}

static bool parse_fields(char *field[], size_t count, struct neighbour *ret)
{
	struct neighbour neighbour = { .event = NEIGHBOUR_HEARD };
	bool link;

	if (count < 2 || count > FIELDS)
		return false;
	if (count >= 4 && (!parse_event(field[2], &neighbour.event) ||
			   !parse_time(field[3], &neighbour.time_ms)))
		return false;
	/* An odd one is the port: IP, MAC, PORT or IP, MAC, EVENT, TIME, PORT. */
	if (count % 2 && !parse_port(field[count - 1], neighbour.port))
		return false;
	link = neighbour.event == NEIGHBOUR_LINK;
	if (link ? strcmp(field[0], "-") != 0 : !ip_parse(field[0], &neighbour.ip))
		return false;
	if (!mac_parse(field[1], &neighbour.mac))
		return false;
	*ret = neighbour;
	return true;
}

struct fault *neighbour_parse(const char *line, struct neighbour *ret)
{
	char copy[NEIGHBOUR_LINE_MAX];
	char *field[FIELDS];

	if (strlen(line) >= sizeof(copy))
		return fault_new(FAULT_FAILED, "a line of %zu bytes is none of hubscan's",
				 strlen(line));
	strcpy(copy, line);
	if (!parse_fields(field, split(copy, field, FIELDS), ret))
		return fault_new(FAULT_FAILED, "'%s' is no line of hubscan's", line);
	return NULL;
}
