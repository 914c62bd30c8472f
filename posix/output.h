/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends the output of a program: reports output that could not be written, and
 * notices early that the reader of a pipe has gone.
 */
#ifndef TETHER_POSIX_OUTPUT_H
#define TETHER_POSIX_OUTPUT_H

#include <stdbool.h>

/**
 * Write what is still buffered for stdout. Returns `status`, or 1 after
 * reporting on stderr that output was lost ("PROGRAM: cannot write ..."). A
 * pipe whose reader has gone is no error, because the reader has got what it
 * wanted: the caller must ignore SIGPIPE for that.
 */
int output_finish(const char *program, int status);

/** Whether nothing can be written to stdout any more: an earlier write failed,
 * or stdout is a pipe or socket whose reader has gone. */
bool output_is_lost(void);

#endif
