/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes a running drive, for tests of hosts. For example,
 * "controller.0.temperature=350" causes the health, log and event changes that
 * a real drive would show.
 *
 *     controller.N.temperature, too-hot, too-cold   K
 *     controller.N.spare, life-used                 percent
 *     controller.N.enabled, fatal                   true, false
 *     controller.N.warnings                         bits of Critical Warning
 *     controller.N.media-errors                     count
 *     port.N.speed                                  0 (link down) to 6
 *     subsystem.sanitize-fails                      true, false
 */
#ifndef TETHER_DRIVE_FILE_SIM_SET_H
#define TETHER_DRIVE_FILE_SIM_SET_H

#include <stddef.h>

struct drive;

/** Apply KEY=VALUE to the drive. ERR_INVALID: `error` has a sentence, and the
 * drive is unchanged. */
int sim_set(struct drive *d, const char *text, char *error, size_t cap);

#endif
