/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tetherd says: a line to stderr with the priority that journald reads
 * (sd-daemon(3)) where it runs under it, and the last errors kept for
 * `tetherd status`.
 */
#ifndef TETHER_GADGET_MESSAGE_H
#define TETHER_GADGET_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

enum { MESSAGE_TEXT = 512, MESSAGES_KEPT = 4 };
enum message_level { MESSAGE_ERROR, MESSAGE_WARNING, MESSAGE_INFO };

/** A text of any bytes: what is not printable becomes '?'. The same error as
 * the one before is said once. */
void message(enum message_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** The errors and warnings that were kept, 0 the oldest; NULL: no more. */
const char *message_kept(int i);

#endif
