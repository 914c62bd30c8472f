/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The non-volatile state of a drive in a file: namespaces, attachments, saved
 * features, firmware slots, VPD, logs, counters, and running sanitize
 * operations and self-tests.
 *
 * The file has a header (magic, version, length), the values in little endian,
 * and a SHA-256 of everything before it. It is replaced atomically
 * (atomic_file.h), so a reader finds either the old state or the new one. A
 * change of the format increments the version.
 */
#ifndef TETHER_DRIVE_FILE_STATE_FILE_H
#define TETHER_DRIVE_FILE_STATE_FILE_H

#include <stddef.h>
#include <stdint.h>

struct drive;

enum { STATE_FILE_MAX = 65536 }; /* bytes */

/** Encode the state. Returns its size, or ERR_FULL if cap is too small. */
int state_file_encode(const struct drive *d, uint8_t *data, size_t cap);

/**
 * Replace the non-volatile state of d, which has the configuration of its model
 * file. On failure d is unchanged. ERR_INTEGRITY: the data is damaged.
 * ERR_UNSUPPORTED: it has another version. ERR_INVALID: the state belongs to
 * another model or is inconsistent.
 */
int state_file_decode(struct drive *d, const uint8_t *data, size_t len);

/**
 * Load the state from a file, before drive_start(). ERR_NOT_FOUND: no such file
 * yet. ERR_IO: the file cannot be read or renamed. On an error of
 * state_file_decode(), the file is renamed to PATH.bad. Except for
 * ERR_NOT_FOUND, `error` has a sentence.
 */
int state_file_load(struct drive *d, const char *path, char *error, size_t cap);

/** Replace the file. ERR_IO: `error` has a sentence, and the file is
 * unchanged. */
int state_file_save(const struct drive *d, const char *path, char *error,
		    size_t cap);

#endif
