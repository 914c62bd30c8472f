/* SPDX-License-Identifier: Apache-2.0 */
/* Plays a recorded run: the same URBs at the same instants of virtual time,
 * and the same completions, or it is an error. */
#ifndef TETHER_EMULATOR_REPLAY_H
#define TETHER_EMULATOR_REPLAY_H

struct script;

int replay_run(struct script *s, const char *text);

#endif
