/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tetherd's log: lines on stderr, with the priority prefix of sd-daemon(3) when
 * stderr is the journal. The last errors and warnings are kept for
 * `tetherd status`.
 */
#ifndef TETHER_GADGET_MESSAGE_H
#define TETHER_GADGET_MESSAGE_H

/* Longest line with its zero byte; lines kept. */
enum { MESSAGE_TEXT = 512, MESSAGES_KEPT = 4 };
enum message_level { MESSAGE_ERROR, MESSAGE_WARNING, MESSAGE_INFO };

/** Log one line. Bytes that are not printable ASCII become '?'. An error or
 * warning that equals the last one is left out. */
void message(enum message_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/** From now on give each line to this function, neither print nor keep it. */
void message_forward(void (*to)(enum message_level level, const char *text));

/** A kept error or warning, 0 is the oldest; NULL: there are no more. */
const char *message_kept(int i);

#endif
