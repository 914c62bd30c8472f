/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a drive keeps without power, in a file: namespaces, attachments, saved
 * features, firmware slots, VPD, logs and counters of a struct subsystem, and
 * what it was at: sanitize and self-tests.
 *
 * The file is a header (magic, version, length), the values in little endian,
 * and a SHA-256 of all before it. It is replaced as a whole (atomic_file.h):
 * what is read is the old state or the new one.
 */
#ifndef TETHER_DRIVE_FILE_STATE_FILE_H
#define TETHER_DRIVE_FILE_STATE_FILE_H

#include <stddef.h>
#include <stdint.h>

struct subsystem;

enum { STATE_FILE_MAX = 65536 };

/** Bytes of the state, or ERR_FULL. */
int state_encode(const struct subsystem *s, uint8_t *data, size_t cap);

/**
 * Take a state. s is as the model file has it, and left alone on failure:
 * ERR_INTEGRITY: it is damaged. ERR_UNSUPPORTED: another version's.
 * ERR_INVALID: it is of another model, or no drive could be like that.
 */
int state_decode(struct subsystem *s, const uint8_t *data, size_t len);

/**
 * Load the state, before subsystem_start(). ERR_NOT_FOUND: there is none yet.
 * One that cannot be taken is renamed to PATH.bad, and `error` says why;
 * ERR_IO: it cannot be read or set aside.
 */
int state_load(struct subsystem *s, const char *path, char *error, size_t cap);

/** ERR_IO, with a sentence in `error`; the file is then as it was. */
int state_save(const struct subsystem *s, const char *path, char *error,
	       size_t cap);

#endif
