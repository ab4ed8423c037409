/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * The door to systemd, by libsystemd: its journal, and what it wants to hear from a service
 * of Type=notify (sd_notify(3)).  Where there is no systemd nothing happens.
 */

#include <stdint.h>

#include "service/event.h"

/*
 * Sends EVENT to the journal (systemd.io/JOURNAL_NATIVE_PROTOCOL), unless the journal has so
 * much to read that one would have to wait.  The next one that is sent says in HUBSHARE_LOST
 * how many were not.
 */
void journal_tell(const struct event *event);

/* The service is ready; how it is, in a line; it is alive; it is about to end. */
void notify_ready(void);
void notify_status(const char *text);
void notify_watchdog(void);
void notify_stopping(void);

/* How often notify_watchdog() is to be called, in ms; 0: nobody waits for it. */
int64_t notify_interval_ms(void);
