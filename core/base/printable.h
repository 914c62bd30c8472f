/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prepares text from others for a terminal or a log: from a device, a server,
 * the kernel, a file or another program. Control characters would move the
 * cursor, forge lines, or change the state of the terminal.
 */
#ifndef TETHER_BASE_PRINTABLE_H
#define TETHER_BASE_PRINTABLE_H

/** A byte as it may be printed: everything except printable ASCII becomes '?'.
 */
static inline char printable_char(char c)
{
	return (char)(c < ' ' || c > '~' ? '?' : c);
}

/** Prepare a string that is part of a line, in place. Returns it. */
static inline char *printable(char *text)
{
	for (char *at = text; *at; at++)
		*at = printable_char(*at);
	return text;
}

#endif
