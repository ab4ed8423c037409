/* SPDX-License-Identifier: ISC */
#pragma once

/* What a shell may put in the place of the word at which somebody pressed Tab. */

#include "cli/run.h"

/*
 * WORDS are those after the program's name, as they were typed, with their quotes; the last
 * one is to be completed and may be "".  Prints "paths", if the shell knows better, or
 * "words" and the words, a line each, without quotes.  What cannot be found out, or not
 * within 2 s, is left out; nothing is said of it.
 */
void complete(struct run *run, const struct command *command, char *const words[]);
