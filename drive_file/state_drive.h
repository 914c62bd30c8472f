/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values of a drive that its state file has, and their consistency. Private
 * to drive_file.
 */
#ifndef TETHER_DRIVE_FILE_STATE_DRIVE_H
#define TETHER_DRIVE_FILE_STATE_DRIVE_H

#include "drive/drive.h"
#include "drive_file/state_codec.h"

/** Write the non-volatile state of d, or read it into d. false: the state
 * belongs to a drive with another model, serial number or number of
 * controllers. */
bool state_drive_code(struct state_codec *c, struct drive *d);

/** Whether a drive could have this state. A file may have a correct checksum
 * and still be made up. */
bool state_drive_is_consistent(const struct drive *d);

#endif
