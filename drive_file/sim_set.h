/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes a running drive, for tests of hosts. For example,
 * "controller.0.temperature=350" causes the health, log and event changes that
 * a real drive would show.
 *
 *     controller.N.temperature, too-hot, too-cold   K, or C as in 85C
 *     controller.N.spare, life-used                 percent
 *     controller.N.enabled, fatal                   true, false
 *     controller.N.warnings                         bits of Critical Warning
 *     controller.N.media-errors, power-cycles,
 *     unsafe-shutdowns                              count
 *     controller.N.bytes-read, bytes-written        bytes
 *     controller.N.self-test-fails                  segment where the next
 *                                                   self-test fails; 0: none
 *     port.N.speed                                  0 (link down) to 6
 *     subsystem.sanitize-fails                      true, false
 */
#ifndef TETHER_DRIVE_FILE_SIM_SET_H
#define TETHER_DRIVE_FILE_SIM_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct drive;
struct sim_key;

/** A value of the drive that a key names. */
struct sim_target {
	const struct sim_key *key;
	uint16_t id; /* controller or port */
};

/** A value and its target. */
struct sim_setting {
	struct sim_target target;
	uint64_t value;
};

/** Find the target of a key. ERR_INVALID: `error` has a sentence. */
int sim_set_find(const struct drive *d, const char *text, struct sim_target *t,
		 char *error, size_t cap);

/** Parse a value of the target. ERR_INVALID: `error` has a sentence. */
int sim_set_parse_value(const struct sim_target *t, const char *text,
			uint64_t *value, char *error, size_t cap);

/** Parse KEY=VALUE. ERR_INVALID: `error` has a sentence. */
int sim_set_parse(const struct drive *d, const char *text,
		  struct sim_setting *s, char *error, size_t cap);

/** Set or get the value of a target. The set value must be from
 * sim_set_parse_value(), or lie between two such values. */
void sim_set_write(struct drive *d, const struct sim_target *t, uint64_t value);
uint64_t sim_set_read(const struct drive *d, const struct sim_target *t);

/** Whether the value is true or false, instead of a number. */
bool sim_set_is_boolean(const struct sim_target *t);

/** Write a line "KEY=VALUE\n" for a key: "controller.0.spare", the last part of
 * keys ("spare": all controllers), or "" for all keys. ERR_INVALID: `text` has
 * a sentence instead. */
int sim_set_list(const struct drive *d, const char *key, char *text,
		 size_t cap);

/** Apply KEY=VALUE to the drive. ERR_INVALID: `error` has a sentence, and the
 * drive is unchanged. */
int sim_set(struct drive *d, const char *text, char *error, size_t cap);

#endif
