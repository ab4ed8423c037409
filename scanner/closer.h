/* SPDX-License-Identifier: ISC */
#pragma once

/*
 * To close a packet socket the kernel waits for two grace periods (20 to 30 ms with nothing
 * to do).  The closer is a child that holds it too, until this process has ended, so that
 * it is the closer who waits, and nobody waits for the closer.
 */

/*
 * Starts the closer of FD.  It can do nothing at all but notice that this process is no
 * more.  Without one the process closes FD itself, which only takes longer.
 */
void closer_start(int fd);
