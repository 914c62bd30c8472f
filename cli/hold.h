/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets one tether wait for another: a verb holds its device until it ends, and
 * the next verb that needs the device waits up to --wait seconds. Each device
 * has a lock file in the user's runtime folder. Its holder keeps a lock on the
 * file and writes its verb and process id into it, so that a tether that waits
 * in vain can name the holder.
 *
 * The lock is a courtesy between the commands of one user. The device itself
 * refuses a second host; hold_retry() is for that.
 */
#ifndef TETHER_CLI_HOLD_H
#define TETHER_CLI_HOLD_H

#include <stdbool.h>

struct cli;

/** Hold the device with this key ("usbip-127.0.0.1-3240-1-1") until
 * hold_release(). Waits while another tether holds it. ERR_BUSY: --wait seconds
 * have passed, and error (CLI_ERROR bytes) names the holder. A key that this
 * process already holds is no error. */
int hold_take(struct cli *c, const char *key, char *error);

/** After the device was found in use: sleep for a moment. Returns false if
 * --wait seconds have passed or the user interrupted. */
bool hold_retry(struct cli *c);

/** Release all that the process holds. */
void hold_release(struct cli *c);

#endif
