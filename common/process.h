/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * Other programs: run one to its end, or start one and read its lines.  A program gets
 * no descriptor but its standard three, and is killed and reaped when its struct is freed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/fault.h"

struct process;

/*
 * Starts ARGV (NULL-terminated; found by execvp(3)) with standard input from /dev/null and
 * standard output into a pipe.  Standard error is kept to tell why it failed.
 * Fault 7 if it cannot be started.
 */
struct fault *process_start(const void *ctx, const char *const argv[],
			    struct process **ret);

/*
 * The next line of its output, without newline, on CTX.  Waits until UNTIL_MS (of
 * clock_ms(); negative: for ever).  *RET is NULL at the end of the output, and after
 * fault 4 when the time is over.  A line of more than 4096 bytes is a fault.
 */
struct fault *process_line(const void *ctx, struct process *process, int64_t until_ms,
			   char **ret);

/*
 * The next line if the program has written it already; *RET is NULL if it has not, and
 * *RET_MORE false at the end of the output.  For a loop that waits for process_descriptor()
 * itself: it goes on until *RET is NULL, since what was read holds any number of lines.
 */
struct fault *process_line_ready(const void *ctx, struct process *process, char **ret,
				 bool *ret_more);

/* What becomes readable when there is output, or its end; not to be read. */
int process_descriptor(const struct process *process);

/*
 * Waits for the end of a program whose output has ended.  Fault: what it said last on
 * standard error, with its own exit status where that is one of enum fault_status.
 */
struct fault *process_end(struct process *process);

/*
 * Reads PROCESS to its end, within TIMEOUT_MS, and returns what it printed, on CTX, and its
 * exit status (128 + the signal that killed it).  Fault 7 if it could not be run, 4 if it
 * does not end.
 */
struct fault *process_output(const void *ctx, struct process *process, int timeout_ms,
			     char **ret_output, int *ret_status);

/*
 * Runs ARGV to its end within TIMEOUT_MS and returns what it printed and its exit status
 * (128 + the signal that killed it).  Fault 7 if it cannot be run, 4 if it does not end.
 */
struct fault *process_run(const void *ctx, const char *const argv[], int timeout_ms,
			  char **ret_output, int *ret_status);

/*
 * Runs ARGV to its end within TIMEOUT_MS with INPUT (at most PIPE_BUF bytes; NULL: none) as its
 * standard input, where nobody else can read it; what it prints is not looked at.  Fault 1 with
 * what it said last on standard error if it does not end with 0, 7 if it cannot be run, 4 if
 * it does not end.
 */
struct fault *process_tell(const char *const argv[], const char *input, int timeout_ms);

/*
 * Waits for child PID until UNTIL_MS (of clock_ms()) and puts its status, as wait(2) has it,
 * into *RET; one that has not ended is killed, and not waited for where even that takes
 * longer, as in a hung file system.  False: it did not end in time.
 */
bool process_ended(pid_t pid, int64_t until_ms, int *ret_status);

/* Milliseconds of CLOCK_MONOTONIC: for deadlines. */
int64_t clock_ms(void);
/* Milliseconds of CLOCK_BOOTTIME: the clock of process_born_ms(). */
int64_t clock_boot_ms(void);

/* When process PID was forked, rounded down to a clock tick (10 ms); -1 if there is none.
 * proc_pid_stat(5), starttime. */
int64_t process_born_ms(pid_t pid);
