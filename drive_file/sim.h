/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Live changes of the model, for testing hosts: "controller.0.temperature=350"
 * moves health, logs and events as the real thing would.
 *
 *     controller.N.temperature, too-hot, too-cold   K
 *     controller.N.spare, life-used                 percent
 *     controller.N.enabled, fatal                   true, false
 *     controller.N.warnings                         bits of Critical Warning
 *     controller.N.media-errors                     their number
 *     port.N.speed                                  0 (link down) to 6
 */
#ifndef TETHER_DRIVE_FILE_SIM_H
#define TETHER_DRIVE_FILE_SIM_H

#include <stddef.h>

struct subsystem;

enum { SIM_LINE = 256 };

/** Take KEY=VALUE. ERR_INVALID, with a sentence in `error`. */
int sim_set(struct subsystem *s, const char *text, char *error, size_t cap);

#endif
