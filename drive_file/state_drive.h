/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists the values of a drive that its state file contains, and checks their
 * consistency. Private to drive_file.
 */
#ifndef TETHER_DRIVE_FILE_STATE_DRIVE_H
#define TETHER_DRIVE_FILE_STATE_DRIVE_H

#include "drive/drive.h"
#include "drive_file/state_codec.h"

/** Write the non-volatile state of d, or read it into d. false: the state
 * belongs to a drive with another model, serial number or number of
 * controllers. */
bool state_drive_code(struct state_codec *c, struct drive *d);

/** Whether a drive could have this state. Even a file with a correct checksum
 * may be forged. */
bool state_drive_is_consistent(const struct drive *d);

#endif
