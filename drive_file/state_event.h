/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sanitize requests and events in a state file. The file stores both as generic
 * words, which these functions pack and unpack. Private to drive_file.
 */
#ifndef TETHER_DRIVE_FILE_STATE_EVENT_H
#define TETHER_DRIVE_FILE_STATE_EVENT_H

#include "drive/drive.h"
#include "drive_file/state_codec.h"

/** Pack a sanitize request, except its pattern, into one word, or unpack it. */
uint32_t state_event_pack_sanitize(const struct drive_sanitize *s);
void state_event_unpack_sanitize(struct drive_sanitize *s, uint32_t word);

/** Write or read a completion status: the code is in the low byte, the type
 * above. */
void state_event_code_status(struct state_codec *c, struct drive_status *s);

/** Write or read one entry of the event log. */
void state_event_code(struct state_codec *c, struct drive_event *e);

#endif
